//! What a maintainer sees.

use super::super::views::{
    AppStatus, Audit, AuditRow, ClientType, Difference, DifferenceKind, DifferenceRow, Field, Link,
    MaintainerApp, MaintainerHistory, MaintainerVersion, MarkChoice, Queue, QueueFilter, QueueRow, Review,
    ReviewActions, ReviewClaim, ReviewKind, SignOuts, StatedGroup,
};
use super::{
    CHOSEN, DESCRIPTION, NASTY, catalogue, history, mark, nasty_mark, pending, planner, signed_in, when,
};
use askama::Template;

fn review(kind: ReviewKind) -> Review {
    let stated = catalogue(&CHOSEN)
        .into_iter()
        .map(|group| StatedGroup {
            label: group.label,
            points: group.points.into_iter().filter(|point| point.checked).collect(),
        })
        .filter(|group| !group.points.is_empty())
        .collect();
    Review {
        id: "k3Jw9sQzV1bT7mYx0dLf8hRcE2nAuPgI5oKqXtBi".into(),
        version: 3,
        seen: 7,
        overdue: kind == ReviewKind::Change,
        registered_itself: kind == ReviewKind::New,
        claim: None,
        note: Field::default(),
        links: vec![Link {
            label: "Home page".into(),
            href: "https://planner.cs.example.edu/".into(),
        }],
        scopes: vec!["timetable.read".into()],
        protocols: vec![
            (
                "grant_types".into(),
                vec!["authorization_code".into(), "refresh_token".into()],
            ),
            (
                "token_endpoint_auth_method".into(),
                vec!["client_secret_basic".into()],
            ),
        ],
        mark: planner(),
        status: if kind == ReviewKind::New {
            AppStatus::Pending
        } else {
            AppStatus::Approved
        },
        kind: Some(kind),
        owner: "Asha Rao (asha)".into(),
        since: when(3),
        client_type: ClientType::Confidential,
        redirect_uris: vec![
            "https://planner.cs.example.edu/auth/callback".into(),
            "http://localhost:3000/auth/callback".into(),
        ],
        description: DESCRIPTION.into(),
        words: 158,
        data_points: stated,
        differences: if kind == ReviewKind::New {
            Vec::new()
        } else {
            pending()
        },
        checks: super::checks(),
        people: if kind == ReviewKind::New { 0 } else { 1_284 },
        history: history(),
        older: Some("/maintainer/review/k3/history?before=9".into()),
        comment: Field::default(),
        actions: ReviewActions {
            approve: true,
            request_changes: true,
            reject: true,
            suspend: kind == ReviewKind::Change,
            resume: false,
        },
        barred: None,
    }
}

fn nasty_review() -> Review {
    Review {
        mark: nasty_mark(),
        owner: NASTY.into(),
        redirect_uris: vec![format!(
            "https://{}.example.edu/{}",
            "sub".repeat(20),
            "path/".repeat(60)
        )],
        description: NASTY.repeat(6),
        claim: Some(ReviewClaim {
            by: 4,
            username: NASTY.into(),
            is_viewer: false,
            since: when(1),
        }),
        note: Field::refused("", "Write something first."),
        scopes: vec![NASTY.into()],
        protocols: vec![(NASTY.into(), vec![NASTY.into(), NASTY.into()])],
        comment: Field::refused("", "Say why, so that the team knows what to change."),
        actions: ReviewActions {
            approve: true,
            request_changes: true,
            reject: true,
            suspend: true,
            resume: true,
        },
        ..review(ReviewKind::Change)
    }
}

fn queue_rows() -> Vec<QueueRow> {
    let row = |name: &str, owner: &str, status, kind, days| QueueRow {
        id: format!("id-{days}"),
        mark: mark(name),
        owner: owner.into(),
        status,
        kind,
        since: when(days),
        overdue: days == 2,
        claimed_by: (days == 1).then(|| "noor".into()),
    };
    vec![
        row(
            "Mess Menu",
            "Kabir Singh",
            AppStatus::Pending,
            Some(ReviewKind::New),
            2,
        ),
        row(
            "Hall Laundry",
            "Noor Haddad",
            AppStatus::Approved,
            Some(ReviewKind::Change),
            1,
        ),
        row(NASTY, NASTY, AppStatus::Pending, Some(ReviewKind::New), 0),
    ]
}

fn queue(filter: QueueFilter, first: Option<Review>, rows: Vec<QueueRow>) -> Queue {
    let waiting = u64::from(first.is_some()) + rows.len() as u64;
    Queue {
        chrome: signed_in(),
        filter,
        query: String::new(),
        waiting,
        first,
        rows,
        next_page: None,
    }
}

fn change(title: &str, removed: &[&str], added: &[&str]) -> Difference {
    let rows = |kind, texts: &[&str]| -> Vec<DifferenceRow> {
        let row = |text: &&str| DifferenceRow {
            kind,
            text: (*text).to_owned(),
        };
        texts.iter().map(row).collect()
    };
    let mut all = rows(DifferenceKind::Removed, removed);
    all.extend(rows(DifferenceKind::Added, added));
    Difference {
        title: title.to_owned(),
        rows: all,
    }
}

fn audit_rows() -> Vec<AuditRow> {
    let row = |number: u32, who: &str, words: &str, act: &str, changes| AuditRow {
        number: number.to_string(),
        when: when(i64::from(1_050 - number)),
        who: who.into(),
        words: words.into(),
        subject: "Course Planner".into(),
        leads_to: Some("/maintainer/review/k3Jw9sQzV1bT7mYx0dLf8hRcE2nAuPgI5oKqXtBi".into()),
        act: act.into(),
        address: "2001:db8::17".into(),
        reference: "7hRcE2nAuPgI5oKq".into(),
        changes,
        hash: "5f3c1d9a77b04e21".repeat(4),
    };
    let callback = "https://planner.cs.example.edu/auth/callback";
    let approved = vec![
        change("Standing", &["pending"], &["approved"]),
        change("Live", &[], &["3"]),
    ];
    let edited = vec![change(
        "Proposed › redirect uris",
        &["http://localhost:3000/auth/callback"],
        &[callback],
    )];
    let secret = vec![change("Earlier until", &[], &["1795529100"])];
    let disabled = AuditRow {
        subject: "kabir".into(),
        leads_to: None,
        address: String::new(),
        reference: String::new(),
        ..row(
            1_046,
            "The command line",
            "disabled",
            "person.disable",
            vec![change("Disabled", &["no"], &["yes"])],
        )
    };
    vec![
        row(1_049, "meera", "approved", "app.approve", approved),
        row(
            1_048,
            "asha",
            "changed the manifest of",
            "app.manifest.edit",
            edited,
        ),
        row(
            1_047,
            "asha",
            "rotated the secret of",
            "app.secret.rotate",
            secret,
        ),
        disabled,
    ]
}

fn audit(events: Vec<AuditRow>) -> Audit {
    Audit {
        chrome: signed_in(),
        head: (!events.is_empty()).then(|| format!("1049:{}", "5f3c1d9a77b04e21".repeat(4))),
        older: (!events.is_empty()).then(|| Link {
            label: "Older events".into(),
            href: "/maintainer/audit?before=1046".into(),
        }),
        events,
        app: String::new(),
        person: String::new(),
        act: String::new(),
        since: String::new(),
        unusable: String::new(),
        acts: vec!["app.approve", "app.manifest.edit", "person.disable"],
        kept_days: 0,
    }
}

fn audits() -> Result<Vec<(&'static str, String)>, askama::Error> {
    let long: Vec<Difference> = (0..6).map(|_| change(NASTY, &[NASTY], &[NASTY, NASTY])).collect();
    let nasty = audit_rows().into_iter().map(|row| AuditRow {
        who: NASTY.into(),
        subject: NASTY.into(),
        act: NASTY.into(),
        address: NASTY.into(),
        reference: NASTY.into(),
        changes: long.clone(),
        ..row
    });
    let filtered = Audit {
        person: NASTY.into(),
        since: "2026-11-23".into(),
        unusable: format!("Nobody here has the username “{NASTY}”."),
        kept_days: 1_460,
        ..audit(nasty.collect())
    };
    let nothing = Audit {
        act: "app.approve".into(),
        ..audit(Vec::new())
    };
    Ok(vec![
        ("maintainer-audit", audit(audit_rows()).render()?),
        ("maintainer-audit-empty", audit(Vec::new()).render()?),
        ("maintainer-audit-filtered", nothing.render()?),
        ("maintainer-audit-nasty", filtered.render()?),
    ])
}

pub(super) fn maintainers() -> Result<Vec<(&'static str, String)>, askama::Error> {
    let alone = |review| MaintainerApp {
        chrome: signed_in(),
        review,
        sign_outs: Some(SignOuts {
            told: 12_345,
            not_told: 2,
            waiting: 1,
            last_failure: Some((NASTY.into(), when(1))),
        }),
        marks: vec![MarkChoice {
            name: "legacy_implicit",
            label: "Tokens in the front channel",
            sentence: "The response types id_token and token, alone or beside a code.",
            checked: true,
        }],
    };
    let suspended = Review {
        status: AppStatus::Suspended,
        kind: None,
        actions: ReviewActions {
            resume: true,
            ..ReviewActions::default()
        },
        ..review(ReviewKind::New)
    };
    let barred = Review {
        barred: Some("You are on this app’s team. Another maintainer has to decide.".into()),
        ..review(ReviewKind::New)
    };
    let found = Queue {
        query: "lib".into(),
        next_page: Some(Link {
            label: "Show more".into(),
            href: "/maintainer/review?page=2".into(),
        }),
        ..queue(QueueFilter::All, None, queue_rows())
    };
    let pending = queue(QueueFilter::Pending, Some(review(ReviewKind::New)), queue_rows());
    let version = MaintainerVersion {
        chrome: signed_in(),
        id: "k3".into(),
        mark: nasty_mark(),
        version: super::developers::shown_version(),
    };
    let record = MaintainerHistory {
        chrome: signed_in(),
        id: "k3".into(),
        mark: planner(),
        history: history(),
        older: Some("/maintainer/review/k3/history?before=9".into()),
    };
    let mut pages = audits()?;
    pages.extend([
        ("maintainer-history", record.render()?),
        ("maintainer-version", version.render()?),
        ("maintainer-queue", pending.render()?),
        (
            "maintainer-queue-empty",
            queue(QueueFilter::Pending, None, vec![]).render()?,
        ),
        ("maintainer-queue-all", found.render()?),
        (
            "maintainer-app-change",
            alone(review(ReviewKind::Change)).render()?,
        ),
        ("maintainer-app-suspended", alone(suspended).render()?),
        ("maintainer-app-barred", alone(barred).render()?),
        ("maintainer-app-nasty", alone(nasty_review()).render()?),
    ]);
    Ok(pages)
}
