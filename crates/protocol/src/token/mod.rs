//! The token endpoint (RFC 6749 section 3.2): one dispatcher, and one file for each grant it knows.

mod access_token_rfc9068;
mod audience;
mod dispatch;
mod grant;
mod grants;
mod liveness;
mod registry;
mod settings;

pub use crate::effect::Refused;
pub use access_token_rfc9068::Presented;
pub(crate) use audience::standing_scope;
pub use dispatch::{TokenReply, TokenRequest};
pub use grant::{Behalf, Grant, Granted};
pub use liveness::{access_token_is_live, grant_is_live, refresh_token_is_live};
pub use registry::registry;
pub use settings::{GrantSettings, IssuerError, IssuerKeys, SubjectIs, TrustedIssuer};
