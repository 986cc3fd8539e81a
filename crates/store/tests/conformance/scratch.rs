//! A throw-away store, and short words to fill it.

use crate::cluster::Cluster;
use omniport_protocol::apis::{ApiGrant, TokenAudience};
use omniport_protocol::audit::{Act, Actor, Deed, Subject};
use omniport_protocol::authorize::Door;
use omniport_protocol::data_points::{DataPointName, DataPoints};
use omniport_protocol::decoupled::{DecoupledRequest, NewDecoupled};
use omniport_protocol::effect::{Fresh, Load, Loaded, Minted, Write};
use omniport_protocol::extensions::pkce_rfc7636::{Challenge, Method};
use omniport_protocol::records::{
    GrantOf, NewAccessToken, NewCode, NewGrant, NewRefreshToken, ParkedRequest, PersonData, PushedRequest,
};
use omniport_protocol::review::{App, Manifest, Standing};
use omniport_protocol::vocabulary::{
    ClientId, ClientKind, Confirmation, GrantId, Legacy, Params, PersonId, RedirectUri, Scope, Secret,
    SecretHash, Thumbprint, Timestamp,
};
use omniport_store::portal::{NewApp, NewPerson, NewSecret};
use omniport_store::{Driver, Postgres, Query, Sqlite, Store, Value, Written};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The suite's now.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// What the suite tells of whatever it does.
pub(crate) fn deed() -> Deed {
    Deed {
        doer: Actor::Operator.into(),
        act: Act::PersonAdd,
        subject: Subject::instance(),
        before: serde_json::Value::Null,
        after: serde_json::Value::Null,
        at: NOW,
    }
}

/// A fresh store, its driver beside it, and what keeps its database alive.
pub(crate) struct Scratch {
    pub(crate) store: Store,
    pub(crate) driver: Arc<dyn Driver>,
    drawn: AtomicU64,
    _keep: Option<tempfile::TempDir>,
}

impl Scratch {
    pub(crate) async fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let driver = Sqlite::open(&directory.path().join("o.db")).unwrap();
        Self::on(Arc::new(driver), Some(directory)).await
    }

    /// A database of its own on this binary's server; `parameters` are added to its address.
    pub(crate) async fn postgres(parameters: &str) -> Self {
        let (_, url) = Cluster::shared().database().await;
        let driver = Postgres::open(&format!("{url}{parameters}")).unwrap();
        Self::on(Arc::new(driver), None).await
    }

    /// One more node on a database that is migrated, which draws other numbers than its neighbours.
    pub(crate) fn node(url: &str, number: u64) -> Self {
        let driver: Arc<dyn Driver> = Arc::new(Postgres::open(url).unwrap());
        Self {
            store: Store::new(Arc::clone(&driver)).telling(deed()),
            driver,
            drawn: AtomicU64::new(number << 32),
            _keep: None,
        }
    }

    async fn on(driver: Arc<dyn Driver>, keep: Option<tempfile::TempDir>) -> Self {
        let store = Store::new(Arc::clone(&driver)).telling(deed());
        assert_eq!(store.migrate(NOW).await.unwrap().len(), driver.migrations().len());
        Self {
            store,
            driver,
            drawn: AtomicU64::new(1),
            _keep: keep,
        }
    }

    /// A number that was not drawn before.
    pub(crate) fn draw(&self) -> u64 {
        self.drawn.fetch_add(1, Ordering::Relaxed)
    }

    /// Everything a decision may need, drawn.
    pub(crate) fn minted(&self) -> Minted {
        let mut minted = Minted::default();
        for what in [
            Fresh::Code,
            Fresh::AccessToken,
            Fresh::RefreshToken,
            Fresh::ParkedRequest,
            Fresh::PushedRequest,
            Fresh::DecoupledCode,
            Fresh::UserCode,
        ] {
            minted.add_secret(what, Secret::new(format!("{what:?}-{}", self.draw())));
        }
        minted.add_grant(GrantId(uuid::Uuid::from_u128(u128::from(self.draw()))));
        minted
    }

    /// Applies `writes`, which must succeed, and says what was drawn for them.
    pub(crate) async fn apply(&self, writes: &[Write]) -> Minted {
        let minted = self.minted();
        assert_eq!(self.store.apply(writes, &minted).await.unwrap(), Written::Applied);
        minted
    }

    /// Applies `writes`, which must conflict.
    pub(crate) async fn refused(&self, writes: &[Write]) {
        let written = self.store.apply(writes, &self.minted()).await.unwrap();
        assert!(matches!(written, Written::Conflict { .. }), "{writes:?}");
    }

    pub(crate) async fn load(&self, load: Load) -> Loaded {
        self.store.load(&[load]).await.unwrap()
    }

    pub(crate) async fn person(&self, username: &str) -> PersonId {
        let person = new_person(username);
        self.store.insert_person(person).await.unwrap().unwrap()
    }

    /// An app with the secret `secret-of-ID`.
    pub(crate) async fn app(&self, id: &str, creator: PersonId, standing: Standing) -> ClientId {
        let app = new_app(id, creator, standing);
        assert!(self.store.insert_app(app).await.unwrap());
        client(id)
    }

    pub(crate) async fn read_app(&self, id: &ClientId) -> App {
        self.store.app(id).await.unwrap().unwrap()
    }

    /// A grant with a code.
    pub(crate) async fn code(&self, client: &ClientId, person: PersonId) -> (GrantId, SecretHash) {
        let minted = self.apply(&[issue_code(client, person)]).await;
        (minted.grant().unwrap(), minted.hash(Fresh::Code).unwrap())
    }

    /// An access token and a refresh token of generation 1 under `grant`: their hashes.
    pub(crate) async fn tokens(&self, client: &ClientId, grant: GrantId) -> (SecretHash, SecretHash) {
        let writes = [
            access_token(client, Some(grant), 36_000),
            refresh_token(grant, 1, 90 * 86_400),
        ];
        let minted = self.apply(&writes).await;
        (
            minted.hash(Fresh::AccessToken).unwrap(),
            minted.hash(Fresh::RefreshToken).unwrap(),
        )
    }

    /// How many rows a table has.
    pub(crate) async fn rows_of(&self, table: &str) -> i64 {
        let sql: &'static str = Box::leak(format!("SELECT COUNT(*) FROM {table}").into_boxed_str());
        let answers = self
            .driver
            .read(vec![Query::list(sql, Vec::<Value>::new())])
            .await;
        answers.unwrap().remove(0).remove(0).int().unwrap()
    }
}

pub(crate) fn client(id: &str) -> ClientId {
    ClientId::parse(id).unwrap()
}

pub(crate) fn points(names: &[&str]) -> DataPoints {
    names
        .iter()
        .map(|name| DataPointName::parse(name).unwrap())
        .collect()
}

pub(crate) fn values(name: &str, value: &str) -> PersonData {
    [(DataPointName::parse(name).unwrap(), value.into())].into()
}

pub(crate) fn new_person(username: &str) -> NewPerson {
    NewPerson {
        username: username.into(),
        password_hash: format!("$argon2id$of-{username}"),
        is_maintainer: false,
        is_developer: true,
        data: values("person.full_name", username),
        test_of: None,
        at: NOW,
    }
}

pub(crate) fn manifest(name: &str) -> Manifest {
    let uris = vec![RedirectUri::parse("https://app.example/cb").unwrap()];
    Manifest {
        description: "words".into(),
        ..Manifest::plain(
            name,
            ClientKind::Confidential,
            uris,
            points(&["person.full_name"]),
        )
    }
}

pub(crate) fn new_app(id: &str, creator: PersonId, standing: Standing) -> NewApp {
    NewApp {
        id: client(id),
        creator,
        manifest: manifest(&format!("App {id}")),
        standing,
        legacy: Legacy::default(),
        secret: Some(NewSecret::of(&Secret::new(format!("secret-of-{id}")))),
        registration: None,
        most: None,
        at: NOW,
    }
}

/// The same, which registered itself at `at` and manages itself by the token of this hash.
pub(crate) fn registered_app(
    id: &str,
    creator: PersonId,
    standing: Standing,
    token: SecretHash,
    at: Timestamp,
) -> NewApp {
    NewApp {
        registration: Some(token),
        at,
        ..new_app(id, creator, standing)
    }
}

pub(crate) fn new_grant(client: &ClientId, person: PersonId) -> NewGrant {
    NewGrant {
        client: client.clone(),
        person,
        scope: Scope::parse("read write").unwrap(),
        data_points: points(&["person.full_name", "student.branch.name"]),
        version: 1,
        sign_in: omniport_protocol::openid::SignIn::Here(NOW.plus(-5)),
        session: Some(SecretHash::of("session")),
        exchange: None,
        openid: None,
        apis: ApiGrant::default(),
        at: NOW,
    }
}

pub(crate) fn new_code(challenged: bool) -> NewCode {
    let value = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    NewCode {
        redirect_uri: "https://app.example/cb".into(),
        redirect_uri_given: true,
        challenge: challenged.then(|| Challenge::parse(Method::S256, value).unwrap()),
        confirmation: challenged.then(|| Confirmation::Key(Thumbprint::of(b"key"))),
        expires_at: NOW.plus(60),
    }
}

pub(crate) fn issue_code(client: &ClientId, person: PersonId) -> Write {
    Write::IssueCode(new_grant(client, person), new_code(true))
}

pub(crate) fn access_token(client: &ClientId, grant: Option<GrantId>, seconds: i64) -> Write {
    Write::IssueAccessToken(NewAccessToken {
        client: client.clone(),
        grant: grant.map(GrantOf::Stored),
        scope: Scope::parse("read").unwrap(),
        confirmation: grant
            .is_none()
            .then(|| Confirmation::Certificate(Thumbprint::of(b"certificate"))),
        audience: TokenAudience::default(),
        is_jwt: false,
        at: NOW,
        expires_at: NOW.plus(seconds),
    })
}

pub(crate) fn refresh_token(grant: GrantId, generation: u32, seconds: i64) -> Write {
    Write::IssueRefreshToken(NewRefreshToken {
        grant: GrantOf::Stored(grant),
        generation,
        confirmation: Some(Confirmation::Key(Thumbprint::of(b"key"))),
        at: NOW,
        expires_at: NOW.plus(seconds),
    })
}

pub(crate) fn parked(client: &ClientId) -> ParkedRequest {
    let pairs = [
        ("client_id", client.as_str()),
        ("state", "\u{e9} \"&="),
        ("state", ""),
    ];
    ParkedRequest {
        door: Door::Standard,
        client: client.clone(),
        params: Params::from_pairs(pairs),
        version: 1,
        at: NOW,
        expires_at: NOW.plus(1_800),
        pushed: None,
        decoupled: None,
    }
}

/// A device's request of `client`.
pub(crate) fn decoupled(client: &ClientId) -> NewDecoupled {
    NewDecoupled {
        request: DecoupledRequest {
            door: Door::Device,
            client: client.clone(),
            params: Params::from_pairs([("scope", "\u{e9} read")]),
            person: None,
            poll_seconds: 5,
            at: NOW,
            expires_at: NOW.plus(600),
        },
        notification_token: None,
    }
}

/// A pushed request of `client`.
pub(crate) fn pushed(client: &ClientId) -> PushedRequest {
    PushedRequest {
        client: client.clone(),
        params: Params::from_pairs([("scope", "\u{e9} read")]),
        expires_at: NOW.plus(90),
    }
}

pub(crate) fn hash(text: &str) -> SecretHash {
    SecretHash::of(text)
}
