//! `/logout` and `/logout/done`.

use crate::forms::Form;
use crate::problem::Problem;
use crate::query::Query;
use crate::visitor::Visit;
use crate::{cookies, paths, people, respond, views};
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::sessions::SESSION_COOKIE;

const DONE: &str = "/logout/done";

/// GET `/logout`: asks first, so that a link or a picture elsewhere signs nobody out (cases 98 and 100).
pub(crate) async fn ask(visit: Visit, Query(query): Query) -> Response {
    let Some(visitor) = &visit.visitor else {
        return respond::see_other(DONE);
    };
    let template = views::Logout {
        chrome: visit.chrome(),
        person: people::card(&visitor.person),
        next: query.get("next").and_then(paths::own).map(ToOwned::to_owned),
    };
    respond::page(StatusCode::OK, &template)
}

/// POST `/logout`.
pub(crate) async fn end(visit: Visit, request: Request) -> Result<Response, Problem> {
    let Some(visitor) = &visit.visitor else {
        return Ok(respond::see_other(DONE));
    };
    let form = Form::from_request(request, &visit.engine).await?;
    visit.engine.sign_out(visitor.session).await?;
    let to = paths::own(form.text("next")).unwrap_or(DONE);
    Ok(respond::with_cookie(
        respond::see_other(to),
        cookies::remove(SESSION_COOKIE),
    ))
}

/// GET `/logout/done`.
pub(crate) async fn done(visit: Visit) -> Response {
    let template = views::LogoutDone {
        chrome: views::Chrome {
            viewer: None,
            ..visit.chrome()
        },
    };
    respond::page(StatusCode::OK, &template)
}
