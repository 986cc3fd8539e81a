//! What a request tells the flow debugger.

use crate::pages::RequestId;
use omniport_protocol::authorize::{Outcome, PageError};
use omniport_protocol::effect::Loaded;
use omniport_protocol::error::{ErrorCode, Refusal};
use omniport_protocol::records::Holder;
use omniport_protocol::review::Who;
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};

/// Where a request came in, and its name.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Which endpoint, in one word.
    pub endpoint: &'static str,
    /// The request's name, where it has one.
    pub request: Option<&'a RequestId>,
}

/// What came of one request. All of it is borrowed: most requests of a busy app are only counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    /// Where it came in.
    pub(super) asked: Asked<'a>,
    /// The app it came from, or said to come from.
    pub(super) client: &'a ClientId,
    /// Whether there is such an app. What may not exist is passed over when it is written, and where there is little
    /// room.
    pub(super) is_known: bool,
    /// The person behind it, where there is one. Only one of the team, or of its test people, is written down; another is counted.
    pub(super) behind: Option<Behind>,
    /// How it ended.
    pub(super) ending: Ending<'a>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy)]
pub enum Ending<'a> {
    /// Well.
    Well(Came),
    /// Not.
    Refused {
        /// The wire's code.
        code: ErrorCode,
        /// The exact reason, which holds no secret and nobody's number.
        reason: &'a str,
    },
    /// What the app was to be told did not reach it.
    Undelivered {
        /// The exact reason.
        reason: &'a str,
    },
}

impl<'a> From<&'a PageError> for Ending<'a> {
    fn from(error: &'a PageError) -> Self {
        Self::Refused {
            code: error.code,
            reason: &error.private,
        }
    }
}

impl<'a> From<&'a Outcome> for Ending<'a> {
    fn from(outcome: &'a Outcome) -> Self {
        match outcome {
            Outcome::Page(error) => error.into(),
            Outcome::Redirect(answer) => answer.refusal().map_or(Self::Well(Came::Code), Into::into),
            Outcome::SignIn(_) => Self::Well(Came::SignIn),
            Outcome::Consent(_) => Self::Well(Came::Consent),
            Outcome::Kept(kept) if kept.allowed => Self::Well(Came::Allowed),
            Outcome::Home | Outcome::Kept(_) => Self::Well(Came::Denied),
        }
    }
}

impl<'a> From<&'a Refusal> for Ending<'a> {
    fn from(refusal: &'a Refusal) -> Self {
        // Asking until there is an answer is how it is done (RFC 8628 section 3.4), and no failure.
        if refusal.code == ErrorCode::AuthorizationPending {
            return Self::Well(Came::Pending);
        }
        Self::Refused {
            code: refusal.code,
            reason: &refusal.private,
        }
    }
}

/// What came of a request that ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// The browser was sent to the sign-in page.
    SignIn,
    /// The browser was sent to the consent page.
    Consent,
    /// The app handed over a request before it sends the browser.
    Pushed,
    /// A device asked, and shows a code; or an app asked a person on their own page.
    AskedElsewhere,
    /// The person has not answered yet.
    Pending,
    /// The person said yes, and the app may fetch its tokens.
    Allowed,
    /// The app got a code.
    Code,
    /// The person said no, and the app does not hear of it at once (the walkthrough's Deny, a device's).
    Denied,
    /// The app got tokens.
    Tokens,
    /// The app asked about a token.
    Introspected,
    /// The app gave a token back.
    Revoked,
    /// The app read a person's data.
    Data,
    /// The app asked for a sign-out, and the person was asked.
    LogoutAsked,
    /// The app asked for a sign-out, and nobody is signed in any more.
    Logout,
    /// The app was told that a session had ended.
    LogoutTold,
    /// The app was told that the person it asked has answered.
    AnswerTold,
}

impl Came {
    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Consent => "consent",
            Self::Pushed => "pushed",
            Self::AskedElsewhere => "asked_elsewhere",
            Self::Pending => "pending",
            Self::Allowed => "allowed",
            Self::Code => "code",
            Self::Denied => "denied",
            Self::Tokens => "tokens",
            Self::Introspected => "introspected",
            Self::Revoked => "revoked",
            Self::Data => "data",
            Self::LogoutAsked => "logout_asked",
            Self::Logout => "logout",
            Self::LogoutTold => "logout_told",
            Self::AnswerTold => "answer_told",
        }
    }

    /// Whether the person did something with the app by it.
    pub(super) const fn is_activity(self) -> bool {
        matches!(self, Self::Code | Self::Tokens | Self::Data)
    }
}

/// The person behind a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    /// Who.
    pub person: PersonId,
    /// Whether the app's team may read their name: they are of it, or one of its test people.
    pub is_named: bool,
}

/// The person behind a request, of what was loaded for it: the grant's, where it is this client's own; else whoever is
/// signed in.
pub(super) fn behind(loaded: &Loaded, now: Timestamp) -> Option<Behind> {
    let client = &loaded.client.as_deref()?.id;
    let grants = [
        loaded
            .access_token
            .as_ref()
            .and_then(|token| token.grant.as_ref()),
        loaded.refresh_token.as_ref().map(|token| &token.grant),
        loaded.code.as_ref().map(|code| &code.grant),
        loaded.decoupled.as_ref().and_then(|facts| facts.grant.as_ref()),
    ];
    let own = grants.into_iter().flatten().find(|grant| grant.client == *client);
    own.map(|grant| of(client, &grant.holder, grant.holder.on_team))
        .or_else(|| {
            let live = loaded.session.as_ref().filter(|session| session.is_live(now))?;
            Some(of(client, &live.holder, loaded.on_team))
        })
}

fn of(client: &ClientId, holder: &Holder, on_team: bool) -> Behind {
    Behind {
        person: holder.person,
        is_named: matches!(Who::of(client, holder, on_team), Who::Team | Who::TestPerson),
    }
}
