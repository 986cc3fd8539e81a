//! `/maintainer/review/ID`: one app.

use super::review::Typed;
use super::{decide, review};
use crate::flash::Flash;
use crate::forms::Form;
use crate::paths::AppId;
use crate::problem::Problem;
use crate::query::Query;
use crate::respond;
use crate::views;
use crate::visitor::{Maintainer, SignedIn};
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::review::{App, LegacyMark};
use omniport_protocol::vocabulary::ClientId;
use omniport_store::portal::LogoutHealth;

/// GET `/maintainer/review/{client_id}`.
pub(crate) async fn show(
    Maintainer(signed_in): Maintainer,
    AppId(id): AppId,
    Query(query): Query,
) -> Result<Response, Problem> {
    let listed = signed_in
        .engine()
        .store()
        .listed_app(&id)
        .await?
        .ok_or_else(Problem::not_found)?;
    let review = review::of(&signed_in, &listed, Typed::default()).await?;
    let mut chrome = signed_in.visit.chrome();
    chrome.flash = Flash::told(&query);
    Ok(respond::page(
        StatusCode::OK,
        &views::MaintainerApp {
            chrome,
            review,
            sign_outs: sign_outs(&signed_in, &id).await?,
            marks: marks(&signed_in, &listed.app).await?,
        },
    ))
}

/// What the app may be allowed; nothing is offered to its own team.
pub(super) async fn marks(signed_in: &SignedIn, app: &App) -> Result<Vec<views::MarkChoice>, Problem> {
    let is_own = signed_in
        .engine()
        .store()
        .answers_for(&app.id, signed_in.id())
        .await?;
    let choice = |mark: LegacyMark| views::MarkChoice {
        name: mark.as_str(),
        label: mark.label(),
        sentence: mark.sentence(),
        checked: mark.is_set(app.legacy),
    };
    let all = LegacyMark::ALL.into_iter().filter(|_| !is_own);
    Ok(all.map(choice).collect())
}

/// How telling the app of sign-outs went.
pub(super) async fn sign_outs(
    signed_in: &SignedIn,
    app: &ClientId,
) -> Result<Option<views::SignOuts>, Problem> {
    let health = signed_in.engine().store().logout_health(app).await?;
    Ok((health != LogoutHealth::default()).then(|| views::SignOuts {
        told: health.delivered,
        not_told: health.given_up,
        waiting: health.waiting,
        last_failure: health
            .last_failure
            .map(|(why, at)| (why, views::When::from_seconds(at.seconds()))),
    }))
}

/// POST `/maintainer/review/{client_id}`.
pub(crate) async fn decide(
    Maintainer(signed_in): Maintainer,
    AppId(id): AppId,
    form: Form,
) -> Result<Response, Problem> {
    decide::decide(&signed_in, &id, &form).await
}
