//! `id_token_hint`: an ID token of ours that an app shows again. Whom it wants signed out (RP-Initiated Logout
//! 1.0 sections 2 and 4), or whom it wants to see (OpenID Connect Core section 3.1.2.1).

use crate::ctx::Ctx;
use crate::jose::Jws;
use crate::openid::{SessionId, subject};
use crate::records::Session;
use crate::vocabulary::{Client, ClientId};

/// What an ID token of ours says. It may be long expired: an app keeps it as long as its own session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hint {
    /// The client that it was given to.
    pub(crate) client: ClientId,
    /// Of whom, as that client knows them.
    pub(crate) sub: String,
    sid: Option<String>,
}

impl Hint {
    /// Reads a hint.
    ///
    /// # Errors
    /// Why it is not an ID token that we signed, for the app's team.
    pub(crate) fn read(token: &str, ctx: &Ctx<'_>) -> Result<Self, String> {
        let not_ours = |why: &str| format!("id_token_hint: {why}");
        let jws = Jws::parse(token).map_err(|why| not_ours(&why.to_string()))?;
        // An ID token has no type, or the general one; a logout token or an access token of ours is another thing.
        if jws.header.typ.is_some() && !jws.header.is_typ("JWT") {
            return Err(not_ours("it is a token of another type"));
        }
        let claims = jws
            .verify_own(ctx.crypto)
            .map_err(|why| not_ours(&why.to_string()))?;
        if claims.iss() != Some(ctx.issuer) {
            return Err(not_ours("its iss is another"));
        }
        // A signed answer of userinfo is ours too, for the same client and person, and never ends.
        if claims.as_map().get("exp").is_none() {
            return Err(not_ours("it has no exp"));
        }
        let aud = claims.aud();
        let client = aud.as_ref().and_then(|aud| match aud.values() {
            [one] => ClientId::parse(one).ok(),
            _ => None,
        });
        match (client, claims.sub()) {
            (Some(client), Some(sub)) => Ok(Self {
                client,
                sub: sub.to_owned(),
                sid: claims.text("sid").map(ToOwned::to_owned),
            }),
            _ => Err(not_ours("it has no sub, or not one aud")),
        }
    }

    /// Whether it was given to `client` in this very session: then asking to sign out is the app's to do, and nobody
    /// else could have sent it here.
    pub(super) fn is_of(&self, session: &Session, client: &Client, ctx: &Ctx<'_>) -> bool {
        self.client == client.id
            && self.sub == subject(client, session.holder.person, ctx)
            && self.sid.as_deref() == Some(SessionId::of(session.root, &client.id).0.as_str())
    }
}
