//! The dashboard's contact and links, and its scopes of APIs.

use super::dashboard::{Typed, again};
use super::save::{save, save_checked};
use super::section::Section;
use crate::fields;
use crate::problem::Problem;
use crate::views::Field;
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::review::{Edit, Publisher, check_api_scopes};

/// POST `.../publisher`: `contact`, `home_url`, `privacy_url`, `terms_url`.
pub(crate) async fn save_it(section: Section) -> Result<Response, Problem> {
    let seen = section.seen();
    let Section { at, form } = section;
    let text = |name| form.text(name);
    let given = Publisher {
        contact: Some(text("contact").to_owned()),
        home: Some(text("home_url").to_owned()),
        privacy: Some(text("privacy_url").to_owned()),
        terms: Some(text("terms_url").to_owned()),
    };
    let checked = Publisher::check(
        text("contact"),
        text("home_url"),
        text("privacy_url"),
        text("terms_url"),
    );
    let typed = |errors: &[omniport_protocol::review::FieldError]| {
        let of = |name: &str| {
            let error = errors.iter().find(|error| error.field == name);
            error.map(|error| error.message.clone())
        };
        Typed {
            publisher: Some(fields::publisher(&given, of)),
            ..Typed::default()
        }
    };
    match checked {
        Ok(publisher) => save(at, &Edit::Publisher(publisher), seen, typed(&[])).await,
        Err(errors) => again(&at, typed(&errors), StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}

/// POST `.../scopes`: `scopes`.
pub(crate) async fn save_scopes(section: Section) -> Result<Response, Problem> {
    let seen = section.seen();
    let Section { at, form } = section;
    let text = form.text("scopes");
    let checked = check_api_scopes(text, &at.signed_in.engine().settings().catalogue);
    let typed = |error| Typed {
        scopes: Some(Field::typed(text, error)),
        ..Typed::default()
    };
    save_checked(at, checked.map(Edit::ApiScopes), seen, typed).await
}
