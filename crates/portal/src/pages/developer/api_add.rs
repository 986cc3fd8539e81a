//! `/developer/apis/add`: registering an API.

use super::api_form::{fields, typed};
use crate::flash::Flash;
use crate::forms::Form;
use crate::problem::Problem;
use crate::views;
use crate::visitor::{Developer, SignedIn};
use crate::{paths, respond};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::apis::ApiEditor;
use omniport_protocol::apis::ResourceDraft;
use omniport_protocol::review::FieldErrors;

/// GET `/developer/apis/add`.
pub(crate) async fn show(Developer(signed_in): Developer) -> Result<Response, Problem> {
    let usual = ResourceDraft {
        token_seconds: "3600".to_owned(),
        signing_alg: "RS256".to_owned(),
        ..ResourceDraft::default()
    };
    page(&signed_in, usual, &FieldErrors::new(), StatusCode::OK).await
}

/// POST `/developer/apis/add`. What is refused comes back as it was typed, with the mistakes beside their fields.
pub(crate) async fn register(Developer(signed_in): Developer, form: Form) -> Result<Response, Problem> {
    let draft = typed(&form);
    let engine = signed_in.engine();
    let editor = ApiEditor::Owner(signed_in.by());
    let added = engine.add_api(&draft, signed_in.id(), editor).await?;
    match added {
        Ok(api) => {
            tracing::info!(api = %api.id, by = signed_in.id().0, "an API was registered");
            Ok(respond::see_other(&Flash::ApiAdded.at(&paths::api(&api.id))))
        }
        Err(errors) => page(&signed_in, draft, &errors, StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}

async fn page(
    signed_in: &SignedIn,
    draft: ResourceDraft,
    errors: &FieldErrors,
    status: StatusCode,
) -> Result<Response, Problem> {
    let template = views::DeveloperApiAdd {
        chrome: signed_in.visit.chrome(),
        fields: fields(signed_in, draft, errors).await?,
    };
    Ok(respond::page(status, &template))
}
