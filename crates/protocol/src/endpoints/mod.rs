//! The endpoints beside authorise and token, one file each.

pub mod bearer_rfc6750;
pub mod discovery;
pub mod introspection_rfc7662;
pub mod presented_token;
pub mod protected_resource_rfc9728;
pub mod revocation_rfc7009;
pub mod user_data;
pub mod userinfo;

use crate::client_auth::Credentials;
use crate::effect::{Load, Loaded};
use crate::error::{ErrorCode, Refusal};
use crate::token::Presented;
use crate::vocabulary::{Params, Secret};

/// What introspection and revocation have in common: who asks, about which token.
#[derive(Debug, Clone)]
struct TokenInquiry {
    credentials: Credentials,
    token: Secret,
}

impl TokenInquiry {
    /// Reads a request: the `Authorization` header's value, and the form.
    ///
    /// # Errors
    /// `invalid_request` for a repeated parameter, two ways to authenticate, or no `token`; `invalid_client` where no
    /// client is named.
    fn parse(authorization: Option<&str>, params: &Params) -> Result<Self, Refusal> {
        let credentials = Credentials::from_request(authorization, params)?;
        let missing = || Refusal::new(ErrorCode::InvalidRequest, "The parameter 'token' is missing.");
        let token = params.get("token").ok_or_else(missing)?;
        Ok(Self {
            credentials,
            token: Secret::new(token),
        })
    }

    /// The client that the request claims to come from.
    const fn credentials_mut(&mut self) -> &mut Credentials {
        &mut self.credentials
    }

    /// The asker, and the token as the kind that is asked about most.
    fn load(&self) -> Vec<Load> {
        let mut loads = self.credentials.load();
        loads.extend([self.presented().load(), Load::Apis]);
        loads
    }

    /// The token as an access token.
    fn presented(&self) -> Presented {
        Presented::of(&self.token)
    }

    /// The token as the other kind, where it is no access token: `token_type_hint` is a hint only (RFC 7009 section
    /// 2.1, RFC 7662 section 2.1), and we need none, since both are looked up by the same hash.
    fn load_more(&self, known: &Loaded) -> Vec<Load> {
        let other = match known.access_token {
            Some(_) => None,
            None => Some(Load::RefreshToken(self.token.hash())),
        };
        other
            .into_iter()
            .chain(self.credentials.load_more(known))
            .collect()
    }
}
