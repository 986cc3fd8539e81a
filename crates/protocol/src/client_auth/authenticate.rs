//! The check itself: is the client the one it claims to be?

use super::{Credentials, Presented, private_key_jwt, self_signed_tls_client_auth, tls_client_auth};
use crate::ctx::Ctx;
use crate::effect::{Decision, Loaded, Refused, Write, refuse};
use crate::error::{ErrorCode, Refusal};
use crate::extensions::fapi2;
use crate::vocabulary::{AuthMethod, Client, ClientKind, ClientSecret, Secret, SecretHash, Timestamp};
use std::borrow::Cow;

/// Compared with where there is no stored secret, so that the work is the same. Nothing we know hashes to it.
const NO_SECRET: ClientSecret = ClientSecret {
    hash: SecretHash::from_bytes([0; 32]),
    sealed: None,
    expires_at: None,
};

/// A client that has proved who it is (or, a public one, said so).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated<'a> {
    /// Which one.
    pub client: &'a Client,
    /// That its assertion is used now, where it proved itself by one.
    pub(super) used: Option<Write>,
}

/// What is decided for `asker`, with the note that its assertion is used: whatever was decided, it proves nothing again.
/// A client that has not proved itself hears nothing else.
pub fn decide_for<'a, T, R: Into<Refused>>(
    asker: Result<Authenticated<'a>, Refusal>,
    answer: impl FnOnce(&'a Client) -> Result<(Vec<Write>, T), R>,
) -> Decision<Result<T, Refusal>> {
    let asker = match asker {
        Ok(asker) => asker,
        Err(refusal) => return Decision::reply(Err(refusal)),
    };
    let mut decision = match answer(asker.client).map_err(Into::into) {
        Ok((writes, reply)) => Decision::new(writes, Ok(reply)),
        Err(Refused { writes, refusal }) => refuse(writes, refusal),
    };
    decision.writes.extend(asker.used);
    decision
}

/// The client that a request comes from. `loaded` is what [`Credentials::load`] and [`Credentials::load_more`] asked for.
///
/// # Errors
/// `invalid_client`, with one public sentence for every reason (but for what is wrong with a document that its author
/// published): whether a client exists is nobody's business. The private one is exact.
pub fn authenticate<'a>(
    credentials: &Credentials,
    loaded: &'a Loaded,
    ctx: &Ctx<'_>,
) -> Result<Authenticated<'a>, Refusal> {
    let client = loaded.client.as_deref();
    // The comparison comes first and always: its time must not tell an unknown client from a wrong secret.
    let proof = match &credentials.presented {
        Presented::Secret(secret) => Some(compare(secret, client, ctx.now)),
        Presented::Nothing | Presented::Assertion(_) => None,
    };
    let Some(client) = client else {
        return Err(match &loaded.client_document {
            None => failed(format!("there is no client '{}'", credentials.client_id)),
            // Its author has no other way to hear of it, and what it says is public.
            Some(why) => Refusal::new(
                ErrorCode::InvalidClient,
                format!("The document at this client_id cannot be used. {why}"),
            ),
        });
    };
    if client.id != credentials.client_id {
        return Err(failed(format!(
            "the credentials of '{}' were checked against client '{}'",
            credentials.client_id, client.id
        )));
    }
    if let Some(checked) = by_certificate(credentials, client, loaded) {
        checked?;
        return Ok(Authenticated { client, used: None });
    }
    fapi2::check_method(client, credentials.method, ctx)?;
    if !client.auth_methods.contains(&credentials.method) {
        return Err(failed(not_registered(client, credentials.method)));
    }
    let used = match (&credentials.presented, proof) {
        (Presented::Nothing, _) if client.kind == ClientKind::Public => None,
        (Presented::Nothing, _) => {
            return Err(failed(
                "a confidential client must authenticate, and sent nothing",
            ));
        }
        (Presented::Assertion(assertion), _) => Some(private_key_jwt::check(assertion, client, loaded, ctx)?),
        (Presented::Secret(_), Some(Proof::Accepted)) => None,
        (Presented::Secret(_), Some(Proof::Expired)) => {
            return Err(failed(
                "this client_secret was right, but has expired since a rotation",
            ));
        }
        (Presented::Secret(_), Some(Proof::Wrong) | None) => {
            return Err(failed("the client_secret is wrong"));
        }
    };
    Ok(Authenticated { client, used })
}

/// Whether the connection's certificate is the client's, where the request holds no credential and the client is
/// registered for a method of certificates: nothing in the request says which (RFC 8705 section 2).
fn by_certificate(
    credentials: &Credentials,
    client: &Client,
    loaded: &Loaded,
) -> Option<Result<(), Refusal>> {
    let Presented::Nothing = credentials.presented else {
        return None;
    };
    let shown = credentials.sender.certificate();
    let own = &client.auth_methods;
    if own.contains(&AuthMethod::TlsClientAuth) {
        return Some(tls_client_auth::check(shown, client));
    }
    own.contains(&AuthMethod::SelfSignedTlsClientAuth)
        .then(|| self_signed_tls_client_auth::check(shown, client, loaded))
}

/// [`authenticate`], for what only a client with a credential of its own may do.
///
/// # Errors
/// `invalid_client`, also for a public client.
pub fn authenticate_confidential<'a>(
    credentials: &Credentials,
    loaded: &'a Loaded,
    ctx: &Ctx<'_>,
) -> Result<Authenticated<'a>, Refusal> {
    let authenticated = authenticate(credentials, loaded, ctx)?;
    match authenticated.client.kind {
        ClientKind::Confidential => Ok(authenticated),
        ClientKind::Public => Err(failed(
            "only a confidential client may do this, and this one is public",
        )),
    }
}

/// The refusal of a client that could not be authenticated, whatever the reason.
pub(crate) fn failed(private: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(
        ErrorCode::InvalidClient,
        "Client authentication failed. Check client_id, the secret or assertion, and the authentication method.",
    )
    .because(private)
}

/// What a presented secret is worth.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proof {
    Accepted,
    Expired,
    Wrong,
}

fn compare(secret: &Secret, client: Option<&Client>, now: Timestamp) -> Proof {
    let stored = client.map_or(&[][..], |client| &client.secrets);
    let stored = if stored.is_empty() {
        &[NO_SECRET][..]
    } else {
        stored
    };
    // Every stored secret is looked at, also after a match.
    stored.iter().fold(Proof::Wrong, |so_far, own| {
        let accepted = own.accepts(secret, now);
        match so_far {
            Proof::Accepted => so_far,
            _ if accepted => Proof::Accepted,
            _ if own.hash.matches(secret) => Proof::Expired,
            _ => so_far,
        }
    })
}

fn not_registered(client: &Client, method: AuthMethod) -> String {
    let own: Vec<_> = client.auth_methods.iter().map(|method| method.as_str()).collect();
    format!(
        "the client used the authentication method {} but is registered for {}",
        method.as_str(),
        own.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLIENT, NOW, SECRET, World, basic, client, other_client, params, public_client};
    use std::sync::Arc;

    /// Whether the client passes at a moment, and why not.
    fn attempt(credentials: &Credentials, client: Option<&Client>, now: Timestamp) -> Result<(), Refusal> {
        let world = World { now, ..World::new() };
        let loaded = Loaded {
            client: client.cloned().map(Arc::new),
            ..Loaded::default()
        };
        let authenticated = authenticate(credentials, &loaded, &world.ctx())?;
        assert_eq!(Some(authenticated.client), client);
        assert_eq!(authenticated.used, None);
        Ok(())
    }

    fn with_basic(id: &str, secret: &str) -> Credentials {
        Credentials::from_request(Some(&basic(id, secret)), &params(&[])).unwrap()
    }

    fn with_post(id: &str, secret: &str) -> Credentials {
        Credentials::from_request(None, &params(&[("client_id", id), ("client_secret", secret)])).unwrap()
    }

    fn with_none(id: &str) -> Credentials {
        Credentials::from_request(None, &params(&[("client_id", id)])).unwrap()
    }

    fn private(credentials: &Credentials, client: Option<&Client>) -> String {
        let refusal = attempt(credentials, client, NOW).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidClient);
        assert_eq!(refusal.public, failed("").public, "one sentence for every reason");
        refusal.private.into_owned()
    }

    #[test]
    fn the_right_secret_is_accepted_by_either_method() {
        let client = client();
        for credentials in [with_basic(CLIENT, SECRET), with_post(CLIENT, SECRET)] {
            assert_eq!(attempt(&credentials, Some(&client), NOW), Ok(()));
        }
    }

    #[test]
    fn case_035_a_wrong_secret_and_an_unknown_client_are_the_same_answer() {
        let client = client();
        assert_eq!(
            private(&with_basic(CLIENT, "wrong"), Some(&client)),
            "the client_secret is wrong"
        );
        assert_eq!(
            private(&with_post(CLIENT, ""), Some(&client)),
            not_registered(&client, AuthMethod::None)
        );
        assert_eq!(
            private(&with_basic("ghost", SECRET), None),
            "there is no client 'ghost'"
        );
        assert_eq!(private(&with_none("ghost"), None), "there is no client 'ghost'");
        assert!(private(&with_basic(CLIENT, SECRET), Some(&other_client())).contains("'app-2'"));
    }

    #[test]
    fn case_035_a_client_without_secrets_accepts_none() {
        let mut bare = client();
        bare.secrets.clear();
        for secret in ["", "x", SECRET] {
            assert_eq!(
                private(&with_basic(CLIENT, secret), Some(&bare)),
                "the client_secret is wrong"
            );
        }
    }

    #[test]
    fn case_037_a_method_the_client_is_not_registered_for_is_refused() {
        let mut only_basic = client();
        only_basic.auth_methods = [AuthMethod::ClientSecretBasic].into();
        assert_eq!(
            private(&with_post(CLIENT, SECRET), Some(&only_basic)),
            "the client used the authentication method client_secret_post but is registered for client_secret_basic"
        );
        let confidential = client();
        assert!(private(&with_none(CLIENT), Some(&confidential)).contains("method none"));
        let public = public_client();
        assert!(private(&with_basic(CLIENT, SECRET), Some(&public)).contains("registered for none"));
    }

    #[test]
    fn case_037_a_confidential_client_never_passes_without_its_secret() {
        let mut odd = client();
        odd.auth_methods.insert(AuthMethod::None);
        assert!(private(&with_none(CLIENT), Some(&odd)).contains("must authenticate"));
    }

    #[test]
    fn a_public_client_says_who_it_is_and_no_more() {
        let public = public_client();
        assert_eq!(attempt(&with_none(CLIENT), Some(&public), NOW), Ok(()));
        let confidential = |credentials: &Credentials, client: Client| {
            let loaded = Loaded {
                client: Some(client.into()),
                ..Loaded::default()
            };
            authenticate_confidential(credentials, &loaded, &World::new().ctx())
                .map(|_| ())
                .map_err(|refusal| refusal.code)
        };
        assert_eq!(
            confidential(&with_none(CLIENT), public),
            Err(ErrorCode::InvalidClient)
        );
        assert_eq!(confidential(&with_basic(CLIENT, SECRET), client()), Ok(()));
    }

    #[test]
    fn secrets_overlap_while_they_are_rotated() {
        let mut rotating = client();
        rotating.secrets = vec![
            ClientSecret {
                hash: SecretHash::of("old"),
                sealed: None,
                expires_at: Some(NOW),
            },
            ClientSecret {
                hash: SecretHash::of("new"),
                sealed: None,
                expires_at: None,
            },
        ];
        assert!(attempt(&with_basic(CLIENT, "new"), Some(&rotating), NOW).is_ok());
        assert!(private(&with_basic(CLIENT, "old"), Some(&rotating)).contains("expired"));
        assert!(attempt(&with_basic(CLIENT, "old"), Some(&rotating), NOW.plus(-1)).is_ok());
    }
}
