//! `/assets/FILE`: the stylesheet, the script, the icon.

use crate::assets;
use crate::problem::Problem;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

/// A name changes with its content, so a browser may keep it for good.
pub(super) const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// GET `/assets/{file}`.
pub(crate) async fn show(file: Option<Path<String>>) -> Result<Response, Problem> {
    let asset = file
        .and_then(|Path(name)| assets::find(&name))
        .ok_or_else(Problem::not_found)?;
    let headers = [
        (CONTENT_TYPE, asset.content_type),
        (CACHE_CONTROL, FOR_GOOD),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, asset.bytes).into_response())
}
