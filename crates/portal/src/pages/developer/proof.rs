//! What whoever finds a browser open could misuse: where people are sent, how the app proves itself, who is on its team,
//! whose it is, its end. It asks for a fresh sign-in, or the password once more (case 108).

use super::section::Section;
use crate::forms::Form;
use crate::problem::Problem;
use crate::visitor::SignedIn;
use crate::{cookies, csrf, paths, respond, views};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use omniport_engine::sessions::{SESSION_COOKIE, SignIn};
use omniport_protocol::vocabulary::Secret;

/// The field that proves who sends a form.
pub(super) const PASSWORD: &str = "password";

/// That the person proved who they are; where they did by their password, the cookie under which their session goes on.
#[must_use = "the answer must carry the cookie, or the person is signed out"]
pub(super) struct Proof(Option<Secret>);

/// That they did not.
pub(super) struct Missing {
    pub(super) status: StatusCode,
    /// What the password is asked for.
    asked: String,
    /// What is wrong with the one that was typed.
    error: Option<&'static str>,
}

impl Proof {
    /// The answer to the form, also where it was refused for another reason: the session goes on in any case.
    pub(super) fn carry(self, answer: Result<Response, Problem>) -> Response {
        let answer = answer.unwrap_or_else(IntoResponse::into_response);
        match self.0 {
            Some(cookie) => respond::with_cookie(answer, cookies::set(SESSION_COOKIE, &cookie)),
            None => answer,
        }
    }
}

/// Whether whoever sent `form` signed in just now, or typed their password to `what` ("change where people are sent").
/// From then on `signed_in` is the session as it goes on.
pub(super) async fn of(
    signed_in: &mut SignedIn,
    form: &Form,
    what: &str,
) -> Result<Result<Proof, Missing>, Problem> {
    let now = signed_in.engine().now();
    if signed_in.visitor.is_fresh(now) {
        return Ok(Ok(Proof(None)));
    }
    let missing = |status, error| {
        let asked = format!("You signed in a while ago. Type your password to {what}.");
        Ok(Err(Missing { status, asked, error }))
    };
    let password = form.text(PASSWORD);
    if password.is_empty() {
        return missing(StatusCode::FORBIDDEN, None);
    }
    let (visitor, password) = (&signed_in.visitor, Secret::new(password));
    let (username, address) = (&visitor.person.username, signed_in.visit.address);
    let tried = signed_in
        .engine()
        .sign_in(username, &password, Some(visitor.session), address)
        .await?;
    match tried {
        SignIn::Welcome(cookie) => {
            signed_in.visitor.auth_time = now;
            signed_in.visitor.session = cookie.hash();
            signed_in.visit.session = Some(cookie.clone());
            Ok(Ok(Proof(Some(cookie))))
        }
        SignIn::Wrong => missing(
            StatusCode::FORBIDDEN,
            Some("This is not your password. Type it again."),
        ),
        SignIn::Wait(_) => missing(
            StatusCode::TOO_MANY_REQUESTS,
            Some("There were too many attempts. Try again in some minutes."),
        ),
    }
}

/// [`of`] whoever sent a form of an app to `to` below its dashboard, or the page that asks them. `page` is where, below the
/// dashboard, the form stood.
pub(super) async fn at_app(
    Section { at, form }: &mut Section,
    (to, page): (&str, &str),
    what: &str,
) -> Result<Result<Proof, Response>, Problem> {
    let dashboard = paths::dashboard(&at.app.id);
    let (action, back) = (format!("{dashboard}{to}"), format!("{dashboard}{page}"));
    let given = of(&mut at.signed_in, form, what).await?;
    Ok(given.map_err(|missing| missing.page(&at.signed_in, form, action, back)))
}

impl Missing {
    /// One sentence, for a form with a field of its own for the password.
    pub(super) fn why(self) -> String {
        self.error.map_or(self.asked, ToOwned::to_owned)
    }

    /// The page that asks for the password and sends the same form again, to `action`, with all that was typed.
    pub(super) fn page(self, signed_in: &SignedIn, form: &Form, action: String, back: String) -> Response {
        let mut chrome = signed_in.visit.chrome();
        chrome.lead_to_developers_area();
        let typed = form
            .all()
            .filter(|(name, _)| ![csrf::FIELD, PASSWORD].contains(name));
        let template = views::Proof {
            person: crate::people::card(&signed_in.visitor.person),
            chrome,
            sentence: self.asked,
            error: self.error.map(ToOwned::to_owned),
            fields: typed
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .collect(),
            action,
            back,
        };
        respond::page(self.status, &template)
    }
}
