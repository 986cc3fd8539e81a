//! Request objects: the parameters of a request in a JWT that the client signed, by value or by reference (OpenID
//! Connect Core section 6, RFC 9101).

use super::trusted::named_client;
use crate::ctx::Ctx;
use crate::effect::{Load, Loaded};
use crate::error::{ErrorCode, Refusal, shown};
use crate::extensions::{fapi2, par_rfc9126, resource_rfc8707};
use crate::jose::{Algorithm, Claims, JoseError, Jws, is_encrypted};
use crate::openid::{keys_load, keys_of};
use crate::vocabulary::{Client, Params, SecretHash};
use serde_json::Value;
use std::borrow::Cow;

/// The parameters that say that there is a request object.
const BY_VALUE: &str = "request";
const BY_REFERENCE: &str = "request_uri";

/// Claims of the JWT itself, which are no parameters.
const OWN_CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// What an object may say that it is, where it says so (RFC 9101 section 4).
const TYPES: [&str; 2] = ["JWT", "oauth-authz-req+jwt"];

/// Most members of an object: each is compared with all others.
const MAX_MEMBERS: usize = 200;

/// How much clocks may differ, in seconds.
const LEEWAY: i64 = 10;

/// The pushed request that a request names, if it does (RFC 9126 section 4).
pub(super) fn pushed(params: &Params) -> Option<SecretHash> {
    params.get(BY_REFERENCE).and_then(par_rfc9126::reference)
}

/// What must be known next before a request object can be read: itself, and then the key of its client that it names.
pub(crate) fn load(params: &Params, client: &Client, known: &Loaded, ctx: &Ctx<'_>) -> Option<Load> {
    let text = match (
        params.get(BY_VALUE),
        params.get(BY_REFERENCE),
        &known.request_object,
    ) {
        (Some(text), None, _) => text,
        (None, Some(uri), None) if is_registered(client, uri) => {
            return Some(Load::RequestObject {
                client: client.id.clone(),
                uri: uri.to_owned(),
            });
        }
        (None, Some(_), Some(Ok(text))) => text,
        _ => return None,
    };
    if known.remote_keys.is_some() {
        return None;
    }
    // What cannot be read names no key, and is refused whatever the keys are.
    let opened = opened(text, ctx).ok()?;
    let object = Jws::parse(&opened).ok()?;
    keys_load(client, object.header.kid)
}

/// A request object as it was signed: where it came encrypted to us, what was inside.
fn opened<'a>(text: &'a str, ctx: &Ctx<'_>) -> Result<Cow<'a, str>, Refusal> {
    if !is_encrypted(text) {
        return Ok(Cow::Borrowed(text));
    }
    let bytes = ctx
        .crypto
        .decrypt(text)
        .map_err(|why| invalid(&why.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| invalid("its content is no text"))?;
    Ok(Cow::Owned(text))
}

/// The parameters of a request as its client means them: those of its request object in place of those around it.
///
/// # Errors
/// A refusal for an object that is not what it must be. Whether the app may hear it is for the caller to find out.
pub(super) fn unpack<'a>(
    params: &'a Params,
    loaded: &Loaded,
    ctx: &Ctx<'_>,
) -> Result<Cow<'a, Params>, Refusal> {
    let (by_value, by_reference) = (params.get(BY_VALUE), params.get(BY_REFERENCE));
    let client = named_client(params, loaded.client.as_deref());
    let (Some(client), true) = (client, by_value.is_some() || by_reference.is_some()) else {
        if let Some(client) = client {
            fapi2::check_is_signed(false, client, ctx)?;
        }
        return Ok(Cow::Borrowed(params));
    };
    if params.is_repeated(BY_VALUE) || params.is_repeated(BY_REFERENCE) {
        let public = "request and request_uri may be given once.";
        return Err(Refusal::new(ErrorCode::InvalidRequest, public));
    }
    if let Some(uri) = by_reference
        && par_rfc9126::reference(uri).is_some()
    {
        return pushed_params(client, loaded, ctx).map(Cow::Owned);
    }
    let text = match (by_value, by_reference) {
        (Some(_), Some(_)) => {
            let public = "request and request_uri cannot stand beside each other.";
            return Err(Refusal::new(ErrorCode::InvalidRequest, public));
        }
        (Some(text), None) => text,
        (None, Some(uri)) => referenced(uri, client, loaded)?,
        (None, None) => return Ok(Cow::Borrowed(params)),
    };
    let claims = read(text, client, loaded, ctx)?;
    merge(params, &claims, fapi2::reads_object_alone(client, ctx)).map(Cow::Owned)
}

/// Only what the client registered is ever fetched (Core section 6.2).
fn is_registered(client: &Client, uri: &str) -> bool {
    let without_fragment = |uri: &str| uri.split('#').next().unwrap_or_default().to_owned();
    let registered = &client.openid.request_uris;
    registered
        .iter()
        .any(|known| known == uri || without_fragment(known) == without_fragment(uri))
}

/// What was pushed, and nothing of what the browser carries beside it (RFC 9126 section 4, RFC 9101 section 5).
fn pushed_params(client: &Client, loaded: &Loaded, ctx: &Ctx<'_>) -> Result<Params, Refusal> {
    let known = loaded.pushed.as_ref();
    let live =
        known.filter(|pushed| pushed.client == client.id && !ctx.now.is_at_or_after(pushed.expires_at));
    live.map(|pushed| pushed.params.clone()).ok_or_else(|| {
        Refusal::new(
            ErrorCode::InvalidRequestUri,
            "This request_uri is unknown, expired, used or another client's. Push the request again.",
        )
        .because(match known {
            None => "no pushed request of this name waits".to_owned(),
            Some(pushed) if pushed.client != client.id => "another client pushed it".to_owned(),
            Some(pushed) => format!("it expired at {}", pushed.expires_at.seconds()),
        })
    })
}

fn referenced<'a>(uri: &str, client: &Client, loaded: &'a Loaded) -> Result<&'a str, Refusal> {
    let refuse = |why: String| {
        Refusal::new(
            ErrorCode::InvalidRequestUri,
            "The request_uri is not registered for this client, or gave no request object.",
        )
        .because(why)
    };
    if !is_registered(client, uri) {
        return Err(refuse(format!("request_uri {} is not registered", shown(uri))));
    }
    match &loaded.request_object {
        Some(Ok(text)) => Ok(text),
        Some(Err(why)) => Err(refuse(why.clone())),
        None => Err(refuse("the request object was not fetched".to_owned())),
    }
}

fn invalid(why: &str) -> Refusal {
    Refusal::new(
        ErrorCode::InvalidRequestObject,
        "The request object is not valid for this client and this server.",
    )
    .because(why.to_owned())
}

/// The claims of a request object, once it is known to be this client's.
fn read(text: &str, client: &Client, loaded: &Loaded, ctx: &Ctx<'_>) -> Result<Claims, Refusal> {
    let object = Jws::parse(&opened(text, ctx)?).map_err(|why| match why {
        // Of a client that says how it signs, one that is not signed is none (RFC 9101 section 6.2).
        JoseError::Unsigned if client.openid.request_object_signing_alg.is_none() => Refusal::new(
            ErrorCode::RequestNotSupported,
            "Unsigned request objects are not supported here.",
        ),
        other => invalid(&other.to_string()),
    })?;
    // RFC 9101 sections 4 and 10.8: nothing that was signed for another purpose.
    let is_typed_so = |typ| object.header.is_typ(typ);
    if object.header.typ.is_some() && !TYPES.into_iter().any(is_typed_so) {
        return Err(invalid("it is a token of another type"));
    }
    let registered = client.openid.request_object_signing_alg;
    if let (Some(registered), Algorithm::Signature(used)) = (registered, object.header.algorithm)
        && registered != used
    {
        return Err(invalid("its algorithm is not the registered one"));
    }
    let keys = keys_of(client, loaded).map_err(|why| invalid(&why))?;
    let claims = object
        .verify(keys, fapi2::algorithms(client, ctx), ctx.crypto)
        .map_err(|why| invalid(&why.to_string()))?;
    claims
        .check_times(ctx.now, LEEWAY)
        .map_err(|why| invalid(&why.to_string()))?;
    if claims.sub() == Some(client.id.as_str()) {
        return Err(invalid(
            "its sub is the client: so is an assertion's by which a client proves itself",
        ));
    }
    if claims.as_map().len() > MAX_MEMBERS {
        return Err(invalid("it has too many members"));
    }
    if claims.iss().is_some_and(|iss| iss != client.id.as_str()) {
        return Err(invalid("its iss is not the client"));
    }
    if claims.aud().is_some_and(|aud| !aud.contains(ctx.issuer)) {
        return Err(invalid("its aud is not this server"));
    }
    fapi2::check_request_object(claims, client, ctx).map_err(invalid)?;
    Ok(claims.clone())
}

/// The parameters of an object that was believed, and nothing of what stands around it but who asks.
///
/// # Errors
/// `invalid_request_object` for what is no parameter, or another client than the one around it.
pub(crate) fn object_params(params: &Params, claims: &Claims) -> Result<Params, Refusal> {
    if claims.as_map().len() > MAX_MEMBERS {
        return Err(invalid("it has too many members"));
    }
    merge(params, claims, true)
}

/// Core section 6.1: the object's parameters win; what identifies the request must be the same in both. `alone`: nothing
/// but who asks is read from around the object (RFC 9101 section 6.3).
fn merge(params: &Params, claims: &Claims, alone: bool) -> Result<Params, Refusal> {
    let mut inside: Vec<(String, String)> = Vec::new();
    for (name, value) in claims.as_map() {
        if OWN_CLAIMS.contains(&name.as_str()) {
            continue;
        }
        if name == BY_VALUE || name == BY_REFERENCE {
            return Err(invalid("it holds another request object"));
        }
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null => continue,
            // RFC 8707 section 2: a list stands for a parameter that is there several times.
            Value::Array(list) if name == resource_rfc8707::PARAMETER => {
                let each = list.iter().map(|one| one.as_str().unwrap_or("?"));
                inside.extend(each.map(|one| (name.clone(), one.to_owned())));
                continue;
            }
            other => other.to_string(),
        };
        // As of a request's own parameters.
        if name.contains('\0') || text.contains('\0') {
            return Err(invalid("a member has the character U+0000"));
        }
        inside.push((name.clone(), text));
    }
    for name in ["client_id", "response_type"] {
        let same = inside
            .iter()
            .find(|(inner, _)| inner == name)
            .zip(params.get(name))
            .is_none_or(|((_, inner), outer)| inner == outer);
        if !same {
            return Err(invalid("its client_id or response_type is not the request's own"));
        }
    }
    let outside = params
        .iter()
        .filter(|(name, _)| *name != BY_VALUE && *name != BY_REFERENCE)
        .filter(|(name, _)| !inside.iter().any(|(inner, _)| inner == name))
        .filter(|(name, _)| !alone || *name == "client_id");
    let all: Vec<(String, String)> = outside
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .chain(inside.iter().cloned())
        .collect();
    Ok(Params::from_pairs(all))
}
