//! `/developer/apps/ID/protocol`: grants and client metadata, saved together.

use super::find;
use super::proof;
use super::save::saved_at;
use super::section::{AtApp, Section, head};
use crate::flash::{Flash, problem, sentence};
use crate::forms::Form;
use crate::paths::protocol;
use crate::problem::Problem;
use crate::query::Query;
use crate::respond;
use crate::views::{
    DeveloperProtocol, Field, GrantChoice, Notice, SettingField, SettingInput, SettingsGroup,
};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::apps::{EditError, SettingsError};
use omniport_protocol::review::{
    AUTH_METHOD, App, FieldError, GRANT_TYPES, SETTINGS, Setting, SettingGroup, SettingKind, TypedSettings,
    grant_words,
};
use omniport_protocol::vocabulary::ClientKind;

/// What is shown: what is stored, or what was typed and why it was not saved.
struct Shown {
    typed: TypedSettings,
    mistakes: Vec<FieldError>,
    flash: Option<Notice>,
    status: StatusCode,
}

/// GET `/developer/apps/{client_id}/protocol`.
pub(crate) async fn show(at: AtApp, Query(query): Query) -> Result<Response, Problem> {
    let Some(edited) = at.app.edited() else {
        return Err(Problem::not_found());
    };
    let shown = Shown {
        typed: TypedSettings::of(&edited.manifest),
        mistakes: Vec::new(),
        flash: Flash::told(&query),
        status: StatusCode::OK,
    };
    page(&at, &at.app, shown).await
}

/// POST `.../protocol`: `grant_types` and every member that the page offers; `password` where the sign-in was a while ago,
/// for whoever sets an app's keys can act as the app.
pub(crate) async fn save_it(mut section: Section) -> Result<Response, Problem> {
    let what = "change how the app proves itself and gets tokens";
    match proof::at_app(&mut section, ("/protocol", "/protocol"), what).await? {
        Ok(proof) => Ok(proof.carry(saved(section).await)),
        Err(page) => Ok(page),
    }
}

async fn saved(section: Section) -> Result<Response, Problem> {
    let seen = section.seen();
    let Section { at, form } = section;
    let typed = typed(&form);
    let engine = at.signed_in.engine();
    let saved = engine
        .save_settings(&at.app.id, at.signed_in.by(), &typed, seen)
        .await?;
    let (mistakes, flash, status) = match saved {
        Ok(revision) => return Ok(saved_at(&at, &revision, &protocol(&at.app.id))),
        Err(SettingsError::Fields(mistakes)) => (mistakes, None, StatusCode::UNPROCESSABLE_ENTITY),
        Err(SettingsError::Edit(EditError::NotFound)) => return Err(Problem::not_found()),
        Err(SettingsError::Edit(error)) => {
            let told = problem(sentence(&error.to_string()));
            (Vec::new(), Some(told), StatusCode::CONFLICT)
        }
    };
    let app = find(&at.signed_in, &at.app.id).await?;
    let shown = Shown {
        typed,
        mistakes,
        flash,
        status,
    };
    page(&at, &app, shown).await
}

fn typed(form: &Form) -> TypedSettings {
    let value = |one: &Setting| match one.kind {
        SettingKind::Flag => form.is_ticked(one.name).then(|| "on".to_owned()),
        _ => Some(form.text(one.name).to_owned()),
    };
    TypedSettings {
        grant_types: form.ticked(GRANT_TYPES),
        values: SETTINGS
            .iter()
            .filter_map(|one| Some((one.name.to_owned(), value(one)?)))
            .collect(),
    }
}

async fn page(at: &AtApp, app: &App, shown: Shown) -> Result<Response, Problem> {
    let mut chrome = at.chrome();
    chrome.flash = shown.flash;
    let error = |name: &str| {
        let found = shown.mistakes.iter().find(|mistake| mistake.field == name);
        found.map(|mistake| mistake.message.clone())
    };
    let is_here = |name: &str| name == GRANT_TYPES || SETTINGS.iter().any(|one| one.name == name);
    let Some(version) = app.edited() else {
        return Err(Problem::not_found());
    };
    let edited = &version.manifest;
    let grants = grant_words().map(|words| GrantChoice {
        value: words.grant_type.to_owned(),
        label: words.label.to_owned(),
        sentence: words.sentence.to_owned(),
        checked: shown
            .typed
            .grant_types
            .iter()
            .any(|name| name == words.grant_type),
        locked: words.legacy
            && !app.legacy.password
            && !edited.grant_types.iter().any(|grant| grant.0 == words.grant_type),
    });
    let field = |one: &Setting| SettingField {
        name: one.name.to_owned(),
        label: one.label.to_owned(),
        hint: one.hint.to_owned(),
        input: input(one.kind),
        field: Field::typed(shown.typed.value(one.name).unwrap_or_default(), error(one.name)),
    };
    let groups = SettingGroup::ALL.map(|group| SettingsGroup {
        title: group.title().to_owned(),
        settings: SETTINGS
            .iter()
            .filter(|one| one.group == group)
            // A public app proves nothing.
            .filter(|one| one.name != AUTH_METHOD || edited.kind == ClientKind::Confidential)
            .map(field)
            .collect(),
    });
    let elsewhere = shown.mistakes.iter().filter(|mistake| !is_here(mistake.field));
    let template = DeveloperProtocol {
        chrome,
        version: version.number,
        head: head(at.signed_in.engine(), app).await?,
        grants: grants.collect(),
        grants_error: error(GRANT_TYPES),
        groups: groups.into(),
        elsewhere: elsewhere
            .map(|mistake| (mistake.field.to_owned(), mistake.message.clone()))
            .collect(),
    };
    Ok(respond::page(shown.status, &template))
}

fn input(kind: SettingKind) -> SettingInput {
    match kind {
        SettingKind::Flag => SettingInput::Flag,
        SettingKind::Url => SettingInput::Url,
        SettingKind::Text => SettingInput::Line,
        SettingKind::Urls | SettingKind::Lines | SettingKind::Json => SettingInput::Lines,
        SettingKind::Word(words) => SettingInput::Words(words().into_iter().map(ToOwned::to_owned).collect()),
    }
}
