//! Every sample page of the gallery, looked at as a browser, a script or a screen reader would.

use crate::{assets, views};
use std::collections::{BTreeMap, BTreeSet};

#[path = "../../examples/gallery/samples/mod.rs"]
mod samples;

mod contrast;

/// A start tag with its attributes, unescaped no further than needed here.
struct Tag<'a> {
    name: &'a str,
    attributes: BTreeMap<&'a str, &'a str>,
    /// Where it ends in the page.
    end: usize,
}

impl<'a> Tag<'a> {
    fn get(&self, attribute: &str) -> Option<&'a str> {
        self.attributes.get(attribute).copied()
    }
}

/// The start tags of a page. Values are always quoted and never hold `<` or `>` in our pages.
fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let end = rest.find('>').expect("a tag ends");
        let inner = &rest[..end];
        let name_end = inner.find(char::is_whitespace).unwrap_or(inner.len());
        let mut attributes = BTreeMap::new();
        let mut left = inner[name_end..].trim_start();
        while !left.is_empty() {
            let key_end = left
                .find(|c: char| c == '=' || c.is_whitespace())
                .unwrap_or(left.len());
            let (key, after) = left.split_at(key_end);
            let (value, after) = match after.strip_prefix("=\"") {
                Some(quoted) => quoted.split_once('"').expect("a quoted value ends"),
                None => ("", after),
            };
            assert!(
                attributes.insert(key, value).is_none(),
                "{key} twice in <{inner}>"
            );
            left = after.trim_start();
        }
        found.push(Tag {
            name: &inner[..name_end],
            attributes,
            end: at + 1 + end,
        });
    }
    found
}

fn pages() -> BTreeMap<&'static str, String> {
    samples::all()
        .expect("every sample renders")
        .into_iter()
        .collect()
}

fn ids(html: &str) -> BTreeSet<&str> {
    tags(html).iter().filter_map(|tag| tag.get("id")).collect()
}

#[test]
fn hostile_text_stays_text() {
    let pages = pages();
    for (name, html) in &pages {
        assert!(!html.contains("<script>alert"), "{name}");
        if name.ends_with("-nasty") {
            assert!(
                html.contains("&#60;script&#62;alert(&#39;x&#39;)"),
                "{name} shows the name, escaped"
            );
        }
    }
    assert!(pages.keys().filter(|name| name.ends_with("-nasty")).count() >= 6);
    assert!(pages["home-nasty"].contains("/account/apps/..%2F..%2Fx%3Fy/withdraw"));
}

#[test]
fn nothing_needs_an_exception_from_the_policy() {
    for (name, html) in &pages() {
        for tag in tags(html) {
            // The apps' own pages, by which they sign their people out: the policy of that page names their origins.
            let framed = tag.name == "iframe" && *name != "logout-frames";
            assert!(
                tag.name != "style" && !framed && tag.name != "base",
                "{name}: {}",
                tag.name
            );
            for (key, value) in &tag.attributes {
                assert!(
                    *key != "style" && !key.starts_with("on"),
                    "{name}: {key} in <{}>",
                    tag.name
                );
                assert!(
                    !value.trim_start().to_lowercase().starts_with("javascript:"),
                    "{name}: {value}"
                );
            }
            if tag.name == "script" {
                let own = [assets::Name::Script, assets::Name::Onward].map(|own| Some(assets::url(own)));
                assert!(own.contains(&tag.get("src")), "{name}: {:?}", tag.get("src"));
                assert!(
                    html[tag.end..].starts_with("></script>"),
                    "{name}: nothing inline"
                );
            }
        }
    }
}

#[test]
fn every_page_is_a_whole_document() {
    for (name, html) in &pages() {
        let tags = tags(html);
        let count = |wanted: &str| tags.iter().filter(|tag| tag.name == wanted).count();
        assert!(html.starts_with("<!doctype html>"), "{name}");
        assert_eq!(
            (count("html"), count("main"), count("title")),
            (1, 1, 1),
            "{name}"
        );
        assert_eq!(count("h1"), 1, "{name} has one heading of the first level");
        let all: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        assert_eq!(
            all.len(),
            all.iter().collect::<BTreeSet<_>>().len(),
            "{name}: an id twice in {all:?}"
        );
    }
}

#[test]
fn every_reference_within_a_page_leads_somewhere() {
    for (name, html) in &pages() {
        let ids = ids(html);
        for tag in tags(html) {
            let described = tag.get("aria-describedby").unwrap_or_default().split_whitespace();
            let labelled = tag.get("aria-labelledby").unwrap_or_default().split_whitespace();
            let others = ["for", "data-copy", "data-words", "data-redirects"].map(|key| tag.get(key));
            let anchor = tag.get("href").and_then(|href| href.strip_prefix('#'));
            for id in described
                .chain(labelled)
                .chain(others.into_iter().flatten())
                .chain(anchor)
            {
                assert!(ids.contains(id), "{name}: <{}> refers to #{id}", tag.name);
            }
        }
    }
}

#[test]
fn every_post_form_carries_the_token() {
    let mut forms = 0;
    for (name, html) in &pages() {
        for form in tags(html).iter().filter(|tag| tag.name == "form") {
            let body = &html[form.end..];
            let body = &body[..body.find("</form>").expect("a form ends")];
            let action = form.get("action").expect("a form says where it goes");
            assert!(
                action.starts_with('/') && !action.starts_with("//"),
                "{name}: {action}"
            );
            let tokens: Vec<Option<&str>> = tags(body)
                .iter()
                .filter(|tag| tag.get("name") == Some("csrf_token"))
                .map(|tag| tag.get("value"))
                .collect();
            if form.get("method") == Some("post") {
                assert_eq!(tokens, [Some("csrf-sample-token")], "{name}: {action}");
                forms += 1;
            } else {
                assert!(
                    tokens.is_empty(),
                    "{name}: {action} would put the token into an address"
                );
            }
            assert!(
                body.contains("type=\"submit\""),
                "{name}: {action} can be sent without JavaScript"
            );
        }
    }
    assert!(forms > 50, "only {forms} forms");
}

#[test]
fn every_input_has_a_label() {
    for (name, html) in &pages() {
        let tags = tags(html);
        let labelled: BTreeSet<&str> = tags
            .iter()
            .filter(|tag| tag.name == "label")
            .filter_map(|tag| tag.get("for"))
            .collect();
        for tag in tags
            .iter()
            .filter(|tag| matches!(tag.name, "input" | "textarea" | "select"))
        {
            if tag.get("type") != Some("hidden") {
                let id = tag
                    .get("id")
                    .unwrap_or_else(|| panic!("{name}: an input without id"));
                assert!(labelled.contains(id), "{name}: {id} has no label");
            }
        }
        for tag in tags.iter().filter(|tag| tag.name == "img") {
            assert!(tag.get("alt").is_some(), "{name}: an image without alt");
        }
    }
}

#[test]
fn the_contracts_ids_are_there() {
    let contract: [(&str, &[&str]); 10] = [
        ("login", &["username", "password", "login-submit"]),
        ("logout", &["logout-confirm"]),
        ("logout-frames", &["logout-continue"]),
        ("consent", &["consent-deny", "consent-allow"]),
        ("device", &["user-code", "device-submit"]),
        ("error", &["error-code", "error-detail"]),
        (
            "developer-add",
            &[
                "name",
                "redirect_uris",
                "client_type",
                "description",
                "data_points",
                "agrees_to_terms",
                "app-add",
            ],
        ),
        (
            "developer-app-registered",
            &["client-id", "client-secret", "app-status"],
        ),
        (
            "maintainer-queue",
            &["review-comment", "review-approve", "review-reject"],
        ),
        (
            "maintainer-app-change",
            &[
                "review-comment",
                "review-approve",
                "review-reject",
                "review-suspend",
            ],
        ),
    ];
    let pages = pages();
    for (page, wanted) in contract {
        let ids = ids(&pages[page]);
        for id in wanted {
            assert!(ids.contains(id), "{page} lacks #{id}");
        }
    }
}

#[test]
fn the_contracts_fields_are_sent_under_their_names() {
    let pages = pages();
    let names = |page: &str| -> BTreeSet<String> {
        let sent = tags(&pages[page]);
        sent.iter()
            .filter_map(|tag| tag.get("name"))
            .map(str::to_owned)
            .collect()
    };
    for field in [
        "name",
        "redirect_uris",
        "client_type",
        "description",
        "data_points",
        "agrees_to_terms",
    ] {
        assert!(names("developer-add").contains(field), "{field}");
    }
    for field in ["request", "version", "decision"] {
        assert!(names("consent").contains(field), "{field}");
    }
    for field in ["app", "version", "comment", "decision"] {
        assert!(names("maintainer-queue").contains(field), "{field}");
        assert!(names("maintainer-app-change").contains(field), "{field}");
    }
    assert!(names("login").contains("request"));
    assert!(names("login-nasty").contains("next"));
    assert!(names("logout").contains("next"));
}

#[test]
fn each_section_of_the_dashboard_goes_to_its_own_address() {
    let pages = pages();
    // Two secrets work in one, so that it offers to revoke; one in the other, so that it offers to rotate.
    let both = ["developer-app-nasty", "developer-app-registered"].map(|name| tags(&pages[name]));
    let actions: BTreeSet<&str> = both
        .iter()
        .flatten()
        .filter(|tag| tag.name == "form")
        .filter_map(|tag| tag.get("action"))
        .collect();
    let root = "/developer/apps/k3Jw9sQzV1bT7mYx0dLf8hRcE2nAuPgI5oKqXtBi/";
    for section in [
        "name",
        "logo",
        "logo/remove",
        "redirect-uris",
        "description",
        "data-points",
        "team",
        "team/remove",
        "team/uninvite",
        "team/give",
        "secret",
        "secret/revoke",
        "publisher",
        "scopes",
        "test-people",
        "test-people/renew",
        "test-people/remove",
        "comment",
        "submit",
        "take-back",
        "delete",
    ] {
        assert!(
            actions.contains(format!("{root}{section}").as_str()),
            "{section} in {actions:?}"
        );
    }
    assert_eq!(actions.len(), 21);
}

#[test]
fn the_password_is_never_shown_again_and_the_rest_is() {
    let pages = pages();
    let tags = tags(&pages["login-nasty"]);
    let field = |id| {
        tags.iter()
            .find(|tag| tag.get("id") == Some(id))
            .expect("the field")
    };
    assert_eq!(field("password").get("value"), None);
    assert_eq!(field("password").get("autocomplete"), Some("current-password"));
    assert!(
        field("username")
            .get("value")
            .is_some_and(|value| value.contains("Donaudampf"))
    );
    assert!(pages["developer-add-refused"].contains("https://planner.example.edu/callback#token\n"));
    assert!(pages["developer-add-refused"].contains("Helps students to plan."));
}

#[test]
fn case_107_the_secret_is_there_only_when_it_is_given() {
    let pages = pages();
    let secret = "q7XeB0kdM4vZ1rTyW9sPcN6hJ2gLfUaQ8iKxO3bE";
    for (name, html) in &pages {
        let shown = matches!(*name, "developer-app-registered" | "developer-app-nasty");
        assert_eq!(html.contains(secret), shown, "{name}");
        assert_eq!(ids(html).contains("client-secret"), shown, "{name}");
    }
}

#[test]
fn only_the_decisions_that_apply_are_offered() {
    let pages = pages();
    let offered = |page: &str| -> Vec<String> {
        let decisions = tags(&pages[page]);
        let decisions = decisions.iter().filter(|tag| tag.get("name") == Some("decision"));
        decisions
            .filter_map(|tag| tag.get("value"))
            // Words, not decisions: whoever may not decide may say something too.
            .filter(|value| !["claim", "release", "comment", "note", "mark"].contains(value))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(
        offered("maintainer-queue"),
        ["approve", "request-changes", "reject"]
    );
    assert_eq!(
        offered("maintainer-app-change"),
        ["approve", "request-changes", "reject", "suspend"]
    );
    assert_eq!(offered("maintainer-app-suspended"), ["resume"]);
    assert!(offered("maintainer-app-barred").is_empty());
    assert_eq!(offered("consent"), ["deny", "allow"], "Allow comes last");
}

#[test]
fn the_creator_has_no_remove_button() {
    let pages = pages();
    let removals = pages["developer-app-approved"].matches("/team/remove\"").count();
    assert_eq!(
        removals, 1,
        "of two members only the one who did not create the app"
    );
}

#[test]
fn consent_shows_each_value_and_says_what_is_missing() {
    let pages = pages();
    let html = &pages["consent"];
    for value in [
        "21114017",
        "Bachelor of Technology",
        "planner.cs.example.edu",
        "Example University",
    ] {
        assert!(html.contains(value), "{value}");
    }
    assert_eq!(
        html.matches("class=\"nothing\">nothing on file</span>").count(),
        2
    );
    assert!(html.contains(": nothing on file"), "a closed group names it too");
    assert!(!html.contains("Sandbox."));
    assert!(pages["consent-nothing"].contains("Sandbox."));
}

#[test]
fn the_counter_starts_at_what_the_server_counted() {
    let pages = pages();
    let html = &pages["developer-add-refused"];
    let all = tags(html);
    let progress = all.iter().find(|tag| tag.name == "progress").expect("the bar");
    assert_eq!(
        (progress.get("value"), progress.get("max")),
        (Some("4"), Some("511"))
    );
    assert!(html.contains("123 more to go"));
    assert!(pages["developer-app-approved"].contains("long enough"));
}

#[test]
fn areas_are_offered_only_to_those_they_are_open_to() {
    use askama::Template;
    let person = views::Person {
        name: "Kim".into(),
        username: "kim".into(),
        picture_url: None,
        roles: vec!["Student".into()],
    };
    let viewer = |is_developer, is_maintainer| views::Home {
        chrome: views::Chrome {
            institution: views::Institution {
                name: "Example University".into(),
                logo_url: None,
            },
            csrf_token: "t".into(),
            viewer: Some(views::Viewer {
                person: person.clone(),
                is_developer,
                is_maintainer,
            }),
            flash: None,
            sandbox: None,
        },
        person: person.clone(),
        asked: vec![],
        invitations: vec![],
        older_invitations: None,
        news: vec![],
        older_news: None,
        apps: vec![],
        more_apps: None,
    };
    let seen = |home: views::Home| {
        let html = home.render().expect("it renders");
        (
            html.contains("href=\"/developer\""),
            html.contains("href=\"/maintainer/review\""),
        )
    };
    assert_eq!(seen(viewer(false, false)), (false, false));
    assert_eq!(seen(viewer(true, false)), (true, false));
    assert_eq!(seen(viewer(false, true)), (false, true));
}
