//! The rows that the rules read and write, as the rules see them.

use crate::apis::{ApiGrant, TokenAudience};
use crate::authorize::Door;
use crate::data_points::{DataPointName, DataPoints};
use crate::extensions::pkce_rfc7636::Challenge;
use crate::openid::{KnownIn, OpenIdGrant, SignIn};
use crate::vocabulary::{
    Client, ClientId, Confirmation, GrantId, Params, PersonId, Scope, SecretHash, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The person behind a grant or a session, as far as every rule needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Their number.
    pub person: PersonId,
    /// Their sign-in name.
    pub username: String,
    /// Whether a maintainer has disabled them: everything they granted is dead meanwhile.
    pub disabled: bool,
    /// Whether they are on the team of the client in question (never of a session, which has no client).
    pub on_team: bool,
    /// The app whose team made them up to try it with, of a test person; none of everybody else.
    pub test_of: Option<ClientId>,
}

/// The generation that a grant starts with, and that its first refresh token has.
pub const FIRST_GENERATION: u32 = 1;

/// The root of a grant tree, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its identifier.
    pub id: GrantId,
    /// To whom it was given.
    pub client: ClientId,
    /// By whom.
    pub holder: Holder,
    /// The scope that the token answer names.
    pub scope: Scope,
    /// Exactly the data points consented to, fixed when the grant was made: no later edit of the app widens it.
    pub data_points: DataPoints,
    /// When and how the person had last proved who they are.
    pub sign_in: SignIn,
    /// What an OpenID request asked for; none of a grant of plain OAuth.
    pub openid: Option<OpenIdGrant>,
    /// What it is about APIs beside its scope.
    pub apis: ApiGrant,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it was revoked; then everything below it is dead.
    pub revoked: bool,
    /// The generation of the newest refresh token: [`FIRST_GENERATION`] from the grant's creation on (the one that
    /// the code's redemption issues); only [`crate::effect::Write::RotateRefreshToken`] raises it.
    pub generation: u32,
    /// The refresh token that was rotated out last, and when.
    pub rotated_out: Option<(SecretHash, Timestamp)>,
    /// How it came of another grant; none of one that a person made.
    pub exchange: Option<Exchange>,
}

/// How a grant came of another one by token exchange (RFC 8693). It dies with every grant above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// How many grants are above it.
    pub depth: u32,
    /// Who acts for the person (RFC 8693 section 4.1); none where nobody is said to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
}

/// Who acts for somebody else (RFC 8693 section 4.1), as it is stored; what an app is told of it is [`Actor::told`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Who: a person as the app knows them, or the app itself by its identifier.
    pub sub: String,
    /// Who else may be told that `sub`; of an app itself, everybody.
    #[serde(default)]
    pub known_in: KnownIn,
    /// By which app.
    pub client_id: ClientId,
    /// Who acted before them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Self>>,
}

impl Actor {
    /// The `act` claim of a token of `reader`'s. Who acted before by another app is told by that app alone, unless `reader`
    /// knows people by the same names: what is pairwise to one sector is nobody else's to compare.
    pub fn told(&self, reader: &Client) -> Value {
        let mut told = Map::new();
        // The name of an app is no secret, and is not a person's.
        let is_app = self.sub == self.client_id.as_str();
        if is_app || self.client_id == reader.id || self.known_in == KnownIn::of(reader) {
            told.insert("sub".to_owned(), self.sub.as_str().into());
        }
        told.insert("client_id".to_owned(), self.client_id.as_str().into());
        if let Some(before) = &self.act {
            told.insert("act".to_owned(), before.told(reader));
        }
        Value::Object(told)
    }
}

/// A grant to be made. Its identifier is [`crate::effect::Fresh::Grant`], its generation [`FIRST_GENERATION`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrant {
    /// To whom.
    pub client: ClientId,
    /// By whom.
    pub person: PersonId,
    /// The scope as it will be named.
    pub scope: Scope,
    /// The data points, fixed.
    pub data_points: DataPoints,
    /// The manifest version consented to.
    pub version: u32,
    /// When and how the person last proved who they are.
    pub sign_in: SignIn,
    /// The session it was made in ([`Session::root`]): who ends that ends what the app's own session stands on. None
    /// where no browser was there.
    pub session: Option<SecretHash>,
    /// What an OpenID request asked for.
    pub openid: Option<OpenIdGrant>,
    /// The grant that it came of by token exchange, and how.
    pub exchange: Option<(GrantId, Exchange)>,
    /// What it is about APIs beside its scope.
    pub apis: ApiGrant,
    /// Now.
    pub at: Timestamp,
}

/// A code to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCode {
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Whether the request named it; then the token request must name it too (RFC 6749 section 4.1.3).
    pub redirect_uri_given: bool,
    /// The PKCE challenge, where there was one.
    pub challenge: Option<Challenge>,
    /// To whom it is bound already (`dpop_jkt`, RFC 9449 section 10).
    pub confirmation: Option<Confirmation>,
    /// When it dies.
    pub expires_at: Timestamp,
}

/// A code as stored, with what hangs together with it. A redeemed one is still found: its reuse must be recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeFacts {
    /// What the authorise request fixed.
    pub code: NewCode,
    /// When it was redeemed, if it was.
    pub redeemed_at: Option<Timestamp>,
    /// Its grant.
    pub grant: Grant,
}

/// A refresh token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefreshToken {
    /// Its grant.
    pub grant: GrantOf,
    /// Its generation within the family, from [`FIRST_GENERATION`]: stored on the token. Several tokens may share
    /// the newest one (a lost answer asked again); writing this does not touch the grant's own generation.
    pub generation: u32,
    /// To whom it is bound: a public client's only (RFC 9449 section 5, RFC 8705 section 4). A confidential one proves
    /// itself anyway.
    pub confirmation: Option<Confirmation>,
    /// Now.
    pub at: Timestamp,
    /// When it dies if it is not used.
    pub expires_at: Timestamp,
}

/// A refresh token as stored. A rotated-out one is still found: its reuse must be recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshFacts {
    /// Its hash, by which it was found.
    pub hash: SecretHash,
    /// Its generation.
    pub generation: u32,
    /// To whom it is bound.
    pub confirmation: Option<Confirmation>,
    /// When it dies if it is not used.
    pub expires_at: Timestamp,
    /// Its grant.
    pub grant: Grant,
}

/// The grant that something new hangs from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantOf {
    /// One that is stored.
    Stored(GrantId),
    /// The one that the same decision makes ([`crate::effect::Fresh::Grant`]).
    Fresh,
}

/// An access token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccessToken {
    /// The client it is for.
    pub client: ClientId,
    /// The grant it hangs from; none for `client_credentials`.
    pub grant: Option<GrantOf>,
    /// What it may do: the grant's scope or less.
    pub scope: Scope,
    /// To whom it is bound; none: to nobody.
    pub confirmation: Option<Confirmation>,
    /// For whom it is.
    pub audience: TokenAudience,
    /// Whether it is a JWT, whose `jti` is what is drawn for it (RFC 9068).
    pub is_jwt: bool,
    /// Now.
    pub at: Timestamp,
    /// When it dies.
    pub expires_at: Timestamp,
}

/// An access token as stored. A revoked one is not found at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTokenFacts {
    /// Its hash, by which it was found.
    pub hash: SecretHash,
    /// The client it was issued to.
    pub client: ClientId,
    /// What it may do.
    pub scope: Scope,
    /// To whom it is bound; none: to nobody.
    pub confirmation: Option<Confirmation>,
    /// For whom it is.
    pub audience: TokenAudience,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it dies.
    pub expires_at: Timestamp,
    /// The grant it hangs from; none for `client_credentials`.
    pub grant: Option<Grant>,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its cookie's hash, by which it was found.
    pub hash: SecretHash,
    /// What it is called towards everything that hangs from it: the hash of its first cookie. It stays when the same
    /// person proves again who they are and the cookie changes, so that apps go on knowing one session by one `sid`.
    pub root: SecretHash,
    /// Who.
    pub holder: Holder,
    /// When they last proved it.
    pub auth_time: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Session {
    /// Whether somebody is signed in by it at `now`: it has not ended, and nobody disabled its person.
    pub const fn is_live(&self, now: Timestamp) -> bool {
        !now.is_at_or_after(self.expires_at) && !self.holder.disabled
    }
}

/// What a person has allowed a client, remembered so that the same request passes silently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// What.
    pub allowed: Allowed,
    /// The manifest version they looked at.
    pub version: u32,
    /// When.
    pub at: Timestamp,
}

/// What a person answered on a consent page, together with what they answered before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowed {
    /// Exactly these data points.
    pub data_points: DataPoints,
    /// Optional ones that they were asked for and left out.
    pub declined: DataPoints,
    /// The scopes of APIs.
    pub scopes: BTreeSet<String>,
    /// Optional ones that they were asked for and left out.
    pub declined_scopes: BTreeSet<String>,
}

impl From<DataPoints> for Allowed {
    /// These data points, and nothing else.
    fn from(data_points: DataPoints) -> Self {
        Self {
            data_points,
            ..Self::default()
        }
    }
}

/// A person's values, by data point; what is absent is not on file.
pub type PersonData = BTreeMap<DataPointName, serde_json::Value>;

/// An authorisation request that waits for its person. Nothing in it is trusted when it comes back: the
/// pipeline decides again from what is stored then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedRequest {
    /// The door it came through.
    pub door: Door,
    /// The client it named.
    pub client: ClientId,
    /// Its parameters.
    pub params: Params,
    /// The manifest version it was checked against: a page opened before the app changed is refused.
    pub version: u32,
    /// When it came.
    pub at: Timestamp,
    /// When it is forgotten.
    pub expires_at: Timestamp,
    /// The pushed request that it came of: once this one is finished, so is that.
    pub pushed: Option<SecretHash>,
    /// The decoupled request that it came of, where the answer is kept.
    pub decoupled: Option<SecretHash>,
}

/// An authorisation request that a client pushed before it sends the browser (RFC 9126).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedRequest {
    /// Whose it is.
    pub client: ClientId,
    /// Its parameters.
    pub params: Params,
    /// When it can no longer be used.
    pub expires_at: Timestamp,
}
