//! Where an authorisation request ends.

use super::response_modes::Answer;
use super::trusted::Trusted;
use crate::effect::Fresh;
use crate::error::ErrorCode;
use crate::vocabulary::SecretHash;
use std::borrow::Cow;

/// What to do with the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Show an error page on our own site; send nobody anywhere.
    Page(PageError),
    /// Send the browser to the app (status 303) with a code or an error.
    Redirect(Answer),
    /// The request waits: send the browser to `/login?request=HANDLE`, which asks for the password even of a
    /// browser that is signed in (`prompt=login`, `max_age`).
    SignIn(Parked),
    /// The request waits: send the browser to `/consent?request=HANDLE`.
    Consent(Parked),
    /// Send the browser to our home page: the walkthrough's Deny.
    Home,
    /// The answer is kept until the app asks for it: say so.
    Kept(Kept),
}

/// An answer that is kept ([`crate::decoupled`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Whether the app asked from a device that the person goes back to.
    pub on_device: bool,
    /// The app's name.
    pub app_name: String,
    /// Yes or no.
    pub allowed: bool,
}

/// An error that is shown on our own site, because the app's address is not to be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageError {
    /// The OAuth code (`error-code` on the page).
    pub code: ErrorCode,
    /// What the page says (`error-detail`): nothing that helps an outsider.
    pub detail: Cow<'static, str>,
    /// The exact reason, for the log and the app's own team; never a secret.
    pub private: Cow<'static, str>,
    /// Whether signing in may help: the app is in the sandbox, and its team may go on.
    pub offer_sign_in: bool,
    /// Whether the consent page can be looked at again: the request still waits.
    pub look_again: bool,
}

impl PageError {
    /// An error whose detail says all there is.
    pub(super) fn new(code: ErrorCode, detail: &'static str) -> Self {
        Self {
            code,
            detail: detail.into(),
            private: detail.into(),
            offer_sign_in: false,
            look_again: false,
        }
    }

    /// Adds the exact reason.
    pub(super) fn because(mut self, private: impl Into<Cow<'static, str>>) -> Self {
        self.private = private.into();
        self
    }

    /// Offers to look at the consent page again, where the request still waits.
    pub(super) const fn looking_again(mut self) -> Self {
        self.look_again = true;
        self
    }

    /// Offers to sign in.
    pub(super) const fn with_sign_in(mut self) -> Self {
        self.offer_sign_in = true;
        self
    }
}

/// A request that waits for its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// Where the forms on the way may end up: for the `form-action` of their pages
    /// ([`crate::vocabulary::RedirectUri::origin_of`]); empty where that is here.
    pub redirect_origin: String,
    /// Under which handle.
    pub handle: HandleOf,
}

impl Parked {
    /// `trusted`, waiting under `handle`.
    pub(super) fn of(trusted: &Trusted<'_>, handle: HandleOf) -> Self {
        Self {
            redirect_origin: trusted.origin(),
            handle,
        }
    }
}

/// Which handle a parked request has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandleOf {
    /// The one drawn for this decision.
    Minted(Fresh),
    /// The one the browser came with, by its hash; the caller has its text.
    Presented(SecretHash),
}
