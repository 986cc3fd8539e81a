//! The logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4).

use crate::ctx::Ctx;
use crate::extensions::fapi2;
use crate::jose::UnsignedJwt;
use crate::openid::{SessionId, subject};
use crate::vocabulary::{Client, PersonId, SecretHash};
use serde_json::{Value, json};

/// Its media type in the header: nothing that wants an ID token takes it for one.
pub const LOGOUT_TOKEN_TYPE: &str = "logout+jwt";
/// Its life, in seconds: two minutes at most (section 2.4).
pub const LOGOUT_TOKEN_SECONDS: i64 = 120;

/// The one member of `events`.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What tells an app that a session of one of its people has ended.
#[derive(Debug, Clone, Copy)]
pub struct LogoutToken<'a> {
    /// To whom.
    pub client: &'a Client,
    /// Whose session.
    pub person: PersonId,
    /// The session's root ([`crate::records::Session::root`]).
    pub root: SecretHash,
    /// Its own name, never used before: `jti`.
    pub jti: &'a str,
}

impl LogoutToken<'_> {
    /// The token, signed as the client's ID tokens are (section 2.4). It names both the person and the session, and
    /// never has a `nonce`, so that it passes for no ID token.
    pub fn unsigned(&self, ctx: &Ctx<'_>) -> UnsignedJwt {
        let claims = json!({
            "iss": ctx.issuer,
            "sub": subject(self.client, self.person, ctx),
            "aud": self.client.id.as_str(),
            "iat": ctx.now.seconds(),
            "exp": ctx.now.plus(LOGOUT_TOKEN_SECONDS).seconds(),
            "jti": self.jti,
            "sid": SessionId::of(self.root, &self.client.id),
            "events": {EVENT: {}},
        });
        UnsignedJwt {
            algorithm: fapi2::signing(self.client, self.client.openid.id_token_signed_response_alg, ctx),
            typ: Some(LOGOUT_TOKEN_TYPE),
            claims: match claims {
                Value::Object(claims) => claims,
                _ => serde_json::Map::new(),
            },
            hashes: Vec::new(),
            encryption: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLIENT, ISSUER, NOW, World, client};

    #[test]
    fn case_101_a_logout_token_has_events_and_never_a_nonce() {
        let client = client();
        let root = SecretHash::of("cookie");
        let token = LogoutToken {
            client: &client,
            person: PersonId(7),
            root,
            jti: "j-1",
        };
        let jwt = token.unsigned(&World::new().ctx());
        let sid = SessionId::of(root, &client.id).0;
        assert_eq!(
            Value::Object(jwt.claims),
            json!({
                "iss": ISSUER, "sub": "7", "aud": CLIENT, "iat": NOW.seconds(), "exp": NOW.seconds() + 120,
                "jti": "j-1", "sid": sid, "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            }),
            "exactly these, so no nonce"
        );
        assert_eq!(jwt.typ, Some("logout+jwt"));
        assert_eq!(jwt.algorithm, client.openid.id_token_signed_response_alg);
    }
}
