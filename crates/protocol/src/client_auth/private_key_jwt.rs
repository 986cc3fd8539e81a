//! `private_key_jwt`: an assertion that the client signed with its own key (RFC 7523 sections 2.2 and 3, OpenID Connect
//! Core section 9).

use super::authenticate::failed;
use super::{Credentials, Found, Presented, client_secret_jwt, parse_client_id};
use crate::ctx::Ctx;
use crate::effect::{Loaded, Write};
use crate::endpoints::discovery::ENDPOINTS;
use crate::error::Refusal;
use crate::extensions::fapi2;
use crate::extensions::sender::Sender;
use crate::jose::{Algorithm, Claims, Jws};
use crate::openid::keys_of;
use crate::vocabulary::{AuthMethod, Client, ClientId, Params, SecretHash, Timestamp};

/// The one `client_assertion_type` (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What an assertion may say that it is, where it says so: nothing that is signed for another purpose.
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

/// How much clocks may differ, in seconds.
const LEEWAY: i64 = 10;

/// How far ahead an assertion's end may be, in seconds: as long is its name remembered. An hour is what Authlib signs
/// where its user says nothing.
const LONGEST: i64 = 3_600;

/// How much longer its name is remembered than it lives, in seconds: another node's clock may be behind.
const REMEMBERED: i64 = 60;

/// The credentials in the form, where it holds an assertion.
pub(super) fn find(params: &Params) -> Found {
    let (kind, text) = (
        params.get("client_assertion_type"),
        params.get("client_assertion"),
    );
    (kind.is_some() || text.is_some()).then(|| read(kind, text, params.get("client_id")))
}

/// RFC 7521 section 4.2: `client_id` may be left out, and where it stands it is the assertion's subject.
fn read(kind: Option<&str>, text: Option<&str>, client_id: Option<&str>) -> Result<Credentials, Refusal> {
    let text = text.ok_or_else(|| failed("client_assertion_type came without client_assertion"))?;
    if kind != Some(ASSERTION_TYPE) {
        return Err(failed("client_assertion_type is not that of a JWT"));
    }
    let assertion = Jws::parse(text).map_err(|why| bad(&why.to_string()))?;
    let subject = assertion
        .claims_unverified()
        .sub()
        .ok_or_else(|| bad("it has no sub"))?;
    if client_id.is_some_and(|named| named != subject) {
        return Err(bad("its sub is not the client_id of the form"));
    }
    let method = match assertion.header.algorithm {
        Algorithm::Signature(_) => AuthMethod::PrivateKeyJwt,
        Algorithm::Mac(_) => AuthMethod::ClientSecretJwt,
    };
    Ok(Credentials {
        client_id: parse_client_id(subject)?,
        method,
        presented: Presented::Assertion(Box::new(assertion)),
        sender: Sender::default(),
    })
}

/// The name under which the use of a client's assertion is noted; none where it has no name.
pub(super) fn jti(client: &ClientId, assertion: &Jws) -> Option<SecretHash> {
    let jti = assertion.claims_unverified().jti();
    // No client's identifier holds a line break.
    jti.filter(|jti| !jti.is_empty())
        .map(|jti| SecretHash::of(&format!("client_assertion\n{client}\n{jti}")))
}

/// Whether the assertion is this client's, for us, alive and not used before; the note that it is now.
///
/// # Errors
/// `invalid_client`.
pub(super) fn check(
    assertion: &Jws,
    client: &Client,
    loaded: &Loaded,
    ctx: &Ctx<'_>,
) -> Result<Write, Refusal> {
    check_algorithm(assertion, client)?;
    let claims = match assertion.header.algorithm {
        Algorithm::Signature(_) => {
            let keys = keys_of(client, loaded).map_err(failed)?;
            let verified = assertion.verify(keys, fapi2::algorithms(client, ctx), ctx.crypto);
            verified.map_err(|why| bad(&why.to_string()))?
        }
        Algorithm::Mac(_) => match client_secret_jwt::made_with(assertion, client, ctx) {
            Some(_) => assertion.claims_unverified(),
            None => return Err(bad("it was not made with a secret of the client's that works")),
        },
    };
    let expires_at = check_claims(claims, client, ctx)?;
    let jti = jti(&client.id, assertion).ok_or_else(|| bad("it has no jti"))?;
    if loaded.used_jtis.contains(&jti) {
        return Err(bad("it was used before: make a new one for each request"));
    }
    Ok(Write::UseJti { jti, expires_at })
}

fn check_algorithm(assertion: &Jws, client: &Client) -> Result<(), Refusal> {
    let used = match assertion.header.algorithm {
        Algorithm::Signature(algorithm) => algorithm.as_str(),
        Algorithm::Mac(algorithm) => algorithm.as_str(),
    };
    let registered = client.openid.token_endpoint_auth_signing_alg.as_deref();
    if registered.is_some_and(|registered| registered != used) {
        return Err(bad("its algorithm is not the registered one"));
    }
    let typ_fits = TYPES.iter().any(|typ| assertion.header.is_typ(typ));
    if assertion.header.typ.is_some() && !typ_fits {
        return Err(bad("its typ is that of another kind of token"));
    }
    Ok(())
}

/// RFC 7523 section 3. When its name may be forgotten.
fn check_claims(claims: &Claims, client: &Client, ctx: &Ctx<'_>) -> Result<Timestamp, Refusal> {
    if claims.iss() != Some(client.id.as_str()) || claims.sub() != Some(client.id.as_str()) {
        return Err(bad("its iss and sub are not both the client_id"));
    }
    let audience = claims.aud().ok_or_else(|| bad("it has no aud"))?;
    if !audience.values().iter().any(|name| is_ours(name, ctx.issuer)) {
        return Err(bad(
            "its aud is neither this server's issuer nor an endpoint of it",
        ));
    }
    if !fapi2::is_only_for(&audience, client, ctx) {
        return Err(bad(
            "its aud is not this server's issuer as a single string, as the profile fapi2 has it",
        ));
    }
    claims
        .check_short_lived(ctx.now, LEEWAY, LONGEST)
        .map_err(|why| bad(&why.to_string()))?;
    let end = claims.exp().ok_or_else(|| bad("it has no exp"))?;
    Ok(end.plus(LEEWAY + REMEMBERED))
}

/// Our issuer, or one of our endpoints (RFC 7523 section 3, RFC 9126 section 2).
fn is_ours(name: &str, issuer: &str) -> bool {
    let Some(path) = name.strip_prefix(issuer) else {
        return false;
    };
    path.is_empty() || ENDPOINTS.iter().any(|(_, own)| *own == path)
}

fn bad(why: &str) -> Refusal {
    failed(format!("the client_assertion is refused: {why}"))
}

#[cfg(test)]
#[path = "private_key_jwt_tests.rs"]
mod tests;
