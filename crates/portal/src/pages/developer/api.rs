//! `/developer/apis/ID`: an API, as its owner runs it. To everybody else it does not exist.

use super::api_form::{fields, typed};
use super::apis::format_words;
use super::proof;
use crate::flash::{Flash, problem};
use crate::forms::Form;
use crate::paths::ApiId;
use crate::problem::Problem;
use crate::query::Query;
use crate::views::{self, ApiAskingApp, AskedName, AskedOfApi, Field, Notice};
use crate::visitor::SignedIn;
use crate::{marks, paths, respond};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use omniport_engine::Engine;
use omniport_engine::apis::{ApiDecision, ApiEditor};
use omniport_protocol::apis::{Resource, ResourceDraft, TokenFormat};
use omniport_protocol::endpoints::protected_resource_rfc9728;
use omniport_protocol::review::{FieldErrors, MAX_COMMENT_CHARS};
use omniport_protocol::vocabulary::ClientId;
use omniport_store::portal::ApiAsk;
use std::sync::Arc;

/// Somebody at an API of theirs.
pub(crate) struct AtApi {
    signed_in: SignedIn,
    api: Resource,
}

impl FromRequestParts<Arc<Engine>> for AtApi {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Arc<Engine>) -> Result<Self, Problem> {
        let signed_in = SignedIn::from_request_parts(parts, engine).await?;
        let ApiId(id) = ApiId::from_request_parts(parts, engine).await?;
        let apis = engine.apis().await?;
        let mut own = apis.all().iter().filter(|api| api.owner == signed_in.id());
        let api = own
            .find(|api| api.id == id)
            .ok_or_else(Problem::not_found)?
            .clone();
        Ok(Self { signed_in, api })
    }
}

/// A form about an API, as it came in.
pub(crate) struct ApiForm {
    at: AtApi,
    form: Form,
}

impl FromRequest<Arc<Engine>> for ApiForm {
    type Rejection = Problem;

    async fn from_request(request: Request, engine: &Arc<Engine>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let at = AtApi::from_request_parts(&mut parts, engine).await?;
        let form = Form::from_request(Request::from_parts(parts, body), engine).await?;
        Ok(Self { at, form })
    }
}

/// What a refused form brings back; what is none is shown as it is stored.
#[derive(Default)]
struct Typed {
    draft: Option<ResourceDraft>,
    errors: FieldErrors,
    remove: Field,
    answer: Option<Answer>,
    flash: Option<Notice>,
}

/// What was to be said to an app.
struct Answer {
    client: ClientId,
    names: Vec<String>,
    comment: Field,
}

/// GET `/developer/apis/{api}`.
pub(crate) async fn show(at: AtApi, Query(query): Query) -> Result<Response, Problem> {
    let typed = Typed {
        flash: Flash::told(&query),
        ..Typed::default()
    };
    page(&at, typed, StatusCode::OK).await
}

/// POST `/developer/apis/{api}`: the fields of the form, all but the identifier.
pub(crate) async fn save_it(ApiForm { at, form }: ApiForm) -> Result<Response, Problem> {
    let draft = typed(&form);
    let engine = at.signed_in.engine();
    let editor = ApiEditor::Owner(at.signed_in.by());
    match engine.edit_api(&at.api, &draft, editor).await? {
        Ok(_) => Ok(respond::see_other(&Flash::Saved.at(&paths::api(&at.api.id)))),
        Err(errors) => {
            let typed = Typed {
                draft: Some(ResourceDraft {
                    uri: at.api.uri.to_string(),
                    ..draft
                }),
                errors,
                ..Typed::default()
            };
            page(&at, typed, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// POST `.../decide`: `client_id`, `names`, `comment`, `decision` = `approve` or `refuse`.
pub(crate) async fn decide(ApiForm { at, form }: ApiForm) -> Result<Response, Problem> {
    let (approved, done) = match form.text("decision") {
        "approve" => (true, Flash::ScopesApproved),
        "refuse" => (false, Flash::ScopesRefused),
        _ => return Err(Problem::malformed("The decision is neither approve nor refuse.")),
    };
    let client = ClientId::parse(form.text("client_id")).map_err(|_| Problem::not_found())?;
    let comment = form.text("comment");
    let ticked = form.ticked("names");
    let asks = at.signed_in.engine().store().api_asks(&at.api.id).await?;
    let mut of_app = asks.into_iter().filter(|ask| ask.client == client).peekable();
    if of_app.peek().is_none() {
        return Err(Problem::not_found());
    }
    let names: Vec<String> = of_app
        .map(|ask| ask.name)
        .filter(|name| ticked.contains(name))
        .collect();
    let refused = |why: &str, mistake: Option<String>| Typed {
        flash: Some(problem(why)),
        answer: Some(Answer {
            client: client.clone(),
            names: names.clone(),
            comment: Field::typed(comment, mistake),
        }),
        ..Typed::default()
    };
    if names.is_empty() {
        let why = "Nothing was decided: tick at least one of what the app asks for.";
        return page(&at, refused(why, None), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let decision = ApiDecision {
        api: &at.api.id,
        client: &client,
        names: &names,
        approved,
        comment,
        by: Some(at.signed_in.by()),
    };
    if let Err(why) = at.signed_in.engine().decide_api(decision).await? {
        let typed = refused(
            &format!("Nothing was decided: {why}."),
            Some(format!("More than {MAX_COMMENT_CHARS} characters: shorten it.")),
        );
        return page(&at, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    tracing::info!(api = %at.api.id, client_id = %client, approved, by = at.signed_in.id().0, "an API's owner decided");
    Ok(respond::see_other(&done.at(&paths::api(&at.api.id))))
}

/// POST `.../remove`: `confirm_name`, the API's name; `password` where the sign-in was a while ago.
pub(crate) async fn remove(ApiForm { mut at, form }: ApiForm) -> Result<Response, Problem> {
    let page = paths::api(&at.api.id);
    match proof::of(&mut at.signed_in, &form, "remove the API").await? {
        Ok(proof) => Ok(proof.carry(removed(&at, &form).await)),
        Err(missing) => Ok(missing.page(&at.signed_in, &form, format!("{page}/remove"), page)),
    }
}

async fn removed(at: &AtApi, form: &Form) -> Result<Response, Problem> {
    let name = form.text("confirm_name");
    if name.trim() != at.api.name {
        let typed = Typed {
            remove: Field::refused(name, "That is not the API's name."),
            ..Typed::default()
        };
        return page(at, typed, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    at.signed_in
        .engine()
        .remove_api(&at.api.id, ApiEditor::Owner(at.signed_in.by()))
        .await?;
    tracing::info!(api = %at.api.id, by = at.signed_in.id().0, "an API was removed");
    Ok(respond::see_other(&Flash::ApiRemoved.at(paths::APIS)))
}

async fn page(at: &AtApi, typed: Typed, status: StatusCode) -> Result<Response, Problem> {
    let engine = at.signed_in.engine();
    let api = &at.api;
    let issuer = &engine.settings().issuer;
    let draft = typed.draft.unwrap_or_else(|| ResourceDraft::of(api));
    let mut chrome = at.signed_in.visit.chrome();
    chrome.flash = typed.flash;
    chrome.lead_to_developers_area();
    let template = views::DeveloperApi {
        chrome,
        href: paths::api(&api.id),
        name: api.name.clone(),
        uri: api.uri.to_string(),
        format: format_words(api.format),
        is_jwt: api.format == TokenFormat::Jwt,
        open: api.open,
        is_asked_about: api.introspected_by.is_some(),
        metadata: protected_resource_rfc9728::url_of_api(issuer, &api.id),
        issuer: issuer.clone(),
        asking: asking(engine, api, typed.answer).await?,
        fields: fields(&at.signed_in, draft, &typed.errors).await?,
        remove: typed.remove,
    };
    Ok(respond::page(status, &template))
}

/// The apps that ask for something of the API, those that wait first.
async fn asking(
    engine: &Engine,
    api: &Resource,
    typed: Option<Answer>,
) -> Result<Vec<ApiAskingApp>, Problem> {
    let mut apps: Vec<ApiAskingApp> = Vec::new();
    for ask in engine.store().api_asks(&api.id).await? {
        let id = ask.client.to_string();
        if !apps.iter().any(|app| app.id == id) {
            apps.push(ApiAskingApp {
                id: id.clone(),
                mark: marks::app(&ask.app, ask.logo.as_deref()),
                status: marks::status(ask.standing),
                names: Vec::new(),
                comment: Field::default(),
            });
        }
        if let Some(app) = apps.iter_mut().find(|app| app.id == id) {
            app.comment = Field::of(ask.comment.as_str());
            app.names.push(asked(api, ask));
        }
    }
    for app in &mut apps {
        let waits = app.waits();
        for name in &mut app.names {
            name.checked = !waits || name.state == AskedOfApi::Waiting;
        }
    }
    if let Some(typed) = typed
        && let Some(app) = apps.iter_mut().find(|app| app.id == typed.client.as_str())
    {
        for name in &mut app.names {
            name.checked = typed.names.contains(&name.name);
        }
        app.comment = typed.comment;
    }
    Ok(apps)
}

fn asked(api: &Resource, ask: ApiAsk) -> AskedName {
    let scope = api.scopes.iter().find(|one| one.name == ask.name);
    let kind = api.details.iter().find(|one| one.name == ask.name);
    let words = scope
        .map(|one| &one.description)
        .or(kind.map(|one| &one.description));
    AskedName {
        words: words.map_or_else(|| "To use the API at all".to_owned(), Clone::clone),
        name: ask.name,
        state: ask.approved.into(),
        checked: false,
        when: views::When::from_seconds(ask.decided_at.unwrap_or(ask.asked_at).seconds()),
    }
}
