//! The developer's area: the list, registering, and an app's dashboard, each of whose sections saves alone.

pub(crate) mod add;
pub(crate) mod api;
pub(crate) mod api_add;
mod api_form;
pub(crate) mod apis;
pub(crate) mod branding;
pub(crate) mod code;
pub(crate) mod dashboard;
pub(crate) mod data_points;
pub(crate) mod delete;
pub(crate) mod description;
pub(crate) mod history;
pub(crate) mod list;
mod proof;
pub(crate) mod protocol;
pub(crate) mod publisher;
pub(crate) mod redirect_uris;
pub(crate) mod requests;
mod save;
pub(crate) mod secret;
pub(crate) mod section;
pub(crate) mod submit;
pub(crate) mod team;
pub(crate) mod test_people;
pub(crate) mod usage;
pub(crate) mod version;

use crate::problem::Problem;
use crate::visitor::SignedIn;
use omniport_protocol::review::App;
use omniport_protocol::vocabulary::ClientId;

/// An app whose team the person is on. To everybody else, maintainers too, it does not exist here (case 109).
async fn find(signed_in: &SignedIn, id: &ClientId) -> Result<App, Problem> {
    let app = signed_in
        .engine()
        .store()
        .app_of_member(id, signed_in.id())
        .await?;
    app.ok_or_else(Problem::not_found)
}
