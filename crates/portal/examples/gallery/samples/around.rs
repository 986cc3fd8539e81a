//! What a developer sees beside an app's dashboard: its last requests, and how much it is used.

use super::super::views::{
    AppHead, AppStatus, Change, ClientType, DeveloperCode, DeveloperProtocol, DeveloperRequests,
    DeveloperUsage, Field, GrantChoice, Language, RequestRow, SettingField, SettingInput, SettingsGroup,
    Snippets, UsageDay, When,
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
        program: Some(Language::Python.program(&values)?),
        steps: Vec::new(),
    })
}

fn setting(name: &str, label: &str, input: SettingInput, field: Field) -> SettingField {
    SettingField {
        name: name.into(),
        label: label.into(),
        hint: "What it does, and what leaving it out means.".into(),
        input,
        field,
    }
}

fn protocol() -> DeveloperProtocol {
    let grant = |value: &str, label: &str, checked, locked| GrantChoice {
        value: value.into(),
        label: label.into(),
        sentence: "People sign in and consent in their browser. What almost every app needs.".into(),
        checked,
        locked,
    };
    let words = || SettingInput::Words(vec!["client_secret_basic".into(), "private_key_jwt".into()]);
    DeveloperProtocol {
        chrome: signed_in(),
        version: 3,
        head: head(AppStatus::Approved, Change::None),
        grants: vec![
            grant("authorization_code", "Authorisation code", true, false),
            grant(
                "urn:ietf:params:oauth:grant-type:device_code",
                "Device code",
                false,
                false,
            ),
            grant("password", "Password", false, true),
        ],
        grants_error: None,
        groups: vec![
            SettingsGroup {
                title: "How the app proves itself".into(),
                settings: vec![
                    setting(
                        "token_endpoint_auth_method",
                        "Client authentication",
                        words(),
                        Field::of("private_key_jwt"),
                    ),
                    setting(
                        "jwks_uri",
                        "Address of the app’s keys",
                        SettingInput::Url,
                        Field::of("https://a.example/jwks"),
                    ),
                    setting("jwks", "The app’s keys", SettingInput::Lines, Field::default()),
                ],
            },
            SettingsGroup {
                title: "Tokens and requests".into(),
                settings: vec![setting(
                    "require_pushed_authorization_requests",
                    "Requests must be pushed",
                    SettingInput::Flag,
                    Field::default(),
                )],
            },
        ],
        elsewhere: vec![],
    }
}

fn nasty_protocol() -> DeveloperProtocol {
    let refused = |value: &str| {
        Field::refused(
            value,
            "It must be an absolute https URL without user or fragment.",
        )
    };
    DeveloperProtocol {
        chrome: nasty_chrome(),
        grants_error: Some(NASTY.into()),
        groups: vec![SettingsGroup {
            title: NASTY.into(),
            settings: vec![
                setting("jwks_uri", NASTY, SettingInput::Url, refused(NASTY)),
                setting(
                    "jwks",
                    "The app’s keys",
                    SettingInput::Lines,
                    refused("</textarea><script>"),
                ),
                setting(
                    "dpop_bound_access_tokens",
                    NASTY,
                    SettingInput::Flag,
                    refused("on"),
                ),
            ],
        }],
        elsewhere: vec![("redirect_uris".into(), NASTY.into())],
        ..protocol()
    }
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
        ("developer-protocol", protocol().render()?),
        ("developer-protocol-nasty", nasty_protocol().render()?),
        ("developer-usage-empty", usage(|_| 0).render()?),
        ("developer-usage-nasty", nasty_usage.render()?),
    ])
}
