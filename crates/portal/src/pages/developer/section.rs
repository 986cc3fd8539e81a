//! A form of one section of the dashboard, as it came in: who sent it, about which app, what it says.

use super::find;
use crate::forms::Form;
use crate::history::change;
use crate::marks;
use crate::paths::AppId;
use crate::problem::Problem;
use crate::views::{AppHead, Chrome};
use crate::visitor::SignedIn;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::StatusCode;
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

impl AtApp {
    /// The frame of a page of this app.
    pub(super) fn chrome(&self) -> Chrome {
        let mut chrome = self.signed_in.visit.chrome();
        chrome.lead_to_developers_area();
        chrome.sandbox = sandbox(&self.app);
        chrome
    }

    /// What stands above each page of this app.
    pub(super) async fn head(&self) -> Result<AppHead, Problem> {
        head(self.signed_in.engine(), &self.app).await
    }
}

/// What stands on every page of an app in the sandbox.
pub(super) fn sandbox(app: &App) -> Option<String> {
    app.standing.is_sandbox().then(|| {
        "Sandbox: this app is not approved yet. It works for its team and its test people only.".to_owned()
    })
}

/// What stands above each page of `app`.
pub(super) async fn head(engine: &Engine, app: &App) -> Result<AppHead, Problem> {
    Ok(AppHead {
        id: app.id.to_string(),
        mark: app.edited().map_or_else(
            || marks::serving(app),
            |version| marks::manifest(&version.manifest),
        ),
        status: marks::status(app.standing),
        change: change(engine, app).await?,
    })
}

/// Any method that an address of an app does not know. Only its team learns that there is such an address.
pub(crate) async fn wrong_method(_at: AtApp) -> StatusCode {
    StatusCode::METHOD_NOT_ALLOWED
}

/// A section's form.
pub(crate) struct Section {
    /// Who sent it, about which app.
    pub(crate) at: AtApp,
    /// What it says.
    pub(crate) form: Form,
}

impl Section {
    /// The version that the page showed whose form this is; none of a form that does not say.
    pub(super) fn seen(&self) -> Option<u32> {
        self.form.text("version").parse().ok()
    }
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
