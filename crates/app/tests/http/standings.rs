//! One app walks through every standing, and at each everybody tries everything: what `review/access.rs` says, over HTTP.

use crate::{assert_error, ciba};
use omniport_engine::apps::NewTestPerson;
use omniport_engine::people::PlatformRole;
use omniport_engine::registration::{RegistrationPolicy, RegistrationSettings};
use omniport_engine::sessions::{SESSION_COOKIE, SignIn};
use omniport_protocol::review::Verdict;
use omniport_protocol::vocabulary::{ClientId, PersonId, encode};
use omniport_testkit::{Answer, Instance, TestApp};
use serde_json::json;

const DOORS: [&str; 2] = ["/oauth/authorise", "/oauth/authorize"];

struct World {
    instance: Instance,
    app: TestApp,
    id: ClientId,
    dev: PersonId,
}

/// Somebody with a browser, and the tokens that they gave the app while it might have any.
struct Visitor {
    name: &'static str,
    username: String,
    cookie: String,
    tokens: Option<(String, String)>,
}

impl World {
    async fn new() -> Self {
        let instance = Instance::new().await;
        let dev = instance.person("dev", &[PlatformRole::Developer]).await;
        instance.person("asha", &[]).await;
        let grants = json!({"grant_types": ["authorization_code", "refresh_token", "client_credentials", ciba::GRANT]});
        let app = instance.app_in(dev, grants, false).await;
        let id = ClientId::parse(&app.id).unwrap();
        Self {
            instance,
            app,
            id,
            dev,
        }
    }

    async fn rule(&self, verdict: Verdict) {
        let ruled = self
            .instance
            .engine
            .review_app(&self.id, None, verdict, "Because.", None)
            .await;
        ruled.unwrap().unwrap();
    }

    /// Brings the app from where it stands to another standing, as its team and a maintainer would.
    async fn lead(&self, from: &str, to: &str) {
        match (from, to) {
            ("pending", "draft") => {
                let taken = self.instance.engine.take_back_app(&self.id, self.dev).await;
                taken.unwrap().unwrap();
            }
            (_, "changes_requested") => {
                self.submit().await;
                self.rule(Verdict::RequestChanges).await;
            }
            (_, "rejected") => {
                self.submit().await;
                self.rule(Verdict::Reject).await;
            }
            ("suspended", "approved") => self.rule(Verdict::Resume).await,
            (_, "approved") => {
                self.submit().await;
                self.rule(Verdict::Approve).await;
            }
            (_, "suspended") => self.rule(Verdict::Suspend).await,
            _ => {}
        }
    }

    async fn submit(&self) {
        let sent = self.instance.engine.submit_app(&self.id, self.dev).await;
        sent.unwrap().unwrap();
    }

    /// Its name, and the cookie of its browser.
    async fn test_person_of(&self, app: &ClientId) -> (String, String) {
        let engine = &self.instance.engine;
        let made = engine.add_test_person(app, self.dev).await.unwrap().unwrap();
        let NewTestPerson { username, password } = made;
        match engine.sign_in(&username, &password, None, None).await.unwrap() {
            SignIn::Welcome(cookie) => (username, format!("{SESSION_COOKIE}={}", cookie.expose())),
            other => panic!("{other:?}"),
        }
    }

    /// Where the browser of `cookie` gets at this door: to the app, to the consent page, or to an error page.
    async fn authorise(&self, door: &str, cookie: &str) -> Answer {
        let query = format!(
            "client_id={}&redirect_uri={}&response_type=code&scope=read&state=s",
            encode(&self.app.id),
            encode(&self.app.redirect_uri)
        );
        let path = format!("{door}?{query}");
        self.instance.get(&path).cookie(cookie).send().await
    }

    async fn tokens(&self, cookie: &str) -> (String, String) {
        let query = format!(
            "client_id={}&redirect_uri={}",
            encode(&self.app.id),
            encode(&self.app.redirect_uri)
        );
        let back = self.instance.allow(DOORS[0], cookie, &query).await;
        let code = back.redirect_param("code").unwrap();
        crate::pair(&self.instance.redeem(&self.app, &code).await)
    }

    async fn is_active(&self, token: &str) -> bool {
        let asked = self
            .instance
            .post("/oauth/introspect")
            .basic(&self.app.id, &self.app.secret);
        let answer = asked.form(&[("token", token)]).send().await;
        assert_eq!(answer.status, 200);
        answer.json()["active"] == true
    }

    /// The app's own doings: a pushed request, and a token of its own.
    async fn app_acts(&self, standing: &str, may: bool) {
        let form = [
            ("response_type", "code"),
            ("redirect_uri", self.app.redirect_uri.as_str()),
            ("scope", "read"),
        ];
        let request = self
            .instance
            .post("/oauth/par")
            .basic(&self.app.id, &self.app.secret);
        let pushed = request.form(&form).send().await;
        let own = self
            .instance
            .token(&self.app, &[("grant_type", "client_credentials")])
            .await;
        if may {
            assert_eq!(
                (pushed.status.as_u16(), own.status.as_u16()),
                (201, 200),
                "{standing}"
            );
            assert!(self.is_active(&own.member("access_token")).await);
        } else {
            assert_error(&pushed, 400, "unauthorized_client");
            assert_error(&own, 400, "unauthorized_client");
        }
    }

    /// The app asks them on their own page.
    async fn is_asked(&self, who: &str, visitor: &Visitor, standing: &str, may: bool) {
        // Nobody is asked by one app again and again.
        self.instance.clock.advance(15);
        let hint = [("login_hint", visitor.username.as_str()), ("scope", "openid")];
        let asked = ciba::begin(&self.instance, &self.app, &hint).await;
        if may {
            assert_eq!(asked.status, 200, "{who}: {}", asked.body);
            let id = asked.member("auth_req_id");
            let done = ciba::answer_in(&self.instance, &visitor.cookie, &id, "deny").await;
            assert_eq!(done.location(), Some("/?saved=denied"), "{who}");
        } else if standing == "suspended" {
            assert_error(&asked, 400, "unauthorized_client");
        } else {
            assert_error(&asked, 400, "unknown_user_id");
        }
    }

    /// Everything that a person can do with the app, or the app for them.
    async fn person_acts(&self, standing: &str, visitor: &mut Visitor, may: bool) {
        let who = format!("{} of an app that is {standing}", visitor.name);
        for door in DOORS {
            let answer = self.authorise(door, &visitor.cookie).await;
            let got_on = answer.status == 303;
            assert_eq!(got_on, may, "{who} at {door}: {} {}", answer.status, answer.body);
            if !may {
                assert_eq!(
                    answer.text_of("error-code").as_deref(),
                    Some("unauthorized_client")
                );
            }
        }
        self.is_asked(&who, visitor, standing, may).await;
        if may && visitor.tokens.is_none() {
            visitor.tokens = Some(self.tokens(&visitor.cookie).await);
        }
        let Some((access, refresh)) = visitor.tokens.clone() else {
            return;
        };
        let data = self.instance.user_data(&access).await.status.as_u16();
        assert_eq!(data, if may { 200 } else { 401 }, "{who}: user data");
        let claims = self.instance.get("/oauth/userinfo").bearer(&access).send().await;
        // A token without `openid` reads no claims; a dead one is told so.
        assert_eq!(
            claims.status.as_u16(),
            if may { 403 } else { 401 },
            "{who}: userinfo"
        );
        assert_eq!(self.is_active(&access).await, may, "{who}: introspection");
        assert_eq!(self.is_active(&refresh).await, may, "{who}: introspection");
        let refreshed = self.instance.refresh(&self.app, &refresh).await;
        if may {
            visitor.tokens = Some(crate::pair(&refreshed));
        } else {
            assert_error(&refreshed, 400, "invalid_grant");
        }
    }
}

#[tokio::test]
async fn the_matrix_holds_at_every_endpoint() {
    let world = World::new().await;
    let other = world
        .instance
        .app_in(world.dev, json!({"client_name": "Other"}), false)
        .await;
    let stranger = world.test_person_of(&ClientId::parse(&other.id).unwrap()).await;
    let own = world.test_person_of(&world.id).await;
    let visitor = |name, (username, cookie): (String, String)| Visitor {
        name,
        username,
        cookie,
        tokens: None,
    };
    let mut team = visitor(
        "one of the team",
        ("dev".into(), world.instance.sign_in("dev").await),
    );
    let mut tester = visitor("a test person", own);
    let mut outsider = visitor(
        "an outsider",
        ("asha".into(), world.instance.sign_in("asha").await),
    );
    let mut another = visitor("another app's test person", stranger);
    for standing in [
        "pending",
        "draft",
        "changes_requested",
        "rejected",
        "approved",
        "suspended",
        "approved",
    ] {
        let at = world
            .instance
            .engine
            .store()
            .app(&world.id)
            .await
            .unwrap()
            .unwrap()
            .standing;
        world.lead(at.as_str(), standing).await;
        let now = world
            .instance
            .engine
            .store()
            .app(&world.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(now.standing.as_str(), standing);
        let (inside, outside) = match standing {
            "suspended" => (false, false),
            "approved" => (true, true),
            _ => (true, false),
        };
        world.app_acts(standing, inside).await;
        world.person_acts(standing, &mut team, inside).await;
        world.person_acts(standing, &mut tester, inside).await;
        world.person_acts(standing, &mut outsider, outside).await;
        world.person_acts(standing, &mut another, false).await;
    }
    // Approval and resuming woke nothing up that had never been allowed.
    assert!(another.tokens.is_none() && outsider.tokens.is_some());
}

#[tokio::test]
async fn a_code_of_the_sandbox_is_dead_once_the_app_is_suspended_and_stays_redeemable_when_approved() {
    let world = World::new().await;
    let cookie = world.instance.sign_in("dev").await;
    let query = format!("client_id={}", encode(&world.app.id));
    let code = |back: Answer| back.redirect_param("code").unwrap();
    let first = code(world.instance.allow(DOORS[0], &cookie, &query).await);
    world.rule(Verdict::Approve).await;
    crate::pair(&world.instance.redeem(&world.app, &first).await);
    let second = code(world.instance.allow(DOORS[0], &cookie, &query).await);
    world.rule(Verdict::Suspend).await;
    assert_error(
        &world.instance.redeem(&world.app, &second).await,
        400,
        "invalid_grant",
    );
}

#[tokio::test]
async fn resuming_revives_nothing_that_was_revoked() {
    let world = World::new().await;
    world.rule(Verdict::Approve).await;
    let cookie = world.instance.sign_in("asha").await;
    let (access, refresh) = world.tokens(&cookie).await;
    let (kept, _) = world.tokens(&world.instance.sign_in("dev").await).await;
    world.rule(Verdict::Suspend).await;
    let request = world
        .instance
        .post("/oauth/revoke")
        .basic(&world.app.id, &world.app.secret);
    assert_eq!(request.form(&[("token", &refresh)]).send().await.status, 200);
    world.rule(Verdict::Resume).await;
    assert_eq!(world.instance.user_data(&access).await.status, 401);
    assert_error(
        &world.instance.refresh(&world.app, &refresh).await,
        400,
        "invalid_grant",
    );
    assert_eq!(world.instance.user_data(&kept).await.status, 200);
}

#[tokio::test]
async fn a_suspension_on_one_node_counts_at_once_on_every_other() {
    let world = World::new().await;
    world.rule(Verdict::Approve).await;
    let other = world.instance.another_node();
    let (access, refresh) = world.tokens(&world.instance.sign_in("asha").await).await;
    // This node has looked at the app and its tokens, and may remember what it likes.
    assert!(world.is_active(&access).await && world.is_active(&refresh).await);
    let rule = |verdict| other.review_app(&world.id, None, verdict, "Because.", None);
    for (verdict, active) in [(Verdict::Suspend, false), (Verdict::Resume, true)] {
        rule(verdict).await.unwrap().unwrap();
        // Not within a second: the next time that anybody asks.
        assert_eq!(world.is_active(&access).await, active, "{verdict:?}");
        assert_eq!(world.is_active(&refresh).await, active, "{verdict:?}");
    }
    // An approval there is served here at once, and leaves every token as it was.
    let edit = omniport_protocol::review::Edit::Name("Other".into());
    other
        .edit_app(&world.id, world.dev, &edit)
        .await
        .unwrap()
        .unwrap();
    assert!(world.is_active(&access).await);
    rule(Verdict::Approve).await.unwrap().unwrap();
    assert!(world.is_active(&access).await && world.is_active(&refresh).await);
    let page = world.instance.sign_in("dev").await;
    let asked = world
        .instance
        .get(world.authorise(DOORS[0], &page).await.location().unwrap())
        .cookie(&page)
        .send()
        .await;
    assert!(asked.body.contains("Other"), "{}", asked.body);
}

#[tokio::test]
async fn a_suspended_app_cannot_manage_itself() {
    let instance = Instance::with_registration(RegistrationSettings {
        policy: RegistrationPolicy::Open,
        owner: Some("dev".to_owned()),
        ..RegistrationSettings::default()
    })
    .await;
    instance.person("dev", &[PlatformRole::Developer]).await;
    let document = json!({"client_name": "Self-made", "redirect_uris": ["https://app.example/cb"]});
    let body = document.to_string().into_bytes();
    let made = instance
        .post("/oauth/register")
        .raw("application/json", body.clone())
        .send()
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    let (id, token) = (made.member("client_id"), made.member("registration_access_token"));
    let path = format!("/oauth/register/{id}");
    assert_eq!(instance.get(&path).bearer(&token).send().await.status, 200);
    let app = ClientId::parse(&id).unwrap();
    let rule = |verdict| instance.engine.review_app(&app, None, verdict, "Because.", None);
    rule(Verdict::Suspend).await.unwrap().unwrap();
    for method in ["GET", "PUT", "DELETE"] {
        let request = instance.request(method.parse().unwrap(), &path).bearer(&token);
        let answer = request.raw("application/json", body.clone()).send().await;
        assert_eq!(answer.status, 403, "{method} {}", answer.body);
    }
    rule(Verdict::Resume).await.unwrap().unwrap();
    assert_eq!(instance.get(&path).bearer(&token).send().await.status, 200);
}

#[tokio::test]
async fn what_registers_itself_asks_for_no_scope_beyond_the_policy() {
    let instance = Instance::with_registration(RegistrationSettings {
        policy: RegistrationPolicy::Open,
        owner: Some("dev".to_owned()),
        scope: "openid loans".to_owned(),
        ..RegistrationSettings::default()
    })
    .await;
    instance.person("dev", &[PlatformRole::Developer]).await;
    for (scope, status) in [("openid loans", 201), ("openid fines", 400)] {
        let document = json!({"redirect_uris": ["https://app.example/cb"], "scope": scope});
        let body = document.to_string().into_bytes();
        let answer = instance
            .post("/oauth/register")
            .raw("application/json", body)
            .send()
            .await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    // The reviewer is told which door it came by.
    instance.person("mai", &[PlatformRole::Maintainer]).await;
    let mai = instance.sign_in("mai").await;
    let page = instance.get("/maintainer/review").cookie(&mai).send().await;
    assert!(page.body.contains("registering itself"));
}

#[tokio::test]
async fn a_test_person_is_named_in_the_flow_debugger_and_an_outsider_is_not() {
    let world = World::new().await;
    let (_, tester) = world.test_person_of(&world.id).await;
    world.rule(Verdict::Approve).await;
    for cookie in [&tester, &world.instance.sign_in("asha").await] {
        world.tokens(cookie).await;
    }
    world.instance.engine.write_flow().await.unwrap();
    let filter = omniport_store::portal::FlowFilter::default();
    let events = world
        .instance
        .engine
        .store()
        .flow(&world.id, &filter, None, 100)
        .await
        .unwrap();
    let names: std::collections::BTreeSet<_> = events.into_iter().filter_map(|event| event.person).collect();
    assert!(
        names.iter().all(|name| name.starts_with("test-")) && names.len() == 1,
        "{names:?}"
    );
}
