//! A form of one section of the dashboard, as it came in: who sent it, about which app, what it says.

use super::find;
use crate::forms::Form;
use crate::paths::AppId;
use crate::problem::Problem;
use crate::visitor::SignedIn;
use axum::extract::{FromRequest, FromRequestParts, Request};
use omniport_engine::Engine;
use omniport_protocol::review::App;
use std::sync::Arc;

/// Somebody at an app of theirs.
pub(crate) struct AtApp {
    /// Who.
    pub(crate) signed_in: SignedIn,
    /// Their app.
    pub(crate) app: App,
}

impl FromRequestParts<Arc<Engine>> for AtApp {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut http::request::Parts,
        engine: &Arc<Engine>,
    ) -> Result<Self, Problem> {
        let signed_in = SignedIn::from_request_parts(parts, engine).await?;
        let AppId(id) = AppId::from_request_parts(parts, engine).await?;
        let app = find(&signed_in, &id).await?;
        Ok(Self { signed_in, app })
    }
}

/// A section's form.
pub(crate) struct Section {
    /// Who sent it, about which app.
    pub(crate) at: AtApp,
    /// What it says.
    pub(crate) form: Form,
}

impl FromRequest<Arc<Engine>> for Section {
    type Rejection = Problem;

    async fn from_request(request: Request, engine: &Arc<Engine>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let at = AtApp::from_request_parts(&mut parts, engine).await?;
        let form = Form::from_request(Request::from_parts(parts, body), engine).await?;
        Ok(Self { at, form })
    }
}
