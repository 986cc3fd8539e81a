//! `/developer/apps/ID`: an app's administration dashboard.

use super::find;
use super::section::{AtApp, head, sandbox};
use crate::flash::Flash;
use crate::history::{self, History, Reader};
use crate::problem::Problem;
use crate::query::Query;
use crate::views::{self, Field, Notice};
use crate::{checks, cookies, difference, fields, marks, paths, people, respond};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use omniport_engine::Engine;
use omniport_engine::apps::MAX_TEST_PEOPLE;
use omniport_protocol::authorize::Door;
use omniport_protocol::review::{App, Edit, Manifest};
use omniport_protocol::vocabulary::{ClientId, ClientKind, GrantType, encode};

/// What a refused form brings back to the dashboard; what is none is shown as it is stored.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) flash: Option<Notice>,
    pub(super) new_secret: Option<String>,
    pub(super) name: Option<Field>,
    pub(super) logo_error: Option<String>,
    pub(super) redirect_uris: Option<Field>,
    pub(super) password_error: Option<String>,
    pub(super) description: Option<Field>,
    pub(super) data_points: Option<(fields::Typed, Option<String>)>,
    pub(super) publisher: Option<views::PublisherFields>,
    pub(super) scopes: Option<Field>,
    pub(super) answer: Option<Field>,
    pub(super) test_people_error: Option<String>,
    pub(super) new_test_person: Option<(String, String)>,
    pub(super) team_add: Option<Field>,
    pub(super) give: Option<Field>,
    pub(super) secret_error: Option<String>,
    pub(super) delete: Option<Field>,
    /// What was not saved, for somebody else had changed the same.
    pub(super) unsaved: Option<Edit>,
}

/// GET `/developer/apps/{client_id}`. A secret that was sent ahead is shown in this one answer (case 107).
pub(crate) async fn show(at: AtApp, Query(query): Query, headers: HeaderMap) -> Result<Response, Problem> {
    let secret = cookies::revealed(&headers, &at.app.id);
    let is_revealed = secret.is_some();
    let person = cookies::revealed_person(&headers, &at.app.id);
    let is_person_revealed = person.is_some();
    let typed = Typed {
        flash: Flash::told(&query),
        new_secret: secret.map(|secret| secret.expose().to_owned()),
        new_test_person: person,
        ..Typed::default()
    };
    let mut response = page(&at, &at.app, typed, StatusCode::OK).await?;
    if is_revealed {
        response = respond::with_cookie(response, cookies::remove(cookies::REVEAL));
    }
    if is_person_revealed {
        response = respond::with_cookie(response, cookies::remove(cookies::REVEAL_PERSON));
    }
    Ok(response)
}

/// The dashboard after a refused form, on the app as it is now.
pub(super) async fn again(at: &AtApp, typed: Typed, status: StatusCode) -> Result<Response, Problem> {
    let app = find(&at.signed_in, &at.app.id).await?;
    Box::pin(page(at, &app, typed, status)).await
}

async fn page(at: &AtApp, app: &App, typed: Typed, status: StatusCode) -> Result<Response, Problem> {
    let engine = at.signed_in.engine();
    let catalogue = &engine.settings().catalogue;
    let Some(version) = app.edited() else {
        return Err(Problem::not_found());
    };
    let edited = &version.manifest;
    let serving = app.serving().map_or(edited, |version| &version.manifest);
    let history = History::read(engine, &app.id, Reader::Team, None, history::SHORT).await?;
    let mut chrome = at.signed_in.visit.chrome();
    chrome.flash = typed.flash;
    chrome.lead_to_developers_area();
    chrome.sandbox = sandbox(app);
    let (points, points_error) = typed
        .data_points
        .unwrap_or_else(|| (fields::Typed::stored(edited), None));
    let template = views::DeveloperApp {
        chrome,
        head: head(engine, app).await?,
        version: version.number,
        unsaved: typed
            .unsaved
            .map(|edit| difference::between(edited, &edit.on(edited), catalogue))
            .unwrap_or_default(),
        client_type: marks::client_type(serving.kind),
        new_secret: typed.new_secret,
        history: history.entries(&paths::dashboard(&app.id)),
        older: history.older(&paths::dashboard(&app.id)),
        reviewer_comment: history::last_no(engine, &app.id).await?,
        name: typed.name.unwrap_or_else(|| Field::of(&edited.name)),
        logo_error: typed.logo_error,
        redirect_uris: fields::redirect_uris(typed.redirect_uris.unwrap_or_else(|| Field::of(lines(edited)))),
        password: needs_password(at, typed.password_error),
        description: fields::description(
            typed
                .description
                .unwrap_or_else(|| Field::of(&edited.description)),
        ),
        data_points: fields::data_points(catalogue, &points, points_error),
        pending: difference::of_app(app, catalogue),
        team: team(at, &app.id).await?,
        invited: invited(at, &app.id).await?,
        give: typed.give.unwrap_or_default(),
        team_add: typed.team_add.unwrap_or_default(),
        secrets: secrets(engine, &app.id).await?,
        secret_error: typed.secret_error,
        people: engine.store().connected_people(&app.id).await?,
        delete: typed.delete.unwrap_or_default(),
        checks: checks::shown(engine.check_app(app).await?),
        publisher: typed
            .publisher
            .unwrap_or_else(|| fields::publisher(&edited.publisher, |_| None)),
        scopes: typed.scopes.unwrap_or_else(|| Field::of(scopes(edited))),
        asked: asked(engine, &app.id, edited).await?,
        test_people: test_people(engine, &app.id, typed.new_test_person, typed.test_people_error).await?,
        answer: typed.answer.unwrap_or_default(),
        snippets: snippets(&engine.settings().issuer, &app.id, serving),
    };
    Ok(respond::page(status, &template))
}

/// The field `password`, where the sign-in was a while ago.
fn needs_password(at: &AtApp, error: Option<String>) -> Option<Field> {
    let is_fresh = at.signed_in.visitor.is_fresh(at.signed_in.engine().now());
    (!is_fresh || error.is_some()).then(|| Field::typed("", error))
}

/// The redirect URLs, one a line.
fn lines(manifest: &Manifest) -> String {
    manifest
        .redirect_uris
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The scopes of APIs, as they are typed.
fn scopes(manifest: &Manifest) -> String {
    let names: Vec<&str> = manifest.api_scopes.iter().map(String::as_str).collect();
    names.join(" ")
}

/// What the edited version asks of APIs, and what their owners say to it.
async fn asked(
    engine: &Engine,
    id: &ClientId,
    manifest: &Manifest,
) -> Result<Vec<views::AskedByApp>, Problem> {
    let apis = engine.apis().await?;
    let said = engine.store().asks_of_app(id).await?;
    let names = manifest.api_scopes.iter().chain(&manifest.details_types);
    let shown = names.map(|name| {
        let api = apis.of_name(name);
        let answer = said.iter().find(|(asked, ..)| asked == name);
        let is_open = api.is_some_and(|api| api.open);
        views::AskedByApp {
            name: name.clone(),
            api: api.map(|api| api.name.clone()),
            state: if is_open {
                views::AskedOfApi::Approved
            } else {
                answer.and_then(|(_, approved, _)| *approved).into()
            },
            comment: answer
                .filter(|_| !is_open)
                .map(|(.., comment)| comment.clone())
                .unwrap_or_default(),
        }
    });
    Ok(shown.collect())
}

/// Those of the test people who were not put away.
async fn test_people(
    engine: &Engine,
    id: &ClientId,
    new: Option<(String, String)>,
    error: Option<String>,
) -> Result<views::TestPeople, Problem> {
    let all = engine.store().test_people(id).await?;
    let shown = all
        .into_iter()
        .filter(|person| !person.put_away)
        .map(|person| views::TestPerson {
            id: person.person.0,
            name: people::with_data(&person.username, &person.data).name,
            username: person.username,
            since: views::When::from_seconds(person.created_at.seconds()),
        });
    Ok(views::TestPeople {
        people: shown.collect(),
        most: MAX_TEST_PEOPLE,
        new,
        error,
    })
}

async fn team(at: &AtApp, id: &ClientId) -> Result<Vec<views::TeamMember>, Problem> {
    let members = at.signed_in.engine().store().team(id).await?;
    let shown = members.into_iter().map(|member| views::TeamMember {
        person: people::with_data(&member.username, &member.data),
        is_creator: member.is_creator,
        is_owner: member.is_owner,
        is_viewer: member.person == at.signed_in.id(),
        since: views::When::from_seconds(member.since.seconds()),
    });
    Ok(shown.collect())
}

/// Who has yet to answer.
async fn invited(at: &AtApp, id: &ClientId) -> Result<Vec<views::InvitedPerson>, Problem> {
    let engine = at.signed_in.engine();
    let waiting = engine.store().invitations_to(id, engine.now()).await?;
    let shown = waiting.into_iter().map(|invitation| views::InvitedPerson {
        username: invitation.username,
        as_owner: invitation.as_owner,
        by: invitation.by,
        since: views::When::from_seconds(invitation.at.seconds()),
    });
    Ok(shown.collect())
}

/// The secrets that still work.
async fn secrets(engine: &Engine, id: &ClientId) -> Result<Vec<views::SecretRow>, Problem> {
    let now = engine.now();
    let all = engine.store().secrets(id).await?;
    let live = all
        .into_iter()
        .filter(|secret| secret.expires_at.is_none_or(|at| !now.is_at_or_after(at)));
    let rows = live.map(|secret| views::SecretRow {
        id: secret.id,
        last_used: secret
            .last_used_at
            .map(|at| views::When::from_seconds(at.seconds())),
        prefix: format!("{}\u{2026}", secret.prefix),
        created: views::When::from_seconds(secret.created_at.seconds()),
        expires: secret
            .expires_at
            .map(|at| views::When::from_seconds(at.seconds())),
    });
    Ok(rows.collect())
}

/// The flow with this app's values.
pub(super) fn snippets(issuer: &str, id: &ClientId, manifest: &Manifest) -> views::Snippets {
    let redirect_uri = manifest
        .redirect_uris
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    let challenge = match manifest.kind {
        ClientKind::Confidential => String::new(),
        ClientKind::Public => {
            format!(
                "&code_challenge={}&code_challenge_method=S256",
                views::Snippets::CODE_CHALLENGE
            )
        }
    };
    views::Snippets {
        authorise_url: format!(
            "{issuer}{}?client_id={}&redirect_uri={}&state=any-text{challenge}",
            Door::Walkthrough.path(),
            encode(id.as_str()),
            encode(&redirect_uri)
        ),
        token_url: format!("{issuer}/open_auth/token/"),
        user_data_url: format!("{issuer}/open_auth/get_user_data/"),
        revoke_url: format!("{issuer}/open_auth/revoke_token/"),
        client_id: id.to_string(),
        redirect_uri,
        client_type: marks::client_type(manifest.kind),
        flow: flow(manifest),
        issuer: issuer.to_owned(),
    }
}

/// The flow to show: that of people in browsers where the app has it.
fn flow(manifest: &Manifest) -> views::Flow {
    let has = |grant: &str| manifest.grant_types.iter().any(|one| one.0 == grant);
    if has(GrantType::AUTHORIZATION_CODE) && !manifest.redirect_uris.is_empty() {
        views::Flow::Code
    } else if has(GrantType::DEVICE_CODE) {
        views::Flow::Device
    } else if has(GrantType::CLIENT_CREDENTIALS) {
        views::Flow::OwnBehalf
    } else {
        views::Flow::Another
    }
}
