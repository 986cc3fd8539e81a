//! What a developer sees beside an app's dashboard: its last requests, and how much it is used.

use super::super::views::{
    AppHead, AppStatus, Change, ClientType, DeveloperCode, DeveloperRequests, DeveloperUsage, Language,
    RequestRow, Snippets, UsageDay, When,
};
use super::developers::{head, snippets};
use super::{DAY, NASTY, NOW, nasty_chrome, nasty_mark, signed_in};
use askama::Template;

fn row(minutes_ago: i64, endpoint: &str, refused: bool, result: &str, reason: &str) -> RequestRow {
    RequestRow {
        when: When::from_seconds(NOW - 60 * minutes_ago),
        endpoint: endpoint.into(),
        refused,
        result: result.into(),
        reason: reason.into(),
        values: Vec::new(),
        person: None,
        reference: "Zq81sVYwR3xT7bNf0KcJ5dLhPgA2mE".into(),
    }
}

fn requests() -> DeveloperRequests {
    let mismatch = RequestRow {
        values: vec![
            (
                "sent".into(),
                "\"https://planner.cs.example.edu/callback/\"".into(),
            ),
            (
                "registered".into(),
                "\"https://planner.cs.example.edu/auth/callback\", \"http://localhost:3000/auth/callback\""
                    .into(),
            ),
        ],
        person: Some("tomas".into()),
        ..row(
            1,
            "Authorise",
            true,
            "invalid_request",
            "the redirect_uri is not one of the registered, letter by letter",
        )
    };
    DeveloperRequests {
        chrome: signed_in(),
        head: head(AppStatus::Approved, Change::None),
        events: vec![
            mismatch,
            row(3, "User data", false, "Data read", ""),
            row(3, "Token", false, "Tokens issued", ""),
            row(4, "Token", true, "invalid_client", "the client_secret is wrong"),
            RequestRow {
                person: Some("asha".into()),
                ..row(5, "Consent", false, "Code issued", "")
            },
            row(6, "Authorise", false, "Asked for consent", ""),
        ],
        result: String::new(),
        endpoint: String::new(),
        reference: String::new(),
        older: Some("/developer/apps/a/requests?before=7".into()),
    }
}

fn usage(of: impl Fn(u64) -> u64) -> DeveloperUsage {
    let day = |back: u64| UsageDay {
        date: When::from_seconds(NOW - DAY * i64::try_from(back).unwrap_or_default())
            .text
            .split(',')
            .next()
            .unwrap_or_default()
            .to_owned(),
        sign_ins: of(back),
        people: of(back) / 2,
        reads: of(back) * 7,
        failures: if back.is_multiple_of(9) { of(back) / 12 } else { 0 },
    };
    DeveloperUsage {
        chrome: signed_in(),
        head: head(AppStatus::Approved, Change::None),
        period: 30,
        days: (0..30).rev().map(day).collect(),
    }
}

fn code(client_type: ClientType) -> Result<DeveloperCode, askama::Error> {
    let values = Snippets {
        client_type,
        ..snippets()
    };
    Ok(DeveloperCode {
        chrome: signed_in(),
        head: head(AppStatus::Approved, Change::None),
        language: Language::Python,
        client_type,
        program: Language::Python.program(&values)?,
    })
}

pub(super) fn around() -> Result<Vec<(&'static str, String)>, askama::Error> {
    let nasty_head = || AppHead {
        mark: nasty_mark(),
        ..head(AppStatus::Suspended, Change::Rejected)
    };
    let nasty_requests = DeveloperRequests {
        chrome: nasty_chrome(),
        head: nasty_head(),
        events: vec![RequestRow {
            values: vec![("sent".into(), format!("{NASTY}{}", "x".repeat(200)))],
            person: Some(NASTY.into()),
            ..row(1, "Authorise", true, "unsupported_response_type", NASTY)
        }],
        result: "refused".into(),
        endpoint: "token".into(),
        reference: NASTY.into(),
        older: None,
    };
    let filtered = DeveloperRequests {
        events: vec![],
        result: "refused".into(),
        older: None,
        ..requests()
    };
    let first = DeveloperRequests {
        events: vec![],
        older: None,
        ..requests()
    };
    let nasty_usage = DeveloperUsage {
        chrome: nasty_chrome(),
        head: nasty_head(),
        ..usage(|back| if back == 3 { 12_345_678 } else { back })
    };
    Ok(vec![
        ("developer-requests", requests().render()?),
        ("developer-requests-filtered", filtered.render()?),
        ("developer-requests-empty", first.render()?),
        ("developer-requests-nasty", nasty_requests.render()?),
        (
            "developer-usage",
            usage(|back| 20 + (back * 37) % 61 + if back % 7 < 2 { 0 } else { 45 }).render()?,
        ),
        ("developer-code", code(ClientType::Confidential)?.render()?),
        ("developer-code-public", code(ClientType::Public)?.render()?),
        ("developer-usage-empty", usage(|_| 0).render()?),
        ("developer-usage-nasty", nasty_usage.render()?),
    ])
}
