//! `/account/...`: what a person decides about the apps they connected, and about what they were told.

use crate::flash::Flash;
use crate::forms::Form;
use crate::paths::AppId;
use crate::problem::Problem;
use crate::respond;
use crate::visitor::SignedIn;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use omniport_protocol::authorize::WithdrawConsent;

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
