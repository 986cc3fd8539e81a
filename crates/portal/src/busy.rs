//! What somebody who is signed in can make in the developer's area is bounded: apps, versions, notices to others and events
//! are kept for long, and a loop of forms must not fill the database.

use crate::format;
use crate::problem::Problem;
use crate::visitor::Visit;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, Method, StatusCode};
use omniport_engine::{Engine, Fault};
use std::sync::Arc;

/// Lets a form of the developer's area through while its person has not sent too many.
pub(crate) async fn refuse(State(engine): State<Arc<Engine>>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.uri().path().starts_with("/developer/") {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    match count(&mut parts, &engine).await {
        Ok(None) => next.run(Request::from_parts(parts, body)).await,
        Ok(Some(seconds)) => {
            let mut response = too_many(seconds).into_response();
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        Err(problem) => problem.into_response(),
    }
}

/// Counts a form of whoever is signed in: seconds to wait where there were too many. Nobody else can send one.
async fn count(parts: &mut http::request::Parts, engine: &Arc<Engine>) -> Result<Option<i64>, Problem> {
    let visit = Visit::from_request_parts(parts, engine).await?;
    let Some(visitor) = &visit.visitor else {
        return Ok(None);
    };
    match engine.begin_developers_form(visitor.person.id).await {
        Ok(()) => Ok(None),
        Err(Fault::Limited(seconds)) => Ok(Some(seconds)),
        Err(fault) => Err(fault.into()),
    }
}

fn too_many(seconds: i64) -> Problem {
    let detail = format!(
        "You changed a great deal in a short time, and nothing more is taken for a while. Wait {}, then go back, where \
         what you typed is still in the form, and send it again.",
        format::wait(seconds)
    );
    Problem::page(StatusCode::TOO_MANY_REQUESTS, "too_many", detail)
}
