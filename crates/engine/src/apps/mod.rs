//! Apps: registered, edited by their team, decided by maintainers.

mod edit;
mod logo;
mod logo_desk;
mod marks;
mod register;
mod review;
mod secrets;
mod settings;
mod team;
mod test_people;

pub use edit::EditError;
pub(crate) use edit::{MAX_VERSIONS, name_of, whole};
pub use logo::{Logo, LogoError, MAX_LOGO_BYTES, MAX_LOGO_SIDE, reencode};
pub(crate) use logo_desk::LogoDesk;
pub use register::{AddApp, AddAppError, MOST_APPS, Registered};
pub use review::{RemarkError, ReviewError, Seen};
pub use secrets::{Rotated, SecretError};
pub use settings::SettingsError;
pub use team::TeamError;
pub use test_people::{MAX_TEST_PEOPLE, NewTestPerson, TestPeopleError};
