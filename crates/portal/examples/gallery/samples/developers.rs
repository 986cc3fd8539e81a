//! What a developer sees.

use super::super::views::{
    AppHead, AppRow, AppStatus, AskedByApp, AskedOfApi, Change, ClientType, DataPointsField,
    DescriptionField, DeveloperAdd, DeveloperApp, DeveloperHistory, DeveloperList, DeveloperVersion, Field,
    Flow, InvitedPerson, PublisherFields, RedirectUrisField, RedirectWords, SecretRow, ShownVersion,
    Snippets, TeamMember, TestPeople, TestPerson,
};
use super::{
    CHOSEN, DESCRIPTION, NASTY, asha, catalogue, history, mark, nasty_chrome, nasty_mark, pending, person,
    planner, signed_in, when,
};
use askama::Template;

fn data_points(chosen: &[&str]) -> DataPointsField {
    DataPointsField {
        groups: catalogue(chosen),
        error: None,
    }
}

fn redirects(field: Field) -> RedirectUrisField {
    RedirectUrisField {
        field,
        words: RedirectWords {
            not_absolute: "is not an absolute URL such as https://app.example.org/callback".into(),
            fragment: "has a fragment (the part from # on); leave it out".into(),
            wildcard: "has a wildcard (*); give each URL in full".into(),
            credentials: "has a user name or password in it; leave them out".into(),
            scheme: "uses a scheme that is not allowed".into(),
            http: "uses http to another machine; use https".into(),
            characters: "has a space, a backslash or a character outside ASCII; percent-encode it".into(),
            dot_segment: "has a . or .. in its path; write the path without it".into(),
            too_long: "is longer than 2,000 characters".into(),
            too_many: "There are {count} redirect URLs; 20 is the most.".into(),
        },
        max_count: 20,
        max_length: 2_000,
    }
}

fn description(text: &str, words: usize) -> DescriptionField {
    DescriptionField {
        field: Field::of(text),
        words,
        min_words: 127,
        max_words: 511,
    }
}

pub(super) fn head(status: AppStatus, change: Change) -> AppHead {
    AppHead {
        id: "k3Jw9sQzV1bT7mYx0dLf8hRcE2nAuPgI5oKqXtBi".into(),
        mark: planner(),
        status,
        change,
    }
}

pub(super) fn snippets() -> Snippets {
    Snippets {
        authorise_url: "https://id.example.edu/oauth/authorise?client_id=k3Jw9sQzV1bT7mYx0dLf8hRcE2nAuPgI5oKqXtBi&redirect_uri=https%3A%2F%2Fplanner.cs.example.edu%2Fauth%2Fcallback&state=try".into(),
        token_url: "https://id.example.edu/open_auth/token/".into(),
        user_data_url: "https://id.example.edu/open_auth/get_user_data/".into(),
        revoke_url: "https://id.example.edu/open_auth/revoke_token/".into(),
        client_id: "k3Jw9sQzV1bT7mYx0dLf8hRcE2nAuPgI5oKqXtBi".into(),
        redirect_uri: "https://planner.cs.example.edu/auth/callback".into(),
        client_type: ClientType::Confidential,
        flow: Flow::Code,
        issuer: "https://id.example.edu".into(),
    }
}

/// What the app asks of APIs: approved, refused, and of nobody.
fn asked() -> Vec<AskedByApp> {
    vec![
        AskedByApp {
            name: "loans.read".into(),
            api: Some("Library".into()),
            state: AskedOfApi::Approved,
            comment: String::new(),
        },
        AskedByApp {
            name: "loans.renew".into(),
            api: Some("Library".into()),
            state: AskedOfApi::Refused,
            comment: "Tell us first what for.".into(),
        },
        AskedByApp {
            name: "canteen.menu".into(),
            api: None,
            state: AskedOfApi::Waiting,
            comment: String::new(),
        },
    ]
}

fn app(status: AppStatus, change: Change) -> DeveloperApp {
    DeveloperApp {
        chrome: signed_in(),
        head: head(status, change),
        client_type: ClientType::Confidential,
        new_secret: None,
        version: 3,
        unsaved: if change == Change::Returned {
            pending()
        } else {
            Vec::new()
        },
        history: history(),
        older: Some("/developer/apps/k3/history?before=9".into()),
        reviewer_comment: Some("<p>Say what the numbers are for.</p>".into()),
        name: Field::of("Course Planner"),
        logo_error: None,
        redirect_uris: redirects(Field::of(
            "https://planner.cs.example.edu/auth/callback\nhttp://localhost:3000/auth/callback",
        )),
        password: None,
        description: description(DESCRIPTION, 158),
        data_points: data_points(&CHOSEN),
        pending: if change == Change::None {
            Vec::new()
        } else {
            pending()
        },
        team: vec![
            TeamMember {
                person: asha(),
                is_creator: true,
                is_owner: true,
                is_viewer: true,
                since: when(12),
            },
            TeamMember {
                person: person("Tomás Ó Súilleabháin", "tomas", &[]),
                is_creator: false,
                is_owner: false,
                is_viewer: false,
                since: when(10),
            },
        ],
        invited: vec![InvitedPerson {
            username: "noor".into(),
            as_owner: false,
            by: "asha".into(),
            since: when(1),
        }],
        give: Field::default(),
        team_add: Field::default(),
        secrets: secrets(),
        secret_error: None,
        people: 1_284,
        delete: Field::default(),
        checks: super::checks(),
        publisher: publisher(),
        scopes: Field::of("timetable.read"),
        asked: asked(),
        test_people: TestPeople {
            people: vec![TestPerson {
                id: 9,
                username: "test-7k2m9xqd".into(),
                name: "Test Person 1".into(),
                since: when(2),
            }],
            most: 100,
            new: None,
            error: None,
        },
        answer: Field::default(),
        snippets: snippets(),
    }
}

pub(super) fn shown_version() -> ShownVersion {
    ShownVersion {
        number: 3,
        made: when(2),
        before: Some(super::version(2)),
        standing: "It is the live one.",
        differences: pending(),
    }
}

fn secrets() -> Vec<SecretRow> {
    vec![
        SecretRow {
            id: 2,
            prefix: "q7Xe…".into(),
            created: when(0),
            last_used: None,
            expires: None,
        },
        SecretRow {
            id: 1,
            prefix: "B0kd…".into(),
            created: when(12),
            last_used: Some(when(0)),
            expires: Some(when(-1)),
        },
    ]
}

fn publisher() -> PublisherFields {
    PublisherFields {
        contact: Field::of("planner@cs.example.edu"),
        home: Field::of("https://planner.cs.example.edu/"),
        privacy: Field::default(),
        terms: Field::default(),
    }
}

fn nasty_publisher() -> PublisherFields {
    let wrong = || Field::refused(NASTY, "This is no https address.");
    PublisherFields {
        contact: wrong(),
        home: wrong(),
        privacy: wrong(),
        terms: wrong(),
    }
}

fn nasty_app() -> DeveloperApp {
    let plain = app(AppStatus::Rejected, Change::None);
    let url = format!(
        "https://{}.example.edu/callback?{}",
        "sub".repeat(20),
        "query".repeat(60)
    );
    DeveloperApp {
        chrome: nasty_chrome(),
        head: AppHead {
            mark: nasty_mark(),
            ..head(AppStatus::Rejected, Change::None)
        },
        new_secret: Some("q7XeB0kdM4vZ1rTyW9sPcN6hJ2gLfUaQ8iKxO3bE".into()),
        name: Field::refused(NASTY, "This name is longer than 100 characters. Shorten it."),
        logo_error: Some("This file is neither PNG, JPEG nor WebP. Save the logo as one of them.".into()),
        redirect_uris: redirects(Field::refused(url.clone(), format!("{url} has a fragment (#)."))),
        password: Some(Field::refused("", "This is not your password. Type it again.")),
        description: DescriptionField {
            field: Field::refused(NASTY, "The description has 4 words. Write at least 127."),
            words: 4,
            min_words: 127,
            max_words: 511,
        },
        data_points: DataPointsField {
            groups: catalogue(&[]),
            error: Some("Choose at least one.".into()),
        },
        team: vec![
            TeamMember {
                person: person(NASTY, NASTY, &[]),
                is_creator: true,
                is_owner: false,
                is_viewer: false,
                since: when(9),
            },
            TeamMember {
                person: person(NASTY, NASTY, &[]),
                is_creator: false,
                is_owner: true,
                is_viewer: true,
                since: when(9),
            },
        ],
        invited: vec![InvitedPerson {
            username: NASTY.into(),
            as_owner: true,
            by: NASTY.into(),
            since: when(1),
        }],
        give: Field::refused(
            NASTY,
            "This is not the app’s name. Type it exactly as it stands on the page.",
        ),
        team_add: Field::refused(NASTY, "Nobody here has this username. Check the spelling."),
        secret_error: Some(
            "Two secrets are live already. Wait until the old one has stopped working.".into(),
        ),
        publisher: nasty_publisher(),
        scopes: Field::refused(NASTY, "This is no scope."),
        test_people: TestPeople {
            new: Some(("test-7k2m9xqd".into(), "q7XeB0kdM4vZ1rTyW9sP".into())),
            error: Some("This app has no such test person any more.".into()),
            ..plain.test_people.clone()
        },
        answer: Field::refused("", "Write something first."),
        delete: Field::refused(
            "course planer",
            "This is not the app’s name. Nothing was deleted.",
        ),
        ..plain
    }
}

fn add_empty() -> DeveloperAdd {
    DeveloperAdd {
        chrome: signed_in(),
        name: Field::default(),
        redirect_uris: redirects(Field::default()),
        client_type: ClientType::Confidential,
        client_type_error: None,
        description: description("", 0),
        data_points: data_points(&[]),
        publisher: PublisherFields::default(),
        agrees_to_terms: false,
        agrees_to_terms_error: None,
    }
}

fn add_refused() -> DeveloperAdd {
    DeveloperAdd {
        name: Field::refused("", "The app has no name. Give it one."),
        redirect_uris: redirects(Field::refused(
            "https://planner.example.edu/callback#token\nhttp://planner.example.edu/",
            "https://planner.example.edu/callback#token has a fragment (the part from # on); leave it out.",
        )),
        client_type: ClientType::Public,
        client_type_error: Some("Choose one of the two.".into()),
        description: DescriptionField {
            field: Field::refused(
                "Helps students to plan.",
                "The description has 4 words. Write at least 127.",
            ),
            ..description("", 4)
        },
        data_points: data_points(&CHOSEN),
        publisher: nasty_publisher(),
        agrees_to_terms_error: Some("An app can only be added by somebody who agrees to the terms.".into()),
        ..add_empty()
    }
}

fn apps() -> Vec<AppRow> {
    let row = |name: &str, status, change, days, people| AppRow {
        id: format!("app-{days}"),
        mark: mark(name),
        status,
        change,
        created: when(days),
        people,
    };
    vec![
        row("Course Planner", AppStatus::Approved, Change::Pending, 12, 1_284),
        row("Mess Menu", AppStatus::Pending, Change::None, 2, 0),
        row("Hall Laundry", AppStatus::Rejected, Change::None, 30, 1),
        row(NASTY, AppStatus::Suspended, Change::Rejected, 400, 12_345_678),
    ]
}

pub(super) fn developers() -> Result<Vec<(&'static str, String)>, askama::Error> {
    let registered = DeveloperApp {
        new_secret: Some("q7XeB0kdM4vZ1rTyW9sPcN6hJ2gLfUaQ8iKxO3bE".into()),
        secrets: vec![SecretRow {
            id: 1,
            prefix: "q7Xe…".into(),
            created: when(0),
            last_used: None,
            expires: None,
        }],
        people: 0,
        ..app(AppStatus::Pending, Change::None)
    };
    let public = DeveloperApp {
        client_type: ClientType::Public,
        secrets: vec![],
        ..app(AppStatus::Suspended, Change::None)
    };
    Ok(vec![
        ("developer-add", add_empty().render()?),
        ("developer-add-refused", add_refused().render()?),
        ("developer-app-registered", registered.render()?),
        (
            "developer-app-approved",
            app(AppStatus::Approved, Change::None).render()?,
        ),
        (
            "developer-app-change",
            app(AppStatus::Approved, Change::Pending).render()?,
        ),
        (
            "developer-app-change-rejected",
            app(AppStatus::Approved, Change::Rejected).render()?,
        ),
        (
            "developer-app-returned",
            app(AppStatus::Approved, Change::Returned).render()?,
        ),
        (
            "developer-version",
            DeveloperVersion {
                chrome: signed_in(),
                head: head(AppStatus::Approved, Change::None),
                version: shown_version(),
            }
            .render()?,
        ),
        (
            "developer-history",
            DeveloperHistory {
                chrome: signed_in(),
                head: head(AppStatus::Approved, Change::None),
                history: history(),
                older: Some("/developer/apps/k3/history?before=9".into()),
            }
            .render()?,
        ),
        ("developer-app-public", public.render()?),
        ("developer-app-nasty", nasty_app().render()?),
    ])
}

pub(super) fn lists() -> Result<Vec<(&'static str, String)>, askama::Error> {
    Ok(vec![
        (
            "developer-list",
            DeveloperList {
                may_add: true,
                chrome: signed_in(),
                apps: apps(),
                query: String::new(),
                next_page: Some("/developer?after_at=1&after=a".into()),
            }
            .render()?,
        ),
        (
            "developer-list-nothing-found",
            DeveloperList {
                may_add: true,
                chrome: signed_in(),
                apps: vec![],
                query: NASTY.into(),
                next_page: None,
            }
            .render()?,
        ),
        (
            "developer-list-empty",
            DeveloperList {
                may_add: true,
                chrome: signed_in(),
                apps: vec![],
                query: String::new(),
                next_page: None,
            }
            .render()?,
        ),
    ])
}
