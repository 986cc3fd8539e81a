//! Signing out: asked for by a person or by an app (OpenID Connect RP-Initiated Logout 1.0), and what apps are told of
//! it: from us (Back-Channel Logout 1.0) and in the browser (Front-Channel Logout 1.0).

mod back_channel;
mod front_channel;
mod hint;
mod request;
#[cfg(test)]
mod tests;

pub use back_channel::{LOGOUT_TOKEN_SECONDS, LOGOUT_TOKEN_TYPE, LogoutToken};
pub use front_channel::frontchannel_url;
pub(crate) use hint::Hint;
pub use request::{LogoutOutcome, LogoutQuestion, LogoutRequest, PARAMETERS};
