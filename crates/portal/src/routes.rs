//! Every page's address and method: one table a kind of visitor, from which the router is made and which tests read whole,
//! so that no page can be added and forgotten there.

use crate::pages::developer::{
    add, api, api_add, apis, branding, code, dashboard, data_points, delete, description, history, list,
    protocol, publisher, redirect_uris, requests, secret, section, submit, team, test_people, usage, version,
};
use crate::pages::maintainer::{self, app, audit, preview, queue, record};
use crate::pages::{account, asked, assets, consent, device, device_qr, home, legal, login, logo, logout};
use crate::{busy, cross_site};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use omniport_engine::Engine;
use std::sync::Arc;

/// A table of routes, and the router of its handlers.
macro_rules! routes {
    ($(#[$about:meta])* $table:ident, $router:ident: $($method:ident $path:literal => $handler:path;)+) => {
        $(#[$about])*
        pub const $table: &[(&str, &str)] = &[$((stringify!($method), $path)),+];

        fn $router() -> Router<Arc<Engine>> {
            Router::new()$(.route($path, $method($handler)))+
        }
    };
}

routes! {
    /// For anybody, or for whoever is signed in: method and path.
    PERSONAL_ROUTES, personal:
    get "/" => home::show;
    get "/login" => login::show;
    post "/login" => login::sign_in;
    get "/logout/done" => logout::done;
    get "/consent" => consent::show;
    post "/consent" => consent::answer;
    get "/device" => device::show;
    post "/device" => device::open;
    get "/device/done" => device::done;
    get "/device/qr" => device_qr::show;
    post "/account/requests/open" => asked::open;
    post "/account/apps/{client_id}/withdraw" => account::withdraw;
    get "/account" => account::show;
    post "/account/invitations/{client_id}" => account::answer_invitation;
    post "/account/notices/{id}/dismiss" => account::dismiss;
    post "/account/password" => account::change_password;
    post "/account/sessions/end" => account::end_session;
    post "/account/sessions/end-others" => account::end_other_sessions;
    get "/legal/developer_terms_of_use" => legal::developer_terms;
    get "/assets/{file}" => assets::show;
    get "/logo/{file}" => logo::show;
    get "/developer" => list::show;
    get "/developer/add" => add::show;
    post "/developer/add" => add::register;
    get "/developer/apis" => apis::show;
    get "/developer/apis/add" => api_add::show;
    post "/developer/apis/add" => api_add::register;
}

routes! {
    /// For the owner of the API in the path; to everybody else there is no such API (case 109).
    OWNER_ROUTES, owner_only:
    get "/developer/apis/{api}" => api::show;
    post "/developer/apis/{api}" => api::save_it;
    post "/developer/apis/{api}/decide" => api::decide;
    post "/developer/apis/{api}/remove" => api::remove;
}

routes! {
    /// For the team of the app in the path; to everybody else there is no such app (case 109).
    TEAM_ROUTES, team_only:
    get "/developer/apps/{client_id}" => dashboard::show;
    get "/developer/apps/{client_id}/history" => history::show;
    get "/developer/apps/{client_id}/version" => version::show;
    get "/developer/apps/{client_id}/requests" => requests::show;
    get "/developer/apps/{client_id}/usage" => usage::show;
    get "/developer/apps/{client_id}/code" => code::show;
    get "/developer/apps/{client_id}/protocol" => protocol::show;
    post "/developer/apps/{client_id}/protocol" => protocol::save_it;
    post "/developer/apps/{client_id}/name" => branding::name;
    post "/developer/apps/{client_id}/logo" => branding::logo;
    post "/developer/apps/{client_id}/logo/remove" => branding::remove_logo;
    post "/developer/apps/{client_id}/redirect-uris" => redirect_uris::save_them;
    post "/developer/apps/{client_id}/description" => description::save_it;
    post "/developer/apps/{client_id}/data-points" => data_points::save_them;
    post "/developer/apps/{client_id}/team" => team::add;
    post "/developer/apps/{client_id}/team/remove" => team::remove;
    post "/developer/apps/{client_id}/team/uninvite" => team::uninvite;
    post "/developer/apps/{client_id}/team/give" => team::give;
    post "/developer/apps/{client_id}/secret" => secret::rotate;
    post "/developer/apps/{client_id}/secret/revoke" => secret::revoke;
    post "/developer/apps/{client_id}/publisher" => publisher::save_it;
    post "/developer/apps/{client_id}/scopes" => publisher::save_scopes;
    post "/developer/apps/{client_id}/test-people" => test_people::add;
    post "/developer/apps/{client_id}/test-people/renew" => test_people::renew;
    post "/developer/apps/{client_id}/test-people/remove" => test_people::remove;
    post "/developer/apps/{client_id}/comment" => submit::comment;
    post "/developer/apps/{client_id}/submit" => submit::submit;
    post "/developer/apps/{client_id}/take-back" => submit::take_back;
    post "/developer/apps/{client_id}/delete" => delete::delete;
}

routes! {
    /// For maintainers; everybody else is told whom to ask.
    MAINTAINER_ROUTES, maintainers_only:
    get "/maintainer/review" => queue::show;
    post "/maintainer/review" => queue::decide;
    get "/maintainer/review/{client_id}" => app::show;
    post "/maintainer/review/{client_id}" => app::decide;
    get "/maintainer/review/{client_id}/history" => record::show;
    get "/maintainer/review/{client_id}/version" => maintainer::version::show;
    get "/maintainer/review/{client_id}/consent" => preview::show;
    get "/maintainer/audit" => audit::show;
    get "/maintainer/audit/export" => audit::export;
}

/// Every page, without trailing slashes: the wiring around the router strips them.
pub fn router(engine: Arc<Engine>) -> Router {
    // Whoever is not on the team learns nothing of an app by asking in another way, either.
    let of_teams = team_only().method_not_allowed_fallback(section::wrong_method);
    personal()
        .merge(of_teams)
        .merge(owner_only())
        .merge(maintainers_only())
        .route_layer(from_fn_with_state(Arc::clone(&engine), busy::refuse))
        // Around it: what another site sent is not counted either.
        .route_layer(from_fn_with_state(Arc::clone(&engine), cross_site::refuse))
        // Apps may send a form here too, which is then asked about: it looks for itself.
        .route("/logout", get(logout::ask).post(logout::end))
        .with_state(engine)
}
