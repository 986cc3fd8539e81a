//! `/consent`: what an app would see of a person, and their answer.

use super::{device, form_post};
use crate::flash::Flash;
use crate::forms::Form;
use crate::problem::Problem;
use crate::query::Query;
use crate::visitor::Visit;
use crate::{format, headers, marks, people, respond, views};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::flow::{Asked, Ending};
use omniport_engine::pages::{ErrorPage, FormPost, consent_path, sign_in_path};
use omniport_engine::registration::ClientIdDocuments;
use omniport_engine::{Engine, Fault};
use omniport_protocol::authorize::{
    Answer, ConsentAnswer, ConsentScope, ConsentView, Delivery, HandleOf, Outcome, PageError, Parked,
    ResumeRequest, Resumed, Shown,
};
use omniport_protocol::data_points::{Catalogue, DataPoint, DataPointName, DataPoints};
use omniport_protocol::effect::{Loaded, Minted};
use omniport_protocol::review::Publisher;
use omniport_protocol::vocabulary::{ClientId, ClientIdUrl, Secret, encode};

/// Longest handle that is looked up.
pub(super) const MAX_HANDLE: usize = 128;

/// GET `/consent?request=HANDLE`.
pub(crate) async fn show(visit: Visit, Query(query): Query) -> Result<Response, Problem> {
    let handle = handle(query.get("request").unwrap_or_default())?;
    let operation = ResumeRequest {
        handle: handle.hash(),
        session: visit.session.as_ref().map(Secret::hash),
    };
    let ran = visit.engine.run_with_facts(&operation).await?;
    match ran.reply {
        Resumed::Show(view) => page(&visit, &handle, *view).await,
        Resumed::Outcome(outcome) => {
            tell(&visit, &ran.loaded, &outcome);
            follow(&visit.engine, outcome, &ran.minted, &handle)
        }
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
    let words = |name: &str| form.text(name).split(' ').map(str::to_owned).collect();
    let shown = form.is_ticked("asked").then(|| Shown {
        points: points(form.text("asked").split(' ')),
        at_apis: words("asked_at_apis"),
    });
    let operation = ConsentAnswer {
        handle: handle.hash(),
        session: visit.session.as_ref().map(Secret::hash),
        seen_version: form.text("version").parse().map_err(malformed)?,
        shown,
        ticked: points(form.ticked("data_points").iter().map(String::as_str)),
        allow,
    };
    let ran = visit.engine.run_with_facts(&operation).await?;
    tell(&visit, &ran.loaded, &ran.reply);
    follow(&visit.engine, ran.reply, &ran.minted, &handle)
}

/// Tells the log and the app's team how its request went on.
fn tell(visit: &Visit, loaded: &Loaded, outcome: &Outcome) {
    let asked = Asked {
        endpoint: "consent",
        request: visit.request.as_ref(),
    };
    visit.engine.tell(asked, loaded, None, Ending::from(outcome));
}

/// The data points of these names; what is none is left out, for nobody was shown it.
fn points<'a>(names: impl Iterator<Item = &'a str>) -> DataPoints {
    names.filter_map(|name| DataPointName::parse(name).ok()).collect()
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
fn follow(engine: &Engine, outcome: Outcome, minted: &Minted, handle: &Secret) -> Result<Response, Problem> {
    match outcome {
        Outcome::Page(error) => Err(refused(error, handle)),
        Outcome::Redirect(answer) => to_the_app(engine, &answer, minted),
        Outcome::SignIn(parked) => {
            let path = sign_in_path(waits_under(&parked, minted, Some(handle))?);
            Ok(respond::see_other(&path))
        }
        Outcome::Consent(parked) => {
            let path = consent_path(waits_under(&parked, minted, Some(handle))?);
            Ok(respond::see_other(&path))
        }
        Outcome::Home => Ok(respond::see_other("/")),
        Outcome::Kept(kept) if kept.on_device => Ok(respond::see_other(device::done_path(kept.allowed))),
        Outcome::Kept(kept) => {
            let flash = if kept.allowed {
                Flash::Allowed
            } else {
                Flash::Denied
            };
            Ok(respond::see_other(&flash.at("/")))
        }
    }
}

fn to_the_app(engine: &Engine, answer: &Answer, minted: &Minted) -> Result<Response, Problem> {
    Ok(match engine.deliver(answer, minted)? {
        Delivery::Redirect(location) => respond::see_other(&location),
        Delivery::FormPost { action, fields } => form_post::page(engine, FormPost { action, fields }),
    })
}

/// The handle's text: the one that the browser came with, unless a new one was drawn.
pub(super) fn waits_under<'a>(
    parked: &Parked,
    minted: &'a Minted,
    presented: Option<&'a Secret>,
) -> Result<&'a Secret, Problem> {
    let handle = match parked.handle {
        HandleOf::Presented(_) => presented,
        HandleOf::Minted(fresh) => minted.secret(fresh),
    };
    Ok(handle.ok_or(Fault::Bug("a request was parked without a handle"))?)
}

fn refused(error: PageError, handle: &Secret) -> Problem {
    Problem::Page(ErrorPage {
        sign_in_to: error.offer_sign_in.then(|| consent_path(handle)),
        look_again: error.look_again.then(|| consent_path(handle)),
        ..ErrorPage::new(
            StatusCode::BAD_REQUEST.as_u16(),
            error.code.as_str(),
            error.detail,
        )
    })
}

async fn page(visit: &Visit, handle: &Secret, view: ConsentView) -> Result<Response, Problem> {
    let origin = view.redirect_origin.clone();
    let template = template(visit, view, handle.expose()).await?;
    let mut response = respond::page(StatusCode::OK, &template);
    headers::allow_forms_to(response.headers_mut(), &origin);
    // The address holds the handle. Our own form then says `Origin: null`, for which the browser vouches.
    headers::no_referrer(response.headers_mut());
    Ok(response)
}

/// The page for a view, whose answer is to go to the request of this handle.
pub(super) async fn template(
    visit: &Visit,
    view: ConsentView,
    handle: &str,
) -> Result<views::ConsentPage, Problem> {
    let come_back = sign_in_path(&Secret::new(handle));
    let catalogue = &visit.engine.settings().catalogue;
    let asked: Vec<&str> = view.points.iter().map(|point| point.name.as_str()).collect();
    let asked = asked.join(" ");
    let at_apis: Vec<String> = view.scopes.iter().map(ConsentScope::seal).collect();
    let before = catalogue
        .data_points()
        .filter(|point| view.allowed_before.contains(&point.name));
    let known_as = ClientIdUrl::parse(&view.client_id).ok();
    let nobody_looked = known_as.is_some()
        && visit.engine.settings().registration.client_id_documents == ClientIdDocuments::Automatic;
    Ok(views::ConsentPage {
        chrome: visit.chrome(),
        publisher: publisher(&visit.engine, &view.client_id).await?,
        known_as: known_as.map(|url| url.host().to_owned()),
        links: links(&view.publisher),
        reviewed: !view.in_sandbox && !nobody_looked,
        groups: groups(&view, catalogue),
        scopes: view.scopes,
        before: before.map(|point| point.label.clone()).collect(),
        lasts: format::lasting(view.lasts_seconds),
        asked,
        asked_at_apis: at_apis.join(" "),
        app: marks::app(view.app_name, view.logo.as_deref()),
        host: view.redirect_host,
        known_by: if view.is_pairwise {
            "a name for you that other apps do not know"
        } else {
            "your user number and username"
        },
        elsewhere: view.elsewhere.map(|asked| views::Elsewhere {
            on_device: asked.on_device,
            when: views::When::from_seconds(asked.at.seconds()),
            message: asked.message,
        }),
        sandbox: view.in_sandbox,
        preview: false,
        person: people::of(&view.holder.username, view.card),
        not_you_url: format!("/logout?next={}", encode(&come_back)),
        request: handle.to_owned(),
        version: view.version,
    })
}

/// Its own pages, and whom to write to.
pub(super) fn links(publisher: &Publisher) -> Vec<views::Link> {
    let link = |label: &str, href: &Option<String>, scheme: &str| {
        href.as_ref().map(|href| views::Link {
            label: label.to_owned(),
            href: format!("{scheme}{href}"),
        })
    };
    let all = [
        link("Home page", &publisher.home, ""),
        link("Privacy notice", &publisher.privacy, ""),
        link("Terms of use", &publisher.terms, ""),
        link("Contact", &publisher.contact, "mailto:"),
    ];
    all.into_iter().flatten().collect()
}

/// Whose the app is.
async fn publisher(engine: &Engine, client: &ClientId) -> Result<String, Problem> {
    let Some(owner) = engine.store().owner(client).await? else {
        return Ok(String::new());
    };
    let owner = engine.store().person(owner).await?;
    Ok(owner.map(|person| people::card(&person).name).unwrap_or_default())
}

/// The data points by category, with the person's own values.
fn groups(view: &ConsentView, catalogue: &Catalogue) -> Vec<views::ConsentGroup> {
    let asked = |name: &DataPointName| view.points.iter().find(|point| point.name == *name);
    let shown = |known: &DataPoint| views::ConsentPoint {
        name: known.name.to_string(),
        purpose: asked(&known.name).and_then(|point| point.purpose.clone()),
        optional: asked(&known.name).is_some_and(|point| point.optional),
        ticked: asked(&known.name).is_some_and(|point| point.ticked),
        label: known.label.clone(),
        value: format::value(
            known.kind,
            asked(&known.name).and_then(|point| point.value.as_ref()),
        ),
    };
    let groups = catalogue.by_category(|name| asked(name).is_some());
    let groups = groups.map(|(category, points)| views::ConsentGroup {
        label: category.label.clone(),
        points: points.into_iter().map(shown).collect(),
    });
    groups.collect()
}
