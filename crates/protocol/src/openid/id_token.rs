//! The ID token (OpenID Connect Core section 2).

use super::{OpenIdGrant, ResponseEncryption, SignIn, ToldClaims, keys_of, subject, tells_username};
use crate::ctx::Ctx;
use crate::data_points::DataPoints;
use crate::effect::{Fresh, Loaded};
use crate::error::{ErrorCode, Refusal};
use crate::extensions::fapi2;
use crate::jose::{Encryption, TokenHash, TokenHashOf, UnsignedJwt};
use crate::records::Holder;
use crate::vocabulary::{Client, Scope};
use serde_json::{Map, Value, json};

/// What an ID token says.
#[derive(Debug, Clone)]
pub struct IdTokenFacts<'a> {
    /// To whom.
    pub client: &'a Client,
    /// Of whom.
    pub holder: &'a Holder,
    /// When and how they last proved who they are.
    pub sign_in: &'a SignIn,
    /// What the request asked for.
    pub openid: &'a OpenIdGrant,
    /// The data points that the app may have.
    pub data_points: &'a DataPoints,
    /// The scope whose claims it tells too, where no access token leads to userinfo (Core section 5.4).
    pub scope_claims: Option<&'a Scope>,
    /// The person's values, where claims are told, and the client's keys, where it has it encrypted.
    pub loaded: &'a Loaded,
}

impl IdTokenFacts<'_> {
    /// The token, tied by `hashes` to the tokens of the same answer.
    ///
    /// # Errors
    /// `invalid_request` where it is to be encrypted and the client's keys are not to be had: it never goes out plain.
    pub fn id_token(&self, hashes: &[(&'static str, Fresh)], ctx: &Ctx<'_>) -> Result<UnsignedJwt, Refusal> {
        let encryption = encrypted(
            self.client,
            self.client.openid.id_token_encryption,
            self.loaded,
            ctx,
        )?;
        let mut claims = self.claims_about_the_person(ctx);
        let own = json!({
            "iss": ctx.issuer,
            "sub": subject(self.client, self.holder.person, ctx),
            "aud": self.client.id.as_str(),
            "iat": ctx.now.seconds(),
            "exp": ctx.now.plus(ctx.policy.id_token_seconds).seconds(),
            "sid": self.openid.sid,
        });
        // Ours go last: no data point can pass for one of them.
        if let Value::Object(own) = own {
            claims.extend(own);
        }
        for name in ["auth_time", "acr", "amr"] {
            claims.remove(name);
        }
        claims.extend(self.sign_in.claims_with_methods());
        if let Some(nonce) = &self.openid.nonce {
            claims.insert("nonce".to_owned(), nonce.clone().into());
        }
        Ok(UnsignedJwt {
            algorithm: fapi2::signing(self.client, self.client.openid.id_token_signed_response_alg, ctx),
            typ: None,
            claims,
            hashes: hashes
                .iter()
                .map(|(claim, fresh)| TokenHash {
                    claim,
                    of: TokenHashOf::Minted(*fresh),
                })
                .collect(),
            encryption,
        })
    }

    fn claims_about_the_person(&self, ctx: &Ctx<'_>) -> Map<String, Value> {
        let Some(data) = &self.loaded.person_data else {
            return Map::new();
        };
        let told = ToldClaims {
            holder: self.holder,
            data,
            allowed: self.data_points,
            scope: self.scope_claims,
            username: tells_username(self.client, self.data_points, ctx.catalogue),
            asked: Some(&self.openid.claims.id_token),
        };
        told.claims(ctx)
    }
}

/// To whom an answer for `client` is encrypted, if it registered that.
///
/// # Errors
/// `invalid_request` where its keys are not to be had, or nothing can be encrypted to them.
pub(crate) fn encrypted(
    client: &Client,
    how: Option<ResponseEncryption>,
    loaded: &Loaded,
    ctx: &Ctx<'_>,
) -> Result<Option<Encryption>, Refusal> {
    let Some(how) = how else {
        return Ok(None);
    };
    let key = keys_of(client, loaded)
        .and_then(|keys| how.to(keys).map_err(|why| why.to_string()))
        // Asked before anything is written: afterwards a code would be spent for nothing.
        .and_then(|to| {
            let can = ctx.crypto.can_encrypt_to(&to);
            can.then_some(to)
                .ok_or_else(|| "the key is no key of its kind".to_owned())
        });
    key.map(Some).map_err(|why| {
        Refusal::new(
            ErrorCode::InvalidRequest,
            "The client's encryption key could not be had, so nothing can be encrypted to it.",
        )
        .because(why)
    })
}
