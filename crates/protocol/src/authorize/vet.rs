//! A request that comes from its client itself: checked like any other, before a browser is there (RFC 9126 section 2.1).

use super::checks;
use super::door::Door;
use super::request_object;
use super::trusted::Trusted;
use crate::ctx::Ctx;
use crate::effect::Loaded;
use crate::error::{ErrorCode, Refusal};
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
    if !Act::Push.serves(client.standing, Who::App) {
        let public = "This app may not act at present. See its page in the developer portal.";
        let why = format!("the app is {}", client.standing.as_str());
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, public).because(why));
    }
    let params = request_object::unpack(params, loaded, ctx)?;
    let trusted = Trusted::at_its_address(Door::Standard, &params, client, ctx).map_err(|page| Refusal {
        code: page.code,
        public: "redirect_uri or state cannot be used: redirect_uri must be one that is registered.".into(),
        private: page.private,
    })?;
    let wish = checks::run(Door::Standard, &params, trusted.client(), &loaded.apis, ctx)?;
    Ok(checks::kept(&params, &wish))
}
