//! The rules of OAuth 2.0, `OpenID` Connect and review, as pure functions.
//!
//! One idea carries this crate: **a decision is data**. An [`Operation`](effect::Operation) says what it
//! needs to know ([`Load`](effect::Load)), looks at it ([`Loaded`](effect::Loaded)) and says what must become
//! true and what to answer ([`Decision`](effect::Decision)). Nothing here touches a socket, a clock, a dice or
//! a database, so every rule is tested where it stands.
#![forbid(unsafe_code)]

// Whoever asks for it learns why at once, and not from a token endpoint in service.
#[cfg(feature = "saml-bearer")]
compile_error!(
    "There is no SAML bearer grant (RFC 7522) yet: no XML signature library is kept well enough. \
     See docs/decisions/0031-no-saml-bearer-yet.md and docs/flows/saml-bearer.md."
);

pub mod apis;
pub mod audit;
pub mod authorize;
pub mod client_auth;
pub mod ctx;
pub mod data_points;
pub mod decoupled;
pub mod effect;
pub mod endpoints;
pub mod error;
pub mod extensions;
pub mod jose;
pub mod logout;
pub mod openid;
pub mod records;
pub mod review;
#[cfg(test)]
mod testing;
pub mod token;
pub mod vocabulary;
