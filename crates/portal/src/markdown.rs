//! The institution's texts: Markdown to HTML that cannot do more than text.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

/// Renders Markdown. Raw HTML comes out as the text it is, pictures as their description, and links lead only where
/// `http`, `https` or `mailto` leads.
pub(crate) fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    // Whether each open link is kept: its end has no address of its own to look at.
    let mut kept_links = Vec::new();
    let events = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            let kept = leads_somewhere_known(dest_url);
            kept_links.push(kept);
            kept.then_some(event)
        }
        Event::End(TagEnd::Link) => kept_links.pop().unwrap_or(false).then_some(event),
        other => Some(other),
    });
    let mut page = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut page, events);
    page
}

fn leads_somewhere_known(address: &str) -> bool {
    let scheme = address
        .split_once(':')
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https" | "mailto"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_set() {
        let page = to_html(
            "# Terms\n\nBe *kind*. Ask [us](https://a.example/?a=1&b=2) or <mailto:a@b.example>.\n\n- one\n",
        );
        assert!(page.contains("<h1>Terms</h1>"));
        assert!(page.contains("<em>kind</em>"));
        assert!(page.contains("href=\"https://a.example/?a=1&amp;b=2\""));
        assert!(page.contains("href=\"mailto:a@b.example\""));
        assert!(page.contains("<li>one</li>"));
    }

    #[test]
    fn nothing_in_it_runs() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<div onclick=alert(1)>\n\nx\n\n</div>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html,x)",
            "[x]( javascript:alert(1))",
            "<javascript:alert(1)>",
            "[x][y]\n\n[y]: vbscript:x",
            "![x](https://evil.example/pixel.png)",
            "[![x](javascript:alert(1))](javascript:alert(1))",
            "[x](//evil.example)",
            "```\"><script>\nx\n```",
        ] {
            let page = to_html(text);
            for bad in ["<script", "<img", "<div", "href"] {
                assert!(!page.contains(bad), "{text} -> {page}");
            }
        }
    }

    #[test]
    fn a_dropped_link_keeps_its_words_and_its_neighbours() {
        let page = to_html("[bad](javascript:x) and [good](https://a.example)");
        assert_eq!(page, "<p>bad and <a href=\"https://a.example\">good</a></p>\n");
    }
}
