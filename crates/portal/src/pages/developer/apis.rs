//! `/developer/apis`: the APIs that the person owns, and what apps may ask for here.

use crate::flash::Flash;
use crate::problem::Problem;
use crate::query::Query;
use crate::views::{self, ApiInDirectory, ApiRow};
use crate::visitor::SignedIn;
use crate::{paths, respond};
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::apis::{Resource, TokenFormat};

/// Most APIs that the directory shows at once.
const MOST: usize = 50;

/// GET `/developer/apis`. Everybody sees the APIs of their own; who may register one is asked by the form.
pub(crate) async fn show(signed_in: SignedIn, Query(query): Query) -> Result<Response, Problem> {
    let engine = signed_in.engine();
    let apis = engine.apis().await?;
    let waiting = engine.store().waiting_asks_of(signed_in.id()).await?;
    let own = apis.all().iter().filter(|api| api.owner == signed_in.id());
    let rows = own.map(|api| ApiRow {
        href: paths::api(&api.id),
        name: api.name.clone(),
        uri: api.uri.to_string(),
        format: format_words(api.format),
        scopes: api.scopes.len() + api.details.len(),
        open: api.open,
        waiting: waiting
            .iter()
            .find(|(id, _)| *id == api.id)
            .map_or(0, |(_, count)| *count),
    });
    let rows: Vec<ApiRow> = rows.collect();
    let search = query.get("q").unwrap_or_default().trim().to_owned();
    let wanted = search.to_lowercase();
    let found = apis.all().iter().filter(|api| fits(api, &wanted));
    let directory: Vec<ApiInDirectory> = found.take(MOST).map(in_directory).collect();
    let mut chrome = signed_in.visit.chrome();
    chrome.flash = Flash::told(&query);
    chrome.lead_to_developers_area();
    let template = views::DeveloperApis {
        chrome,
        apis: rows,
        directory,
        search,
        there_are_any: !apis.all().is_empty(),
    };
    Ok(respond::page(StatusCode::OK, &template))
}

/// Whether an API is what somebody searches for, by its name, its identifier or its scopes.
fn fits(api: &Resource, wanted: &str) -> bool {
    let texts = api.names().chain([api.name.as_str()]);
    wanted.is_empty() || texts.into_iter().any(|text| text.to_lowercase().contains(wanted))
}

fn in_directory(api: &Resource) -> ApiInDirectory {
    let scopes = api.scopes.iter().map(|one| (&one.name, &one.description));
    let types = api.details.iter().map(|one| (&one.name, &one.description));
    ApiInDirectory {
        name: api.name.clone(),
        uri: api.uri.to_string(),
        description: api.description.clone(),
        open: api.open,
        scopes: scopes
            .map(|(name, words)| (name.clone(), words.clone()))
            .collect(),
        types: types.map(|(name, words)| (name.clone(), words.clone())).collect(),
    }
}

/// What an API's tokens are, in words.
pub(super) const fn format_words(format: TokenFormat) -> &'static str {
    match format {
        TokenFormat::Opaque => "opaque tokens",
        TokenFormat::Jwt => "JWTs",
    }
}
