//! Whose token is to be exchanged (RFC 8693 section 2.1, `subject_token`), and whether this app may.

use super::required;
use super::token_exchange::{ACCESS_TOKEN, ID_TOKEN, unacceptable};
use crate::ctx::Ctx;
use crate::effect::Loaded;
use crate::error::Refusal;
use crate::jose::Jws;
use crate::openid::subject as known_as;
use crate::records::{AccessTokenFacts, Grant};
use crate::review::Act;
use crate::token::{Presented, access_token_is_live, grant_is_live};
use crate::vocabulary::{Client, ClientId, Params, PersonId, Scope, Secret, Timestamp};
use std::borrow::Cow;

/// A kind of token that may be exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One of our access tokens.
    AccessToken,
    /// One of our ID tokens.
    IdToken,
}

/// The kind of this name.
pub(super) fn kind(name: &str) -> Option<Kind> {
    match name {
        ACCESS_TOKEN => Some(Kind::AccessToken),
        ID_TOKEN => Some(Kind::IdToken),
        _ => None,
    }
}

/// What is exchanged.
pub(super) struct Subject<'a> {
    /// To whom it was issued.
    pub(super) client: &'a ClientId,
    /// What it may do.
    pub(super) scope: &'a Scope,
    /// When it dies.
    pub(super) expires_at: Timestamp,
    /// What it hangs from.
    pub(super) grant: &'a Grant,
}

/// The person and the client that an ID token says it speaks of, before it is believed; none of one of another shape, or
/// one that calls its person by a name that only its client's sector knows.
pub(super) fn named_in(token: &str) -> Option<(PersonId, ClientId)> {
    let token = Jws::parse(token).ok()?;
    let claims = token.claims_unverified();
    let person = claims.sub()?.parse().ok().map(PersonId)?;
    let audience = claims.aud()?;
    match audience.values() {
        [only] => Some((person, ClientId::parse(only).ok()?)),
        _ => None,
    }
}

/// What is exchanged, if it lives and this app may have it.
///
/// # Errors
/// `invalid_request`, with one public sentence for every reason.
pub(super) fn subject<'a>(
    client: &Client,
    params: &Params,
    loaded: &'a Loaded,
    ctx: &Ctx<'_>,
) -> Result<Subject<'a>, Refusal> {
    let refused = |why: Cow<'static, str>| unacceptable("subject_token", why);
    let presented = required(params, "subject_token")?;
    let found = match kind(required(params, "subject_token_type")?) {
        Some(Kind::AccessToken) => of_access_token(presented, loaded, ctx),
        Some(Kind::IdToken) => of_id_token(presented, loaded, ctx),
        None => Err("its type is not known".into()),
    };
    let subject = found.map_err(refused)?;
    let named = client.token_exchange.as_ref();
    let may = *subject.client == client.id || named.is_some_and(|own| own.from.contains(subject.client));
    if !may {
        return Err(refused(
            "it was issued to an app that this one's token_exchange does not name".into(),
        ));
    }
    let issued_to = loaded.subject_client.as_deref();
    let issued_to = issued_to.ok_or_else(|| refused("the app it was issued to is not there".into()))?;
    let lives = match &loaded.access_token {
        Some(token) => access_token_is_live(Act::OtherGrant, issued_to, token, ctx.now),
        None => grant_is_live(Act::OtherGrant, issued_to, subject.grant),
    };
    lives.map_err(refused)?;
    Ok(subject)
}

type Found<'a> = Result<Subject<'a>, Cow<'static, str>>;

fn of_access_token<'a>(presented: &str, loaded: &'a Loaded, ctx: &Ctx<'_>) -> Found<'a> {
    let presented = Presented::of(&Secret::new(presented));
    let is_it = |token: &&AccessTokenFacts| token.hash == presented.hash() && presented.is_genuine(ctx);
    let token = loaded.access_token.as_ref().filter(is_it);
    let token = token.ok_or("there is no such token")?;
    let grant = token.grant.as_ref().ok_or("there is no person behind it")?;
    Ok(Subject {
        client: &token.client,
        scope: &token.scope,
        expires_at: token.expires_at,
        grant,
    })
}

/// An ID token says who signed in; what may be done for them is what the newest grant to its app says that still lives.
fn of_id_token<'a>(presented: &str, loaded: &'a Loaded, ctx: &Ctx<'_>) -> Found<'a> {
    let token = Jws::parse(presented).map_err(|why| why.to_string())?;
    if token.header.typ.is_some() && !token.header.is_typ("JWT") {
        return Err("it is another kind of token".into());
    }
    let claims = token.verify_own(ctx.crypto).map_err(|why| why.to_string())?;
    if claims.iss() != Some(ctx.issuer) || claims.get("auth_time").is_none() {
        return Err("it is no ID token of this server".into());
    }
    claims.check_times(ctx.now, 0).map_err(|why| why.to_string())?;
    let expires_at = claims.exp().ok_or("it has no exp")?;
    let grant = loaded.grant.as_ref();
    let grant = grant.ok_or("nothing that lives was granted to its app")?;
    let client = loaded.subject_client.as_deref().ok_or("its app is not there")?;
    let fits = claims.sub() == Some(known_as(client, grant.holder.person, ctx).as_str())
        && claims
            .aud()
            .is_some_and(|aud| aud.values() == [grant.client.as_str()]);
    if !fits {
        return Err("it speaks of somebody else".into());
    }
    Ok(Subject {
        client: &grant.client,
        scope: &grant.scope,
        expires_at,
        grant,
    })
}
