//! What everybody sees.

use super::super::assets;
use super::super::views::{
    Account, AskedApp, Chrome, ConnectedApp, ConsentGroup, ConsentPage, ConsentPoint, Device, DeviceDone,
    Elsewhere, ErrorPage, Field, GivenGroup, Home, HomeSignedOut, Link, Login, Logout, LogoutDone,
    LogoutFrames, PasswordForm, PendingInvitation, PointValue, Proof, ReturnTo, SessionRow, TeamNews, Terms,
};
use super::{NASTY, asha, chrome, mark, nasty_chrome, nasty_mark, person, planner, signed_in, when};
use askama::Template;

fn consent() -> ConsentPage {
    let point = |label: &str, value: PointValue| ConsentPoint {
        name: label.to_lowercase().replace(' ', "_"),
        purpose: (label == "Roles").then(|| "To show the right timetable.".into()),
        optional: label == "Picture" || label == "Roles",
        ticked: label == "Roles",
        label: label.into(),
        value,
    };
    let text = |value: &str| PointValue::Text(value.into());
    ConsentPage {
        chrome: signed_in(),
        app: planner(),
        publisher: "Tomás Ó Súilleabháin".into(),
        known_as: None,
        links: vec![Link {
            label: "Home page".into(),
            href: "https://planner.cs.example.edu/".into(),
        }],
        reviewed: true,
        scopes: vec![],
        before: vec![],
        lasts: "a year".into(),
        asked: "person.full_name".into(),
        asked_at_apis: String::new(),
        preview: false,
        host: "planner.cs.example.edu".into(),
        known_by: "your user number and username",
        elsewhere: None,
        sandbox: false,
        person: asha(),
        not_you_url: "/logout?next=%2Fconsent%3Frequest%3Dr1".into(),
        groups: vec![
            ConsentGroup {
                label: "Person".into(),
                points: vec![
                    point("Full name", text("Asha Rao")),
                    point(
                        "Picture",
                        PointValue::Picture(assets::url(assets::Name::Favicon).into()),
                    ),
                    point(
                        "Roles",
                        PointValue::List(vec!["Student".into(), "Maintainer".into()]),
                    ),
                ],
            },
            ConsentGroup {
                label: "Student".into(),
                points: vec![
                    point("Enrolment number", text("21114017")),
                    point("Degree", text("Bachelor of Technology")),
                    point("Department", text("Computer Science and Engineering")),
                    point("Graduation date", PointValue::Nothing),
                ],
            },
            ConsentGroup {
                label: "Contact information".into(),
                points: vec![point("Secondary phone number", PointValue::Nothing)],
            },
        ],
        request: "r1".into(),
        version: 3,
    }
}

/// Asked on a device, or by the app itself.
fn elsewhere(on_device: bool, message: Option<&str>) -> ConsentPage {
    ConsentPage {
        host: String::new(),
        elsewhere: Some(Elsewhere {
            on_device,
            when: when(0),
            message: message.map(ToOwned::to_owned),
        }),
        ..consent()
    }
}

fn device(code: Field, filled_in: bool) -> Device {
    Device {
        chrome: chrome(None),
        code,
        filled_in,
    }
}

fn device_done(allowed: bool) -> DeviceDone {
    DeviceDone {
        chrome: signed_in(),
        allowed,
    }
}

/// Of an app that is known by a document at its address.
fn agent_consent() -> ConsentPage {
    ConsentPage {
        known_as: Some("agent.example.com:8443".into()),
        reviewed: false,
        ..consent()
    }
}

fn nasty_consent() -> ConsentPage {
    let plain = consent();
    let groups = vec![ConsentGroup {
        label: NASTY.into(),
        points: vec![ConsentPoint {
            name: "x".into(),
            purpose: Some(NASTY.repeat(3)),
            optional: true,
            ticked: false,
            label: NASTY.into(),
            value: PointValue::Text(NASTY.repeat(4)),
        }],
    }];
    ConsentPage {
        chrome: Chrome {
            flash: None,
            ..nasty_chrome()
        },
        app: nasty_mark(),
        publisher: NASTY.into(),
        host: format!("{}.example.edu", "sub".repeat(30)),
        sandbox: true,
        reviewed: false,
        scopes: vec![omniport_protocol::authorize::ConsentScope {
            api: NASTY.into(),
            words: NASTY.into(),
            name: NASTY.into(),
            members: vec![(NASTY.into(), NASTY.into())],
        }],
        before: vec![NASTY.into()],
        person: person(
            NASTY,
            NASTY,
            &[
                "Student",
                "Faculty member",
                "Warden of the northern hall of residence",
            ],
        ),
        groups: [groups, plain.groups.clone()].concat(),
        ..plain
    }
}

fn home(apps: Vec<ConnectedApp>, news: Vec<TeamNews>) -> Home {
    Home {
        chrome: signed_in(),
        person: asha(),
        asked: vec![],
        invitations: vec![],
        news,
        older_news: None,
        older_invitations: None,
        apps,
        more_apps: None,
    }
}

fn asked(app: &str, message: Option<&str>) -> AskedApp {
    AskedApp {
        id: "c".into(),
        mark: mark(app),
        message: message.map(Into::into),
        when: when(0),
        until: when(0),
    }
}

fn invitations() -> Vec<PendingInvitation> {
    let one = |app: &str, as_owner| PendingInvitation {
        client_id: "a".into(),
        app: app.into(),
        by: "Noor Haddad".into(),
        as_owner,
        when: when(1),
    };
    vec![one("Mess Menu", false), one(NASTY, true)]
}

fn account() -> Account {
    let session = |device: &str, days, is_this| SessionRow {
        id: format!("s{days}"),
        device: device.into(),
        since: when(days),
        last_active: when(days / 3),
        is_this,
    };
    Account {
        password: Some(PasswordForm {
            username: "asha".into(),
            ..PasswordForm::default()
        }),
        next_page: Some("/account?after_at=1&after=a".into()),
        chrome: signed_in(),
        asked: 2,
        sessions: vec![
            session("Firefox on Linux", 0, true),
            session("Safari on iPhone", 9, false),
            session("A browser that is not known", 40, false),
        ],
    }
}

fn connected() -> Vec<ConnectedApp> {
    let given = |label: &str, points: &[&str]| GivenGroup {
        label: label.into(),
        points: points.iter().map(|point| (*point).to_owned()).collect(),
    };
    vec![
        ConnectedApp {
            client_id: "planner".into(),
            mark: planner(),
            start: Some("https://planner.example.org/start?iss=https%3A%2F%2Fid.example.org".into()),
            since: when(2),
            last_read: Some(when(0)),
            groups: vec![
                given("Person", &["Full name", "Picture"]),
                given("Student", &["Degree", "Department"]),
            ],
        },
        ConnectedApp {
            client_id: "wiki".into(),
            mark: mark("Library Wiki"),
            start: None,
            since: when(90),
            last_read: None,
            groups: vec![],
        },
    ]
}

fn news() -> Vec<TeamNews> {
    vec![
        TeamNews {
            id: 2,
            verb: "removed",
            about: "tomas".into(),
            tail: "from the team of",
            app: "Hall Laundry".into(),
            href: Some("/developer/apps/laundry".into()),
            by: "Noor Haddad".into(),
            when: when(1),
        },
        TeamNews {
            id: 1,
            verb: "removed you from the team of",
            about: String::new(),
            tail: "",
            app: "Mess Menu".into(),
            href: None,
            by: "Kabir Singh".into(),
            when: when(4),
        },
    ]
}

fn login() -> Login {
    Login {
        chrome: chrome(None),
        app: Some(planner()),
        links: vec![
            Link {
                label: "Privacy notice".into(),
                href: "https://planner.example.org/privacy".into(),
            },
            Link {
                label: "Contact".into(),
                href: "mailto:team@planner.example.org".into(),
            },
        ],
        username: Field::default(),
        error: None,
        return_to: ReturnTo::Request("r1".into()),
    }
}

fn error() -> ErrorPage {
    ErrorPage {
        chrome: chrome(None),
        title: "This app cannot sign you in".into(),
        code: "invalid_request".into(),
        detail: "The app asked to send you to an address that it has not registered, so we stopped here. You have not been signed in to it.".into(),
        link: None,
        correlation_id: Some("0193a6f0-7c1e-7b52".into()),
    }
}

fn nasty_login() -> Login {
    Login {
        chrome: Chrome {
            viewer: None,
            ..nasty_chrome()
        },
        app: Some(nasty_mark()),
        links: vec![],
        username: Field::of(NASTY),
        error: Some("The username or the password is wrong. Try again.".into()),
        return_to: ReturnTo::Next("/developer".into()),
    }
}

fn nasty_error() -> ErrorPage {
    ErrorPage {
        detail: format!("No redirect URL is registered as {NASTY}{NASTY}."),
        link: Some(Link {
            label: "Sign in if you are on this app’s team".into(),
            href: "/login?next=%2Fa".into(),
        }),
        ..error()
    }
}

fn nasty_connected() -> ConnectedApp {
    ConnectedApp {
        client_id: "../../x?y".into(),
        mark: nasty_mark(),
        start: Some("https://a.example/?\"><script>".into()),
        since: when(1),
        last_read: Some(when(1)),
        groups: vec![GivenGroup {
            label: NASTY.into(),
            points: vec![NASTY.into(); 9],
        }],
    }
}

fn terms() -> Terms {
    Terms {
        chrome: chrome(None),
        title: "Developer terms of use".into(),
        html: "<h1>Developer terms of use</h1><p>By adding an app you agree to these terms.</p><h2>Data</h2><ul><li>Ask for as few data points as you can.</li><li>Use them for what the description says, and nothing else.</li></ul><p>See <a href=\"/\">the home page</a>.</p>".into(),
    }
}

pub(super) fn people() -> Result<Vec<(&'static str, String)>, askama::Error> {
    Ok(vec![
        (
            "home-signed-out",
            HomeSignedOut { chrome: chrome(None) }.render()?,
        ),
        ("home", home(connected(), news()).render()?),
        ("home-empty", home(vec![], vec![]).render()?),
        (
            "home-nasty",
            Home {
                chrome: nasty_chrome(),
                asked: vec![asked(NASTY, Some(NASTY)), asked("Bus times", None)],
                invitations: invitations(),
                older_news: Some("/?news_before=9".into()),
                older_invitations: Some("/?invited_at=9&invited_after=a".into()),
                more_apps: Some("/?apps_since=9&apps_after=a".into()),
                ..home(vec![nasty_connected()], news())
            }
            .render()?,
        ),
        ("account", account().render()?),
        (
            "logout",
            Logout {
                chrome: signed_in(),
                person: asha(),
                app_name: Some(NASTY.into()),
                fields: vec![
                    ("state".into(), NASTY.into()),
                    ("next".into(), "/consent?request=r1".into()),
                ],
            }
            .render()?,
        ),
        (
            "logout-frames",
            LogoutFrames {
                seconds: 30,
                chrome: chrome(None),
                frames: vec![
                    ("Course planner".into(), "about:blank#1".into()),
                    (NASTY.into(), "about:blank#2".into()),
                ],
                go_to: "/logout/done".into(),
            }
            .render()?,
        ),
        ("logout-done", LogoutDone { chrome: chrome(None) }.render()?),
        ("consent", consent().render()?),
        ("consent-device", elsewhere(true, None).render()?),
        (
            "consent-asked",
            elsewhere(false, Some("Till 4, 23.50 EUR: W4SCT")).render()?,
        ),
        ("consent-asked-nasty", elsewhere(false, Some(NASTY)).render()?),
        ("device", device(Field::default(), false).render()?),
        ("device-filled-in", device(Field::of("WDJB-MJHT"), true).render()?),
        (
            "device-wrong-nasty",
            device(Field::refused(NASTY, "No device waits with this code."), false).render()?,
        ),
        ("device-done", device_done(true).render()?),
        ("device-denied", device_done(false).render()?),
        (
            "consent-nothing",
            ConsentPage {
                groups: vec![],
                sandbox: true,
                reviewed: false,
                ..consent()
            }
            .render()?,
        ),
        ("consent-agent", agent_consent().render()?),
        ("consent-nasty", nasty_consent().render()?),
        ("error", error().render()?),
        ("error-nasty", nasty_error().render()?),
        ("terms", terms().render()?),
    ])
}

pub(super) fn proofs() -> Result<Vec<(&'static str, String)>, askama::Error> {
    Ok(vec![
        ("login", login().render()?),
        ("login-nasty", nasty_login().render()?),
        (
            "proof",
            Proof {
                chrome: signed_in(),
                person: asha(),
                sentence: "You signed in a while ago. Type your password to make a new secret.".into(),
                error: None,
                fields: vec![("grace_hours".into(), "24".into())],
                action: "/developer/apps/k3/secret".into(),
                back: "/developer/apps/k3".into(),
            }
            .render()?,
        ),
        (
            "proof-nasty",
            Proof {
                chrome: signed_in(),
                person: asha(),
                sentence: "You signed in a while ago. Type your password to make a new secret.".into(),
                error: Some("This is not your password. Type it again.".into()),
                fields: vec![("jwks".into(), NASTY.into()), ("grant_types".into(), "a".into())],
                action: "/developer/apps/k3/protocol".into(),
                back: "/developer/apps/k3/protocol".into(),
            }
            .render()?,
        ),
    ])
}
