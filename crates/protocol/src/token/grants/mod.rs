//! The grants, one a file, each named as the wire names it.

mod authorization_code;
mod client_credentials;
mod device_code;
mod exchange_subject;
mod refresh_token;
#[cfg(test)]
mod refresh_token_family;
mod token_exchange;

pub(super) use authorization_code::AuthorizationCode;
pub(super) use client_credentials::ClientCredentials;
pub(super) use device_code::DeviceCode;
pub(super) use refresh_token::RefreshToken;
pub(super) use token_exchange::TokenExchange;

use crate::error::{ErrorCode, Refusal};
use crate::vocabulary::{Params, Scope};

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
