//! A whole instance on a throw-away database, spoken to without a network.

use crate::{Answer, FixedClock, Sent};
use axum::Router;
use http::{Method, StatusCode};
use omniport_engine::apps::AddApp;
use omniport_engine::fetch::{FetchSettings, Fetcher};
use omniport_engine::passwords::Passwords;
use omniport_engine::people::{PersonDraft, PlatformRole};
use omniport_engine::registration::RegistrationSettings;
use omniport_engine::sessions::{SESSION_COOKIE, SignIn};
use omniport_engine::{Clock, Engine, Settings, Store, SystemDice};
use omniport_protocol::ctx::Policy;
use omniport_protocol::data_points::Catalogue;
use omniport_protocol::extensions::sender::SenderPolicy;
use omniport_protocol::review::ClientMetadata;
use omniport_protocol::token::registry;
use omniport_protocol::vocabulary::{ClientId, PersonId, Secret, encode};
use std::sync::Arc;
use tempfile::TempDir;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// The issuer of every instance.
pub const ISSUER: &str = "https://omniport.example";

/// An instance of its own: engine, pages and endpoints on a new SQLite file.
pub struct Instance {
    /// The engine, to look behind the pages.
    pub engine: Arc<Engine>,
    /// Its clock.
    pub clock: Arc<FixedClock>,
    router: Router,
    folder: TempDir,
}

/// An app added for a test.
#[derive(Debug, Clone)]
pub struct TestApp {
    /// Its client identifier.
    pub id: String,
    /// Its secret; empty for a public client.
    pub secret: String,
    /// Its first redirect URL.
    pub redirect_uri: String,
}

impl Instance {
    /// A new instance with nobody in it.
    pub async fn new() -> Self {
        Self::with_policy(Policy::default()).await
    }

    /// A new instance with other lifetimes.
    pub async fn with_policy(policy: Policy) -> Self {
        Self::with(|settings| settings.policy = policy).await
    }

    /// A new instance whose operator vouches for these hosts (`127.0.0.1:8443`): the clients' side of a test.
    pub async fn with_hosts(hosts: &[&str]) -> Self {
        Self::with_and_hosts(|_| {}, hosts).await
    }

    /// A new instance with other settings, whose operator vouches for these hosts.
    pub async fn with_and_hosts(change: impl FnOnce(&mut Settings), hosts: &[&str]) -> Self {
        let fetch = FetchSettings {
            allow_hosts: hosts
                .iter()
                .map(|host| host.parse().expect("a host and a port"))
                .collect(),
            ..FetchSettings::default()
        };
        Self::with_all(change, &fetch).await
    }

    /// A new instance with other settings.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with_all(change, &FetchSettings::default()).await
    }

    /// A new instance where apps may register themselves.
    pub async fn with_registration(registration: RegistrationSettings) -> Self {
        Self::with(|settings| settings.registration = registration).await
    }

    /// A new instance with other settings, that fetches so.
    ///
    /// # Panics
    /// Where it cannot be set up.
    pub async fn with_all(change: impl FnOnce(&mut Settings), fetch: &FetchSettings) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("omniport.db").display());
        let clock = Arc::new(FixedClock::default());
        let store = Store::open_current(&url, clock.now())
            .await
            .expect("a new database opens");
        let mut settings = Settings {
            issuer: ISSUER.to_owned(),
            policy: Policy::default(),
            sender: SenderPolicy {
                certificates: true,
                ..SenderPolicy::default()
            },
            grants: omniport_protocol::token::GrantSettings::default(),
            catalogue: Catalogue::parse(Catalogue::DEFAULT_TOML).expect("the default catalogue parses"),
            institution: "Institute of Tests".to_owned(),
            developer_terms: "# Terms\n\nBe kind.".to_owned(),
            limits: omniport_engine::limits::Limits::default(),
            retention: omniport_store::portal::Retention::default(),
            registration: RegistrationSettings::default(),
            review: omniport_protocol::review::ReviewPolicy::default(),
        };
        change(&mut settings);
        let passwords = Passwords::with_cost(64, 1, 4).expect("cheap argon2 parameters");
        let shared: Arc<dyn Clock> = clock.clone();
        let engine = Arc::new(Engine::new(
            store,
            shared,
            Arc::new(SystemDice),
            passwords,
            Fetcher::new(fetch).expect("a fetcher"),
            settings,
        ));
        engine
            .open_keys(&crate::key_settings())
            .await
            .expect("a new database gets keys");
        let router = omniport::compose(engine.clone());
        Self {
            engine,
            clock,
            router,
            folder,
        }
    }

    /// Another node on the same database: with the same clock and settings, and nothing in common beside.
    ///
    /// # Panics
    /// Where the database does not open.
    pub fn another_node(&self) -> Engine {
        let url = format!("sqlite:{}", self.folder().join("omniport.db").display());
        Engine::new(
            Store::open(&url).expect("the instance's database opens"),
            self.clock.clone(),
            Arc::new(SystemDice),
            Passwords::with_cost(64, 1, 1).expect("cheap argon2 parameters"),
            Fetcher::new(&FetchSettings::default()).expect("a fetcher"),
            self.engine.settings().clone(),
        )
    }

    /// The folder that holds the database file and nothing else.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Adds a person with a full name and two roles.
    pub async fn person(&self, username: &str, roles: &[PlatformRole]) -> PersonId {
        let values = [
            ("person.full_name", format!("{username} Rao")),
            ("person.roles", "Student, Warden".to_owned()),
            ("student.branch.name", "Physics".to_owned()),
            ("student.current_year", "3".to_owned()),
            (
                "contact_information.email_address",
                format!("{username}@example.org"),
            ),
        ];
        let draft = PersonDraft {
            username: username.to_owned(),
            password: Some(Secret::new(PASSWORD)),
            roles: roles.to_vec(),
            values: values.map(|(name, value)| (name.to_owned(), value)).into(),
        };
        self.engine
            .add_person(draft)
            .await
            .expect("no fault")
            .expect("a good draft")
    }

    /// Adds an approved app with these metadata on top of the usual ones (a name, a redirect URL, two data points).
    pub async fn app(&self, owner: PersonId, metadata: serde_json::Value) -> TestApp {
        self.app_in(owner, metadata, true).await
    }

    /// Adds an app that is approved or not.
    pub async fn app_in(&self, owner: PersonId, metadata: serde_json::Value, approved: bool) -> TestApp {
        let mut document = serde_json::json!({
            "client_name": "Bus times",
            "redirect_uris": ["https://app.example/callback"],
            "data_points": ["person.full_name", "person.roles", "student.branch.name"],
        });
        let more = metadata.as_object().cloned().unwrap_or_default();
        document.as_object_mut().expect("an object").extend(more);
        let metadata: ClientMetadata = serde_json::from_value(document).expect("metadata");
        let grants: Vec<&str> = registry().iter().map(|grant| grant.grant_type()).collect();
        let manifest = metadata
            .check(&self.engine.settings().catalogue, &grants)
            .expect("good metadata");
        let redirect_uri = manifest
            .redirect_uris
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        let client_id = metadata
            .client_id
            .as_deref()
            .map(|id| ClientId::parse(id).expect("a client_id"));
        let app = AddApp {
            owner,
            manifest,
            client_id,
            client_secret: metadata.secret(),
            approved,
            legacy: metadata.legacy(),
            registration: None,
        };
        let registered = self
            .engine
            .add_app(app)
            .await
            .expect("no fault")
            .expect("a good app");
        let secret = registered
            .client_secret
            .map(|secret| secret.expose().to_owned())
            .unwrap_or_default();
        TestApp {
            id: registered.client_id.to_string(),
            secret,
            redirect_uri,
        }
    }

    /// Signs a person in behind the pages: the `Cookie` header of their browser.
    pub async fn sign_in(&self, username: &str) -> String {
        match self
            .engine
            .sign_in(username, &Secret::new(PASSWORD), None, None)
            .await
            .expect("no fault")
        {
            SignIn::Welcome(cookie) => format!("{SESSION_COOKIE}={}", cookie.expose()),
            other => panic!("{username} cannot sign in: {other:?}"),
        }
    }

    /// A GET request to be sent.
    pub fn get(&self, path: &str) -> Sent<'_> {
        self.request(Method::GET, path)
    }

    /// A POST request to be sent.
    pub fn post(&self, path: &str) -> Sent<'_> {
        self.request(Method::POST, path)
    }

    /// A request to be sent.
    pub fn request(&self, method: Method, path: &str) -> Sent<'_> {
        Sent::new(&self.router, method, path)
    }

    /// Walks from the walkthrough's door to the consent page and allows: the answer that goes back to the app.
    ///
    /// `query` is what stands behind the `?` of the authorise request.
    pub async fn allow(&self, door: &str, cookie: &str, query: &str) -> Answer {
        self.answer_consent(door, cookie, query, "allow").await
    }

    /// Walks to the consent page and answers it with `decision`.
    pub async fn answer_consent(&self, door: &str, cookie: &str, query: &str, decision: &str) -> Answer {
        let first = self.get(&format!("{door}?{query}")).cookie(cookie).send().await;
        let Some(page) = first
            .location()
            .filter(|to| to.starts_with("/consent?"))
            .map(ToOwned::to_owned)
        else {
            return first;
        };
        let consent = self.get(&page).cookie(cookie).send().await;
        assert_eq!(consent.status, StatusCode::OK, "{}", consent.body);
        let fields = ["csrf_token", "request", "version"].map(|name| (name, consent.field(name)));
        let mut form: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        form.push(("decision", decision));
        self.post("/consent").cookie(cookie).form(&form).send().await
    }

    /// A fresh code for an app, with the walkthrough's defaults.
    pub async fn code(&self, app: &TestApp, username: &str) -> String {
        let cookie = self.sign_in(username).await;
        let query = format!(
            "client_id={}&redirect_uri={}&state=s",
            encode(&app.id),
            encode(&app.redirect_uri)
        );
        let answer = self.allow("/oauth/authorise", &cookie, &query).await;
        answer
            .redirect_param("code")
            .unwrap_or_else(|| panic!("no code: {} {}", answer.status, answer.body))
    }

    /// A request at the standards' door with these parameters beside the app's own, allowed where it asks.
    pub async fn authorize(&self, app: &TestApp, cookie: &str, params: &[(&str, &str)]) -> Answer {
        let own = [
            ("client_id", app.id.as_str()),
            ("redirect_uri", &app.redirect_uri),
        ];
        let query: Vec<String> = own
            .iter()
            .chain(params)
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        self.allow("/oauth/authorize", cookie, &query.join("&")).await
    }

    /// Redeems a code as the walkthrough does.
    pub async fn redeem(&self, app: &TestApp, code: &str) -> Answer {
        self.token(
            app,
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", &app.redirect_uri),
            ],
        )
        .await
    }

    /// Refreshes as the walkthrough does.
    pub async fn refresh(&self, app: &TestApp, refresh_token: &str) -> Answer {
        self.token(
            app,
            &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)],
        )
        .await
    }

    /// A token request with the app's credentials in the form.
    pub async fn token(&self, app: &TestApp, form: &[(&str, &str)]) -> Answer {
        let mut fields = vec![
            ("client_id", app.id.as_str()),
            ("client_secret", app.secret.as_str()),
        ];
        fields.extend(form);
        self.post("/open_auth/token/").form(&fields).send().await
    }

    /// The user data that a token reads.
    pub async fn user_data(&self, access_token: &str) -> Answer {
        self.get("/open_auth/get_user_data/")
            .bearer(access_token)
            .send()
            .await
    }
}
