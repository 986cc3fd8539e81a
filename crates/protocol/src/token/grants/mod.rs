//! The grants, one a file, each named as the wire names it; `decoupled` is what two of them share.

mod authorization_code;
mod ciba;
mod client_credentials;
mod decoupled;
mod device_code;
mod exchange_subject;
mod jwt_bearer;
mod password;
mod refresh_token;
#[cfg(test)]
mod refresh_token_family;
mod token_exchange;

pub(super) use authorization_code::AuthorizationCode;
pub(super) use ciba::CIBA;
pub(super) use client_credentials::ClientCredentials;
pub(super) use device_code::DEVICE_CODE;
pub(super) use jwt_bearer::JwtBearer;
pub(super) use password::Password;
pub(super) use refresh_token::RefreshToken;
pub(super) use token_exchange::TokenExchange;

use crate::data_points::DataPoints;
use crate::error::{ErrorCode, Refusal};
use crate::openid::{OFFLINE_ACCESS, is_openid_scope};
use crate::records::Allowed;
use crate::vocabulary::{Client, Params, Scope};

/// A parameter that the grant cannot do without.
fn required<'a>(params: &'a Params, name: &str) -> Result<&'a str, Refusal> {
    params.get(name).ok_or_else(|| {
        Refusal::new(
            ErrorCode::InvalidRequest,
            format!("The parameter '{name}' is missing."),
        )
    })
}

/// The `scope` asked for, which must lie within `most`; all of `most` where none is named (RFC 6749 section 3.3).
fn narrowed(params: &Params, most: &Scope) -> Result<Scope, Refusal> {
    let Some(text) = params.get("scope") else {
        return Ok(most.clone());
    };
    let asked = Scope::parse(text).map_err(|e| {
        Refusal::new(ErrorCode::InvalidScope, "The scope is malformed.").because(e.to_string())
    })?;
    if asked.is_subset_of(most) {
        return Ok(asked);
    }
    Err(Refusal::new(
        ErrorCode::InvalidScope,
        "The scope goes beyond what was granted. Ask for less, or leave it out.",
    )
    .because(format!(
        "the scope asked for is '{asked}', the widest possible is '{most}'"
    )))
}

/// What a token without a browser may do, of what was `asked`: data points among `most` that the app is approved for, as
/// far as the person `allowed` them (none: no need to ask), and the scope that names what remains.
///
/// # Errors
/// `invalid_scope` where nothing does.
fn remaining(
    client: &Client,
    asked: &Scope,
    most: &DataPoints,
    allowed: Option<&Allowed>,
) -> Result<(DataPoints, Scope), Refusal> {
    let data_points: DataPoints = most
        .intersection(&client.data_points)
        .filter(|point| allowed.is_none_or(|allowed| allowed.data_points.contains(point)))
        .cloned()
        .collect();
    let remains = |name: &str| match name {
        // There is no refresh token.
        OFFLINE_ACCESS => false,
        "read" | "write" => true,
        _ if is_openid_scope(name) => true,
        _ if data_points.iter().any(|point| point.as_str() == name) => true,
        _ => client.api_scopes.contains(name) && allowed.is_none_or(|allowed| allowed.scopes.contains(name)),
    };
    let scope = Scope::of(asked.names().filter(|name| remains(name)));
    if scope.is_empty() {
        return Err(Refusal::new(
            ErrorCode::InvalidScope,
            "Nothing remains of this scope that this app may have.",
        )
        .because(format!("the scope was '{asked}'")));
    }
    Ok((data_points, scope))
}
