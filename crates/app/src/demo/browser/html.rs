//! Reading HTML as far as a browser without JavaScript and without pictures needs: tags, their attributes, texts.

use std::collections::BTreeMap;

/// Elements without a closing tag (HTML, "Void elements").
const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
];
/// Elements whose content is text up to their own closing tag.
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// Elements within a line of text: their tags part no words.
const INLINE: [&str; 16] = [
    "a", "abbr", "b", "bdi", "bdo", "code", "em", "i", "kbd", "mark", "q", "small", "span", "strong", "sub",
    "sup",
];

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// An opening tag.
    Open(Tag),
    /// A closing tag.
    Close(String),
    /// Text, its character references read.
    Text(String),
}

/// An opening tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) name: String,
    attributes: BTreeMap<String, String>,
}

impl Tag {
    /// An attribute's value; empty where it has none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }
}

/// A page, read.
#[derive(Debug, Clone, Default)]
pub struct Document {
    pub(super) tokens: Vec<Token>,
}

impl Document {
    /// Reads HTML. Anything is read somehow: there is no wrong page.
    pub fn parse(html: &str) -> Self {
        let mut reader = Reader {
            rest: html,
            tokens: Vec::new(),
        };
        while reader.step() {}
        Self {
            tokens: reader.tokens,
        }
    }

    /// The text of the element with this id, white space folded; none where there is no such element.
    pub fn text_of(&self, id: &str) -> Option<String> {
        let start = self
            .tokens
            .iter()
            .position(|token| matches!(token, Token::Open(tag) if tag.get("id") == Some(id)))?;
        Some(self.text_from(start))
    }

    /// All that the page says, white space folded.
    pub fn text(&self) -> String {
        self.folded(0, self.tokens.len())
    }

    /// The page's title.
    pub fn title(&self) -> Option<String> {
        let start = self
            .tokens
            .iter()
            .position(|token| matches!(token, Token::Open(tag) if tag.name == "title"))?;
        Some(self.text_from(start))
    }

    /// Where the first link whose text holds `text` leads.
    pub fn link(&self, text: &str) -> Option<String> {
        self.tokens
            .iter()
            .enumerate()
            .find_map(|(at, token)| match token {
                Token::Open(tag) if tag.name == "a" && self.text_from(at).contains(text) => {
                    tag.get("href").map(ToOwned::to_owned)
                }
                _ => None,
            })
    }

    /// Where the element that opens at `start` ends: the place of its closing tag, or the end.
    pub(super) fn end_of(&self, start: usize) -> usize {
        let Some(Token::Open(tag)) = self.tokens.get(start) else {
            return start;
        };
        if VOID.contains(&tag.name.as_str()) {
            return start;
        }
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(start) {
            match token {
                Token::Open(inner) if inner.name == tag.name => depth += 1,
                Token::Close(name) if *name == tag.name => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        self.tokens.len()
    }

    /// The raw text of the element that opens at `start`.
    pub(super) fn raw_text_from(&self, start: usize) -> String {
        let end = self.end_of(start);
        let texts = self
            .tokens
            .iter()
            .take(end)
            .skip(start)
            .filter_map(|token| match token {
                Token::Text(text) => Some(text.as_str()),
                _ => None,
            });
        texts.collect()
    }

    fn text_from(&self, start: usize) -> String {
        self.folded(start, self.end_of(start))
    }

    /// The text of a stretch as it is read: a block begins a new word, a tag within a line does not.
    fn folded(&self, start: usize, end: usize) -> String {
        let parts = self.tokens.iter().take(end).skip(start).map(|token| match token {
            Token::Text(text) => text.as_str(),
            Token::Open(Tag { name, .. }) | Token::Close(name) if INLINE.contains(&name.as_str()) => "",
            Token::Open(_) | Token::Close(_) => " ",
        });
        fold(&parts.collect::<String>())
    }
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Reader<'a> {
    rest: &'a str,
    tokens: Vec<Token>,
}

impl Reader<'_> {
    /// Reads one piece; false at the end.
    fn step(&mut self) -> bool {
        if self.rest.is_empty() {
            return false;
        }
        if let Some(comment) = self.rest.strip_prefix("<!--") {
            self.rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if self.rest.starts_with("<!") || self.rest.starts_with("<?") {
            self.rest = self.rest.split_once('>').map_or("", |(_, after)| after);
        } else if let Some(tag) = self.rest.strip_prefix("</") {
            let (inside, after) = tag.split_once('>').unwrap_or((tag, ""));
            self.tokens.push(Token::Close(inside.trim().to_ascii_lowercase()));
            self.rest = after;
        } else if self.rest.starts_with('<') && self.rest[1..].starts_with(|c: char| c.is_ascii_alphabetic())
        {
            self.open();
        } else {
            // A `<` that opens nothing is text.
            let end = self
                .rest
                .char_indices()
                .skip(1)
                .find(|(_, c)| *c == '<')
                .map_or(self.rest.len(), |(at, _)| at);
            let (text, after) = self.rest.split_at(end);
            self.text(text, true);
            self.rest = after;
        }
        true
    }

    fn text(&mut self, text: &str, decode: bool) {
        if !text.is_empty() {
            self.tokens
                .push(Token::Text(if decode { decoded(text) } else { text.to_owned() }));
        }
    }

    fn open(&mut self) {
        let inside = &self.rest[1..];
        let name_end = inside
            .find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
            .unwrap_or(inside.len());
        let (name, mut rest) = inside.split_at(name_end);
        let name = name.to_ascii_lowercase();
        let mut attributes = BTreeMap::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                break;
            }
            if let Some(after) = rest.strip_prefix('>') {
                rest = after;
                break;
            }
            let (key, value, after) = attribute(rest);
            attributes.entry(key).or_insert(value);
            rest = after;
        }
        self.rest = rest;
        self.tokens.push(Token::Open(Tag {
            name: name.clone(),
            attributes,
        }));
        if RAW.contains(&name.as_str()) {
            self.raw(&name);
        }
    }

    /// The content of a raw element, and its closing tag.
    fn raw(&mut self, name: &str) {
        let close = format!("</{name}");
        let end = self
            .rest
            .to_ascii_lowercase()
            .find(&close)
            .unwrap_or(self.rest.len());
        let (content, after) = self.rest.split_at(end);
        match name {
            "script" | "style" => {}
            // HTML, "The textarea element": a line break right after the tag is not part of the value.
            "textarea" => {
                let content = content
                    .strip_prefix("\r\n")
                    .or_else(|| content.strip_prefix('\n'))
                    .unwrap_or(content);
                self.text(content, true);
            }
            _ => self.text(content, true),
        }
        self.rest = after.split_once('>').map_or("", |(_, after)| after);
        self.tokens.push(Token::Close(name.to_owned()));
    }
}

/// One attribute: its name, its value, what is behind it.
fn attribute(text: &str) -> (String, String, &str) {
    let name_end = text
        .char_indices()
        .skip(1)
        .find(|(_, c)| c.is_whitespace() || matches!(c, '=' | '>' | '/'))
        .map_or(text.len(), |(at, _)| at);
    let (name, rest) = text.split_at(name_end);
    let name = name.to_ascii_lowercase();
    let Some(rest) = rest.trim_start().strip_prefix('=') else {
        return (name, String::new(), rest);
    };
    let rest = rest.trim_start();
    for quote in ['"', '\''] {
        if let Some(quoted) = rest.strip_prefix(quote) {
            let (value, after) = quoted.split_once(quote).unwrap_or((quoted, ""));
            return (name, decoded(value), after);
        }
    }
    let end = rest
        .find(|c: char| c.is_whitespace() || c == '>')
        .unwrap_or(rest.len());
    let (value, after) = rest.split_at(end);
    (name, decoded(value), after)
}

/// Text with its character references read: numbers, and the few names that templates write.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let known = after
            .split_once(';')
            .and_then(|(name, later)| Some((reference(name)?, later)));
        if let Some((character, later)) = known {
            out.push(character);
            rest = later;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn reference(name: &str) -> Option<char> {
    let number = name
        .strip_prefix('#')
        .map(|number| match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        });
    match (number, name) {
        (Some(number), _) => char::from_u32(number.ok()?),
        (None, "amp") => Some('&'),
        (None, "lt") => Some('<'),
        (None, "gt") => Some('>'),
        (None, "quot") => Some('"'),
        (None, "apos") => Some('\''),
        (None, "nbsp") => Some('\u{a0}'),
        (None, "middot") => Some('\u{b7}'),
        (None, "hellip") => Some('\u{2026}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_id_with_all_that_is_in_them() {
        let page = Document::parse(
            "<!doctype html><!-- <p id=x>no</p> --><title>A &amp; B</title><div id=x><p>one\n <b>tw</b>o</p><div>three</div></div><p>after",
        );
        assert_eq!(page.title().as_deref(), Some("A & B"));
        assert_eq!(page.text_of("x").as_deref(), Some("one two three"));
        assert_eq!(page.text_of("y"), None);
        assert!(page.text().ends_with("three after"));
    }

    #[test]
    fn attributes_come_in_every_spelling() {
        let page = Document::parse("<INPUT disabled value='a&#34;&#x3C;&quot;' name = \"n\"/ data-x=y>");
        let Some(Token::Open(tag)) = page.tokens.first() else {
            panic!("no tag: {:?}", page.tokens);
        };
        assert_eq!(
            (tag.name.as_str(), tag.get("value"), tag.get("name")),
            ("input", Some("a\"<\""), Some("n"))
        );
        assert_eq!(
            (tag.get("disabled"), tag.get("data-x"), tag.has("z")),
            (Some(""), Some("y"), false)
        );
    }

    #[test]
    fn scripts_are_not_text_and_broken_pages_end() {
        let page = Document::parse("<script>if (a < b) { '<p id=s>' }</script>1 < 2 & 3 &copy; <p id=q");
        assert_eq!(page.text(), "1 < 2 & 3 &copy;");
        assert_eq!(page.text_of("s"), None);
        assert_eq!(
            Document::parse("\u{e9}t\u{e9}<p id=x>x").text_of("x").as_deref(),
            Some("x")
        );
        for broken in [
            "<",
            "<a",
            "<a b='",
            "</",
            "<!--",
            "&",
            "<textarea>",
            "\u{e9}<",
            "<a \u{e9}=\u{e9}",
        ] {
            Document::parse(broken);
        }
    }

    #[test]
    fn links_are_found_by_their_text() {
        let page = Document::parse(
            "<a href=/one>Not <b>this</b></a> <a href='/two?a=1&amp;b=2'><span>Bus</span> times</a>",
        );
        assert_eq!(page.link("Bus times").as_deref(), Some("/two?a=1&b=2"));
        assert_eq!(page.link("Trams"), None);
    }
}
