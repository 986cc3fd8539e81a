//! The page that posts an answer to its app.

use crate::{headers, respond, views};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::Engine;
use omniport_engine::pages::FormPost;
use omniport_protocol::vocabulary::RedirectUri;

/// The page, whose form may go to the app and nowhere else.
pub(crate) fn page(engine: &Engine, form: FormPost) -> Response {
    let origin = RedirectUri::origin_of(&form.action);
    let template = views::FormPost {
        chrome: views::Chrome::bare(&engine.settings().institution),
        action: form.action,
        fields: form.fields,
    };
    let mut response = respond::page(StatusCode::OK, &template);
    headers::allow_forms_to(response.headers_mut(), &origin);
    headers::no_referrer(response.headers_mut());
    response
}
