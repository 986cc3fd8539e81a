//! `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523 section 2.1): somebody whom the operator trusts
//! says who the person is, and the app gets what that person has allowed it before.
//!
//! Trust is the operator's to give: whose assertions, brought by which apps, for at most which scope
//! ([`crate::token::TrustedIssuer`]). What the person consented to still bounds it: without a consent there is nothing.

use super::{remaining, required};
use crate::ctx::Ctx;
use crate::effect::{Load, Loaded, Write};
use crate::endpoints::discovery::TOKEN_PATH;
use crate::error::{ErrorCode, Refusal};
use crate::jose::{Claims, JwkSet, Jws, SigningAlgorithm};
use crate::openid::{SignIn, SignedInElsewhere};
use crate::records::NewGrant;
use crate::token::{Behalf, Grant, Granted, IssuerKeys, Refused, SubjectIs, TrustedIssuer};
use crate::vocabulary::{Client, GrantType, Params, PersonId, Scope, SecretHash, Timestamp};
use serde_json::Value;
use std::borrow::Cow;

/// How much clocks may differ, in seconds.
const LEEWAY: i64 = 10;
/// How much longer an assertion's name is remembered than it lives, in seconds: another node's clock may be behind.
const REMEMBERED: i64 = 60;
/// Longest `acr`, and member of `amr`, that is passed on, in bytes.
const MAX_METHOD: usize = 200;
/// Most members of `amr` that are passed on.
const MOST_METHODS: usize = 10;
/// Longest `sub` that is looked for, in bytes.
const MAX_SUBJECT: usize = 600;

/// An assertion for a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JwtBearer;

impl Grant for JwtBearer {
    fn grant_type(&self) -> &'static str {
        GrantType::JWT_BEARER
    }

    fn is_offered(&self, ctx: &Ctx<'_>) -> bool {
        !ctx.grants.trusted_issuers.is_empty()
    }

    fn load(&self, _params: &Params) -> Vec<Load> {
        Vec::new()
    }

    /// Nobody is looked for, and nothing fetched, for whoever has not proved which app asks.
    fn load_last(&self, params: &Params, known: &Loaded, ctx: &Ctx<'_>) -> Vec<Load> {
        let Some((assertion, trusted, client)) = believed(params, known, ctx) else {
            return Vec::new();
        };
        let claims = assertion.claims_unverified();
        let person = claims.sub().and_then(|sub| whom(trusted, sub));
        let used = name_of(trusted, claims).map(Load::UsedJti);
        let kid = assertion.header.kid.clone();
        let uri = match &trusted.keys {
            IssuerKeys::These(_) => None,
            IssuerKeys::At(uri) => Some(uri.clone()),
            IssuerKeys::Client => client.openid.jwks_uri.clone(),
        };
        let keys = uri.map(|uri| Load::IssuerKeys { uri, kid });
        person.into_iter().chain(used).chain(keys).collect()
    }

    fn load_after(&self, params: &Params, known: &Loaded, ctx: &Ctx<'_>) -> Vec<Load> {
        match (&known.person, believed(params, known, ctx)) {
            (Some(person), Some((.., client))) => vec![
                Load::Consent(person.person, client.id.clone()),
                Load::Membership(person.person, client.id.clone()),
            ],
            _ => Vec::new(),
        }
    }

    fn decide<'a>(
        &self,
        client: &Client,
        params: &Params,
        loaded: &'a Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<Granted<'a>, Refused> {
        let presented = required(params, "assertion")?;
        let assertion = Jws::parse(presented).map_err(|why| refused(why.to_string()))?;
        let trusted = trusted(&assertion, client, ctx).map_err(refused)?;
        if assertion.header.typ.is_some() && !assertion.header.is_typ("JWT") {
            return Err(refused("its typ is that of another kind of token").into());
        }
        let keys = keys(trusted, client, loaded).map_err(refused)?;
        let claims = assertion
            .verify(keys, &SigningAlgorithm::ALL, ctx.crypto)
            .map_err(|why| refused(why.to_string()))?;
        let used = check_claims(trusted, claims, loaded, ctx).map_err(refused)?;
        let sign_in = sign_in(trusted, claims, ctx).map_err(refused)?;
        let mut holder = loaded
            .person
            .clone()
            .ok_or_else(|| refused("its sub is nobody here"))?;
        holder.on_team = loaded.on_team;
        let consent = loaded.consent.as_ref().ok_or_else(|| {
            refused("the person has not allowed this app anything: they must sign in to it once")
        })?;
        let asked = asked(trusted, params, ctx)?;
        let (data_points, scope) = remaining(client, &asked, &client.data_points, Some(&consent.allowed))?;
        let grant = NewGrant {
            client: client.id.clone(),
            person: holder.person,
            scope: scope.clone(),
            data_points,
            version: client.version,
            sign_in: SignIn::Elsewhere(sign_in),
            session: None,
            openid: None,
            exchange: None,
            apis: crate::apis::ApiGrant::default(),
            at: ctx.now,
        };
        Ok(Granted {
            behalf: Behalf::NewGrant {
                grant: Box::new(grant),
                holder,
                until: None,
                // RFC 7521 section 4.1: none. Whoever has an assertion can bring another.
                refresh: false,
            },
            scope,
            writes: vec![used],
        })
    }
}

/// The assertion, who is trusted for it, and the app that brings it, as far as that can be said before anything is checked.
fn believed<'a>(
    params: &Params,
    known: &'a Loaded,
    ctx: &Ctx<'a>,
) -> Option<(Jws, &'a TrustedIssuer, &'a Client)> {
    let client = known.client.as_deref()?;
    let assertion = Jws::parse(params.get("assertion")?).ok()?;
    let trusted = trusted(&assertion, client, ctx).ok()?;
    Some((assertion, trusted, client))
}

/// One public sentence for every reason: RFC 7523 section 3.1 has one code for them.
fn refused(private: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(
        ErrorCode::InvalidGrant,
        "The assertion is wrong, expired, already used, or not one that this app may bring.",
    )
    .because(format!("the assertion is refused: {}", private.into()))
}

fn trusted<'a>(assertion: &Jws, client: &Client, ctx: &Ctx<'a>) -> Result<&'a TrustedIssuer, &'static str> {
    let issuer = assertion.claims_unverified().iss().ok_or("it has no iss")?;
    let trusted = ctx.grants.issuer(issuer).ok_or("its iss is not trusted here")?;
    if trusted.clients.contains(&client.id) {
        Ok(trusted)
    } else {
        Err("the operator does not let this app bring assertions of this iss")
    }
}

fn keys<'a>(
    trusted: &'a TrustedIssuer,
    client: &'a Client,
    loaded: &'a Loaded,
) -> Result<&'a JwkSet, String> {
    match (&trusted.keys, &client.openid.jwks) {
        (IssuerKeys::These(keys), _) | (IssuerKeys::Client, Some(keys)) => Ok(keys),
        (IssuerKeys::At(_) | IssuerKeys::Client, _) => match &loaded.issuer_keys {
            Some(Ok(keys)) => Ok(keys),
            Some(Err(why)) => Err(format!("its issuer's keys could not be had: {why}")),
            None => Err("its issuer has published no keys".to_owned()),
        },
    }
}

/// RFC 7523 section 3, and that its name is new; the note that it is not any more.
fn check_claims(
    trusted: &TrustedIssuer,
    claims: &Claims,
    loaded: &Loaded,
    ctx: &Ctx<'_>,
) -> Result<Write, Cow<'static, str>> {
    let audience = claims.aud().ok_or("it has no aud")?;
    let endpoint = format!("{}{TOKEN_PATH}", ctx.issuer);
    if !audience.contains(ctx.issuer) && !audience.contains(&endpoint) {
        return Err("its aud is neither this server's issuer nor its token endpoint".into());
    }
    claims
        .check_short_lived(ctx.now, LEEWAY, trusted.longest_seconds)
        .map_err(|why| why.to_string())?;
    let end: Timestamp = claims.exp().ok_or("it has no exp")?;
    let jti = name_of(trusted, claims).ok_or("it has no jti")?;
    if loaded.used_jtis.contains(&jti) {
        return Err("it was used before: make a new one for each request".into());
    }
    Ok(Write::UseJti {
        jti,
        expires_at: end.plus(LEEWAY + REMEMBERED),
    })
}

/// When and how its issuer says that the person signed in; nothing of what is not its to say. What is malformed is refused
/// rather than left out: an app must not find out by a token that its demand was not heard.
fn sign_in(
    trusted: &TrustedIssuer,
    claims: &Claims,
    ctx: &Ctx<'_>,
) -> Result<SignedInElsewhere, &'static str> {
    let mut told = SignedInElsewhere::default();
    if let Some(time) = claims.get("auth_time").filter(|_| trusted.tells_time()) {
        if !time.is_number() {
            return Err("its auth_time is no number");
        }
        told.at = claims.moment("auth_time");
        if told.at.is_some_and(|at| at > ctx.now.plus(LEEWAY)) {
            return Err("its auth_time is in the future");
        }
    }
    if !trusted.tells_sign_in {
        return Ok(told);
    }
    if let Some(acr) = claims.get("acr") {
        let acr = acr.as_str().filter(|acr| (1..=MAX_METHOD).contains(&acr.len()));
        told.acr = Some(acr.ok_or("its acr is no short text")?.to_owned());
    }
    if let Some(amr) = claims.get("amr") {
        let amr = amr.as_array().filter(|amr| amr.len() <= MOST_METHODS);
        let short = |one: &Value| Some(one.as_str().filter(|one| one.len() <= MAX_METHOD)?.to_owned());
        let amr = amr.and_then(|amr| amr.iter().map(short).collect());
        told.amr = amr.ok_or("its amr is no short list of short texts")?;
    }
    Ok(told)
}

/// The name under which an assertion's use is noted; none where it has none.
fn name_of(trusted: &TrustedIssuer, claims: &Claims) -> Option<SecretHash> {
    let jti = claims.jti().filter(|jti| !jti.is_empty())?;
    // Lengths keep two pairs of texts from making one.
    let issuer = &trusted.issuer;
    Some(SecretHash::of(&format!(
        "jwt-bearer\n{}\n{issuer}\n{jti}",
        issuer.len()
    )))
}

/// Whom a `sub` means; none where it can be nobody.
fn whom(trusted: &TrustedIssuer, sub: &str) -> Option<Load> {
    if sub.is_empty() || sub.len() > MAX_SUBJECT {
        return None;
    }
    match trusted.subject {
        SubjectIs::Username => Some(Load::PersonNamed(sub.to_owned())),
        SubjectIs::UserId => sub.parse().ok().map(PersonId).map(Load::Person),
    }
}

fn asked(trusted: &TrustedIssuer, params: &Params, ctx: &Ctx<'_>) -> Result<Scope, Refusal> {
    // A name of a data point is within `read`, which stands for all of them, and for nothing of others' APIs; what
    // remains is looked at afterwards.
    let within = |scope: &Scope| {
        let reads = trusted.scope.contains("read");
        let is_read = |name: &str| reads && ctx.catalogue.get(name).is_some();
        scope
            .names()
            .all(|name| trusted.scope.contains(name) || is_read(name))
    };
    let Some(text) = params.get("scope") else {
        return Ok(trusted.scope.clone());
    };
    let asked = Scope::parse(text).map_err(|why| {
        Refusal::new(ErrorCode::InvalidScope, "The scope is malformed.").because(why.to_string())
    })?;
    if within(&asked) {
        return Ok(asked);
    }
    Err(Refusal::new(
        ErrorCode::InvalidScope,
        "The scope goes beyond what assertions of this issuer are good for.",
    )
    .because(format!(
        "the scope asked for is '{asked}', the widest possible is '{}'",
        trusted.scope
    )))
}

#[cfg(test)]
#[path = "jwt_bearer_tests.rs"]
mod tests;
