//! Signed authentication requests (section 7.1.1): all parameters in a JWT that the client signed, and none beside it.

use crate::authorize::object_params;
use crate::ctx::Ctx;
use crate::effect::{Load, Loaded, Write};
use crate::error::{ErrorCode, Refusal};
use crate::extensions::fapi2;
use crate::jose::{Algorithm, Claims, Jws};
use crate::openid::{keys_load, keys_of};
use crate::vocabulary::{Client, ClientId, Params, SecretHash};

const REQUEST: &str = "request";

/// What may stand beside a signed request: by what the client proves itself.
const BESIDE: [&str; 5] = [
    REQUEST,
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

/// The claims that it must have, each of which has its type where it is there.
const NEEDED: [&str; 6] = ["iss", "aud", "iat", "nbf", "exp", "jti"];

/// What it may say that it is, where it says so: nothing that is signed for another purpose.
const TYPES: [&str; 2] = ["JWT", "oauth-authz-req+jwt"];

/// How much clocks may differ, in seconds.
const LEEWAY: i64 = 10;

/// How far ahead its end may be, in seconds: so long is its name remembered.
const LONGEST: i64 = 3_600;

/// How much longer its name is remembered than it lives, in seconds: another node's clock may be behind.
const REMEMBERED: i64 = 60;

/// The name under which the use of a signed request is noted.
fn used(client: &ClientId, jti: &str) -> SecretHash {
    // No client's identifier holds a line break.
    SecretHash::of(&format!("backchannel_request\n{client}\n{jti}"))
}

/// What must be known before a signed request can be read: the client's keys, and whether it was used before.
pub(super) fn loads(params: &Params, known: &Loaded) -> Vec<Load> {
    let signed = params.get(REQUEST).and_then(|text| Jws::parse(text).ok());
    let (Some(signed), Some(client)) = (signed, &known.client) else {
        return Vec::new();
    };
    let jti = signed.claims_unverified().jti();
    let noted = jti.map(|jti| Load::UsedJti(used(&client.id, jti)));
    keys_load(client, signed.header.kid.clone())
        .into_iter()
        .chain(noted)
        .collect()
}

fn invalid(public: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, public)
}

fn bad(why: &str) -> Refusal {
    invalid("The signed request is not valid for this client and this server.").because(why.to_owned())
}

/// The parameters as the client means them, and the note that a signed request is used.
///
/// # Errors
/// `invalid_request` for a request that must be signed and is not, or is and cannot be believed.
pub(super) fn unpack(
    params: &Params,
    client: &Client,
    loaded: &Loaded,
    ctx: &Ctx<'_>,
) -> Result<(Params, Option<Write>), Refusal> {
    if params.get("request_uri").is_some() {
        return Err(invalid("request_uri is not read here. Send the request itself."));
    }
    let registered = client.openid.ciba.request_signing_alg;
    let Some(text) = params.get(REQUEST) else {
        fapi2::check_is_signed(false, client, ctx)?;
        if registered.is_some() || fapi2::holds(client, ctx) {
            return Err(invalid(
                "This client must sign its requests: send them as request.",
            ));
        }
        return Ok((params.clone(), None));
    };
    let Some(registered) = registered else {
        return Err(invalid("This client is not registered for signed requests.")
            .because("it has no backchannel_authentication_request_signing_alg"));
    };
    if let Some((name, _)) = params.iter().find(|(name, _)| !BESIDE.contains(name)) {
        return Err(
            invalid("Beside a signed request, no other parameter of it may stand.")
                .because(format!("there is {}", crate::error::shown(name))),
        );
    }
    let signed = Jws::parse(text).map_err(|why| bad(&why.to_string()))?;
    if signed.header.typ.is_some() && !TYPES.iter().any(|typ| signed.header.is_typ(typ)) {
        return Err(bad("it is a token of another type"));
    }
    if signed.header.algorithm != Algorithm::Signature(registered) {
        return Err(bad("its algorithm is not the registered one"));
    }
    let keys = keys_of(client, loaded).map_err(|why| bad(&why))?;
    let claims = signed
        .verify(keys, fapi2::algorithms(client, ctx), ctx.crypto)
        .map_err(|why| bad(&why.to_string()))?;
    let note = check(claims, client, loaded, ctx)?;
    let inside = object_params(params, claims).map_err(|refusal| bad(&refusal.private))?;
    Ok((inside, Some(note)))
}

/// Section 7.1.1: from whom, for whom, when, and once.
fn check(claims: &Claims, client: &Client, loaded: &Loaded, ctx: &Ctx<'_>) -> Result<Write, Refusal> {
    if let Some(name) = NEEDED.into_iter().find(|name| claims.get(name).is_none()) {
        return Err(bad(&format!("it has no {name}")));
    }
    if claims.iss() != Some(client.id.as_str()) {
        return Err(bad("its iss is not the client"));
    }
    if claims
        .get("client_id")
        .is_some_and(|id| id.as_str() != Some(client.id.as_str()))
    {
        return Err(bad("its client_id is another client"));
    }
    if !claims.aud().is_some_and(|aud| aud.contains(ctx.issuer)) {
        return Err(bad("its aud is not this server's issuer"));
    }
    if claims.sub() == Some(client.id.as_str()) {
        return Err(bad(
            "its sub is the client: so is an assertion's by which a client proves itself",
        ));
    }
    claims
        .check_short_lived(ctx.now, LEEWAY, LONGEST)
        .map_err(|why| bad(&why.to_string()))?;
    fapi2::check_request_object(claims, client, ctx).map_err(bad)?;
    let (Some(end), Some(jti)) = (claims.exp(), claims.jti().filter(|jti| !jti.is_empty())) else {
        return Err(bad("it has no exp or no jti"));
    };
    let jti = used(&client.id, jti);
    if loaded.used_jtis.contains(&jti) {
        return Err(bad("it was used before: sign a new one for each request"));
    }
    Ok(Write::UseJti {
        jti,
        expires_at: end.plus(LEEWAY + REMEMBERED),
    })
}
