//! A request that comes from its client itself: checked like any other, before a browser is there (RFC 9126 section 2.1).

use super::checks;
use super::door::Door;
use super::request_object;
use super::trusted::Trusted;
use crate::ctx::Ctx;
use crate::effect::Loaded;
use crate::error::{ErrorCode, Refusal};
use crate::extensions::fapi2;
use crate::review::{Act, Who};
use crate::vocabulary::{Client, Params};

/// Checks the parameters that an authenticated client hands over: those to keep, of a request that the authorisation
/// endpoint would take as far as that depends on its client alone.
///
/// # Errors
/// What the authorisation endpoint would tell the app, or the person on a page: told to the client.
pub(crate) fn vet(
    params: &Params,
    client: &Client,
    loaded: &Loaded,
    ctx: &Ctx<'_>,
) -> Result<Params, Refusal> {
    if params.get("client_id") != Some(client.id.as_str()) {
        let public = "client_id is not the client that authenticated.";
        return Err(Refusal::new(ErrorCode::InvalidRequest, public));
    }
    may_act(Act::Push, client)?;
    let params = request_object::unpack(params, loaded, ctx)?;
    fapi2::check_redirect_uri(&params, client, ctx)?;
    let trusted =
        Trusted::at_its_address(Door::Standard, &params, client, None, ctx).map_err(|page| Refusal {
            code: page.code,
            public: "redirect_uri or state cannot be used: redirect_uri must be one that is registered."
                .into(),
            private: page.private,
        })?;
    let wish = checks::run(Door::Standard, &params, trusted.client(), &loaded.apis, ctx)?;
    Ok(checks::kept(&params, &wish))
}

/// What a request at the door of a device or of the app itself has no use for: it has no browser.
const OF_BROWSERS: [&str; 14] = [
    "redirect_uri",
    "state",
    "response_type",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "prompt",
    "max_age",
    "id_token_hint",
    "login_hint",
    "registration",
    "request",
    "request_uri",
];

/// Checks the parameters that an authenticated client hands over at the door of a device or of the app itself, and
/// answers what is to be kept of them. What else is asked of them there is that door's own.
///
/// # Errors
/// `unauthorized_client` for one that may not act or may not use the door's grant; what the checks refuse.
pub(crate) fn vet_decoupled(
    door: Door,
    params: &Params,
    client: &Client,
    loaded: &Loaded,
    ctx: &Ctx<'_>,
) -> Result<Params, Refusal> {
    may_act(Act::at(door), client)?;
    let rest = params
        .iter()
        .filter(|(name, _)| !OF_BROWSERS.contains(name) && *name != "client_id");
    let named = std::iter::once(("client_id", client.id.as_str()));
    let own = Params::from_pairs(named.chain(rest));
    let wish = checks::run(door, &own, client, &loaded.apis, ctx)?;
    Ok(checks::kept(&own, &wish))
}

fn may_act(act: Act, client: &Client) -> Result<(), Refusal> {
    if !act.serves(client.standing, Who::App) {
        let public = "This app may not act at present. See its page in the developer portal.";
        let private = format!("the app is {}", client.standing.as_str());
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, public).because(private));
    }
    Ok(())
}
