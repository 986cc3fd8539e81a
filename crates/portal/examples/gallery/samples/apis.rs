//! What an API's owner sees.

use super::super::views::{
    ApiAskingApp, ApiFields, ApiInDirectory, ApiRow, AppChoice, AppStatus, AskedName, AskedOfApi,
    DeveloperApi, DeveloperApiAdd, DeveloperApis, Field,
};
use super::{NASTY, mark, nasty_chrome, nasty_mark, planner, signed_in, when};
use askama::Template;

fn row(name: &str, uri: &str, scopes: usize, waiting: u64) -> ApiRow {
    ApiRow {
        href: "/developer/apis/k3Jw9sQzV1bT7mYx".into(),
        name: name.into(),
        uri: uri.into(),
        format: "opaque tokens",
        scopes,
        open: waiting == 0,
        waiting,
    }
}

fn pairs(words: &[(&str, &str)]) -> Vec<(String, String)> {
    words
        .iter()
        .map(|(name, words)| ((*name).to_owned(), (*words).to_owned()))
        .collect()
}

fn list() -> DeveloperApis {
    let library = ApiInDirectory {
        name: "Library".into(),
        uri: "https://library.example.edu/api".into(),
        description: "Loans, renewals and fines of the university library.".into(),
        open: false,
        scopes: pairs(&[
            ("loans.read", "See which books you have borrowed"),
            ("loans.renew", "Renew your loans"),
        ]),
        types: pairs(&[("renewal", "Renew one loan")]),
    };
    DeveloperApis {
        chrome: signed_in(),
        apis: vec![
            row("Library", "https://library.example.edu/api", 3, 2),
            row("Canteen", "https://canteen.example.edu/", 1, 0),
        ],
        directory: vec![
            library.clone(),
            ApiInDirectory {
                name: "Canteen".into(),
                open: true,
                ..library
            },
        ],
        search: String::new(),
        there_are_any: true,
    }
}

fn fields() -> ApiFields {
    ApiFields {
        uri: Field::of("https://library.example.edu/api"),
        name: Field::of("Library"),
        description: Field::of("Loans, renewals and fines of the university library."),
        scopes: Field::of("loans.read See which books you have borrowed\nloans.renew Renew your loans"),
        is_jwt: false,
        format_error: None,
        signing_alg: Field::of("RS256"),
        algorithms: vec!["RS256", "PS256", "ES256", "EdDSA"],
        token_seconds: Field::of("3600"),
        max_age: Field::default(),
        introspected_by: Field::of("desk"),
        apps: vec![AppChoice {
            id: "desk".into(),
            name: "Library desk".into(),
        }],
        open: false,
        details: Field::default(),
    }
}

fn name(name: &str, words: &str, state: AskedOfApi) -> AskedName {
    AskedName {
        name: name.into(),
        words: words.into(),
        checked: state == AskedOfApi::Waiting,
        state,
        when: when(2),
    }
}

fn api() -> DeveloperApi {
    DeveloperApi {
        chrome: signed_in(),
        href: "/developer/apis/k3Jw9sQzV1bT7mYx".into(),
        name: "Library".into(),
        uri: "https://library.example.edu/api".into(),
        format: "opaque tokens",
        is_jwt: false,
        open: false,
        is_asked_about: true,
        metadata: "https://id.example.edu/.well-known/oauth-protected-resource/apis/k3Jw9sQzV1bT7mYx".into(),
        issuer: "https://id.example.edu".into(),
        asking: vec![
            ApiAskingApp {
                id: "k3Jw9sQzV1bT7mYx0dLf8hRcE2nAuPgI5oKqXtBi".into(),
                mark: planner(),
                status: AppStatus::Approved,
                names: vec![
                    name(
                        "loans.read",
                        "See which books you have borrowed",
                        AskedOfApi::Waiting,
                    ),
                    name("loans.renew", "Renew your loans", AskedOfApi::Refused),
                ],
                comment: Field::of("Tell us first what for."),
            },
            ApiAskingApp {
                id: "B0kdM4vZ1rTyW9sPcN6hJ2gLfUaQ8iKxO3bE".into(),
                mark: mark("Reading list"),
                status: AppStatus::Draft,
                names: vec![name(
                    "loans.read",
                    "See which books you have borrowed",
                    AskedOfApi::Approved,
                )],
                comment: Field::default(),
            },
        ],
        fields: fields(),
        remove: Field::default(),
    }
}

fn nasty_api() -> DeveloperApi {
    let long = format!("https://library.example.edu/{}", "x".repeat(400));
    DeveloperApi {
        chrome: nasty_chrome(),
        name: NASTY.into(),
        uri: long.clone(),
        format: "JWTs",
        is_jwt: true,
        is_asked_about: false,
        asking: vec![ApiAskingApp {
            id: "x".repeat(200),
            mark: nasty_mark(),
            status: AppStatus::Suspended,
            names: vec![name(&"x".repeat(100), NASTY, AskedOfApi::Waiting)],
            comment: Field::refused(NASTY, "More than 10000 characters: shorten it."),
        }],
        fields: ApiFields {
            name: Field::refused(NASTY, "This has 130 characters; 100 plain ones are the most."),
            scopes: Field::refused(NASTY, format!("'{NASTY}' is no name for it.")),
            details: Field::refused(
                "[{",
                "Give a JSON list of objects with type, description and schema.",
            ),
            apps: vec![AppChoice {
                id: NASTY.into(),
                name: NASTY.into(),
            }],
            ..fields()
        },
        remove: Field::refused(NASTY, "That is not the API's name."),
        ..api()
    }
}

pub(super) fn apis() -> Result<Vec<(&'static str, String)>, askama::Error> {
    let empty = DeveloperApis {
        apis: vec![],
        directory: vec![],
        there_are_any: false,
        ..list()
    };
    let refused = ApiFields {
        uri: Field::refused("library", "An API is identified by an absolute URI."),
        token_seconds: Field::refused("5", "An access token lives 60 to 86400 seconds."),
        ..fields()
    };
    let add = |fields| DeveloperApiAdd {
        chrome: signed_in(),
        fields,
    };
    Ok(vec![
        ("developer-apis", list().render()?),
        ("developer-apis-empty", empty.render()?),
        ("developer-api-add", add(fields()).render()?),
        ("developer-api-add-refused", add(refused).render()?),
        ("developer-api", api().render()?),
        ("developer-api-nasty", nasty_api().render()?),
    ])
}
