//! The sample app's one page.

use super::Settings;
use super::sessions::{Session, Step, What};
use crate::demo::client::Sent;
use askama::Template;
use serde_json::Value;

#[derive(Template)]
#[template(path = "sample_app/home.html")]
struct Home<'a> {
    name: &'a str,
    issuer: &'a str,
    signed_in: bool,
    revoked: bool,
    person: Option<Person>,
    device: Option<Shows<'a>>,
    steps: Vec<Shown<'a>>,
}

/// What a waiting device shows.
struct Shows<'a> {
    code: &'a str,
    address: &'a str,
    complete: &'a str,
    picture: String,
}

/// Who is signed in, as far as the app may know.
struct Person {
    name: String,
    lines: Vec<(String, String)>,
}

struct Shown<'a> {
    step: &'a Step,
    is_latest: bool,
    who: &'static str,
    request: String,
    answer: Option<(String, String)>,
}

/// The page for a session.
pub(super) fn render(settings: &Settings, session: &Session) -> Result<String, askama::Error> {
    let page = Home {
        name: settings.name,
        issuer: &settings.issuer,
        signed_in: session.tokens.is_some(),
        revoked: session.tokens.as_ref().is_some_and(|tokens| tokens.revoked),
        person: session.user.as_ref().map(person),
        device: session.device.as_ref().map(|device| Shows {
            code: &device.user_code,
            address: &device.address,
            complete: &device.complete,
            picture: format!("{}/device/qr?user_code={}", settings.issuer, device.user_code),
        }),
        steps: session
            .steps
            .iter()
            .rev()
            .enumerate()
            .map(|(at, step)| shown(step, at == 0))
            .collect(),
    };
    page.render()
}

fn shown(step: &Step, is_latest: bool) -> Shown<'_> {
    let (who, request, answer) = match &step.what {
        What::Browsed { to, params } => ("Browser", with_params(&format!("GET {to}"), params), None),
        What::Nothing => ("App", String::new(), None),
        What::Spoke(exchange) => {
            let status = exchange.answer.status.to_string();
            let body = match exchange.answer.json() {
                Value::Null => exchange.answer.body.clone(),
                value => format!("{value:#}"),
            };
            ("Server to server", asked(&exchange.sent), Some((status, body)))
        }
    };
    Shown {
        step,
        is_latest,
        who,
        request,
        answer,
    }
}

fn asked(sent: &Sent) -> String {
    let mut head = format!("{} {}", sent.method, sent.url);
    for (name, value) in &sent.headers {
        head = format!("{head}\n{name}: {value}");
    }
    with_params(&head, &sent.form)
}

/// A request's head, and its parameters one a line; the client's secret is not shown.
fn with_params(head: &str, params: &[(String, String)]) -> String {
    let lines: Vec<String> = params
        .iter()
        .map(|(name, value)| match name.as_str() {
            "client_secret" => format!("  {name} = {}", "\u{2022}".repeat(12)),
            _ => format!("  {name} = {value}"),
        })
        .collect();
    if lines.is_empty() {
        head.to_owned()
    } else {
        format!("{head}\n{}", lines.join("\n"))
    }
}

fn person(user: &Value) -> Person {
    let text = |pointer: &str| {
        user.pointer(pointer)
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    };
    let roles = user
        .pointer("/person/roles")
        .and_then(Value::as_array)
        .map(|roles| {
            let names: Vec<&str> = roles
                .iter()
                .filter_map(|role| role.get("role")?.as_str())
                .collect();
            names.join(", ")
        });
    let lines = [
        ("Boards as", roles),
        ("Branch", text("/student/branch name")),
        ("Nearest stop", text("/residentialInformation/residence name")),
        ("Notes go to", text("/contactInformation/instituteWebmailAddress")),
    ];
    Person {
        name: text("/person/fullName")
            .or_else(|| text("/username"))
            .unwrap_or_default(),
        lines: lines
            .into_iter()
            .filter_map(|(label, value)| Some((label.to_owned(), value?)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use omniport_protocol::vocabulary::Secret;
    use serde_json::json;

    #[test]
    fn the_secret_is_masked_and_texts_are_escaped() {
        let settings = Settings {
            name: "App",
            own_url: "http://127.0.0.1:1".into(),
            issuer: "http://127.0.0.1:2".into(),
            client_id: "id".into(),
            client_secret: Secret::new("hush"),
        };
        let mut session = Session::default();
        let params = vec![
            ("client_secret".into(), "hush".into()),
            ("x".into(), "<b>".into()),
        ];
        session.add(
            "Title",
            "says",
            true,
            What::Browsed {
                to: "/".into(),
                params,
            },
        );
        let html = render(&settings, &session).unwrap();
        assert!(!html.contains("hush") && !html.contains("<b>"), "{html}");
    }

    #[test]
    fn a_person_is_what_was_allowed() {
        let user = json!({"username": "asha", "person": {"roles": [{"role": "Student"}, {"role": "Warden"}]},
                          "student": {"branch name": null}});
        let person = person(&user);
        assert_eq!(person.name, "asha");
        assert_eq!(
            person.lines,
            [("Boards as".to_owned(), "Student, Warden".to_owned())]
        );
    }
}
