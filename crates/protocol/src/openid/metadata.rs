//! What a client says of itself for OpenID Connect (Registration section 2, the logout specifications): part of its manifest.

use super::{CibaMetadata, SenderMetadata, SubjectType};
use crate::authorize::ResponseType;
use crate::jose::{ContentEncryption, Encryption, JoseError, JwkSet, KeyManagement, SigningAlgorithm};
use crate::vocabulary::Profile;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A native app or a site (Registration section 2): which redirect URLs it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApplicationType {
    /// A site: `https` redirect URLs.
    #[default]
    Web,
    /// An app on a device: loopback or private-use schemes.
    Native,
}

/// An encrypted answer: how its key is handed over, and how its content is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseEncryption {
    /// `..._encrypted_response_alg`.
    pub alg: KeyManagement,
    /// `..._encrypted_response_enc`; where only `alg` is given, `A128CBC-HS256`.
    pub enc: ContentEncryption,
}

/// The metadata, each member under its registered name. What is not given is as the specification says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "registered members of the metadata, each yes or no by its specification"
)]
pub struct OpenIdMetadata {
    /// The client's public keys, by value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<JwkSet>,
    /// The client's public keys, by reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// What it may be answered with at the authorisation endpoint.
    pub response_types: BTreeSet<ResponseType>,
    /// A site or a native app.
    pub application_type: ApplicationType,
    /// Where its logo was fetched from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// The document that lists the redirect URLs of its sector, checked at registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// That document's host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// How it is told who someone is.
    pub subject_type: SubjectType,
    /// How its ID tokens are signed.
    pub id_token_signed_response_alg: SigningAlgorithm,
    /// How its ID tokens are encrypted; none: not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encryption: Option<ResponseEncryption>,
    /// How userinfo answers are signed; none: plain JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<SigningAlgorithm>,
    /// What signs introspection's answers to it where it asks for a JWT (RFC 9701 section 6); none: RS256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_signed_response_alg: Option<SigningAlgorithm>,
    /// How userinfo answers are encrypted; none: not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encryption: Option<ResponseEncryption>,
    /// The one algorithm that its request objects are signed with; none: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<SigningAlgorithm>,
    /// The one algorithm that its client assertions are signed with, in the wire's word (`HS256` too); none: any that
    /// fits its method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// The most seconds since the sign-in, where a request does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<i64>,
    /// Whether `auth_time` must be told. It always is.
    pub require_auth_time: bool,
    /// `acr` values, where a request does not say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// Where a third party starts a sign-in (Core section 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// Whether it must push its requests (RFC 9126 section 6).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub require_pushed_authorization_requests: bool,
    /// Whether its requests must come as request objects (RFC 9101 section 10.5).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub require_signed_request_object: bool,
    /// How a signed answer to it is signed (JARM section 3).
    pub authorization_signed_response_alg: SigningAlgorithm,
    /// The profile that it is held to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// How it is known by what it holds.
    #[serde(skip_serializing_if = "SenderMetadata::is_silent")]
    pub sender: SenderMetadata,
    /// How it asks people elsewhere.
    #[serde(skip_serializing_if = "CibaMetadata::is_silent")]
    pub ciba: CibaMetadata,
    /// Where its request objects may be fetched from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<String>,
    /// Where a browser may go after it signed out (RP-Initiated Logout section 3.1).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it hears of a sign-out in the browser (Front-Channel Logout section 2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Whether `iss` and `sid` are told there.
    pub frontchannel_logout_session_required: bool,
    /// Where it hears of a sign-out from us (Back-Channel Logout section 2.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether `sid` must be in the logout token. It always is.
    pub backchannel_logout_session_required: bool,
}

impl Default for OpenIdMetadata {
    fn default() -> Self {
        Self {
            jwks: None,
            jwks_uri: None,
            response_types: [ResponseType::Code].into(),
            application_type: ApplicationType::Web,
            logo_uri: None,
            sector_identifier_uri: None,
            sector: None,
            subject_type: SubjectType::Public,
            id_token_signed_response_alg: SigningAlgorithm::Rs256,
            id_token_encryption: None,
            userinfo_signed_response_alg: None,
            introspection_signed_response_alg: None,
            userinfo_encryption: None,
            request_object_signing_alg: None,
            token_endpoint_auth_signing_alg: None,
            default_max_age: None,
            require_auth_time: false,
            default_acr_values: Vec::new(),
            initiate_login_uri: None,
            require_pushed_authorization_requests: false,
            require_signed_request_object: false,
            authorization_signed_response_alg: SigningAlgorithm::Rs256,
            profile: None,
            sender: SenderMetadata::default(),
            ciba: CibaMetadata::default(),
            request_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            frontchannel_logout_uri: None,
            frontchannel_logout_session_required: false,
            backchannel_logout_uri: None,
            backchannel_logout_session_required: false,
        }
    }
}

impl ResponseEncryption {
    /// To whom an answer goes, encrypted to the client's own key.
    ///
    /// # Errors
    /// [`JoseError::UnknownKey`] where no key of the client's fits.
    pub fn to(self, keys: &JwkSet) -> Result<Encryption, JoseError> {
        Encryption::to(&keys.keys, self.alg, self.enc)
    }
}
