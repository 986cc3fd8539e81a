//! The dashboard's redirect URLs.

use super::dashboard::Typed;
use super::save::save_checked;
use super::section::Section;
use crate::problem::Problem;
use crate::views::Field;
use axum::response::Response;
use omniport_protocol::review::{Edit, check_redirect_uris};

/// POST `.../redirect-uris`.
pub(crate) async fn save_them(Section { at, form }: Section) -> Result<Response, Problem> {
    let text = form.text("redirect_uris");
    let typed = |error| Typed {
        redirect_uris: Some(Field::typed(text, error)),
        ..Typed::default()
    };
    save_checked(at, check_redirect_uris(text).map(Edit::RedirectUris), typed).await
}
