//! Who is in front of the browser.

use crate::problem::Problem;
use crate::views::{Chrome, Institution, Viewer};
use crate::{cookies, csrf, paths, people};
use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderValue, Method};
use omniport_engine::caller::ClientAddress;
use omniport_engine::pages::RequestId;
use omniport_engine::sessions::{SESSION_COOKIE, Visitor};
use omniport_engine::{Engine, Fault};
use omniport_protocol::audit::By;
use omniport_protocol::vocabulary::{PersonId, Secret};
use std::net::IpAddr;
use std::sync::Arc;

/// One request of one browser: its cookies, and the person behind them if anybody is signed in.
#[derive(Clone)]
pub(crate) struct Visit {
    /// The machine.
    pub(crate) engine: Arc<Engine>,
    /// The session cookie that the browser sent, whether or not anybody is behind it.
    pub(crate) session: Option<Secret>,
    /// The person, while their session lives.
    pub(crate) visitor: Option<Visitor>,
    /// The request's name.
    pub(crate) request: Option<RequestId>,
    /// Where the request came from, as far as it is known.
    pub(crate) address: Option<IpAddr>,
    /// The cookie of a browser where nobody is signed in.
    anonymous: Option<Secret>,
}

impl Visit {
    /// The cookie that this browser's forms are tied to: the session's where somebody is signed in.
    pub(crate) const fn form_cookie(&self) -> Option<&Secret> {
        match self.visitor {
            Some(_) => self.session.as_ref(),
            None => self.anonymous.as_ref(),
        }
    }

    /// This visit with a cookie for forms, and that cookie where it has yet to be set: for a page with a form that
    /// strangers may see.
    pub(crate) fn with_form_cookie(mut self) -> Result<(Self, Option<HeaderValue>), Problem> {
        if self.form_cookie().is_some() {
            return Ok((self, None));
        }
        let nonce = self.engine.new_nonce().map_err(Fault::from)?;
        let header = cookies::set(cookies::VISIT, &nonce);
        self.anonymous = Some(nonce);
        Ok((self, Some(header)))
    }

    /// What surrounds a page. Only a browser with a cookie for forms gets a token for them.
    pub(crate) fn chrome(&self) -> Chrome {
        Chrome {
            institution: Institution {
                name: self.engine.settings().institution.clone(),
                logo_url: None,
            },
            csrf_token: self.form_cookie().map(csrf::token).unwrap_or_default(),
            viewer: self.visitor.as_ref().map(|visitor| Viewer {
                person: people::card(&visitor.person),
                is_developer: is_developer(visitor),
                is_maintainer: visitor.person.is_maintainer,
            }),
            flash: None,
            sandbox: self.visitor.as_ref().filter(|visitor| visitor.person.test_of.is_some()).map(|_| {
                "Sandbox: you are a test person. You can use one app only, and nothing here is anybody's data.".to_owned()
            }),
        }
    }
}

/// Maintainers may do what developers may.
pub(crate) fn is_developer(visitor: &Visitor) -> bool {
    visitor.person.is_developer || visitor.person.is_maintainer
}

impl FromRequestParts<Arc<Engine>> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Arc<Engine>) -> Result<Self, Problem> {
        // Asked once a request, however many extractors need it.
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let session = cookies::read(&parts.headers, SESSION_COOKIE);
        let visitor = match &session {
            Some(cookie) => engine.visitor(cookie).await?,
            None => None,
        };
        if let Some(visitor) = &visitor {
            engine.tell_session_used(visitor.session);
        }
        let visit = Self {
            engine: Arc::clone(engine),
            session,
            visitor,
            request: parts.extensions.get::<RequestId>().cloned(),
            address: parts.extensions.get::<ClientAddress>().map(|address| address.0),
            anonymous: cookies::read(&parts.headers, cookies::VISIT),
        };
        parts.extensions.insert(visit.clone());
        Ok(visit)
    }
}

/// A visit of somebody who is signed in; anybody else is sent to sign in and comes back.
#[derive(Clone)]
pub(crate) struct SignedIn {
    /// The visit.
    pub(crate) visit: Visit,
    /// The person.
    pub(crate) visitor: Visitor,
}

impl SignedIn {
    /// Their number.
    pub(crate) const fn id(&self) -> PersonId {
        self.visitor.person.id
    }

    /// Them, and where from, for what they do.
    pub(crate) fn by(&self) -> By {
        By {
            person: self.id(),
            address: self.visit.address,
            request: self.visit.request.as_ref().map(|request| request.0.clone()),
            by_operator: false,
        }
    }

    /// The machine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.visit.engine
    }
}

impl FromRequestParts<Arc<Engine>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Arc<Engine>) -> Result<Self, Problem> {
        let visit = Visit::from_request_parts(parts, engine).await?;
        match visit.visitor.clone() {
            Some(visitor) => Ok(Self { visit, visitor }),
            None => Err(Problem::Elsewhere(paths::sign_in_to(&way_back(parts)))),
        }
    }
}

/// Where to go after the sign-in: what was asked for, or the page that the form stood on.
fn way_back(parts: &Parts) -> String {
    let asked = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    let path = if reads {
        asked
    } else {
        page_of_form(parts.uri.path())
    };
    paths::own(path).unwrap_or("/").to_owned()
}

/// The page that a form's address belongs to.
fn page_of_form(path: &str) -> &str {
    let end_of_app = |rest: &str| {
        rest.find('/')
            .map_or(path.len(), |at| path.len() - rest.len() + at)
    };
    let in_developers_area = ["/developer/apps/", "/developer/apis/"];
    match in_developers_area.iter().find_map(|area| path.strip_prefix(area)) {
        Some(rest) => path.get(..end_of_app(rest)).unwrap_or(path),
        None if path.starts_with("/account/") => "/",
        None => path,
    }
}

/// A signed-in developer or maintainer; anybody else is told whom to ask.
pub(crate) struct Developer(pub(crate) SignedIn);

impl FromRequestParts<Arc<Engine>> for Developer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Arc<Engine>) -> Result<Self, Problem> {
        let signed_in = SignedIn::from_request_parts(parts, engine).await?;
        if is_developer(&signed_in.visitor) {
            Ok(Self(signed_in))
        } else {
            Err(only(
                "Only developers register apps here.",
                &signed_in,
                "developer",
            ))
        }
    }
}

/// A signed-in maintainer; anybody else is told whom to ask.
pub(crate) struct Maintainer(pub(crate) SignedIn);

impl FromRequestParts<Arc<Engine>> for Maintainer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Arc<Engine>) -> Result<Self, Problem> {
        let signed_in = SignedIn::from_request_parts(parts, engine).await?;
        if signed_in.visitor.person.is_maintainer {
            Ok(Self(signed_in))
        } else {
            Err(only("Only maintainers review apps.", &signed_in, "maintainer"))
        }
    }
}

/// Who may not, and whom to ask for what.
fn only(who: &str, signed_in: &SignedIn, role: &str) -> Problem {
    let institution = &signed_in.engine().settings().institution;
    let username = &signed_in.visitor.person.username;
    Problem::forbidden(format!(
        "{who} Ask whoever runs this site for {institution} to make you one. They do it with the command \
         omniport person set {username} --add-role {role}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_to_its_page() {
        for (form, page) in [
            ("/developer/apps/a%2Fb/team/remove", "/developer/apps/a%2Fb"),
            ("/developer/apps/a/name", "/developer/apps/a"),
            ("/developer/apps/a", "/developer/apps/a"),
            ("/developer/apis/a/decide", "/developer/apis/a"),
            ("/developer/apis/add", "/developer/apis/add"),
            ("/account/apps/a/withdraw", "/"),
            ("/developer/add", "/developer/add"),
            ("/maintainer/review/a", "/maintainer/review/a"),
        ] {
            assert_eq!(page_of_form(form), page);
        }
    }
}
