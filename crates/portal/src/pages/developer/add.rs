//! `/developer/add`: registering an app.

use crate::fields::Typed;
use crate::flash::Flash;
use crate::forms::Form;
use crate::problem::Problem;
use crate::views::{self, Field};
use crate::visitor::{Developer, SignedIn};
use crate::{cookies, fields, paths, respond};
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::review::{Draft, FieldErrors, Publisher};

/// GET `/developer/add`.
pub(crate) async fn show(Developer(signed_in): Developer) -> Response {
    page(&signed_in, Draft::default(), &Vec::new(), StatusCode::OK)
}

/// POST `/developer/add`. What is refused comes back as it was typed, with every mistake beside its field.
pub(crate) async fn register(Developer(signed_in): Developer, form: Form) -> Result<Response, Problem> {
    let points = Typed::of(&form);
    let draft = Draft {
        name: form.text("name").to_owned(),
        redirect_uris: form.text("redirect_uris").to_owned(),
        client_type: form.text("client_type").to_owned(),
        description: form.text("description").to_owned(),
        data_points: points.ticked,
        optional: points.optional,
        purposes: points.purposes,
        contact: form.text("contact").to_owned(),
        home_url: form.text("home_url").to_owned(),
        privacy_url: form.text("privacy_url").to_owned(),
        terms_url: form.text("terms_url").to_owned(),
        agrees_to_terms: form.is_ticked("agrees_to_terms"),
    };
    let submit = form.text("save") != "draft";
    let registered = signed_in
        .engine()
        .register_app(signed_in.by(), &draft, submit)
        .await?;
    let registered = match registered {
        Ok(registered) => registered,
        Err(errors) => return Ok(page(&signed_in, draft, &errors, StatusCode::UNPROCESSABLE_ENTITY)),
    };
    let id = &registered.client_id;
    tracing::info!(client_id = %id, by = signed_in.id().0, "an app was registered");
    let told = if submit { Flash::Registered } else { Flash::Drafted };
    let onwards = respond::see_other(&told.at(&paths::dashboard(id)));
    Ok(match &registered.client_secret {
        Some(secret) => respond::with_cookie(onwards, cookies::reveal(id, secret)),
        None => onwards,
    })
}

fn page(signed_in: &SignedIn, draft: Draft, errors: &FieldErrors, status: StatusCode) -> Response {
    let error = |field: &str| {
        errors
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.message.clone())
    };
    let field = |name: &str, value: String| Field::typed(value, error(name));
    let catalogue = &signed_in.engine().settings().catalogue;
    let points = Typed {
        ticked: draft.data_points,
        optional: draft.optional,
        purposes: draft.purposes,
    };
    let typed = Publisher {
        contact: Some(draft.contact),
        home: Some(draft.home_url),
        privacy: Some(draft.privacy_url),
        terms: Some(draft.terms_url),
    };
    let template = views::DeveloperAdd {
        chrome: signed_in.visit.chrome(),
        data_points: fields::data_points(catalogue, &points, error("data_points")),
        name: field("name", draft.name),
        redirect_uris: fields::redirect_uris(field("redirect_uris", draft.redirect_uris)),
        client_type: if draft.client_type == "public" {
            views::ClientType::Public
        } else {
            views::ClientType::Confidential
        },
        client_type_error: error("client_type"),
        description: fields::description(field("description", draft.description)),
        publisher: fields::publisher(&typed, error),
        agrees_to_terms: draft.agrees_to_terms,
        agrees_to_terms_error: error("agrees_to_terms"),
    };
    respond::page(status, &template)
}
