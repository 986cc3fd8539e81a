//! A fixed little world for the rules' tests: one person, one approved app, one grant between them.

pub(crate) mod jose;

use self::jose::FakeCrypto;
use crate::apis::{Apis, ResourceDraft, ResourceId};
use crate::authorize::Door;
use crate::ctx::{Ctx, Policy};
use crate::data_points::{Catalogue, DataPointName, DataPoints};
use crate::decoupled::{DecoupledFacts, DecoupledRequest, DecoupledState};
use crate::extensions::pkce_rfc7636::{Challenge, Method};
use crate::extensions::sender::SenderPolicy;
use crate::records::{AccessTokenFacts, CodeFacts, FIRST_GENERATION, Grant, Holder, NewCode, RefreshFacts};
use crate::review::Standing;
use crate::vocabulary::{
    AuthMethod, Client, ClientId, ClientKind, ClientSecret, GrantId, GrantType, Legacy, Params, PersonId,
    RedirectUri, Scope, SecretHash, Timestamp,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

/// The moment at which the world stands.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
/// Our issuer identifier.
pub(crate) const ISSUER: &str = "https://id.example.org";
/// The app's identifier.
pub(crate) const CLIENT: &str = "app-1";
/// The app's secret.
pub(crate) const SECRET: &str = "the-secret-of-app-1";
/// The app's redirect URL.
pub(crate) const REDIRECT: &str = "https://app.example.org/callback";
/// The code that [`code`] is.
pub(crate) const CODE: &str = "the-code";
/// The token that [`refresh_token`] is.
pub(crate) const REFRESH: &str = "the-refresh-token";
/// The token that [`access_token`] is.
pub(crate) const ACCESS: &str = "the-access-token";
/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Its S256 challenge.
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What every rule is handed.
pub(crate) struct World {
    /// The default lifetimes.
    pub(crate) policy: Policy,
    /// No grant that an operator has to open, at first.
    pub(crate) grants: crate::token::GrantSettings,
    /// The default catalogue.
    pub(crate) catalogue: Catalogue,
    /// The moment, [`NOW`] at first.
    pub(crate) now: Timestamp,
    /// What is demanded of senders.
    pub(crate) sender: SenderPolicy,
    /// Signatures that are hashes.
    pub(crate) crypto: FakeCrypto,
}

impl World {
    /// The world at [`NOW`].
    pub(crate) fn new() -> Self {
        Self {
            policy: Policy::default(),
            grants: crate::token::GrantSettings::default(),
            catalogue: Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap(),
            now: NOW,
            sender: SenderPolicy::default(),
            crypto: FakeCrypto::default(),
        }
    }

    /// The same world later (or, with a negative number, earlier).
    pub(crate) fn after(seconds: i64) -> Self {
        Self {
            now: NOW.plus(seconds),
            ..Self::new()
        }
    }

    /// What a rule is handed at [`Self::now`].
    pub(crate) fn ctx(&self) -> Ctx<'_> {
        Ctx {
            now: self.now,
            policy: &self.policy,
            grants: &self.grants,
            issuer: ISSUER,
            sender: &self.sender,
            catalogue: &self.catalogue,
            crypto: &self.crypto,
        }
    }
}

/// A data point's name.
pub(crate) fn point(name: &str) -> DataPointName {
    DataPointName::parse(name).unwrap()
}

/// A set of data points.
pub(crate) fn points<const N: usize>(names: [&str; N]) -> DataPoints {
    names.map(point).into()
}

/// Parameters from pairs.
pub(crate) fn params(pairs: &[(&str, &str)]) -> Params {
    Params::from_pairs(pairs.iter().copied())
}

/// `Basic` credentials as a header value, of parts that need no escaping.
pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// The approved confidential app [`CLIENT`], which may use every grant and asks for three data points.
pub(crate) fn client() -> Client {
    Client {
        id: ClientId::parse(CLIENT).unwrap(),
        name: "Library".into(),
        logo: None,
        standing: Standing::Approved,
        version: 1,
        kind: ClientKind::Confidential,
        auth_methods: [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost].into(),
        secrets: vec![ClientSecret {
            hash: SecretHash::of(SECRET),
            sealed: None,
            expires_at: None,
        }],
        redirect_uris: vec![RedirectUri::parse(REDIRECT).unwrap()],
        grant_types: [
            GrantType::AUTHORIZATION_CODE,
            GrantType::REFRESH_TOKEN,
            GrantType::CLIENT_CREDENTIALS,
            GrantType::TOKEN_EXCHANGE,
            GrantType::DEVICE_CODE,
            GrantType::CIBA,
            GrantType::JWT_BEARER,
            GrantType::PASSWORD,
        ]
        .map(|name| GrantType(name.to_owned()))
        .into(),
        data_points: points(["person.full_name", "person.roles", "student.branch.name"]),
        legacy: Legacy::default(),
        openid: Box::default(),
        optional: points([]),
        purposes: std::collections::BTreeMap::new(),
        publisher: crate::review::Publisher::default(),
        api_scopes: std::collections::BTreeSet::new(),
        token_exchange: None,
        optional_scopes: std::collections::BTreeSet::new(),
        details_types: std::collections::BTreeSet::new(),
        approved_by_owners: std::collections::BTreeSet::new(),
    }
}

/// The same app as a public one: no secret, method `none`.
pub(crate) fn public_client() -> Client {
    Client {
        kind: ClientKind::Public,
        auth_methods: [AuthMethod::None].into(),
        secrets: vec![],
        ..client()
    }
}

/// Another approved confidential app, with the same secret so that only the identifier differs.
pub(crate) fn other_client() -> Client {
    Client {
        id: ClientId::parse("app-2").unwrap(),
        name: "Canteen".into(),
        ..client()
    }
}

/// The person: number 7, `asha`, not on the app's team.
pub(crate) fn holder() -> Holder {
    Holder {
        person: PersonId(7),
        username: "asha".into(),
        disabled: false,
        on_team: false,
        test_of: None,
    }
}

/// Their grant to [`CLIENT`], made at [`NOW`]: `read write`, two data points.
pub(crate) fn grant() -> Grant {
    Grant {
        id: GrantId(Uuid::from_u128(1)),
        client: ClientId::parse(CLIENT).unwrap(),
        holder: holder(),
        scope: Scope::read_write(),
        data_points: points(["person.full_name", "person.roles"]),
        sign_in: crate::openid::SignIn::Here(NOW),
        openid: None,
        apis: crate::apis::ApiGrant::default(),
        created_at: NOW,
        revoked: false,
        generation: FIRST_GENERATION,
        rotated_out: None,
        exchange: None,
    }
}

/// The challenge [`CHALLENGE`].
pub(crate) fn challenge() -> Challenge {
    Challenge::parse(Method::S256, CHALLENGE).unwrap()
}

/// [`CODE`]: unused, without challenge, the redirect URL named in the request.
pub(crate) fn code() -> CodeFacts {
    CodeFacts {
        code: NewCode {
            redirect_uri: REDIRECT.into(),
            redirect_uri_given: true,
            challenge: None,
            confirmation: None,
            expires_at: NOW.plus(Policy::default().code_seconds),
        },
        redeemed_at: None,
        grant: grant(),
    }
}

/// [`REFRESH`]: the first of its family, unused.
pub(crate) fn refresh_token() -> RefreshFacts {
    RefreshFacts {
        hash: SecretHash::of(REFRESH),
        generation: FIRST_GENERATION,
        confirmation: None,
        expires_at: NOW.plus(Policy::default().refresh_idle_seconds),
        grant: grant(),
    }
}

/// [`ACCESS`]: of [`grant`], with its whole scope.
pub(crate) fn access_token() -> AccessTokenFacts {
    AccessTokenFacts {
        hash: SecretHash::of(ACCESS),
        client: ClientId::parse(CLIENT).unwrap(),
        scope: Scope::read_write(),
        confirmation: None,
        audience: crate::apis::TokenAudience::default(),
        issued_at: NOW,
        expires_at: NOW.plus(Policy::default().access_token_seconds),
        grant: Some(grant()),
    }
}

/// Two APIs: a library, whose scopes and type [`api_client`] may use, and one that it never asked for.
pub(crate) fn apis() -> Apis {
    let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
    let library = ResourceDraft {
        uri: "https://library.example/api".into(),
        name: "Library".into(),
        description: "Loans and fines.".into(),
        scopes: "loans.read See your loans\nfines See your fines".into(),
        token_seconds: "600".into(),
        details: r#"[{"type": "renewal", "description": "Renew one loan", "schema":
            {"type": "object", "properties": {"copy": {"type": "string"}}, "required": ["copy"]}}]"#
            .into(),
        ..ResourceDraft::default()
    };
    let closed = ResourceDraft {
        uri: "https://closed.example/".into(),
        scopes: "secrets See what nobody should".into(),
        details: String::new(),
        format: "jwt".into(),
        ..library.clone()
    };
    let made = [(library, "library"), (closed, "closed")].map(|(draft, id)| {
        let id = ResourceId::parse(id).unwrap();
        draft.check(id, PersonId(1), &catalogue).unwrap()
    });
    Apis::new(made.into())
}

/// The app [`client`], which asks for a scope and a type of the library, and has both approved.
pub(crate) fn api_client() -> Client {
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    Client {
        api_scopes: names(&["loans.read", "fines"]),
        details_types: names(&["renewal"]),
        approved_by_owners: names(&["loans.read", "renewal"]),
        ..client()
    }
}

/// A device's request of [`CLIENT`], asked at [`NOW`], for `read write`: nobody has answered.
pub(crate) fn decoupled() -> DecoupledFacts {
    DecoupledFacts {
        code: SecretHash::of("the-device-code"),
        request: DecoupledRequest {
            door: Door::Device,
            client: ClientId::parse(CLIENT).unwrap(),
            params: params(&[("client_id", CLIENT), ("scope", "read write")]),
            person: None,
            poll_seconds: 5,
            at: NOW,
            expires_at: NOW.plus(600),
        },
        state: DecoupledState::Pending,
        polled_at: None,
        grant: None,
    }
}
