//! What a grant remembers of the OpenID request that it came from.

use super::ClaimsRequest;
use crate::jose::encode;
use crate::vocabulary::{ClientId, SecretHash, sha256};
use serde::{Deserialize, Serialize};

/// Kept with a grant whose scope holds `openid`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OpenIdGrant {
    /// `nonce`, which the ID token gives back unchanged (OpenID Connect Core section 3.1.2.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The claims asked for by name.
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
    /// The session's name for this client: `sid`.
    pub sid: SessionId,
}

/// A session's name towards one client (`sid`, OpenID Connect Front-Channel Logout section 3): another for each, so
/// that two apps cannot tell by it that they serve the same browser, and nothing that opens the session.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub String);

impl SessionId {
    /// The name towards `client` of the session of this root ([`crate::records::Session::root`]).
    pub fn of(session: SecretHash, client: &ClientId) -> Self {
        let named = [
            b"omniport sid\0".as_slice(),
            session.as_bytes(),
            client.as_str().as_bytes(),
        ];
        Self(encode(sha256(&named.concat())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_its_own_name_for_a_session() {
        let (one, other) = (ClientId::parse("a").unwrap(), ClientId::parse("b").unwrap());
        let session = SecretHash::of("cookie");
        assert_eq!(SessionId::of(session, &one), SessionId::of(session, &one));
        assert_ne!(SessionId::of(session, &one), SessionId::of(session, &other));
        assert_ne!(
            SessionId::of(session, &one),
            SessionId::of(SecretHash::of("x"), &one)
        );
    }
}
