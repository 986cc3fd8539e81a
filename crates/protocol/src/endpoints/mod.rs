//! The endpoints beside authorise and token, one file each.

pub mod bearer_rfc6750;
pub mod introspection_rfc7662;
pub mod revocation_rfc7009;
pub mod user_data;

use crate::client_auth::Credentials;
use crate::error::{ErrorCode, Refusal};
use crate::vocabulary::{Params, Secret};

/// What introspection and revocation read alike: who asks, about which token. The `token_type_hint` is a hint only
/// (RFC 7009 section 2.1, RFC 7662 section 2.1), and we need none: both kinds are looked up by the same hash.
fn about_a_token(authorization: Option<&str>, params: &Params) -> Result<(Credentials, Secret), Refusal> {
    params.refuse_duplicates()?;
    let credentials = Credentials::from_request(authorization, params)?;
    let token = params
        .get("token")
        .ok_or_else(|| Refusal::new(ErrorCode::InvalidRequest, "The parameter 'token' is missing."))?;
    Ok((credentials, Secret::new(token)))
}
