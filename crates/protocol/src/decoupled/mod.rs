//! Decoupled requests: asked in one place, answered in another.
//!
//! A device shows a code that its person types in elsewhere (RFC 8628); an app asks a person on their own page (OpenID
//! Connect Client-Initiated Backchannel Authentication). Both are one thing here: a request that is kept until its person
//! answers, and that its app asks about meanwhile. The person walks the same hallway as with a browser
//! ([`crate::authorize`]): only the door differs, and that the answer is kept instead of sent back. Both grants redeem it
//! by the same rule (`poll::redeem`).

mod poll;
mod user_code;

pub(crate) use poll::redeem;
pub use user_code::{USER_CODE_ALPHABET, USER_CODE_LENGTH, UserCode};

use crate::authorize::Door;
use crate::records::Grant;
use crate::vocabulary::{ClientId, Params, PersonId, Secret, SecretHash, Timestamp};

/// How many seconds longer a device or an app must wait between two questions once it asked too soon (RFC 8628
/// section 3.5).
pub const SLOWER_BY_SECONDS: i64 = 5;

/// A request that is answered elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecoupledRequest {
    /// The door it came through: one of [`Door::DECOUPLED`].
    pub door: Door,
    /// The client that asks.
    pub client: ClientId,
    /// What it asks for; nothing in it is trusted later: the hallway decides again.
    pub params: Params,
    /// Who alone may answer; none: whoever has the user code.
    pub person: Option<PersonId>,
    /// Seconds that the client must wait between two questions.
    pub poll_seconds: i64,
    /// When it was asked.
    pub at: Timestamp,
    /// When it can no longer be answered.
    pub expires_at: Timestamp,
}

/// One to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDecoupled {
    /// The request.
    pub request: DecoupledRequest,
    /// What its client is told of the answer with, where it wants to be told: kept sealed.
    pub notification_token: Option<NotificationToken>,
}

/// The token by which a client knows that it is we who tell it of an answer (`client_notification_token`, CIBA section
/// 7.1). It is the client's secret, and never printed.
#[derive(Debug, Clone)]
pub struct NotificationToken(Secret);

impl NotificationToken {
    /// Takes a text for one.
    pub fn new(text: &str) -> Self {
        Self(Secret::new(text))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl PartialEq for NotificationToken {
    fn eq(&self, other: &Self) -> bool {
        self.0.hash() == other.0.hash()
    }
}

impl Eq for NotificationToken {}

/// How far a decoupled request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecoupledState {
    /// Nobody has answered.
    Pending,
    /// The person said no.
    Denied,
    /// The person said yes, and the app does not have its tokens yet.
    Allowed,
    /// The app has them.
    Redeemed,
}

impl DecoupledState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Denied, Self::Allowed, Self::Redeemed];

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Denied => "denied",
            Self::Allowed => "allowed",
            Self::Redeemed => "redeemed",
        }
    }

    /// Reads the stored word back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A decoupled request as stored. An answered one is still found, so that its end can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecoupledFacts {
    /// The hash of what its app polls with.
    pub code: SecretHash,
    /// The request.
    pub request: DecoupledRequest,
    /// How far it has come.
    pub state: DecoupledState,
    /// When its app last asked about it.
    pub polled_at: Option<Timestamp>,
    /// What came of a yes.
    pub grant: Option<Grant>,
}

impl DecoupledFacts {
    /// Whether somebody may still answer it at `now`.
    pub fn waits(&self, now: Timestamp) -> bool {
        self.state == DecoupledState::Pending && !now.is_at_or_after(self.request.expires_at)
    }
}
