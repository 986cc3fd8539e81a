//! The dashboard's redirect URLs. Whoever changes them could send people, and their data, elsewhere: that asks for a
//! fresh sign-in, or the password once more (case 108).

use super::dashboard::{Typed, again};
use super::save::save;
use super::section::{AtApp, Section};
use crate::problem::Problem;
use crate::views::Field;
use crate::{cookies, respond};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::sessions::{SESSION_COOKIE, SignIn};
use omniport_protocol::review::{Edit, FieldError, check_redirect_uris};
use omniport_protocol::vocabulary::{RedirectUri, Secret};

/// What the form's password says of who sent it.
enum Proof {
    /// They signed in just now.
    Fresh,
    /// They proved it by the password: their session goes on under this cookie.
    Proved(Secret),
    /// They did not.
    Missing(StatusCode, &'static str),
}

/// POST `.../redirect-uris`: `redirect_uris`; `password` where the sign-in was a while ago.
pub(crate) async fn save_them(section: Section) -> Result<Response, Problem> {
    let seen = section.seen();
    let Section { mut at, form } = section;
    let text = form.text("redirect_uris");
    let typed = |error| Typed {
        redirect_uris: Some(Field::typed(text, error)),
        ..Typed::default()
    };
    let uris = match checked(&at, text).await {
        Ok(uris) => uris,
        Err(error) => return again(&at, typed(Some(error.message)), StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    let cookie = match proof(&at, form.text("password")).await? {
        Proof::Fresh => None,
        Proof::Proved(cookie) => Some(cookie),
        Proof::Missing(status, why) => {
            let typed = Typed {
                password_error: Some(why.to_owned()),
                ..typed(None)
            };
            return again(&at, typed, status).await;
        }
    };
    if let Some(cookie) = &cookie {
        at.signed_in.visit.session = Some(cookie.clone());
    }
    let saved = save(at, &Edit::RedirectUris(uris), seen, typed(None)).await?;
    Ok(match cookie {
        Some(cookie) => respond::with_cookie(saved, cookies::set(SESSION_COOKIE, &cookie)),
        None => saved,
    })
}

async fn checked(at: &AtApp, text: &str) -> Result<Vec<RedirectUri>, FieldError> {
    let uris = check_redirect_uris(text)?;
    if let Some(edited) = at.app.edited() {
        let engine = at.signed_in.engine();
        engine.may_redirect_to(&edited.manifest, &uris).await?;
    }
    Ok(uris)
}

async fn proof(at: &AtApp, password: &str) -> Result<Proof, Problem> {
    let (engine, visitor) = (at.signed_in.engine(), &at.signed_in.visitor);
    if visitor.is_fresh(engine.now()) {
        return Ok(Proof::Fresh);
    }
    if password.is_empty() {
        let why = "You signed in a while ago. Type your password to change where people are sent.";
        return Ok(Proof::Missing(StatusCode::FORBIDDEN, why));
    }
    let (username, address) = (&visitor.person.username, at.signed_in.visit.address);
    let password = Secret::new(password);
    let tried = engine
        .sign_in(username, &password, Some(visitor.session), address)
        .await?;
    Ok(match tried {
        SignIn::Welcome(cookie) => Proof::Proved(cookie),
        SignIn::Wrong => Proof::Missing(StatusCode::FORBIDDEN, "This is not your password. Type it again."),
        SignIn::Wait(_) => Proof::Missing(
            StatusCode::TOO_MANY_REQUESTS,
            "There were too many attempts. Try again in some minutes.",
        ),
    })
}
