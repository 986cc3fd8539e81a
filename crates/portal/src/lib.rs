//! Pages for people: sign-in, consent, home, the developer's and the maintainer's areas.
//!
//! | path | page |
//! | --- | --- |
//! | `/` | who one is, and which apps have what |
//! | `/login`, `/logout`, `/logout/done` | beginning and ending a session |
//! | `/consent` | what an app would see, Allow and Deny |
//! | `/device`, `/device/done` | the code that a device shows, and that it was answered |
//! | `/account/apps/{client_id}/withdraw` | taking it back |
//! | `/account`, `/account/sessions/...` | where one is signed in, and ending it |
//! | `/account/invitations/{client_id}` | joining a team, or taking an app over |
//! | `/account/notices/{id}/dismiss` | having read what happened in one's teams |
//! | `/developer`, `/developer/add`, `/developer/apps/{client_id}` | a developer's apps |
//! | `/developer/apps/{client_id}/requests`, `.../usage`, `.../code` | what came of its requests, how much it is used, code to begin with |
//! | `/developer/apps/{client_id}/protocol` | its grants and client metadata |
//! | `/maintainer/review`, `/maintainer/review/{client_id}` | the review queue |
//! | `/legal/developer_terms_of_use` | the institution's terms |
//! | `/assets/{file}`, `/logo/{digest}.png` | what pages link to |
//!
//! A page is plain HTML and works without JavaScript. A handler reads its request into types, asks the engine, and
//! fills in a struct of [`views`]; what a person may not or cannot do leaves as an
//! [`ErrorPage`](omniport_engine::pages::ErrorPage), which [`render_error_pages`] turns into a page.
#![forbid(unsafe_code)]

pub mod assets;
pub mod views;

mod checks;
mod cookies;
mod cross_site;
mod csrf;
mod device;
mod difference;
mod error_pages;
mod fields;
mod flash;
mod format;
mod forms;
mod headers;
mod history;
mod markdown;
mod marks;
mod pages;
mod paths;
mod people;
mod problem;
mod query;
mod respond;
mod visitor;

pub use error_pages::{Asked, render_error_pages, with_error_page};
pub use forms::MAX_UPLOAD_BYTES;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use omniport_engine::Engine;
use pages::device as device_code;
use pages::{account, assets as files, consent, developer, home, legal, login, logo, logout, maintainer};
use std::sync::Arc;

/// Every page, without trailing slashes: the wiring around the router strips them.
pub fn router(engine: Arc<Engine>) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/login", get(login::show).post(login::sign_in))
        .route("/logout/done", get(logout::done))
        .route("/consent", get(consent::show).post(consent::answer))
        .route("/device", get(device_code::show).post(device_code::open))
        .route("/device/done", get(device_code::done))
        .route("/account/apps/{client_id}/withdraw", post(account::withdraw))
        .route("/account", get(account::show))
        .route(
            "/account/invitations/{client_id}",
            post(account::answer_invitation),
        )
        .route("/account/notices/{id}/dismiss", post(account::dismiss))
        .route("/account/sessions/end", post(account::end_session))
        .route("/account/sessions/end-others", post(account::end_other_sessions))
        .route("/legal/developer_terms_of_use", get(legal::developer_terms))
        .route("/assets/{file}", get(files::show))
        .route("/logo/{file}", get(logo::show))
        .route(
            "/maintainer/review",
            get(maintainer::queue::show).post(maintainer::queue::decide),
        )
        .route(
            "/maintainer/review/{client_id}",
            get(maintainer::app::show).post(maintainer::app::decide),
        )
        .route(
            "/maintainer/review/{client_id}/consent",
            get(maintainer::preview::show),
        )
        .merge(developer())
        .route_layer(from_fn_with_state(Arc::clone(&engine), cross_site::refuse))
        // Apps may send a form here too, which is then asked about: it looks for itself.
        .route("/logout", get(logout::ask).post(logout::end))
        .with_state(engine)
}

fn developer() -> Router<Arc<Engine>> {
    use developer::{
        add, branding, dashboard, data_points, delete, description, list, redirect_uris, secret,
    };
    let sections = Router::new()
        .route("/name", post(branding::name))
        .route("/logo", post(branding::logo))
        .route("/logo/remove", post(branding::remove_logo))
        .route("/redirect-uris", post(redirect_uris::save_them))
        .route("/description", post(description::save_it))
        .route("/data-points", post(data_points::save_them))
        .route("/team", post(developer::team::add))
        .route("/team/remove", post(developer::team::remove))
        .route("/team/uninvite", post(developer::team::uninvite))
        .route("/team/give", post(developer::team::give))
        .route("/secret", post(secret::rotate))
        .route("/secret/revoke", post(secret::revoke))
        .route("/publisher", post(developer::publisher::save_it))
        .route("/scopes", post(developer::publisher::save_scopes))
        .route("/test-people", post(developer::test_people::add))
        .route("/test-people/renew", post(developer::test_people::renew))
        .route("/test-people/remove", post(developer::test_people::remove))
        .route("/comment", post(developer::submit::comment))
        .route("/submit", post(developer::submit::submit))
        .route("/take-back", post(developer::submit::take_back))
        .route("/delete", post(delete::delete));
    Router::new()
        .route("/developer", get(list::show))
        .route("/developer/add", get(add::show).post(add::register))
        .route("/developer/apps/{client_id}", get(dashboard::show))
        .route(
            "/developer/apps/{client_id}/requests",
            get(developer::requests::show),
        )
        .route("/developer/apps/{client_id}/usage", get(developer::usage::show))
        .route("/developer/apps/{client_id}/code", get(developer::code::show))
        .route(
            "/developer/apps/{client_id}/protocol",
            get(developer::protocol::show).post(developer::protocol::save_it),
        )
        .nest("/developer/apps/{client_id}", sections)
}
