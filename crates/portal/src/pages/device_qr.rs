//! `/device/qr`: `verification_uri_complete` as a QR code (RFC 8628 section 3.3.1), for a device that can show a picture and
//! draw none.

use crate::headers;
use crate::problem::Problem;
use crate::query::Query;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use omniport_engine::Engine;
use omniport_protocol::decoupled::UserCode;
use omniport_protocol::extensions::device_rfc8628::verification_uri_complete;
use qrcode::QrCode;
use qrcode::render::svg;
use std::sync::Arc;

/// Smallest side of the picture, in pixels; it scales.
const SIDE: u32 = 240;

/// GET `/device/qr?user_code=...`. It says nothing of whether a device waits with this code: nobody is asked.
pub(crate) async fn show(
    State(engine): State<Arc<Engine>>,
    Query(query): Query,
) -> Result<Response, Problem> {
    let code = query.get("user_code").and_then(UserCode::parse);
    let code = code.ok_or_else(Problem::not_found)?;
    let address = verification_uri_complete(&engine.settings().issuer, &code);
    let picture = QrCode::new(address.as_bytes()).map_err(|_| Problem::not_found())?;
    // Dark on light whatever the page's colours: readers expect it so.
    let picture = picture
        .render::<svg::Color<'_>>()
        .min_dimensions(SIDE, SIDE)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    let mut response = picture.into_response();
    headers::secure(response.headers_mut());
    headers::no_referrer(response.headers_mut());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    Ok(response)
}
