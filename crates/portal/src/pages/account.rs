//! `/account/...`: where a person is signed in; what they decide about the apps they connected, about what they were
//! told and invited to.

use crate::flash::{Flash, sentence};
use crate::forms::Form;
use crate::paths::AppId;
use crate::problem::Problem;
use crate::query::Query;
use crate::visitor::SignedIn;
use crate::{cookies, format, paths, respond, views};
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use omniport_engine::people::OwnPasswordError;
use omniport_engine::sessions::{SESSION_COOKIE, SignIn};
use omniport_protocol::authorize::WithdrawConsent;
use omniport_protocol::vocabulary::{Params, Secret, SecretHash, Timestamp};
use omniport_store::portal::SessionRecord;

/// POST `/account/apps/{client_id}/withdraw`: the app's tokens stop working at once. Withdrawing what was withdrawn
/// already is no mistake.
pub(crate) async fn withdraw(
    signed_in: SignedIn,
    AppId(client): AppId,
    _form: Form,
) -> Result<Response, Problem> {
    let operation = WithdrawConsent {
        person: signed_in.id(),
        client,
    };
    signed_in.engine().run(&operation).await?;
    tracing::info!(client_id = %operation.client, person = operation.person.0, "a consent was withdrawn");
    Ok(respond::see_other(&Flash::Withdrawn.at("/")))
}

/// POST `/account/notices/{id}/dismiss`. Dismissing what is gone, or another's, changes nothing.
pub(crate) async fn dismiss(
    signed_in: SignedIn,
    notice: Result<Path<i64>, PathRejection>,
    _form: Form,
) -> Result<Response, Problem> {
    let Path(notice) = notice.map_err(|_| Problem::not_found())?;
    signed_in.engine().store().dismiss(signed_in.id(), notice).await?;
    Ok(respond::see_other("/"))
}

/// POST `/account/invitations/{client_id}`: `answer`, `accept` or `decline`.
pub(crate) async fn answer_invitation(
    signed_in: SignedIn,
    AppId(client): AppId,
    form: Form,
) -> Result<Response, Problem> {
    let accept = match form.text("answer") {
        "accept" => true,
        "decline" => false,
        _ => return Err(Problem::malformed("Answer with Accept or Decline.")),
    };
    let answered = signed_in
        .engine()
        .answer_invitation(&client, signed_in.by(), accept)
        .await?;
    match answered {
        Ok(_) if accept => Ok(respond::see_other(&Flash::Joined.at(&paths::dashboard(&client)))),
        Ok(_) => Ok(respond::see_other(&Flash::Declined.at("/"))),
        Err(_) => Err(Problem::page(
            StatusCode::CONFLICT,
            "gone",
            "This invitation is not open any more: it was taken back or answered already, it is older than 30 days, or the \
             team is full.",
        )),
    }
}

/// Sessions on one page.
const SESSIONS: u32 = 50;

/// GET `/account?after_at=&after=`.
pub(crate) async fn show(signed_in: SignedIn, Query(query): Query) -> Result<Response, Problem> {
    page(&signed_in, &query, views::PasswordForm::default(), StatusCode::OK).await
}

/// The page, with what is wrong with the password that was typed.
async fn page(
    signed_in: &SignedIn,
    query: &Params,
    password: views::PasswordForm,
    status: StatusCode,
) -> Result<Response, Problem> {
    let engine = signed_in.engine();
    // So that what is shown of this browser is not five minutes old.
    if let Err(fault) = engine.write_sessions_used().await {
        tracing::warn!(error = %fault, "when browsers were last used was not written down");
    }
    let (now, after) = (engine.now(), cursor(query));
    let mut sessions = engine
        .store()
        .sessions_of(signed_in.id(), now, after, SESSIONS + 1)
        .await?;
    let more = sessions.len() > SESSIONS as usize;
    sessions.truncate(SESSIONS as usize);
    let next_page = sessions.last().filter(|_| more).map(next_page);
    let asked = engine.store().asked_of(signed_in.id(), now).await?;
    let this = signed_in.visitor.session;
    let mut chrome = signed_in.visit.chrome();
    chrome.flash = Flash::told(query);
    let person = &signed_in.visitor.person;
    let password = views::PasswordForm {
        username: person.username.clone(),
        ..password
    };
    let template = views::Account {
        // A test person's is their app's team's matter.
        password: person.test_of.is_none().then_some(password),
        chrome,
        asked: asked.len(),
        sessions: sessions.into_iter().map(|session| row(session, this)).collect(),
        next_page,
    };
    Ok(respond::page(status, &template))
}

/// The session goes on under a new cookie: whoever has a copy of the old one is out as well.
async fn go_on(signed_in: &SignedIn, password: &Secret) -> Result<Response, Problem> {
    let (visitor, address) = (&signed_in.visitor, signed_in.visit.address);
    let again = signed_in
        .engine()
        .sign_in(&visitor.person.username, password, Some(visitor.session), address)
        .await?;
    let answer = respond::see_other(&Flash::PasswordChanged.at("/account"));
    Ok(match again {
        SignIn::Welcome(cookie) => respond::with_cookie(answer, cookies::set(SESSION_COOKIE, &cookie)),
        // Changed or throttled in the very moment: as it is now.
        SignIn::Wrong | SignIn::Wait(_) => answer,
    })
}

/// POST `/account/password`: `current_password`, `new_password`, `new_password_again`.
pub(crate) async fn change_password(signed_in: SignedIn, form: Form) -> Result<Response, Problem> {
    let (current, new) = (form.text("current_password"), form.text("new_password"));
    let typed = |current: Option<String>, new: Option<String>, again: Option<String>| views::PasswordForm {
        current_error: current,
        new_error: new,
        again_error: again,
        ..views::PasswordForm::default()
    };
    if new != form.text("new_password_again") {
        let again = "It is not the same as the new password.".to_owned();
        let typed = typed(None, None, Some(again));
        return page(
            &signed_in,
            &Params::default(),
            typed,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    }
    let changed = signed_in
        .engine()
        .change_own_password(
            signed_in.by(),
            signed_in.visitor.session,
            &Secret::new(current),
            &Secret::new(new),
        )
        .await?;
    let (typed, wait) = match changed {
        Ok(()) => return go_on(&signed_in, &Secret::new(new)).await,
        Err(OwnPasswordError::Meanwhile) => {
            let meanwhile = "Your password was changed meanwhile. Type the one that you have now.".to_owned();
            (typed(Some(meanwhile), None, None), None)
        }
        Err(OwnPasswordError::TestPerson) => {
            return Err(Problem::forbidden(
                "You are a test person: the app's team gives you a new password.",
            ));
        }
        Err(OwnPasswordError::Wrong) => {
            let wrong = "This is not your password.".to_owned();
            (typed(Some(wrong), None, None), None)
        }
        Err(OwnPasswordError::Wait(seconds)) => {
            let wait = format!(
                "There were too many attempts. Try again in {}.",
                format::wait(seconds)
            );
            (typed(Some(wait), None, None), Some(seconds))
        }
        Err(OwnPasswordError::Length(length)) => {
            (typed(None, Some(sentence(&length.to_string())), None), None)
        }
    };
    let status = wait.map_or(StatusCode::UNPROCESSABLE_ENTITY, |_| {
        StatusCode::TOO_MANY_REQUESTS
    });
    let mut response = page(&signed_in, &Params::default(), typed, status).await?;
    if let Some(seconds) = wait {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    Ok(response)
}

/// Where the page begins; an address that was tampered with begins at the start.
fn cursor(query: &Params) -> Option<(Timestamp, SecretHash)> {
    let at = query.get("after_at")?.parse().ok()?;
    Some((Timestamp::from_seconds(at), hash_of(query.get("after")?)?))
}

fn next_page(last: &SessionRecord) -> String {
    format!(
        "/account?after_at={}&after={}",
        last.last_active.seconds(),
        URL_SAFE_NO_PAD.encode(last.hash.as_bytes())
    )
}

/// A session by its number on the page.
fn hash_of(text: &str) -> Option<SecretHash> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    <[u8; 32]>::try_from(bytes).ok().map(SecretHash::from_bytes)
}

fn row(session: SessionRecord, this: SecretHash) -> views::SessionRow {
    let device = if session.device.is_empty() {
        "A browser that is not known".to_owned()
    } else {
        session.device
    };
    views::SessionRow {
        id: URL_SAFE_NO_PAD.encode(session.hash.as_bytes()),
        device,
        since: views::When::from_seconds(session.since.seconds()),
        last_active: views::When::from_seconds(session.last_active.seconds()),
        is_this: session.hash == this,
    }
}

/// POST `/account/sessions/end`: `session`. Ending what is gone, or another's, changes nothing.
pub(crate) async fn end_session(signed_in: SignedIn, form: Form) -> Result<Response, Problem> {
    let hash = hash_of(form.text("session"))
        .ok_or_else(|| Problem::malformed("The form does not say which session to end."))?;
    signed_in.engine().end_own_session(signed_in.by(), hash).await?;
    Ok(respond::see_other(&Flash::SessionEnded.at("/account")))
}

/// POST `/account/sessions/end-others`.
pub(crate) async fn end_other_sessions(signed_in: SignedIn, _form: Form) -> Result<Response, Problem> {
    signed_in
        .engine()
        .end_other_sessions(signed_in.by(), signed_in.visitor.session)
        .await?;
    Ok(respond::see_other(&Flash::OthersEnded.at("/account")))
}
