//! The tests' scene: the little world's app, and a person in front of a browser.

use super::{
    Answer, AuthorizeRequest, ConsentAnswer, Delivery, Door, Outcome, PageError, ResumeRequest, Resumed,
    Shown,
};
use crate::apis::Apis;
use crate::decoupled::DecoupledFacts;
use crate::effect::{Decision, Fresh, Load, Loaded, Minted, Operation, Write};
use crate::jose::{JwkSet, UnsignedJwt};
use crate::records::{Consent, ParkedRequest, PersonData, PushedRequest, Session};
use crate::testing::{CHALLENGE, CLIENT, NOW, World, holder, params, point, points};
use crate::vocabulary::{Client, Params, Secret, SecretHash};
use serde_json::json;
use std::sync::Arc;
use url::Url;

/// The code that [`minted`] draws.
pub(crate) const DRAWN: &str = "C0deC0deC0deC0deC0deC0deC0deC0";

/// What is stored, and who sits there.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) world: std::rc::Rc<World>,
    pub(crate) client: Client,
    pub(crate) session: Option<Session>,
    pub(crate) on_team: bool,
    pub(crate) consent: Option<Consent>,
    pub(crate) parked: Option<ParkedRequest>,
    pub(crate) pushed: Option<PushedRequest>,
    pub(crate) decoupled: Option<DecoupledFacts>,
    pub(crate) remote_keys: Option<Result<Arc<JwkSet>, String>>,
    pub(crate) request_object: Option<Result<String, String>>,
    pub(crate) apis: Arc<Apis>,
}

impl Scene {
    /// The approved app, and nobody signed in.
    pub(crate) fn new() -> Self {
        Self {
            world: World::new().into(),
            client: crate::testing::client(),
            session: None,
            on_team: false,
            consent: None,
            parked: None,
            pushed: None,
            decoupled: None,
            remote_keys: None,
            request_object: None,
            apis: crate::testing::apis().into(),
        }
    }

    /// Asha signed in a minute ago.
    pub(crate) fn signed_in() -> Self {
        let session = Session {
            hash: SecretHash::of("cookie"),
            root: SecretHash::of("cookie"),
            holder: holder(),
            auth_time: NOW.plus(-60),
            expires_at: NOW.plus(3_600),
        };
        Self {
            session: Some(session),
            ..Self::new()
        }
    }

    /// Asha signed in and has allowed the app everything it is approved for.
    pub(crate) fn consented() -> Self {
        let mut scene = Self::signed_in();
        scene.allow(["person.full_name", "person.roles", "student.branch.name"]);
        scene
    }

    pub(crate) fn allow<const N: usize>(&mut self, names: [&str; N]) {
        self.consent = Some(Consent {
            allowed: points(names).into(),
            version: 1,
            at: NOW.plus(-1_000),
        });
    }

    /// Time goes by.
    pub(crate) fn later(&mut self, seconds: i64) {
        let now = self.world.now.plus(seconds);
        let moved = World { now, ..World::new() };
        self.world = moved.into();
    }

    /// Asha signs in now.
    pub(crate) fn sign_in(&mut self) {
        self.session = Self::signed_in().session.map(|session| Session {
            auth_time: self.world.now,
            expires_at: self.world.now.plus(3_600),
            ..session
        });
    }

    pub(super) fn cookie(&self) -> Option<SecretHash> {
        self.session.as_ref().map(|_| SecretHash::of("cookie"))
    }

    /// Only what was asked for, as the store would hand it out.
    fn answer_loads(&self, loads: &[Load], loaded: &mut Loaded) {
        for load in loads {
            match load {
                Load::Client(id) => {
                    loaded.client = Some(self.client.clone())
                        .filter(|client| client.id == *id)
                        .map(Arc::new);
                }
                Load::Session(_) => loaded.session = self.session.clone(),
                Load::Consent(..) => loaded.consent = self.consent.clone(),
                Load::Membership(..) => loaded.on_team = self.on_team,
                Load::PersonData(_) => loaded.person_data = Some(person_data()),
                Load::ParkedRequest(_) => loaded.parked = self.parked.clone(),
                Load::PushedRequest(_) => loaded.pushed.clone_from(&self.pushed),
                Load::Decoupled(_) | Load::DecoupledByUserCode(_) => {
                    loaded.decoupled = self.decoupled.clone().map(Box::new);
                }
                Load::RemoteKeys { .. } => loaded.remote_keys.clone_from(&self.remote_keys),
                Load::RequestObject { .. } => loaded.request_object.clone_from(&self.request_object),
                Load::Apis => loaded.apis = self.apis.clone(),
                // There is none at any address.
                Load::ClientDocument(_) => {}
                other => panic!("the authorisation endpoint has no use for {other:?}"),
            }
        }
    }

    /// Runs an operation as the engine does.
    pub(crate) fn run<O: Operation>(&self, operation: &O) -> Decision<O::Reply> {
        let ctx = self.world.ctx();
        let mut loaded = Loaded::default();
        self.answer_loads(&operation.load(&ctx), &mut loaded);
        let more = operation.load_more(&loaded, &ctx);
        self.answer_loads(&more, &mut loaded);
        let last = operation.load_last(&loaded, &ctx);
        self.answer_loads(&last, &mut loaded);
        let keys = operation.load_keys(&loaded, &ctx);
        self.answer_loads(&keys, &mut loaded);
        operation.decide(&loaded, &ctx)
    }

    /// A request at a door.
    pub(crate) fn ask(&self, door: Door, given: Params) -> Decision<Outcome> {
        self.run(&AuthorizeRequest::new(door, given, self.cookie()))
    }

    /// A request at a door that must wait: it is stored.
    pub(crate) fn park(&mut self, door: Door, given: Params) -> Outcome {
        let decision = self.ask(door, given);
        match decision.writes.as_slice() {
            [Write::ParkRequest(parked)] => self.parked = Some(parked.clone()),
            other => panic!("not parked but {other:?} and {:?}", decision.reply),
        }
        decision.reply
    }

    /// GET `/consent`.
    pub(crate) fn resume(&self) -> Decision<Resumed> {
        self.run(&ResumeRequest {
            handle: handle(),
            session: self.cookie(),
        })
    }

    /// POST `/consent`.
    pub(crate) fn answer(&self, seen_version: u32, allow: bool) -> Decision<Outcome> {
        self.answer_ticking(seen_version, allow, [])
    }

    /// Allow, on a page that says what it asked about.
    pub(super) fn answer_showing<const N: usize>(
        &self,
        shown: [&str; N],
        at_apis: &[String],
    ) -> Decision<Outcome> {
        self.run(&ConsentAnswer {
            handle: handle(),
            session: self.cookie(),
            seen_version: 1,
            shown: Some(Shown {
                points: points(shown),
                at_apis: at_apis.iter().cloned().collect(),
            }),
            ticked: points([]),
            allow: true,
        })
    }

    /// The same with some of the optional data points ticked.
    pub(super) fn answer_ticking<const N: usize>(
        &self,
        seen_version: u32,
        allow: bool,
        ticked: [&str; N],
    ) -> Decision<Outcome> {
        self.run(&ConsentAnswer {
            handle: handle(),
            session: self.cookie(),
            seen_version,
            shown: None,
            ticked: points(ticked),
            allow,
        })
    }
}

/// The parked request's handle.
pub(crate) fn handle() -> SecretHash {
    SecretHash::of("handle")
}

/// The change that ends the parked request.
pub(crate) fn finish() -> Write {
    Write::FinishRequest { request: handle() }
}

fn person_data() -> PersonData {
    PersonData::from([
        (point("person.full_name"), json!("Asha Rao")),
        (
            point("person.roles"),
            json!([
                {"role": "Student", "activeStatus": "ActiveStatus.IS_ACTIVE"},
                {"role": "Guest", "activeStatus": "ActiveStatus.HAS_BEEN_ACTIVE"},
            ]),
        ),
        (point("biological_information.sex"), json!("female")),
    ])
}

/// A request that lacks nothing at either door, with changes: a value in place of the usual one, or an empty one for
/// a parameter to be left out.
pub(crate) fn request(changes: &[(&str, &str)]) -> Params {
    let usual = [
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("state", "s t/\u{e9}+&="),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let kept = usual
        .iter()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let pairs: Vec<_> = kept
        .chain(changes)
        .copied()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    params(&pairs)
}

/// What the engine would have drawn.
pub(crate) fn minted() -> Minted {
    let mut minted = Minted::default();
    minted.add_secret(Fresh::Code, Secret::new(DRAWN));
    minted.add_secret(Fresh::AccessToken, Secret::new(DRAWN));
    minted
}

/// Where an answer sends the browser; its JWTs, unsigned, are their claims.
pub(crate) fn location(answer: &Answer, minted: &Minted) -> Option<String> {
    match deliver(answer, minted)? {
        Delivery::Redirect(location) => Some(location),
        Delivery::FormPost { .. } => panic!("no redirect but a form"),
    }
}

/// How an answer is delivered; its JWTs, unsigned, are their claims.
pub(crate) fn deliver(answer: &Answer, minted: &Minted) -> Option<Delivery> {
    let sign = |jwt: &UnsignedJwt| serde_json::to_string(&jwt.claims);
    answer.deliver(minted, sign).unwrap()
}

/// The query of a URL, decoded.
pub(crate) fn query(location: &str) -> Vec<(String, String)> {
    let url = Url::parse(location).unwrap();
    url.query_pairs().into_owned().collect()
}

/// The page that a decision shows; it changes nothing.
pub(crate) fn page(decision: Decision<Outcome>) -> PageError {
    assert_eq!(decision.writes, []);
    match decision.reply {
        Outcome::Page(page) => page,
        other => panic!("no page but {other:?}"),
    }
}

/// The answer that an outcome sends to the app.
pub(crate) fn redirect(outcome: Outcome) -> Answer {
    match outcome {
        Outcome::Redirect(answer) => answer,
        other => panic!("no redirect but {other:?}"),
    }
}

/// The error code of a decision that answers the app with one. It must carry `iss`, `state` and no code, and
/// change nothing.
pub(crate) fn refused(decision: Decision<Outcome>) -> String {
    assert_eq!(decision.writes, []);
    let answer = redirect(decision.reply);
    let refusal = answer.refusal().expect("a refusal").clone();
    let pairs = match deliver(&answer, &Minted::default()).unwrap() {
        Delivery::Redirect(location) => query(&location.replacen('#', "?", 1)),
        Delivery::FormPost { fields, .. } => {
            let owned = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
            owned.collect()
        }
    };
    let value = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    assert_eq!(value("error"), Some(refusal.code.as_str()));
    assert_eq!(value("error_description"), Some(refusal.public.as_ref()));
    assert_eq!(value("iss"), Some(crate::testing::ISSUER));
    assert_eq!(value("state"), Some("s t/\u{e9}+&="));
    assert_eq!(value("code"), None);
    refusal.code.to_string()
}
