//! What a trusted request must be, in one ordered table. Every check is answered to the app, by redirect.

use super::door::Door;
use super::openid_checks::{self, OpenIdWish};
use super::prompt::{FRESH_SIGN_IN_SECONDS, Prompt};
use super::response_checks;
use super::response_type::ResponseType;
use super::scope_checks;
use super::trusted;
use crate::apis::{Apis, Details};
use crate::ctx::Ctx;
use crate::data_points::{DataPoint, DataPoints};
use crate::error::{ErrorCode, Refusal, shown};
use crate::extensions::fapi2;
use crate::extensions::pkce_rfc7636::{Challenge, Method};
use crate::extensions::{rar_rfc9396, resource_rfc8707};
use crate::vocabulary::{Client, ClientKind, Params, Scope, Thumbprint};
use std::collections::BTreeSet;

/// What the app asks for, as far as the checks have read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    /// What the answer is to hold.
    pub(super) response_type: ResponseType,
    /// What makes it a request of OpenID Connect; none of one of plain OAuth.
    pub(super) openid: Option<OpenIdWish>,
    /// The scope as it will be named.
    pub(super) scope: Scope,
    /// The data points that the scope stands for, all of them the client's and in the catalogue.
    pub(super) data_points: DataPoints,
    /// The scopes of APIs among it.
    pub(super) api_scopes: BTreeSet<String>,
    /// The resources that it names (RFC 8707), ours as the issuer.
    pub(super) resources: Vec<String>,
    /// Its `authorization_details` (RFC 9396).
    pub(super) details: Details,
    /// The PKCE challenge, where there is one.
    pub(super) challenge: Option<Challenge>,
    /// The key that the code is bound to (`dpop_jkt`).
    pub(super) holder: Option<Thumbprint>,
    /// What the person is to be asked.
    pub(super) prompt: Prompt,
}

impl Wish {
    /// The wish before anything is read.
    fn new() -> Self {
        Self {
            response_type: ResponseType::Code,
            openid: None,
            scope: Scope::default(),
            data_points: DataPoints::new(),
            api_scopes: BTreeSet::new(),
            resources: Vec::new(),
            details: Details::default(),
            challenge: None,
            holder: None,
            prompt: Prompt::default(),
        }
    }
}

/// One line of the table.
struct Check {
    /// The parameters it may look at; it sees no others, so what is parked is complete ([`kept`]).
    reads: &'static [&'static str],
    /// Refuses, or notes what it read.
    run: fn(&Inquiry<'_>, &mut Wish) -> Result<(), Refusal>,
}

/// The table. Its order is the order of the answers: the first that refuses speaks.
const CHECKS: [Check; 15] = [
    check(&[], duplicates),
    check(&["registration"], registration),
    check(&["response_type"], response_checks::response_type),
    check(&["response_mode"], response_checks::response_mode),
    check(&[resource_rfc8707::PARAMETER], scope_checks::resource),
    check(&["scope"], scope_checks::scope),
    check(&[rar_rfc9396::PARAMETER], scope_checks::details),
    check(&["nonce"], openid_checks::nonce),
    check(&["claims"], openid_checks::claims),
    check(&["acr_values"], openid_checks::acr),
    check(&["code_challenge", "code_challenge_method"], pkce),
    check(&["dpop_jkt"], dpop_jkt),
    check(&["prompt"], prompt),
    check(&["max_age"], max_age),
    check(&["id_token_hint", "login_hint"], openid_checks::hints),
];

const fn check(
    reads: &'static [&'static str],
    run: fn(&Inquiry<'_>, &mut Wish) -> Result<(), Refusal>,
) -> Check {
    Check { reads, run }
}

/// What a check sees.
pub(super) struct Inquiry<'a> {
    pub(super) door: Door,
    pub(super) client: &'a Client,
    pub(super) ctx: &'a Ctx<'a>,
    pub(super) apis: &'a Apis,
    params: &'a Params,
    reads: &'static [&'static str],
}

impl Inquiry<'_> {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.reads
            .contains(&name)
            .then(|| self.params.get(name))
            .flatten()
    }

    /// All that it may look at.
    pub(super) fn readable(&self) -> Params {
        Params::from_pairs(self.params.iter().filter(|(name, _)| self.reads.contains(name)))
    }
}

/// Runs the table over a trusted request of `client`.
///
/// # Errors
/// The first refusal, to be answered by redirect.
pub(super) fn run(
    door: Door,
    params: &Params,
    client: &Client,
    apis: &Apis,
    ctx: &Ctx<'_>,
) -> Result<Wish, Refusal> {
    let mut wish = Wish::new();
    for Check { reads, run } in &CHECKS {
        let inquiry = Inquiry {
            door,
            client,
            ctx,
            apis,
            params,
            reads,
        };
        run(&inquiry, &mut wish)?;
    }
    Ok(wish)
}

/// What only an OpenID request says.
const OF_OPENID: [&str; 3] = ["nonce", "claims", "id_token_hint"];

/// What a parked request keeps: only what some rule reads, so that a stranger cannot fill the store with the rest.
pub(super) fn kept(params: &Params, wish: &Wish) -> Params {
    let read = |name: &str| {
        let by_check = CHECKS.iter().any(|check| check.reads.contains(&name));
        let is_idle = wish.openid.is_none() && OF_OPENID.contains(&name);
        trusted::READS.contains(&name) || (by_check && !is_idle)
    };
    Params::from_pairs(params.iter().filter(|(name, _)| read(name)))
}

pub(super) fn invalid_request(public: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, public)
}

/// RFC 6749 section 3.1: no parameter more than once.
fn duplicates(inquiry: &Inquiry<'_>, _: &mut Wish) -> Result<(), Refusal> {
    inquiry.params.refuse_duplicates().map_err(Refusal::from)
}

/// OpenID Connect Core section 7.2.1: a client describes itself to us at registration and not with every request.
fn registration(inquiry: &Inquiry<'_>, _: &mut Wish) -> Result<(), Refusal> {
    match inquiry.get("registration") {
        None => Ok(()),
        Some(_) => Err(Refusal::new(
            ErrorCode::RegistrationNotSupported,
            "The parameter registration is not supported here.",
        )),
    }
}

/// The client's data points that are `meant`. What the catalogue no longer knows cannot be shown to anyone, so nobody
/// can consent to it either.
pub(super) fn asked_points(inquiry: &Inquiry<'_>, meant: impl Fn(&DataPoint) -> bool) -> DataPoints {
    let points = inquiry.ctx.catalogue.data_points();
    points
        .filter(|point| inquiry.client.data_points.contains(&point.name) && meant(point))
        .map(|point| point.name.clone())
        .collect()
}

/// RFC 7636 section 4.4.1, and RFC 9700 section 2.1.1: a public client must use it, and nobody `plain`, unless marked legacy.
fn pkce(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    if inquiry.door.polled_by().is_some() {
        return Ok(());
    }
    let method = inquiry.get("code_challenge_method");
    let strict = fapi2::holds(inquiry.client, inquiry.ctx);
    let Some(challenge) = inquiry.get("code_challenge") else {
        return match (method, inquiry.client.kind) {
            (None, _) if !wish.response_type.has_code() => Ok(()),
            (Some(_), _) => Err(invalid_request(
                "code_challenge_method is given without code_challenge.",
            )),
            (None, ClientKind::Confidential) if strict => Err(invalid_request(
                "The profile fapi2 asks for code_challenge (PKCE).",
            )),
            (None, ClientKind::Public) => Err(invalid_request(
                "A public client must send code_challenge (PKCE).",
            )),
            (None, ClientKind::Confidential) => Ok(()),
        };
    };
    // Section 4.3: an absent method means `plain`.
    let parsed = method.map_or(Some(Method::Plain), Method::parse);
    let plain = inquiry.client.legacy.plain_pkce && !strict;
    let allowed = parsed.filter(|m| *m == Method::S256 || plain);
    let Some(allowed) = allowed else {
        let private = format!("code_challenge_method is {}", shown(method.unwrap_or_default()));
        return Err(invalid_request("code_challenge_method must be S256.").because(private));
    };
    wish.challenge = Challenge::parse(allowed, challenge);
    if wish.challenge.is_some() {
        Ok(())
    } else {
        // A malformed challenge may be a verifier: it is not repeated, not even to the log.
        Err(invalid_request("code_challenge is malformed.").because(format!(
            "code_challenge of {} bytes is malformed for {}",
            challenge.len(),
            allowed.as_str()
        )))
    }
}

/// RFC 9449 section 10: the code is bound to this key from the start.
fn dpop_jkt(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    let Some(text) = inquiry.get("dpop_jkt") else {
        return Ok(());
    };
    wish.holder = Thumbprint::parse(text);
    if wish.holder.is_some() {
        Ok(())
    } else {
        Err(invalid_request(
            "dpop_jkt is no JWK thumbprint: the base64url of a SHA-256.",
        ))
    }
}

/// OpenID Connect Core section 3.1.2.1.
fn prompt(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    inquiry
        .get("prompt")
        .map_or(Ok(()), |text| wish.prompt.read(text))
}

/// OpenID Connect Core section 3.1.2.1.
fn max_age(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    if let Some(text) = inquiry.get("max_age") {
        return wish.prompt.read_max_age(text);
    }
    // OpenID Connect Registration section 2: what the client registered holds where a request says nothing.
    wish.prompt.max_age = inquiry.client.openid.default_max_age;
    if inquiry.door == Door::Backchannel {
        // Nobody at the app sees who answers: whoever sits before an unlocked screen must not be able to.
        let most = wish.prompt.max_age.unwrap_or(FRESH_SIGN_IN_SECONDS);
        wish.prompt.max_age = Some(most.min(FRESH_SIGN_IN_SECONDS));
    }
    Ok(())
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;
