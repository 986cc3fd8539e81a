//! Userinfo: the claims that a person consented to (OpenID Connect Core section 5.3).

use super::presented_token::PresentedToken;
use super::user_data::{Readable, readable, token_loads};
use crate::ctx::Ctx;
use crate::effect::{Decision, Load, Loaded, Operation};
use crate::error::{ErrorCode, Refusal};
use crate::extensions::fapi2;
use crate::jose::UnsignedJwt;
use crate::openid::{OPENID, ToldClaims, encrypted, keys_load, subject, tells_username};
use crate::records::{Grant, PersonData};
use crate::vocabulary::{Client, Scope};
use serde_json::{Map, Value};

/// Where the claims are read.
pub const USERINFO: &str = "/oauth/userinfo";

/// A request for the claims behind an access token.
#[derive(Debug, Clone)]
pub struct UserinfoRequest {
    /// The access token.
    pub token: PresentedToken,
}

/// The answer, in the form that the client registered (section 5.3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserinfoReply {
    /// Plain JSON.
    Plain(Map<String, Value>),
    /// A signed, and perhaps encrypted, JWT.
    Signed(Box<UnsignedJwt>),
}

/// `invalid_token` (401) for a token that is unknown or dead for any reason; `insufficient_scope` (403) for one without
/// the scope `openid`, or without a person behind it.
impl Operation for UserinfoRequest {
    type Reply = Result<UserinfoReply, Refusal>;

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        self.token.load()
    }

    fn load_more(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        token_loads(known)
    }

    fn load_last(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        let client = known.client.as_deref();
        let encrypting = client.filter(|client| client.openid.userinfo_encryption.is_some());
        encrypting
            .and_then(|client| keys_load(client, None))
            .into_iter()
            .collect()
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Self::Reply> {
        let answered = readable(&self.token, USERINFO, loaded, ctx)
            .and_then(|readable| Ok((answer(&readable, loaded, ctx)?, readable.note)));
        match answered {
            Ok((reply, note)) => Decision::new(note.into_iter().collect(), Ok(reply)),
            Err(refusal) => Decision::reply(Err(refusal)),
        }
    }
}

fn answer(readable: &Readable<'_>, loaded: &Loaded, ctx: &Ctx<'_>) -> Result<UserinfoReply, Refusal> {
    let Readable {
        client, scope, grant, ..
    } = *readable;
    if !scope.contains(OPENID) {
        return Err(Refusal::new(
            ErrorCode::InsufficientScope,
            "Userinfo needs an access token with the scope openid.",
        ));
    }
    let claims = claims(client, scope, grant, loaded, ctx);
    let openid = &client.openid;
    let encryption = encrypted(client, openid.userinfo_encryption, loaded, ctx)?;
    // An encrypted answer is signed too, so that its reader knows whose it is.
    let Some(algorithm) = openid
        .userinfo_signed_response_alg
        .or(encryption.as_ref().map(|_| openid.id_token_signed_response_alg))
    else {
        return Ok(UserinfoReply::Plain(claims));
    };
    let mut claims = claims;
    claims.insert("iss".to_owned(), ctx.issuer.into());
    claims.insert("aud".to_owned(), client.id.as_str().into());
    Ok(UserinfoReply::Signed(Box::new(UnsignedJwt {
        algorithm: fapi2::signing(client, algorithm, ctx),
        typ: None,
        claims,
        hashes: Vec::new(),
        encryption,
    })))
}

/// What the scope stands for and what `claims` asked for by name, as far as the person consented to it and the app is
/// still approved for it.
fn claims(
    client: &Client,
    scope: &Scope,
    grant: &Grant,
    loaded: &Loaded,
    ctx: &Ctx<'_>,
) -> Map<String, Value> {
    let nothing_on_file = PersonData::new();
    let data = loaded.person_data.as_ref().unwrap_or(&nothing_on_file);
    let allowed = grant
        .data_points
        .intersection(&client.data_points)
        .cloned()
        .collect();
    let told = ToldClaims {
        holder: &grant.holder,
        data,
        allowed: &allowed,
        scope: Some(scope),
        username: tells_username(client, &allowed, ctx.catalogue),
        asked: grant.openid.as_ref().map(|openid| &openid.claims.userinfo),
    };
    let mut claims = told.claims(ctx);
    claims.insert("sub".to_owned(), subject(client, grant.holder.person, ctx).into());
    claims
}
