//! The same random history on both drivers: every answer and every row must be the same.

use crate::scratch::{
    NOW, Scratch, access_token, client, issue_code, manifest, new_app, new_person, parked, points,
    refresh_token,
};
use omniport_protocol::effect::{Fresh, Load, Minted, Write};
use omniport_protocol::review::{Change, Revision, Standing};
use omniport_protocol::vocabulary::{ClientId, GrantId, PersonId, Secret, SecretHash};
use omniport_store::portal::{AppFilter, NewSecret};
use omniport_store::{Query, Row};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// One step; the numbers pick among what there is by then.
#[derive(Debug, Clone)]
enum Step {
    Person(String),
    App(u8, u8, bool),
    Code(u8, u8),
    Redeem(u8, u8),
    Tokens(u8, u8, u8),
    Rotate(u8, u8, u8),
    Expect(u8, u8),
    Revoke(u8),
    RevokeToken(u8),
    Consent(u8, u8),
    Withdraw(u8, u8),
    Park(u8),
    Finish(u8),
    Session(u8, u8),
    EndSession(u8),
    Disable(u8, bool),
    Member(u8, u8, bool),
    Secret(u8),
    Edit(u8, String),
    Search(String),
    DeleteApp(u8),
    Sweep(u32, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let n = || 0_u8..6;
    let step = prop_oneof![
        2 => "[a-cA-C\u{e9}\u{c9}\u{df}]{1,3}".prop_map(Step::Person),
        2 => (n(), n(), any::<bool>()).prop_map(|(a, b, c)| Step::App(a, b, c)),
        4 => (n(), n()).prop_map(|(a, b)| Step::Code(a, b)),
        4 => (n(), n()).prop_map(|(a, b)| Step::Redeem(a, b)),
        4 => (n(), n(), 1_u8..3).prop_map(|(a, b, c)| Step::Tokens(a, b, c)),
        3 => (n(), n(), 1_u8..3).prop_map(|(a, b, c)| Step::Rotate(a, b, c)),
        2 => (n(), 1_u8..3).prop_map(|(a, b)| Step::Expect(a, b)),
        1 => n().prop_map(Step::Revoke),
        2 => n().prop_map(Step::RevokeToken),
        2 => (n(), n()).prop_map(|(a, b)| Step::Consent(a, b)),
        1 => (n(), n()).prop_map(|(a, b)| Step::Withdraw(a, b)),
        2 => n().prop_map(Step::Park),
        2 => n().prop_map(Step::Finish),
        1 => (n(), n()).prop_map(|(a, b)| Step::Session(a, b)),
        1 => n().prop_map(Step::EndSession),
        1 => (n(), any::<bool>()).prop_map(|(a, b)| Step::Disable(a, b)),
        2 => (n(), n(), any::<bool>()).prop_map(|(a, b, c)| Step::Member(a, b, c)),
        1 => n().prop_map(Step::Secret),
        2 => (n(), "\\PC{0,8}").prop_map(|(a, b)| Step::Edit(a, b)),
        1 => "\\PC{0,4}|[%_!a-c]{1,2}".prop_map(Step::Search),
        1 => n().prop_map(Step::DeleteApp),
        1 => (0_u32..4_000_000, 1_u8..9).prop_map(|(a, b)| Step::Sweep(a, b)),
    ];
    proptest::collection::vec(step, 1..80)
}

/// What both have been given: the same on both, because the same was drawn for both.
#[derive(Default)]
struct Known {
    drawn: u64,
    codes: Vec<(GrantId, SecretHash)>,
    tokens: Vec<SecretHash>,
    refreshed: Vec<SecretHash>,
    parked: Vec<SecretHash>,
}

impl Known {
    /// The same for both drivers.
    fn minted(&mut self) -> Minted {
        let mut minted = Minted::default();
        for what in [
            Fresh::Code,
            Fresh::AccessToken,
            Fresh::RefreshToken,
            Fresh::ParkedRequest,
        ] {
            self.drawn += 1;
            minted.add_secret(what, Secret::new(format!("{what:?}-{}", self.drawn)));
        }
        minted.add_grant(GrantId(uuid::Uuid::from_u128(u128::from(self.drawn))));
        self.codes
            .push((minted.grant().unwrap(), minted.hash(Fresh::Code).unwrap()));
        self.tokens.push(minted.hash(Fresh::AccessToken).unwrap());
        self.refreshed.push(minted.hash(Fresh::RefreshToken).unwrap());
        self.parked.push(minted.hash(Fresh::ParkedRequest).unwrap());
        minted
    }

    /// One of the latest; one that never was where there are none.
    fn pick<T: Copy>(all: &[T], n: u8, none: T) -> T {
        all.iter().rev().nth(usize::from(n)).copied().unwrap_or(none)
    }

    fn grant(&self, n: u8) -> GrantId {
        Self::pick(
            &self.codes,
            n,
            (GrantId(uuid::Uuid::nil()), Secret::new("-").hash()),
        )
        .0
    }

    fn hash(all: &[SecretHash], n: u8) -> SecretHash {
        Self::pick(all, n, Secret::new("-").hash())
    }
}

fn app(n: u8) -> ClientId {
    // Names whose order depends on who sorts them.
    client(["a1", "B1", "a-2", "A_3", "b1", "c"][usize::from(n)])
}

fn person(n: u8) -> PersonId {
    PersonId(i64::from(n) + 1)
}

/// The decision that a step stands for, if it is one.
fn decision(step: &Step, known: &Known) -> Option<Vec<Write>> {
    Some(match *step {
        Step::Code(a, p) => vec![issue_code(&app(a), person(p))],
        Step::Redeem(c, a) => {
            let nothing = (GrantId(uuid::Uuid::nil()), Secret::new("-").hash());
            let (grant, code) = Known::pick(&known.codes, c, nothing);
            vec![
                Write::RedeemCode { code, at: NOW },
                access_token(&app(a), Some(grant), 60),
            ]
        }
        Step::Tokens(g, a, generation) => {
            let grant = known.grant(g);
            vec![
                access_token(&app(a), Some(grant), 36_000),
                refresh_token(grant, generation.into(), 90 * 86_400),
            ]
        }
        Step::Rotate(g, r, from) => {
            let grant = known.grant(g);
            let rotate = Write::RotateRefreshToken {
                grant,
                from: from.into(),
                rotated_out: Known::hash(&known.refreshed, r),
                at: NOW,
            };
            vec![rotate, refresh_token(grant, u32::from(from) + 1, 90 * 86_400)]
        }
        Step::Expect(g, generation) => vec![
            access_token(&app(g), None, 60),
            Write::ExpectGeneration {
                grant: known.grant(g),
                generation: generation.into(),
            },
        ],
        Step::Revoke(g) => vec![Write::RevokeGrant {
            grant: known.grant(g),
            at: NOW,
        }],
        Step::RevokeToken(t) => vec![Write::RevokeAccessToken {
            token: Known::hash(&known.tokens, t),
        }],
        Step::Consent(p, a) => vec![Write::PutConsent {
            person: person(p),
            client: app(a),
            version: 1,
            allowed: points(&["person.full_name"]).into(),
            at: NOW.plus(i64::try_from(known.drawn).unwrap()),
        }],
        Step::Withdraw(p, a) => vec![Write::WithdrawConsent {
            person: person(p),
            client: app(a),
            at: NOW,
        }],
        Step::Park(a) => vec![Write::ParkRequest(parked(&app(a)))],
        Step::Finish(r) => vec![Write::FinishRequest {
            request: Known::hash(&known.parked, r),
        }],
        _ => return None,
    })
}

/// Takes a step and says all that came of it.
async fn take(s: &Scratch, step: &Step, writes: Option<&[Write]>, minted: &Minted) -> String {
    if let Some(writes) = writes {
        return format!("{:?}", s.store.apply(writes, minted).await);
    }
    let at = NOW.plus(1);
    let store = &s.store;
    match step {
        Step::Person(name) => format!("{:?}", store.insert_person(new_person(name)).await),
        Step::App(a, p, approved) => {
            let standing = if *approved {
                Standing::Approved
            } else {
                Standing::Pending
            };
            let new = new_app(app(*a).as_str(), person(*p), standing);
            format!("{:?}", store.insert_app(new).await)
        }
        Step::Session(p, h) => {
            let hash = Secret::new(h.to_string()).hash();
            format!(
                "{:?}",
                store.insert_session(hash, person(*p), at, at.plus(60)).await
            )
        }
        Step::EndSession(h) => {
            format!(
                "{:?}",
                store.end_session(Secret::new(h.to_string()).hash(), at).await
            )
        }
        Step::Disable(p, yes) => format!("{:?}", store.set_disabled(person(*p), yes.then_some(at)).await),
        Step::Member(a, p, true) => format!(
            "{:?}",
            store.add_member(&app(*a), person(*p), person(0), at).await
        ),
        Step::Member(a, p, false) => {
            format!(
                "{:?}",
                store.remove_member(&app(*a), person(*p), person(0), at).await
            )
        }
        Step::Secret(a) => {
            let secret = NewSecret::of(&Secret::new("the next one"));
            format!(
                "{:?}",
                store
                    .rotate_secret(&app(*a), secret, at.plus(60), person(0), at)
                    .await
            )
        }
        _ => take_apps(s, step).await,
    }
}

/// The same for steps about many rows at once.
async fn take_apps(s: &Scratch, step: &Step) -> String {
    let at = NOW.plus(1);
    let store = &s.store;
    match step {
        Step::Edit(a, name) => match store.app(&app(*a)).await.unwrap() {
            None => String::new(),
            Some(app) => {
                let revision = Revision {
                    live: Change::Keep,
                    proposed: Change::Set(Box::new(manifest(name))),
                };
                format!(
                    "{:?}",
                    store.save_revision(&app, &revision, true, person(0), at).await
                )
            }
        },
        Step::Search(search) => {
            let filter = AppFilter {
                search: search.clone(),
                ..AppFilter::default()
            };
            format!("{:?}", store.apps(&filter, None, 9).await)
        }
        Step::DeleteApp(a) => format!("{:?}", store.delete_app(&app(*a), NOW).await),
        Step::Sweep(seconds, batch) => {
            // Which rows a small batch takes is the database's own choice: so it is repeated until none are left.
            let mut rows = 0;
            loop {
                let swept = store
                    .sweep(NOW.plus((*seconds).into()), (*batch).into())
                    .await
                    .unwrap();
                rows += swept.rows;
                if swept.rows == 0 {
                    return rows.min(1).to_string();
                }
            }
        }
        _ => unreachable!("a decision"),
    }
}

/// What the rules would find now.
async fn look(s: &Scratch, known: &Known) -> String {
    let loads = [
        Load::Client(app(0)),
        Load::Code(Known::hash(
            &known.codes.iter().map(|code| code.1).collect::<Vec<_>>(),
            0,
        )),
        Load::AccessToken(Known::hash(&known.tokens, 1)),
        Load::RefreshToken(Known::hash(&known.refreshed, 1)),
        Load::Consent(person(0), app(0)),
        Load::Membership(person(1), app(0)),
        Load::PersonData(person(0)),
        Load::ParkedRequest(Known::hash(&known.parked, 1)),
    ];
    format!("{:?}", s.store.load(&loads).await)
}

/// Every table: a query in an order of its own, and its columns' types (i, t, b). Numbers that the database gives by
/// itself are left out: one leaves gaps where the other does not.
const TABLES: [(&str, &str); 15] = [
    ("SELECT * FROM people ORDER BY id", "itttiitiit"),
    ("SELECT * FROM sessions ORDER BY hash", "biiiitib"),
    ("SELECT * FROM apps ORDER BY client_id", "titiiiiiiiiitiii"),
    ("SELECT * FROM manifests ORDER BY client_id, number", "tittttiibt"),
    ("SELECT * FROM client_secrets ORDER BY client_id, id", "tibtiiib"),
    ("SELECT * FROM team ORDER BY client_id, person_id", "tii"),
    ("SELECT * FROM former_team ORDER BY client_id, person_id", "tii"),
    (
        "SELECT client_id, happened_at, actor_id, what, comment, version, for_maintainers FROM review_events ORDER BY id",
        "tiittii",
    ),
    ("SELECT * FROM grants ORDER BY id", "btittiiiiibiibtbttt"),
    ("SELECT * FROM codes ORDER BY hash", "bbtittiit"),
    ("SELECT * FROM refresh_tokens ORDER BY hash", "bbiiit"),
    ("SELECT * FROM access_tokens ORDER BY hash", "btbtiitt"),
    (
        "SELECT * FROM consents ORDER BY person_id, client_id",
        "ititiiittt",
    ),
    ("SELECT * FROM parked_requests ORDER BY hash", "btttiiibb"),
    (
        "SELECT person_id, client_id, what, about, app_name, actor_id, happened_at FROM notices ORDER BY id",
        "ittttii",
    ),
];

fn words(mut row: Row, types: &str) -> String {
    let column = |c| match c {
        'i' => format!("{:?} ", row.opt_int().unwrap()),
        't' => format!("{:?} ", row.opt_text().unwrap()),
        _ => format!("{:?} ", row.opt_blob().unwrap()),
    };
    let words = types.chars().map(column).collect();
    assert!(row.opt_int().is_err(), "more columns than {types}");
    words
}

async fn rows(s: &Scratch) -> Vec<String> {
    let queries = TABLES.iter().map(|(sql, _)| Query::list(sql, vec![])).collect();
    let answers = s.driver.read(queries).await.unwrap();
    let tables = TABLES.iter().zip(answers);
    tables
        .flat_map(|((_, types), rows)| rows.into_iter().map(|row| words(row, types)))
        .collect()
}

async fn compare(history: Vec<Step>) -> Result<(), TestCaseError> {
    let (sqlite, postgres) = (Scratch::sqlite().await, Scratch::postgres("?connections=3").await);
    let mut known = Known::default();
    for name in ["asha", "ben"] {
        assert_eq!(sqlite.person(name).await, postgres.person(name).await);
    }
    for step in &history {
        let writes = decision(step, &known);
        let minted = known.minted();
        let one = take(&sqlite, step, writes.as_deref(), &minted).await;
        let other = take(&postgres, step, writes.as_deref(), &minted).await;
        prop_assert_eq!(one, other, "{:?}", step);
        prop_assert_eq!(
            look(&sqlite, &known).await,
            look(&postgres, &known).await,
            "after {:?}",
            step
        );
    }
    prop_assert_eq!(rows(&sqlite).await, rows(&postgres).await);
    Ok(())
}

#[test]
fn both_drivers_tell_the_same_history() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config {
        cases: 32,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&steps(), |history| runtime.block_on(compare(history)))
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_breaks_neither() {
    for s in [Scratch::sqlite().await, Scratch::postgres("").await] {
        s.person("asha").await;
        assert!(s.store.person_by_username("asha\0").await.unwrap().is_none());
        assert!(s.store.person_by_username("\0").await.unwrap().is_none());
        let id = s.person("with\0nul").await;
        assert_eq!(
            s.store.person_by_username("With\0Nul").await.unwrap().unwrap().id,
            id
        );
    }
}
