//! The exchanges of a step as people read them. Nothing secret is printed whole: this output ends up in logs.

use crate::demo::browser::Document;
use crate::demo::client::{Answer, Exchange, Sent};
use crate::output::plain;
use serde_json::Value;

/// Names whose values are secrets, wherever they stand.
const SECRET: [&str; 11] = [
    "client_secret",
    "password",
    "access_token",
    "refresh_token",
    "token",
    "code",
    "csrf_token",
    "request",
    "device_code",
    "user_code",
    "verification_uri_complete",
];
/// Longest value that is printed.
const MAX_VALUE: usize = 120;

/// A step: its title, its exchanges, what held.
pub(super) fn step(number: u8, title: &str, exchanges: &[Exchange], held: &[String]) -> String {
    self::exchanges(&format!("{number}. {title}"), exchanges, held)
}

/// Exchanges under a title, and what held.
pub(super) fn exchanges(title: &str, exchanges: &[Exchange], held: &[String]) -> String {
    let mut lines = vec![title.to_owned()];
    let mut who = "";
    for exchange in exchanges {
        lines.push(String::new());
        if exchange.who != who {
            who = exchange.who;
            lines.push(format!("   [{who}]"));
        }
        lines.extend(request(&exchange.sent));
        lines.extend(answer(&exchange.answer));
    }
    lines.push(String::new());
    lines.extend(held.iter().map(|what| format!("   ok  {what}")));
    lines.push(String::new());
    lines.join("\n")
}

fn request(sent: &Sent) -> Vec<String> {
    let (path, query) = sent.url.split_once('?').unwrap_or((&sent.url, ""));
    let mut lines = vec![format!("   > {} {}", sent.method, plain(path))];
    lines.extend(parameters(query, "?"));
    for (name, value) in sent.headers.iter().filter(|(name, _)| *name == "authorization") {
        lines.push(format!("       {name}: {}", masked_bearer(value)));
    }
    lines.extend(
        sent.form
            .iter()
            .map(|(name, value)| format!("       {name} = {}", shown(name, value))),
    );
    lines
}

/// A query's parameters, one a line.
fn parameters(query: &str, mark: &str) -> Vec<String> {
    let parsed = omniport_protocol::vocabulary::Params::parse(query.as_bytes()).unwrap_or_default();
    parsed
        .iter()
        .map(|(name, value)| format!("       {mark} {name} = {}", shown(name, value)))
        .collect()
}

fn answer(answer: &Answer) -> Vec<String> {
    let mut lines = vec![format!("   < {}", answer.status)];
    if let Some(location) = answer.header("location") {
        let (path, query) = location.split_once('?').unwrap_or((location, ""));
        lines.push(format!("       location: {}", plain(path)));
        lines.extend(parameters(query, "?"));
    }
    let kind = answer.header("content-type").unwrap_or_default();
    if kind.starts_with("application/json") {
        let mut body = answer.json();
        mask(&mut body);
        lines.extend(
            format!("{body:#}")
                .lines()
                .map(|line| format!("       {}", plain(line))),
        );
    } else if kind.starts_with("text/html") {
        let document = Document::parse(&answer.body);
        let title = document.title().unwrap_or_default();
        lines.push(format!("       the page \"{}\"", plain(&title)));
        for id in ["app-status", "error-code", "error-detail"] {
            if let Some(text) = document.text_of(id) {
                lines.push(format!("       #{id}: {}", plain(&text)));
            }
        }
    }
    lines
}

fn shown(name: &str, value: &str) -> String {
    if SECRET.contains(&name) {
        masked(value)
    } else {
        cut(value)
    }
}

fn cut(value: &str) -> String {
    let start: String = value.chars().take(MAX_VALUE).collect();
    let rest = value.chars().count().saturating_sub(MAX_VALUE);
    if rest == 0 {
        plain(&start)
    } else {
        format!("{}... ({rest} more characters)", plain(&start))
    }
}

/// The first four characters of a long secret, and its length; nothing of a short one.
fn masked(value: &str) -> String {
    let length = value.chars().count();
    let start: String = if length >= 20 {
        value.chars().take(4).collect()
    } else {
        String::new()
    };
    format!("{}**** ({length} characters)", plain(&start))
}

fn masked_bearer(value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme, token)) => format!("{} {}", plain(scheme), masked(token)),
        None => masked(value),
    }
}

fn mask(value: &mut Value) {
    let Value::Object(fields) = value else {
        return;
    };
    for (name, value) in fields {
        match value {
            Value::String(text) if SECRET.contains(&name.as_str()) => *value = masked(text).into(),
            other => mask(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue, StatusCode};

    #[test]
    fn no_secret_is_printed() {
        let secret = "S3cretS3cretS3cretS3cretS3cret";
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        headers.insert(
            "location",
            HeaderValue::from_str(&format!("https://a.example/?code={secret}&state=x")).unwrap(),
        );
        let exchange = Exchange {
            who: "the app's server",
            sent: Sent::post(
                format!("http://127.0.0.1/x?request={secret}"),
                [
                    ("client_secret", secret),
                    ("password", secret),
                    ("code", secret),
                    ("name", "Bus"),
                ],
            )
            .with("authorization", format!("Bearer {secret}"))
            .with("cookie", format!("a={secret}")),
            answer: Answer {
                status: StatusCode::OK,
                headers,
                body: format!(
                    "{{\"access_token\": \"{secret}\", \"deep\": {{\"refresh_token\": \"{secret}\"}}, \"n\": 1}}"
                ),
            },
        };
        let text = step(7, "Token", &[exchange], &["a pair".to_owned()]);
        assert!(!text.contains("S3cretS3"), "{text}");
        for shown in [
            "[the app's server]",
            "7. Token",
            "name = Bus",
            "state = x",
            "S3cr**** (30 characters)",
            "\"n\": 1",
            "ok  a pair",
        ] {
            assert!(text.contains(shown), "{shown}: {text}");
        }
    }

    #[test]
    fn long_values_are_cut() {
        assert!(cut(&"word ".repeat(100)).ends_with("(380 more characters)"));
    }
}
