//! Pages for people: sign-in, consent, home, the developer's and the maintainer's areas.
//!
//! | path | page |
//! | --- | --- |
//! | `/` | who one is, and which apps have what |
//! | `/login`, `/logout`, `/logout/done` | beginning and ending a session |
//! | `/consent` | what an app would see, Allow and Deny |
//! | `/device`, `/device/qr`, `/device/done` | the code that a device shows, a picture of it, and that it was answered |
//! | `/account/apps/{client_id}/withdraw` | taking it back |
//! | `/account`, `/account/sessions/...` | where one is signed in, and ending it |
//! | `/account/invitations/{client_id}` | joining a team, or taking an app over |
//! | `/account/notices/{id}/dismiss` | having read what happened in one's teams |
//! | `/developer`, `/developer/add`, `/developer/apps/{client_id}` | a developer's apps |
//! | `/developer/apps/{client_id}/requests`, `.../usage`, `.../code` | what came of its requests, how much it is used, code to begin with |
//! | `/developer/apps/{client_id}/history`, `.../version` | all that happened to it, page by page; what each version changed |
//! | `/developer/apps/{client_id}/protocol` | its grants and client metadata |
//! | `/developer/apis`, `/developer/apis/add`, `/developer/apis/{api}` | a person's APIs, and the apps that ask for their scopes |
//! | `/maintainer/review`, `/maintainer/review/{client_id}`, `.../history`, `.../version`, `.../consent` | the review queue |
//! | `/maintainer/audit`, `/maintainer/audit/export` | what was done, by whom, and what it changed |
//! | `/legal/developer_terms_of_use` | the institution's terms |
//! | `/assets/{file}`, `/logo/{digest}.png` | what pages link to |
//!
//! A page is plain HTML and works without JavaScript. A handler reads its request into types, asks the engine, and
//! fills in a struct of [`views`]; what a person may not or cannot do leaves as an
//! [`ErrorPage`](omniport_engine::pages::ErrorPage), which [`render_error_pages`] turns into a page.
#![forbid(unsafe_code)]

pub mod assets;
mod busy;
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
mod prose;
mod query;
mod respond;
mod routes;
mod version;
mod visitor;

pub use difference::of_app as differences;
pub use error_pages::{Asked, render_error_pages, with_error_page};
pub use forms::MAX_UPLOAD_BYTES;
pub use routes::{MAINTAINER_ROUTES, OWNER_ROUTES, PERSONAL_ROUTES, TEAM_ROUTES, router};
