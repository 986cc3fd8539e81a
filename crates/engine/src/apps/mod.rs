//! Apps: registered, edited by their team, decided by maintainers.

mod edit;
mod logo;
mod register;
mod review;
mod secrets;
mod team;

pub use edit::EditError;
pub use logo::{LogoError, MAX_LOGO_BYTES, MAX_LOGO_SIDE, reencode};
pub use register::{AddApp, AddAppError, Registered};
pub use review::ReviewError;
pub use secrets::{Rotated, SecretError};
pub use team::TeamError;
