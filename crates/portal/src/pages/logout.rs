//! `/logout` and `/logout/done`: asked for by a person, or by an app (OpenID Connect RP-Initiated Logout 1.0).

use crate::forms::Form;
use crate::problem::Problem;
use crate::query::Query;
use crate::visitor::Visit;
use crate::{cookies, cross_site, forms, headers, paths, people, respond, views};
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use omniport_engine::flow::{Asked, Came, Ending};
use omniport_engine::logout::Frame;
use omniport_engine::pages::ErrorPage;
use omniport_engine::sessions::SESSION_COOKIE;
use omniport_protocol::effect::Loaded;
use omniport_protocol::error::Refusal;
use omniport_protocol::logout::{LogoutOutcome, LogoutQuestion, LogoutRequest, PARAMETERS};
use omniport_protocol::vocabulary::{Params, RedirectUri, Secret};

const DONE: &str = "/logout/done";
/// When a browser without scripts goes on from the page with the apps' frames, in seconds: a person has more than the 20
/// of WCAG 2.2.1 to stay instead, by one link. With scripts it goes on once they are there (`assets/onward.js`).
const FRAMES_SECONDS: u32 = 30;

/// GET `/logout`: asks first, so that a link or a picture elsewhere signs nobody out (cases 98 and 100), unless an app
/// shows the ID token of this very session.
pub(crate) async fn ask(visit: Visit, Query(params): Query) -> Result<Response, Problem> {
    let repeated =
        |_| Problem::malformed("The address gives a parameter more than once. Go back and try again.");
    params.refuse_duplicates().map_err(repeated)?;
    decide(&visit, &params, false).await
}

/// POST `/logout`: the button on our own page, or an app's request (RP-Initiated Logout section 2).
pub(crate) async fn end(visit: Visit, request: Request) -> Result<Response, Problem> {
    let (parts, params) = forms::read(request).await?;
    let from_our_page = forms::token_of(&params).is_some();
    let asked = asked_of(&params);
    if !from_our_page && asked.iter().next().is_some() {
        // From another site no cookie comes along with a form: by GET it does, and then it is decided who asks.
        return Ok(respond::see_other(&format!("/logout?{}", asked.to_query())));
    }
    cross_site::check(&parts.headers, &visit.engine)?;
    if visit.visitor.is_none() {
        return decide(&visit, &params, false).await;
    }
    Form::checked(params.clone(), &visit)?;
    decide(&visit, &params, true).await
}

/// What an app may say, of all that came.
fn asked_of(params: &Params) -> Params {
    Params::from_pairs(
        params
            .iter()
            .filter(|(name, value)| PARAMETERS.contains(name) && !value.is_empty()),
    )
}

async fn decide(visit: &Visit, params: &Params, confirmed: bool) -> Result<Response, Problem> {
    let asked = asked_of(params);
    let next = params.get("next").and_then(paths::own);
    let operation = LogoutRequest {
        params: asked.clone(),
        session: visit.session.as_ref().map(Secret::hash),
        confirmed,
    };
    let ran = visit.engine.run_with_facts(&operation).await?;
    tell(visit, &ran.loaded, &ran.reply);
    let onwards = |go_to: Option<String>| go_to.unwrap_or_else(|| next.unwrap_or(DONE).to_owned());
    Ok(match ran.reply {
        LogoutOutcome::Refused(refusal) => return Err(refused(visit, &refusal)),
        LogoutOutcome::Ask(question) => question_page(visit, question, &asked, next),
        LogoutOutcome::NobodyThere(go_to) => respond::see_other(&onwards(go_to)),
        LogoutOutcome::Ended { root, go_to } => {
            visit.engine.session_ended();
            let frames = visit.engine.logout_frames(root).await?;
            let response = if frames.is_empty() {
                respond::see_other(&onwards(go_to))
            } else {
                frames_page(visit, &frames, &onwards(go_to))
            };
            respond::with_cookie(response, cookies::remove(SESSION_COOKIE))
        }
    })
}

/// Tells the team of the app that asked, if one did, what came of it.
fn tell(visit: &Visit, loaded: &Loaded, outcome: &LogoutOutcome) {
    let asked = Asked {
        endpoint: "logout",
        request: visit.request.as_ref(),
    };
    let ending = match outcome {
        LogoutOutcome::Refused(refusal) => Ending::from(refusal),
        LogoutOutcome::Ask(_) => Ending::Well(Came::LogoutAsked),
        LogoutOutcome::Ended { .. } | LogoutOutcome::NobodyThere(_) => Ending::Well(Came::Logout),
    };
    visit.engine.tell(asked, loaded, None, ending);
}

fn refused(visit: &Visit, refusal: &Refusal) -> Problem {
    let issuer = &visit.engine.settings().issuer;
    let detail = format!("{} To sign out here, open {issuer}/logout.", refusal.public);
    Problem::Page(ErrorPage::new(
        StatusCode::BAD_REQUEST.as_u16(),
        refusal.code.as_str(),
        detail,
    ))
}

fn question_page(visit: &Visit, question: LogoutQuestion, asked: &Params, next: Option<&str>) -> Response {
    let Some(visitor) = &visit.visitor else {
        // Signed out in another tab this very moment.
        return respond::see_other(DONE);
    };
    let next = next.map(|path| ("next".to_owned(), path.to_owned()));
    let fields = asked
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let template = views::Logout {
        chrome: visit.chrome(),
        person: people::card(&visitor.person),
        app_name: question.app_name,
        fields: fields.chain(next).collect(),
    };
    let mut response = respond::page(StatusCode::OK, &template);
    if let Some(go_to) = question.go_to {
        headers::allow_forms_to(response.headers_mut(), &RedirectUri::origin_of(&go_to));
    }
    response
}

/// The page that signs the person out of the apps that want a frame for it (Front-Channel Logout section 2), and then
/// goes on by itself, or by its link.
fn frames_page(visit: &Visit, frames: &[Frame], go_to: &str) -> Response {
    let template = views::LogoutFrames {
        chrome: nobody(visit),
        frames: frames
            .iter()
            .map(|frame| (frame.app_name.clone(), frame.url.clone()))
            .collect(),
        go_to: go_to.to_owned(),
        seconds: FRAMES_SECONDS,
    };
    let mut response = respond::page(StatusCode::OK, &template);
    let origins = frames.iter().map(|frame| frame.origin.as_str());
    headers::allow_frames_of(response.headers_mut(), origins);
    response
}

fn nobody(visit: &Visit) -> views::Chrome {
    views::Chrome {
        viewer: None,
        ..visit.chrome()
    }
}

/// GET `/logout/done`.
pub(crate) async fn done(visit: Visit) -> Response {
    let template = views::LogoutDone {
        chrome: nobody(&visit),
    };
    respond::page(StatusCode::OK, &template)
}
