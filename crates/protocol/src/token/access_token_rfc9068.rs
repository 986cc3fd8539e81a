//! JWT access tokens (RFC 9068): what an API can read without asking.
//!
//! They are stored like any other, by the hash of their `jti`, so that they can be revoked and introspected; the text
//! itself is signed once the decision is on disk.

use super::audience::Meant;
use crate::ctx::Ctx;
use crate::effect::{Fresh, Load};
use crate::jose::{Jws, SigningAlgorithm, TokenHash, TokenHashOf, UnsignedJwt};
use crate::openid::{SignIn, subject};
use crate::records::Actor;
use crate::vocabulary::{Client, Confirmation, PersonId, Secret, SecretHash};
use serde_json::{Value, json};

/// The header's `typ` (section 2.1).
const TYP: &str = "at+jwt";

/// Of whom, and for whom alone, a token speaks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct About<'a> {
    /// The person behind it, and when and how they last proved who they are; none of a client's own token.
    pub(super) person: Option<(PersonId, &'a SignIn)>,
    /// Who acts for them (RFC 8693 section 4.1).
    pub(super) act: Option<&'a Actor>,
    /// To whom it is bound.
    pub(super) confirmation: Option<Confirmation>,
}

impl About<'_> {
    /// The token that says what `meant` means (section 2.2).
    pub(super) fn unsigned(
        &self,
        algorithm: SigningAlgorithm,
        client: &Client,
        meant: &Meant,
        ctx: &Ctx<'_>,
    ) -> UnsignedJwt {
        let mut claims = serde_json::Map::new();
        let mut tell = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        let known_as = |(person, _)| subject(client, person, ctx);
        let sub = self.person.map(known_as);
        tell("iss", ctx.issuer.into());
        tell("exp", ctx.now.plus(meant.seconds).seconds().into());
        tell("iat", ctx.now.seconds().into());
        match meant.audience.resources.as_slice() {
            [only] => tell("aud", only.as_str().into()),
            all => tell("aud", all.into()),
        };
        tell("sub", sub.unwrap_or_else(|| client.id.to_string()).into());
        tell("client_id", client.id.as_str().into());
        if !meant.scope.is_empty() {
            tell("scope", meant.scope.to_string().into());
        }
        if !meant.audience.details.is_empty() {
            tell("authorization_details", meant.audience.details.to_json());
        }
        if let Some((_, sign_in)) = self.person {
            for (name, value) in sign_in.claims() {
                tell(&name, value);
            }
        }
        if let Some(act) = self.act {
            tell("act", act.told(client));
        }
        if let Some(confirmation) = self.confirmation {
            tell("cnf", json!(confirmation));
        }
        UnsignedJwt {
            algorithm,
            typ: Some(TYP),
            claims,
            hashes: vec![TokenHash {
                claim: "jti",
                of: TokenHashOf::Itself(Fresh::AccessToken),
            }],
            encryption: None,
        }
    }
}

/// An access token as somebody presents it: an opaque one, or a JWT of ours.
#[derive(Debug, Clone)]
pub struct Presented {
    hash: SecretHash,
    jwt: Option<Box<Jws>>,
}

impl Presented {
    /// Reads a token's text. What looks like a JWT is looked up by its `jti`, and trusted only once it
    /// [is genuine](Self::is_genuine).
    pub fn of(token: &Secret) -> Self {
        let text = token.expose();
        let jwt = text.contains('.').then(|| Jws::parse(text).ok()).flatten();
        let jti = |jwt: &Jws| jwt.claims_unverified().jti().map(SecretHash::of_jwt_id);
        let found = jwt.and_then(|jwt| Some((jti(&jwt)?, jwt)));
        match found.filter(|(_, jwt)| jwt.header.is_typ(TYP)) {
            Some((hash, jwt)) => Self {
                hash,
                jwt: Some(Box::new(jwt)),
            },
            None => Self {
                hash: token.hash(),
                jwt: None,
            },
        }
    }

    /// The fact to look it up by.
    pub const fn load(&self) -> Load {
        Load::AccessToken(self.hash)
    }

    /// What it is found by.
    pub const fn hash(&self) -> SecretHash {
        self.hash
    }

    /// Whether it is what we made: an opaque one always is, once it is found; a JWT where we signed it, for ourselves to
    /// have issued. What it says is not looked at beyond that: what counts is what is stored.
    pub fn is_genuine(&self, ctx: &Ctx<'_>) -> bool {
        self.jwt.as_ref().is_none_or(|jwt| {
            jwt.verify_own(ctx.crypto)
                .is_ok_and(|claims| claims.iss() == Some(ctx.issuer))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jti_by_itself_is_no_token() {
        let jti = "a".repeat(30);
        let opaque = Presented::of(&Secret::new(jti.as_str()));
        assert_ne!(opaque.hash(), SecretHash::of_jwt_id(&jti));
        let of_text = |text: &str| Presented::of(&Secret::new(text)).hash();
        assert_eq!(of_text("a.b.c"), SecretHash::of("a.b.c"));
    }
}
