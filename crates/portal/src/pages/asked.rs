//! `/account/requests/open`: what an app asks of a person on their own page (OpenID Connect CIBA), and how it is looked at.

use super::consent::waits_under;
use crate::forms::Form;
use crate::problem::Problem;
use crate::visitor::SignedIn;
use crate::{marks, respond, views};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use omniport_engine::Fault;
use omniport_engine::flow::{Asked, Ending};
use omniport_engine::pages::{consent_path, sign_in_path};
use omniport_protocol::authorize::Outcome;
use omniport_protocol::extensions::ciba::BINDING_MESSAGE;
use omniport_protocol::vocabulary::SecretHash;
use omniport_store::portal::AskedRequest;

/// POST `/account/requests/open`: `request`. It leads to the consent page, by way of the password where the sign-in is not
/// fresh. Nothing is answered by it.
pub(crate) async fn open(signed_in: SignedIn, form: Form) -> Result<Response, Problem> {
    let code = hash(form.text("request"))?;
    let (visit, session) = (&signed_in.visit, signed_in.visitor.session);
    let opened = Box::pin(visit.engine.open_asked(code, session, visit.address)).await?;
    let Some(ran) = opened else {
        return Err(gone());
    };
    let asked = Asked {
        endpoint: "asked",
        request: visit.request.as_ref(),
    };
    visit
        .engine
        .tell(asked, &ran.loaded, None, Ending::from(&ran.reply));
    let path = match &ran.reply {
        Outcome::Page(error) => {
            return Err(Problem::page(
                StatusCode::BAD_REQUEST,
                error.code.as_str(),
                error.detail.clone(),
            ));
        }
        Outcome::SignIn(parked) => sign_in_path(waits_under(parked, &ran.minted, None)?),
        Outcome::Consent(parked) => consent_path(waits_under(parked, &ran.minted, None)?),
        Outcome::Kept(_) | Outcome::Redirect(_) | Outcome::Home => {
            return Err(Fault::Bug("a request was answered before its person was asked").into());
        }
    };
    Ok(respond::see_other(&path))
}

fn hash(text: &str) -> Result<SecretHash, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let hash = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    hash.map(SecretHash::from_bytes)
        .ok_or_else(|| Problem::malformed("The form does not say which request to open."))
}

fn gone() -> Problem {
    Problem::page(
        StatusCode::CONFLICT,
        "gone",
        "This request does not wait any more: it was answered already, or took too long.",
    )
}

/// A request as its person sees it in the list.
pub(super) fn shown(asked: AskedRequest) -> views::AskedApp {
    let mut params = asked.params.into_iter();
    views::AskedApp {
        id: URL_SAFE_NO_PAD.encode(asked.code.as_bytes()),
        mark: marks::app(asked.app_name, asked.logo.as_deref()),
        message: params.find_map(|(name, value)| (name == BINDING_MESSAGE).then_some(value)),
        when: views::When::from_seconds(asked.at.seconds()),
        until: views::When::from_seconds(asked.expires_at.seconds()),
    }
}
