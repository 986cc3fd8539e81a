//! OpenID Connect over the same grants: who signed in, told in an ID token and at userinfo.
//!
//! Nothing here is a second catalogue of facts: a standard claim is fed by a data point ([`crate::data_points`]), so what
//! an app learns by a claim it was approved for and the person consented to, like everything else.

mod ciba_metadata;
mod claims;
mod claims_request;
mod document;
mod grant;
mod id_token;
mod keys;
mod metadata;
mod registered;
mod scopes;
mod sender_metadata;
mod sign_in;
mod subject;

pub use ciba_metadata::{CibaDocument, CibaMetadata};
pub use claims::{ToldClaims, tells_username};
pub use claims_request::{ClaimsRequest, Wanted};
use document::is_https_url;
pub use document::{OpenIdDocument, check_sector};
pub use grant::{OpenIdGrant, SessionId};
pub use id_token::IdTokenFacts;
pub(crate) use id_token::encrypted;
pub use keys::{encryption_keys_load, keys_load, keys_of};
pub use metadata::{ApplicationType, OpenIdMetadata, ResponseEncryption};
pub use registered::{protocol_settings, registered_metadata};
pub use scopes::{BUNDLES, OFFLINE_ACCESS, OPENID, claim_of, is_openid_scope, stands_for};
pub use sender_metadata::{SenderDocument, SenderMetadata};
pub use sign_in::{SignIn, SignedInElsewhere};
pub use subject::{KnownIn, SubjectType, subject};

/// The authentication context class that a sign-in by password has (`acr`, OpenID Connect Core section 2).
pub const ACR_PASSWORD: &str = "urn:omniport:acr:password";
