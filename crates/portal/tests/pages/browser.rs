//! A browser without a network: the pages as a router, a jar of cookies, and a fixed clock.

use axum::body::Body;
use axum::middleware::from_fn_with_state;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use omniport_engine::apps::AddApp;
use omniport_engine::caller::ClientAddress;
use omniport_engine::fetch::{FetchSettings, Fetcher};
use omniport_engine::passwords::Passwords;
use omniport_engine::people::{PersonDraft, PlatformRole};
use omniport_engine::sessions::SignIn;
use omniport_engine::{Clock, Engine, Settings, Store, SystemDice};
use omniport_portal::{render_error_pages, router};
use omniport_protocol::audit::{Act, Actor, Deed, Subject};
use omniport_protocol::authorize::{AuthorizeRequest, Door, Outcome};
use omniport_protocol::ctx::Policy;
use omniport_protocol::data_points::{Catalogue, DataPoints};
use omniport_protocol::effect::{Fresh, Minted, Write};
use omniport_protocol::review::Manifest;
use omniport_protocol::vocabulary::{
    ClientId, ClientKind, Legacy, Params, PersonId, RedirectUri, Secret, Timestamp, encode,
};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

pub(crate) const ISSUER: &str = "https://id.example.edu";
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const CALLBACK: &str = "https://app.example.org/callback";

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_795_442_700)
    }
}

/// An instance with a developer `dev`, a student `asha` and a maintainer `meera`.
pub(crate) struct Site {
    pub(crate) engine: Arc<Engine>,
    _folder: TempDir,
}

impl Site {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("omniport.db").display());
        let settings = Settings {
            issuer: ISSUER.to_owned(),
            policy: Policy::default(),
            sender: omniport_protocol::extensions::sender::SenderPolicy::default(),
            grants: omniport_protocol::token::GrantSettings::default(),
            catalogue: Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap(),
            institution: "Example University".to_owned(),
            developer_terms: "# Terms\n\n<script>alert(1)</script> Be kind.".to_owned(),
            limits: omniport_engine::limits::Limits::default(),
            retention: omniport_store::portal::Retention::default(),
            registration: omniport_engine::registration::RegistrationSettings::default(),
            review: omniport_protocol::review::ReviewPolicy::default(),
        };
        let store = Store::open_current(&url, StoppedClock.now()).await.unwrap();
        let passwords = Passwords::with_cost(64, 1, 2).unwrap();
        let engine = Engine::new(
            store,
            Arc::new(StoppedClock),
            Arc::new(SystemDice),
            passwords,
            Fetcher::new(&FetchSettings::default()).unwrap(),
            settings,
        );
        let site = Self {
            engine: Arc::new(engine),
            _folder: folder,
        };
        site.person("dev", "Devika Nair", &[PlatformRole::Developer])
            .await;
        site.person("asha", "Asha Rao", &[]).await;
        site.person("meera", "Meera Iyer", &[PlatformRole::Maintainer])
            .await;
        site
    }

    async fn person(&self, username: &str, name: &str, roles: &[PlatformRole]) {
        let values = [("person.full_name", name), ("person.roles", "Student")];
        let draft = PersonDraft {
            username: username.to_owned(),
            password: Some(Secret::new(PASSWORD)),
            roles: roles.to_vec(),
            values: values
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        };
        self.engine.add_person(draft).await.unwrap().unwrap();
    }

    /// The store, for what a test does behind the pages.
    pub(crate) fn acting(&self) -> Store {
        self.engine.store().telling(Deed {
            doer: Actor::Operator.into(),
            act: Act::TeamJoin,
            subject: Subject::instance(),
            before: serde_json::Value::Null,
            after: serde_json::Value::Null,
            at: self.engine.now(),
        })
    }

    pub(crate) async fn id_of(&self, username: &str) -> PersonId {
        self.engine
            .store()
            .person_by_username(username)
            .await
            .unwrap()
            .unwrap()
            .id
    }

    /// An app of `dev`'s.
    pub(crate) async fn app(&self, name: &str, approved: bool) -> ClientId {
        self.app_of_kind(name, ClientKind::Confidential, approved).await
    }

    /// A public one, approved.
    pub(crate) async fn public_app(&self, name: &str) -> ClientId {
        self.app_of_kind(name, ClientKind::Public, true).await
    }

    async fn app_of_kind(&self, name: &str, kind: ClientKind, approved: bool) -> ClientId {
        let catalogue = &self.engine.settings().catalogue;
        let points = ["person.full_name", "person.roles", "student.start_date"];
        let app = AddApp {
            owner: self.id_of("dev").await,
            manifest: Manifest {
                description: words(130),
                ..Manifest::plain(
                    name,
                    kind,
                    vec![RedirectUri::parse(CALLBACK).unwrap()],
                    points
                        .iter()
                        .map(|name| catalogue.get(name).unwrap().name.clone())
                        .collect(),
                )
            },
            client_id: None,
            client_secret: None,
            approved,
            legacy: Legacy::default(),
            registration: None,
        };
        self.engine.add_app(app).await.unwrap().unwrap().client_id
    }

    /// Signs somebody in on one more browser, of which nothing is kept.
    pub(crate) async fn sign_in(&self, username: &str) {
        let password = Secret::new(PASSWORD);
        let signed_in = self
            .engine
            .sign_in(username, &password, None, None)
            .await
            .unwrap();
        assert!(matches!(signed_in, SignIn::Welcome(_)));
    }

    /// What somebody allows an app, as the consent page would write it down.
    pub(crate) async fn allow(&self, person: PersonId, app: &ClientId, data_points: DataPoints) {
        let consent = Write::PutConsent {
            person,
            client: app.clone(),
            version: 1,
            allowed: data_points.into(),
            at: self.engine.now(),
        };
        let written = self.engine.store().apply(&[consent], &Minted::default()).await;
        assert!(written.unwrap().is_applied());
    }

    /// The handle of an authorisation request that waits for its person.
    pub(crate) async fn parked(&self, app: &ClientId, door: Door) -> String {
        let params = Params::from_pairs([
            ("client_id", app.as_str()),
            ("response_type", "code"),
            ("state", "s"),
        ]);
        let (outcome, minted) = self
            .engine
            .run(&AuthorizeRequest::new(door, params, None))
            .await
            .unwrap();
        assert!(matches!(outcome, Outcome::SignIn(_)), "{outcome:?}");
        minted.secret(Fresh::ParkedRequest).unwrap().expose().to_owned()
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser {
            engine: Arc::clone(&self.engine),
            jar: BTreeMap::new(),
            says: HeaderMap::new(),
            address: None,
        }
    }

    pub(crate) async fn signed_in(&self, username: &str) -> Browser {
        let mut browser = self.browser();
        browser.get("/login").await;
        let answer = browser
            .post("/login", &[("username", username), ("password", PASSWORD)])
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }
}

/// `count` words.
pub(crate) fn words(count: usize) -> String {
    vec!["word"; count].join(" ")
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers
            .get(LOCATION)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of the first `name` field's `value` in the page.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let rest = self.body.split_once(&start).map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap().to_owned()
    }

    /// The text of the element with an id.
    pub(crate) fn text_of(&self, id: &str) -> String {
        let (_, rest) = self.body.split_once(&format!("id=\"{id}\"")).unwrap_or_default();
        let (_, rest) = rest.split_once('>').unwrap_or_default();
        rest.split('<').next().unwrap().to_owned()
    }
}

/// A browser with its cookies, at an address; `says` is sent with each request.
pub(crate) struct Browser {
    engine: Arc<Engine>,
    pub(crate) jar: BTreeMap<String, String>,
    pub(crate) says: HeaderMap,
    pub(crate) address: Option<IpAddr>,
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Posts a form with the token that belongs to the browser's cookies now.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get("/logout").await;
        let page = if page.status == StatusCode::OK {
            page
        } else {
            self.get("/login").await
        };
        let token = page.hidden("csrf_token");
        let mut all = vec![("csrf_token", token.as_str())];
        all.extend_from_slice(fields);
        self.post_bare(path, &all).await
    }

    /// Posts exactly these fields.
    pub(crate) async fn post_bare(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(k, v)| format!("{}={}", encode(k), encode(v)))
            .collect();
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(pairs.join("&"))).await
    }

    pub(crate) async fn send(&mut self, request: http::request::Builder, body: Body) -> Answer {
        let mut request = request.body(body).unwrap();
        if let Some(address) = self.address {
            request.extensions_mut().insert(ClientAddress(address));
        }
        let cookies: Vec<String> = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request
                .headers_mut()
                .insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        request.headers_mut().extend(self.says.clone());
        let layer = from_fn_with_state(Arc::clone(&self.engine), render_error_pages);
        let response = router(Arc::clone(&self.engine))
            .layer(layer)
            .oneshot(request)
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    fn keep(&mut self, cookie: &str) {
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        if cookie.contains("Max-Age=0") {
            self.jar.remove(name);
        } else {
            self.jar.insert(name.to_owned(), value.to_owned());
        }
    }
}
