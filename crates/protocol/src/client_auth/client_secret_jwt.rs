//! `client_secret_jwt`: an assertion under the HMAC of the secret that client and server share (OpenID Connect Core
//! section 9). Everything else about it is as of [`super::private_key_jwt`].

use crate::ctx::Ctx;
use crate::jose::Jws;
use crate::vocabulary::{Client, ClientSecret};

/// Which of the client's live secrets an assertion was made with. Each that is kept sealed is looked at, also after a
/// match.
pub(super) fn made_with<'a>(assertion: &Jws, client: &'a Client, ctx: &Ctx<'_>) -> Option<&'a ClientSecret> {
    let made = |own: &&ClientSecret| {
        let opened = own
            .sealed
            .as_deref()
            .and_then(|sealed| ctx.crypto.open_client_secret(&client.id, sealed));
        opened.is_some_and(|secret| {
            let key = secret.expose().as_bytes();
            assertion.verify_mac(key, ctx.crypto).is_ok()
        })
    };
    let live = client.secrets.iter().filter(|own| own.is_live(ctx.now));
    live.filter(made).last()
}
