//! The form of an API: what is stored or typed, and what was sent.

use crate::forms::Form;
use crate::problem::Problem;
use crate::views::{ApiFields, AppChoice, Field};
use crate::visitor::SignedIn;
use omniport_protocol::apis::ResourceDraft;
use omniport_protocol::jose::SigningAlgorithm;
use omniport_protocol::review::FieldErrors;
use omniport_protocol::vocabulary::ClientKind;

/// Most apps that the form offers.
const MOST_APPS: u32 = 200;

/// What a form says.
pub(super) fn typed(form: &Form) -> ResourceDraft {
    let text = |name| form.text(name).to_owned();
    ResourceDraft {
        uri: text("uri"),
        name: text("name"),
        description: text("description"),
        scopes: text("scopes"),
        format: text("format"),
        signing_alg: text("signing_alg"),
        token_seconds: text("token_seconds"),
        max_age: text("max_age"),
        introspected_by: text("introspected_by"),
        open: form.is_ticked("open"),
        details: text("details"),
    }
}

/// The fields of a draft, with what is wrong with each.
pub(super) async fn fields(
    signed_in: &SignedIn,
    draft: ResourceDraft,
    errors: &FieldErrors,
) -> Result<ApiFields, Problem> {
    let error = |name: &str| {
        let found = errors.iter().find(|error| error.field == name);
        found.map(|error| error.message.clone())
    };
    let field = |name: &str, value: String| Field::typed(value, error(name));
    let mut apps: Vec<AppChoice> = Vec::new();
    let store = signed_in.engine().store();
    for (app, _) in store.apps_of(signed_in.id(), "", None, MOST_APPS).await? {
        let serving = app.serving().map(|version| &version.manifest);
        let Some(manifest) = serving.filter(|manifest| manifest.kind == ClientKind::Confidential) else {
            continue;
        };
        apps.push(AppChoice {
            id: app.id.to_string(),
            name: manifest.name.clone(),
        });
    }
    // Who was named before stays to be chosen, whoever's app it is.
    let named = &draft.introspected_by;
    if !named.is_empty() && !apps.iter().any(|app| app.id == *named) {
        apps.push(AppChoice {
            id: named.clone(),
            name: named.clone(),
        });
    }
    Ok(ApiFields {
        uri: field("uri", draft.uri),
        name: field("name", draft.name),
        description: field("description", draft.description),
        scopes: field("scopes", draft.scopes),
        is_jwt: draft.format == "jwt",
        format_error: error("format"),
        signing_alg: field("signing_alg", draft.signing_alg),
        algorithms: SigningAlgorithm::ALL.map(SigningAlgorithm::as_str).into(),
        token_seconds: field("token_seconds", draft.token_seconds),
        max_age: field("max_age", draft.max_age),
        introspected_by: field("introspected_by", draft.introspected_by),
        apps,
        open: draft.open,
        details: field("details", draft.details),
    })
}
