//! `/legal/developer_terms_of_use`.

use crate::visitor::Visit;
use crate::{markdown, respond, views};
use axum::response::Response;
use http::StatusCode;

/// GET `/legal/developer_terms_of_use`.
pub(crate) async fn developer_terms(visit: Visit) -> Response {
    let template = views::Terms {
        chrome: visit.chrome(),
        title: "Developer terms of use".to_owned(),
        html: markdown::to_html(&visit.engine.settings().developer_terms),
    };
    respond::page(StatusCode::OK, &template)
}
