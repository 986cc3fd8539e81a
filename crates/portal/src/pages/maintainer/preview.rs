//! `/maintainer/review/ID/consent`: the consent page exactly as people would see it once what waits is approved.

use crate::pages::consent;
use crate::paths::AppId;
use crate::problem::Problem;
use crate::respond;
use crate::visitor::Maintainer;
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::authorize::ConsentView;
use omniport_protocol::data_points::synthetic;
use omniport_protocol::records::Holder;
use omniport_protocol::review::Standing;

/// GET. The person is made up: the maintainer sees nobody's data, and no real name.
pub(crate) async fn show(Maintainer(signed_in): Maintainer, AppId(id): AppId) -> Result<Response, Problem> {
    let engine = signed_in.engine();
    let app = engine.store().app(&id).await?.ok_or_else(Problem::not_found)?;
    let version = app.edited().ok_or_else(Problem::not_found)?;
    let client = version
        .manifest
        .clone()
        .client(id, Standing::Approved, version.number, Vec::new());
    let holder = Holder {
        person: signed_in.id(),
        username: "test-person".to_owned(),
        disabled: false,
        on_team: false,
        test_of: None,
    };
    let data = synthetic(&engine.settings().catalogue, 1);
    let view = ConsentView::preview(&client, holder, &data, &engine.ctx());
    let mut page = consent::template(&signed_in.visit, view, "").await?;
    page.preview = true;
    page.chrome.sandbox =
        Some("Preview: people would see this page with their own values. Its buttons do nothing.".to_owned());
    Ok(respond::page(StatusCode::OK, &page))
}
