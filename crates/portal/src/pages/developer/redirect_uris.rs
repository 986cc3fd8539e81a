//! The dashboard's redirect URLs. Whoever changes them could send people, and their data, elsewhere: that asks for a
//! fresh sign-in, or the password once more (case 108).

use super::dashboard::{Typed, again};
use super::proof;
use super::save::save;
use super::section::{AtApp, Section};
use crate::problem::Problem;
use crate::views::Field;
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::review::{Edit, FieldError, check_redirect_uris};
use omniport_protocol::vocabulary::RedirectUri;

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
    let proof = match proof::of(&mut at.signed_in, &form, "change where people are sent").await? {
        Ok(proof) => proof,
        Err(missing) => {
            let status = missing.status;
            let typed = Typed {
                password_error: Some(missing.why()),
                ..typed(None)
            };
            return again(&at, typed, status).await;
        }
    };
    Ok(proof.carry(save(at, &Edit::RedirectUris(uris), seen, typed(None)).await))
}

async fn checked(at: &AtApp, text: &str) -> Result<Vec<RedirectUri>, FieldError> {
    let uris = check_redirect_uris(text)?;
    if let Some(edited) = at.app.edited() {
        let engine = at.signed_in.engine();
        engine.may_redirect_to(&edited.manifest, &uris).await?;
    }
    Ok(uris)
}
