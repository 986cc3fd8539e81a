//! Whom a request means (section 7.1): exactly one of three hints.

use crate::ctx::Ctx;
use crate::effect::Load;
use crate::error::{ErrorCode, Refusal};
use crate::logout;
use crate::openid::SubjectType;
use crate::vocabulary::{Client, Params, PersonId};

/// Longest `login_hint`, in bytes: as long as at the other doors.
const MAX_LOGIN_HINT_BYTES: usize = 1_024;
/// Longest `id_token_hint`, in bytes.
const MAX_ID_TOKEN_HINT_BYTES: usize = 16_384;

/// By what a request names its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hint {
    /// `login_hint`: the sign-in name, in any case.
    Username(String),
    /// `id_token_hint`: the subject of an ID token that this client has of us.
    Subject(String),
}

fn invalid(public: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, public)
}

impl Hint {
    /// Reads the one hint.
    ///
    /// # Errors
    /// `invalid_request` for none, several, `login_hint_token`, or one that cannot be read.
    pub(super) fn read(params: &Params, client: &Client, ctx: &Ctx<'_>) -> Result<Self, Refusal> {
        if params.get("login_hint_token").is_some() {
            return Err(invalid(
                "login_hint_token is not supported here. Use login_hint or id_token_hint.",
            ));
        }
        match (params.get("login_hint"), params.get("id_token_hint")) {
            (None, None) => Err(invalid(
                "Say whom to ask: login_hint or id_token_hint is missing.",
            )),
            (Some(_), Some(_)) => Err(invalid("Give one of login_hint and id_token_hint, not both.")),
            (Some(name), None) if name.len() > MAX_LOGIN_HINT_BYTES => {
                Err(invalid("login_hint is longer than 1,024 bytes."))
            }
            (Some(name), None) => Ok(Self::Username(name.to_owned())),
            (None, Some(token)) if token.len() > MAX_ID_TOKEN_HINT_BYTES => {
                Err(invalid("id_token_hint is longer than 16 KiB."))
            }
            (None, Some(token)) => Self::of_token(token, client, ctx),
        }
    }

    /// An ID token may have ended long ago: it says who, and not that they are there.
    fn of_token(token: &str, client: &Client, ctx: &Ctx<'_>) -> Result<Self, Refusal> {
        let not_ours =
            |why: String| invalid("id_token_hint is not an ID token of ours for this client.").because(why);
        let hint = logout::Hint::read(token, ctx).map_err(not_ours)?;
        if hint.client != client.id {
            return Err(not_ours("its aud is another client".to_owned()));
        }
        Ok(Self::Subject(hint.sub))
    }

    /// How the person is looked up.
    pub(super) fn load(self, client: &Client) -> Load {
        match self {
            Self::Username(name) => Load::PersonNamed(name),
            Self::Subject(sub) => match client.openid.subject_type {
                // Of a client that was pairwise once, it may be no number: nobody has this one.
                SubjectType::Public => Load::Person(PersonId(sub.parse().unwrap_or(-1))),
                SubjectType::Pairwise => Load::PersonOfSubject(client.id.clone(), sub),
            },
        }
    }
}
