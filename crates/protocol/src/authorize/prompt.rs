//! `prompt` and `max_age` (OpenID Connect Core section 3.1.2.1): when to ask although we need not, or not to ask.

use crate::error::{ErrorCode, Refusal};
use crate::records::Session;
use crate::vocabulary::Timestamp;

/// How long, in seconds, somebody counts as only just signed in: for acts that another person at an unlocked screen must
/// not do in their name.
pub const FRESH_SIGN_IN_SECONDS: i64 = 600;

/// Longest `prompt`, in bytes: room for every value twice.
const MAX_BYTES: usize = 64;

/// What the app wants the person to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Prompt {
    /// Show no page at all: answer with an error instead.
    pub(super) none: bool,
    /// Ask for the password although there is a session. `select_account` means this too: a browser has one
    /// session, and signing in again is how its person becomes another.
    pub(super) login: bool,
    /// Show the consent page although the consent is remembered.
    pub(super) consent: bool,
    /// The most seconds since the person last proved who they are.
    pub(super) max_age: Option<i64>,
}

impl Prompt {
    /// Reads `prompt`'s space-separated values.
    ///
    /// # Errors
    /// `invalid_request` for an unknown value, for one that is repeated without end, or for `none` beside another one.
    pub(super) fn read(&mut self, text: &str) -> Result<(), Refusal> {
        // Parked requests keep what was read, and anybody may have one parked.
        if text.len() > MAX_BYTES {
            let public = "prompt is too long.";
            return Err(Refusal::new(ErrorCode::InvalidRequest, public));
        }
        for value in text.split(' ').filter(|value| !value.is_empty()) {
            match value {
                "none" => self.none = true,
                "login" | "select_account" => self.login = true,
                "consent" => self.consent = true,
                _ => {
                    return Err(Refusal::new(
                        ErrorCode::InvalidRequest,
                        "prompt has an unknown value.",
                    ));
                }
            }
        }
        if self.none && (self.login || self.consent) {
            let public = "prompt=none cannot stand beside another value.";
            return Err(Refusal::new(ErrorCode::InvalidRequest, public));
        }
        Ok(())
    }

    /// Reads `max_age`'s seconds.
    ///
    /// # Errors
    /// `invalid_request` for anything but 1 to 18 digits.
    pub(super) fn read_max_age(&mut self, text: &str) -> Result<(), Refusal> {
        let fits = (1..=18).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        self.max_age = text.parse().ok().filter(|_| fits);
        if self.max_age.is_some() {
            Ok(())
        } else {
            let public = "max_age must be a whole number of seconds.";
            Err(Refusal::new(ErrorCode::InvalidRequest, public))
        }
    }

    /// Whether the person must prove again who they are.
    ///
    /// Who has proved it since the request was parked has done what it asked for. Moments are whole seconds, so a
    /// sign-in of the very second counts: else a quick one would be asked for again and again.
    pub(super) fn wants_sign_in(
        &self,
        session: &Session,
        parked_at: Option<Timestamp>,
        now: Timestamp,
    ) -> bool {
        let done = parked_at.is_some_and(|at| session.auth_time >= at);
        // `max_age=0` is `prompt=login` by another name, also within the second of a sign-in.
        let too_old = |seconds| seconds == 0 || now > session.auth_time.plus(seconds);
        !done && (self.login || self.max_age.is_some_and(too_old))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_fits_and_an_endless_list_does_not() {
        assert_eq!(Prompt::default().read("login consent select_account"), Ok(()));
        let refused = Prompt::default().read(&"login ".repeat(10_000)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidRequest);
    }
}
