//! A request to sign out (RP-Initiated Logout 1.0 section 2), decided. Why as it is:
//! `docs/decisions/0022-who-may-end-a-session.md`.

use super::hint::Hint;
use crate::authorize::{MAX_STATE_BYTES, with_query};
use crate::ctx::Ctx;
use crate::effect::{Decision, Load, Loaded, Operation, Write};
use crate::error::{ErrorCode, Refusal, shown};
use crate::records::Session;
use crate::review::{Act, Reach};
use crate::vocabulary::{Client, ClientId, Params, SecretHash};

/// What an app may say (section 2). `logout_hint` and `ui_locales` change nothing here: a browser has one session, and
/// the pages one language.
pub const PARAMETERS: [&str; 6] = [
    "id_token_hint",
    "logout_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
];

/// Someone wants a browser signed out.
#[derive(Debug, Clone)]
pub struct LogoutRequest {
    /// What was asked, as [`PARAMETERS`].
    pub params: Params,
    /// The browser's session cookie's hash, where it has one.
    pub session: Option<SecretHash>,
    /// Whether the person has pressed the button on our own page. The page carries no more than that: everything else
    /// is decided again.
    pub confirmed: bool,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoutOutcome {
    /// Ask the person first; nothing has ended.
    Ask(LogoutQuestion),
    /// The session of this root has ended; where the browser then goes, if an app said.
    Ended {
        /// Its root.
        root: SecretHash,
        /// The app's registered address, with `state`.
        go_to: Option<String>,
    },
    /// Nobody was signed in; where the browser goes, if an app said.
    NobodyThere(Option<String>),
    /// An error page, and no redirect; nothing has ended.
    Refused(Refusal),
}

/// What the person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutQuestion {
    /// The app that asks for it, where one does.
    pub app_name: Option<String>,
    /// Where the browser goes afterwards, if the app said.
    pub go_to: Option<String>,
}

impl LogoutRequest {
    fn hint(&self, ctx: &Ctx<'_>) -> Option<Result<Hint, Refusal>> {
        let not_ours = |why: String| {
            invalid(
                "The app sent an id_token_hint that is not an ID token from here, so nobody was signed out.",
            )
            .because(why)
        };
        self.params
            .get("id_token_hint")
            .map(|token| Hint::read(token, ctx).map_err(not_ours))
    }

    /// The client that asks, as far as the request says.
    fn client_id(&self, ctx: &Ctx<'_>) -> Option<ClientId> {
        match (self.params.get("client_id"), self.hint(ctx)) {
            (Some(given), _) => ClientId::parse(given).ok(),
            (None, Some(Ok(hint))) => Some(hint.client),
            _ => None,
        }
    }

    /// The client that asks; none where the request does not say, or the hint's app is gone.
    fn client<'a>(&self, hint: Option<&Hint>, loaded: &'a Loaded) -> Result<Option<&'a Client>, Refusal> {
        let found = loaded.client.as_deref();
        let Some(given) = self.params.get("client_id") else {
            return Ok(found.filter(|client| hint.is_some_and(|hint| hint.client == client.id)));
        };
        let Some(client) = found.filter(|client| client.id.as_str() == given) else {
            return Err(Refusal::new(
                ErrorCode::InvalidClient,
                "There is no app with this client_id, so nobody was signed out.",
            ));
        };
        // Section 2: the hint must have been given to this client.
        if hint.is_some_and(|hint| hint.client != client.id) {
            return Err(invalid(
                "The id_token_hint was given to another app than the client_id names, so nobody was signed out.",
            ));
        }
        Ok(Some(client))
    }

    /// Where the browser goes afterwards. Without a client nobody vouches for the address, and it is left out (section
    /// 3); so it is of an app that serves nobody, or only its own team, which must not lead others anywhere: an
    /// ID token of it proves nothing, for whoever made the app has some.
    fn go_to(&self, client: Option<&Client>, on_team: bool) -> Result<Option<String>, Refusal> {
        let (Some(given), Some(client)) = (self.params.get("post_logout_redirect_uri"), client) else {
            return Ok(None);
        };
        let registered = &client.openid.post_logout_redirect_uris;
        if !registered.iter().any(|uri| uri == given) {
            return Err(not_registered(given, registered));
        }
        let serves = match Act::LeadBack.reach(client.standing) {
            Reach::Everybody => true,
            Reach::Nobody => false,
            Reach::Sandbox => on_team,
        };
        Ok(serves.then(|| match self.params.get("state") {
            Some(state) => with_query(given.to_owned(), &[("state", state.to_owned())]),
            None => given.to_owned(),
        }))
    }

    fn judge(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Result<LogoutOutcome, Refusal> {
        if self
            .params
            .get("state")
            .is_some_and(|state| state.len() > MAX_STATE_BYTES)
        {
            return Err(invalid("state is longer than 4,096 bytes."));
        }
        let hint = self.hint(ctx).transpose()?;
        let client = self.client(hint.as_ref(), loaded)?;
        let go_to = self.go_to(client, loaded.on_team)?;
        let Some(session) = live(loaded, ctx) else {
            return Ok(LogoutOutcome::NobodyThere(go_to));
        };
        let of_this_session = hint
            .zip(client)
            .is_some_and(|(hint, client)| hint.is_of(session, client, ctx));
        Ok(if self.confirmed || of_this_session {
            LogoutOutcome::Ended {
                root: session.root,
                go_to,
            }
        } else {
            LogoutOutcome::Ask(LogoutQuestion {
                app_name: client.map(|client| client.name.clone()),
                go_to,
            })
        })
    }
}

impl Operation for LogoutRequest {
    type Reply = LogoutOutcome;

    fn load(&self, ctx: &Ctx<'_>) -> Vec<Load> {
        let client = self.client_id(ctx).map(Load::Client);
        client
            .into_iter()
            .chain(self.session.map(Load::Session))
            .collect()
    }

    fn load_more(&self, known: &Loaded, ctx: &Ctx<'_>) -> Vec<Load> {
        let membership = known
            .client
            .as_ref()
            .zip(live(known, ctx))
            .map(|(client, session)| Load::Membership(session.holder.person, client.id.clone()));
        membership.into_iter().collect()
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<LogoutOutcome> {
        let outcome = self.judge(loaded, ctx).unwrap_or_else(LogoutOutcome::Refused);
        let end = match (&outcome, self.session) {
            (LogoutOutcome::Ended { .. }, Some(session)) => Some(Write::EndSession { session, at: ctx.now }),
            _ => None,
        };
        Decision::new(end.into_iter().collect(), outcome)
    }
}

fn live<'a>(loaded: &'a Loaded, ctx: &Ctx<'_>) -> Option<&'a Session> {
    loaded.session.as_ref().filter(|session| session.is_live(ctx.now))
}

fn invalid(public: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, public)
}

/// For the team, both values side by side.
fn not_registered(given: &str, registered: &[String]) -> Refusal {
    let lines = registered
        .iter()
        .take(5)
        .map(|uri| format!("\nregistered: {}", shown(uri)));
    let why = format!(
        "post_logout_redirect_uri is not one of the registered ones\nsent: {}{}",
        shown(given),
        lines.collect::<String>()
    );
    invalid(
        "The app asked to be returned to an address (post_logout_redirect_uri) that it has not registered, so nobody \
         was signed out.",
    )
    .because(why)
}
