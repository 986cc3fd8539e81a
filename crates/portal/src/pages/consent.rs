//! `/consent`: what an app would see of a person, and their answer.

use crate::forms::Form;
use crate::problem::Problem;
use crate::query::Query;
use crate::visitor::Visit;
use crate::{format, headers, marks, people, respond, views};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::pages::ErrorPage;
use omniport_engine::{Engine, Fault};
use omniport_protocol::authorize::{
    Answer, ConsentAnswer, ConsentView, HandleOf, Outcome, PageError, Parked, ResumeRequest, Resumed,
};
use omniport_protocol::data_points::Catalogue;
use omniport_protocol::effect::Minted;
use omniport_protocol::vocabulary::{ClientId, Secret, encode};

/// Longest handle that is looked up.
const MAX_HANDLE: usize = 128;

/// The page of the request that waits under `handle`.
pub(super) fn path(handle: &str) -> String {
    format!("/consent?request={}", encode(handle))
}

/// GET `/consent?request=HANDLE`.
pub(crate) async fn show(visit: Visit, Query(query): Query) -> Result<Response, Problem> {
    let handle = handle(query.get("request").unwrap_or_default())?;
    let operation = ResumeRequest {
        handle: handle.hash(),
        session: visit.session.as_ref().map(Secret::hash),
    };
    match visit.engine.run(&operation).await? {
        (Resumed::Show(view), _) => page(&visit, &handle, *view).await,
        (Resumed::Outcome(outcome), minted) => follow(outcome, &minted, &handle),
    }
}

/// POST `/consent`: `request`, `version`, `decision`.
pub(crate) async fn answer(visit: Visit, form: Form) -> Result<Response, Problem> {
    let handle = handle(form.text("request"))?;
    let allow = match form.text("decision") {
        "allow" => true,
        "deny" => false,
        _ => return Err(Problem::malformed("Answer with Allow or Deny.")),
    };
    let malformed = |_| Problem::malformed("The form does not say which version of the app it shows.");
    let operation = ConsentAnswer {
        handle: handle.hash(),
        session: visit.session.as_ref().map(Secret::hash),
        seen_version: form.text("version").parse().map_err(malformed)?,
        allow,
    };
    let (outcome, minted) = visit.engine.run(&operation).await?;
    follow(outcome, &minted, &handle)
}

fn handle(text: &str) -> Result<Secret, Problem> {
    if text.is_empty() || text.len() > MAX_HANDLE {
        Err(Problem::malformed(
            "The address does not say which request it is about. Go back to the app and start again.",
        ))
    } else {
        Ok(Secret::new(text))
    }
}

/// Does with the browser what was decided.
fn follow(outcome: Outcome, minted: &Minted, handle: &Secret) -> Result<Response, Problem> {
    match outcome {
        Outcome::Page(error) => Err(refused(error, handle)),
        Outcome::Redirect(answer) => to_the_app(&answer, minted),
        Outcome::SignIn(parked) => Ok(respond::see_other(&format!(
            "/login?request={}",
            encode(waits_under(&parked, minted, handle)?.expose())
        ))),
        Outcome::Consent(parked) => Ok(respond::see_other(&path(
            waits_under(&parked, minted, handle)?.expose(),
        ))),
        Outcome::Home => Ok(respond::see_other("/")),
    }
}

fn to_the_app(answer: &Answer, minted: &Minted) -> Result<Response, Problem> {
    if let Some(refusal) = answer.refusal() {
        tracing::info!(client_id = %answer.client(), error = refusal.code.as_str(), reason = %refusal.private, "refused");
    }
    let location = answer.location(minted).ok_or(Fault::Task)?;
    Ok(respond::see_other(&location))
}

/// The handle's text: the one that the browser came with, unless a new one was drawn.
fn waits_under(parked: &Parked, minted: &Minted, presented: &Secret) -> Result<Secret, Problem> {
    match parked.handle {
        HandleOf::Presented(_) => Ok(presented.clone()),
        HandleOf::Minted(fresh) => Ok(minted.secret(fresh).cloned().ok_or(Fault::Task)?),
    }
}

fn refused(error: PageError, handle: &Secret) -> Problem {
    tracing::info!(error = error.code.as_str(), reason = %error.private, "refused on a page");
    Problem::Page(ErrorPage {
        status: StatusCode::BAD_REQUEST.as_u16(),
        code: error.code.as_str().into(),
        detail: error.detail,
        sign_in_to: error.offer_sign_in.then(|| path(handle.expose())),
    })
}

async fn page(visit: &Visit, handle: &Secret, view: ConsentView) -> Result<Response, Problem> {
    let come_back = format!("/login?request={}", encode(handle.expose()));
    let template = views::ConsentPage {
        chrome: visit.chrome(),
        publisher: publisher(&visit.engine, &view.client_id).await?,
        groups: groups(&view, &visit.engine.settings().catalogue),
        app: marks::app(view.app_name, view.logo.as_deref()),
        host: view.redirect_host,
        sandbox: view.in_sandbox,
        person: people::of(&view.holder.username, view.card),
        not_you_url: format!("/logout?next={}", encode(&come_back)),
        request: handle.expose().to_owned(),
        version: view.version,
    };
    let mut response = respond::page(StatusCode::OK, &template);
    headers::allow_forms_to(response.headers_mut(), &view.redirect_origin);
    // The address holds the handle. Our own form then says `Origin: null`, for which the browser vouches.
    headers::no_referrer(response.headers_mut());
    Ok(response)
}

/// Whoever registered the app.
async fn publisher(engine: &Engine, client: &ClientId) -> Result<String, Problem> {
    let Some(app) = engine.store().app(client).await? else {
        return Ok(String::new());
    };
    let creator = engine.store().person(app.creator).await?;
    Ok(creator
        .map(|person| people::card(&person).name)
        .unwrap_or_default())
}

/// The data points by category, with the person's own values.
fn groups(view: &ConsentView, catalogue: &Catalogue) -> Vec<views::ConsentGroup> {
    let group = |category: &omniport_protocol::data_points::Category| {
        let points: Vec<views::ConsentPoint> = category
            .data_points
            .iter()
            .filter_map(|known| {
                let asked = view.points.iter().find(|point| point.name == known.name)?;
                Some(views::ConsentPoint {
                    label: known.label.clone(),
                    value: format::value(known.kind, asked.value.as_ref()),
                })
            })
            .collect();
        (!points.is_empty()).then(|| views::ConsentGroup {
            label: category.label.clone(),
            points,
        })
    };
    catalogue.categories().iter().filter_map(group).collect()
}
