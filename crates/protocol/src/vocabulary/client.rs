//! A client as the protocol sees it: the live (or, before approval, the sandbox's) version of an app.

use super::{ClientId, RedirectUri, Scope, Secret, SecretHash, Timestamp};
use crate::data_points::{DataPointName, DataPoints};
use crate::openid::OpenIdMetadata;
use crate::review::{Publisher, Standing};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Whether a client can keep a secret (RFC 6749 section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// Runs on a server and keeps its credentials.
    Confidential,
    /// Runs in a browser or on a device and cannot.
    Public,
}

/// How a client proves at the token endpoint who it is, in the registry's words (RFC 7591 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// The secret in the `Authorization` header (RFC 6749 section 2.3.1).
    ClientSecretBasic,
    /// The secret in the form (RFC 6749 section 2.3.1).
    ClientSecretPost,
    /// An assertion under the HMAC of the secret (OpenID Connect Core section 9).
    ClientSecretJwt,
    /// An assertion signed with the client's own key (RFC 7523 section 2.2, OpenID Connect Core section 9).
    PrivateKeyJwt,
    /// A certificate under an authority, by its name (RFC 8705 section 2.1).
    TlsClientAuth,
    /// A certificate of the client's own key set (RFC 8705 section 2.2).
    SelfSignedTlsClientAuth,
    /// No authentication: a public client's.
    None,
}

impl AuthMethod {
    /// Every method, in the order in which metadata lists them.
    pub const ALL: [Self; 7] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
        Self::None,
    ];

    /// The registry's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Self::None => "none",
        }
    }

    /// Whether it takes the certificate of the connection.
    pub const fn uses_certificate(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }

    /// Whether it takes a secret that client and server share.
    pub const fn uses_secret(self) -> bool {
        matches!(
            self,
            Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt
        )
    }
}

/// A grant type's name on the wire. Which ones exist is what [`crate::token::registry`] lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantType(pub String);

impl GrantType {
    /// RFC 6749 section 4.1.
    pub const AUTHORIZATION_CODE: &'static str = "authorization_code";
    /// RFC 6749 section 6.
    pub const REFRESH_TOKEN: &'static str = "refresh_token";
    /// RFC 6749 section 4.4.
    pub const CLIENT_CREDENTIALS: &'static str = "client_credentials";
    /// The word by which metadata name the front channel among the grants (RFC 7591 section 2): no grant of the token
    /// endpoint.
    pub const IMPLICIT: &'static str = "implicit";
    /// RFC 7523 section 2.1.
    pub const JWT_BEARER: &'static str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    /// RFC 6749 section 4.3.
    pub const PASSWORD: &'static str = "password";
    /// RFC 8693 section 2.1.
    pub const TOKEN_EXCHANGE: &'static str = "urn:ietf:params:oauth:grant-type:token-exchange";
    /// RFC 8628 section 3.4.
    pub const DEVICE_CODE: &'static str = "urn:ietf:params:oauth:grant-type:device_code";
    /// OpenID Connect CIBA Core section 4.
    pub const CIBA: &'static str = "urn:openid:params:grant-type:ciba";
}

impl fmt::Display for GrantType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One live secret of a client, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSecret {
    /// What is kept of it.
    pub hash: SecretHash,
    /// The secret itself, sealed, of a client that proves itself by HMAC alone: a hash cannot check one.
    pub sealed: Option<Vec<u8>>,
    /// When it stops working; none: until it is rotated.
    pub expires_at: Option<Timestamp>,
}

impl ClientSecret {
    /// Whether `secret` is this one and still lives at `now`.
    pub fn accepts(&self, secret: &Secret, now: Timestamp) -> bool {
        // The hash is compared first and always, so that time tells nothing of an expired secret.
        let same = self.hash.matches(secret);
        same && self.is_live(now)
    }

    /// Whether it still works at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| !now.is_at_or_after(at))
    }
}

/// What is off for everyone but an app that a maintainer marks, because it was written before it was known to be unsafe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Legacy {
    /// May use PKCE's method `plain` (RFC 7636 section 7.2).
    pub plain_pkce: bool,
    /// May have tokens from the authorisation endpoint: implicit and hybrid (RFC 9700 section 2.1.2).
    pub implicit: bool,
    /// May ask people for their password itself (RFC 9700 section 2.4).
    pub password: bool,
}

/// Whose tokens an app may exchange for tokens of its own (RFC 8693), beside its own ones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangePolicy {
    /// The apps that the tokens were issued to.
    #[serde(default)]
    pub from: BTreeSet<ClientId>,
    /// Whether somebody may be said to act for the person (`actor_token`).
    #[serde(default)]
    pub delegation: bool,
}

impl ExchangePolicy {
    /// Most apps that one may name.
    pub const MOST: usize = 20;

    /// Whether it allows nothing that `other` does not.
    pub fn is_within(&self, other: &Self) -> bool {
        self.from.is_subset(&other.from) && (other.delegation || !self.delegation)
    }
}

/// A client: everything that the protocol's rules ask of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its identifier.
    pub id: ClientId,
    /// The name people see.
    pub name: String,
    /// SHA-256 of its logo in hexadecimal, where it has one.
    pub logo: Option<String>,
    /// Where it stands in review.
    pub standing: Standing,
    /// The number of the manifest version that these values are.
    pub version: u32,
    /// Public or confidential.
    pub kind: ClientKind,
    /// The authentication methods it is registered for.
    pub auth_methods: BTreeSet<AuthMethod>,
    /// The secrets that may still work.
    pub secrets: Vec<ClientSecret>,
    /// Its redirect URLs, the first one being the default.
    pub redirect_uris: Vec<RedirectUri>,
    /// The grants it may use.
    pub grant_types: BTreeSet<GrantType>,
    /// The data points it may ask for: the approved ones, or in the sandbox the proposed ones.
    pub data_points: BTreeSet<DataPointName>,
    /// What a maintainer lets it do that nobody new may.
    pub legacy: Legacy,
    /// What it says of itself for OpenID Connect.
    pub openid: Box<OpenIdMetadata>,
    /// Those of its data points that a person may leave out.
    pub optional: DataPoints,
    /// What it wants each data point for.
    pub purposes: BTreeMap<DataPointName, String>,
    /// Whom to ask about it, and where to read more.
    pub publisher: Publisher,
    /// The scopes of APIs that it may ask for.
    pub api_scopes: BTreeSet<String>,
    /// Whose tokens it may exchange, beside its own.
    pub token_exchange: Option<ExchangePolicy>,
    /// Those of its scopes of APIs that a person may leave out.
    pub optional_scopes: BTreeSet<String>,
    /// The types of `authorization_details` that it may ask for (RFC 9396 section 10).
    pub details_types: BTreeSet<String>,
    /// Those of its scopes and types of APIs that the APIs' owners have approved, read with every use.
    pub approved_by_owners: BTreeSet<String>,
}

impl Client {
    /// Whether it asks for a scope or a type of an API by this name.
    pub fn asks_apis_for(&self, name: &str) -> bool {
        self.api_scopes.contains(name) || self.details_types.contains(name)
    }

    /// Every scope of ours that it may ask for: `read`, `write`, its data points' names. What it may ask for of others'
    /// APIs, [`crate::apis::Apis::usable`] says.
    pub fn registered_scope(&self) -> Scope {
        let own = self.data_points.iter().map(|name| name.as_str().to_owned());
        Scope::of(["read".to_owned(), "write".to_owned()].into_iter().chain(own))
    }

    /// Whether it may use a grant.
    pub fn may_use(&self, grant_type: &str) -> bool {
        self.grant_types.iter().any(|g| g.0 == grant_type)
    }
}
