//! The check itself: is the client the one it claims to be?

use super::Credentials;
use crate::error::{ErrorCode, Refusal};
use crate::vocabulary::{AuthMethod, Client, ClientKind, ClientSecret, Secret, SecretHash, Timestamp};
use std::borrow::Cow;

/// Compared with where there is no stored secret, so that the work is the same. Nothing we know hashes to it.
const NO_SECRET: ClientSecret = ClientSecret {
    hash: SecretHash::from_bytes([0; 32]),
    expires_at: None,
};

/// The client, once it has proved who it is (or, a public one, said so). `client` is what the store has under
/// [`Credentials::client_id`].
///
/// # Errors
/// `invalid_client`, with one public sentence for every reason: whether a client exists is nobody's business. The
/// private one is exact.
pub fn authenticate<'a>(
    credentials: &Credentials,
    client: Option<&'a Client>,
    now: Timestamp,
) -> Result<&'a Client, Refusal> {
    // The comparison comes first and always: its time must not tell an unknown client from a wrong secret.
    let proof = credentials
        .secret
        .as_ref()
        .map(|secret| compare(secret, client, now));
    let Some(client) = client else {
        return Err(failed(format!("there is no client '{}'", credentials.client_id)));
    };
    if client.id != credentials.client_id {
        return Err(failed(format!(
            "the credentials of '{}' were checked against client '{}'",
            credentials.client_id, client.id
        )));
    }
    if !client.auth_methods.contains(&credentials.method) {
        return Err(failed(not_registered(client, credentials.method)));
    }
    match credentials.method {
        AuthMethod::None if client.kind == ClientKind::Public => Ok(client),
        AuthMethod::None => Err(failed(
            "a confidential client must authenticate, and sent no secret",
        )),
        AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost => match proof {
            Some(Proof::Accepted) => Ok(client),
            Some(Proof::Expired) => Err(failed(
                "this client_secret was right, but has expired since a rotation",
            )),
            Some(Proof::Wrong) | None => Err(failed("the client_secret is wrong")),
        },
    }
}

/// [`authenticate`], for what only a client with a secret of its own may do.
///
/// # Errors
/// `invalid_client`, also for a public client.
pub fn authenticate_confidential<'a>(
    credentials: &Credentials,
    client: Option<&'a Client>,
    now: Timestamp,
) -> Result<&'a Client, Refusal> {
    let client = authenticate(credentials, client, now)?;
    match client.kind {
        ClientKind::Confidential => Ok(client),
        ClientKind::Public => Err(failed(
            "only a confidential client may do this, and this one is public",
        )),
    }
}

/// The refusal of a client that could not be authenticated, whatever the reason.
pub(super) fn failed(private: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(
        ErrorCode::InvalidClient,
        "Client authentication failed. Check client_id, client_secret and the authentication method.",
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
    use crate::testing::{CLIENT, NOW, SECRET, basic, client, other_client, params, public_client};

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
        let refusal = authenticate(credentials, client, NOW).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidClient);
        assert_eq!(refusal.public, failed("").public, "one sentence for every reason");
        refusal.private.into_owned()
    }

    #[test]
    fn the_right_secret_is_accepted_by_either_method() {
        let client = client();
        for credentials in [with_basic(CLIENT, SECRET), with_post(CLIENT, SECRET)] {
            assert_eq!(authenticate(&credentials, Some(&client), NOW), Ok(&client));
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
        assert_eq!(authenticate(&with_none(CLIENT), Some(&public), NOW), Ok(&public));
        let refusal = authenticate_confidential(&with_none(CLIENT), Some(&public), NOW).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidClient);
        let confidential = client();
        assert!(authenticate_confidential(&with_basic(CLIENT, SECRET), Some(&confidential), NOW).is_ok());
    }

    #[test]
    fn secrets_overlap_while_they_are_rotated() {
        let mut rotating = client();
        rotating.secrets = vec![
            ClientSecret {
                hash: SecretHash::of("old"),
                expires_at: Some(NOW),
            },
            ClientSecret {
                hash: SecretHash::of("new"),
                expires_at: None,
            },
        ];
        assert!(authenticate(&with_basic(CLIENT, "new"), Some(&rotating), NOW).is_ok());
        assert!(private(&with_basic(CLIENT, "old"), Some(&rotating)).contains("expired"));
        assert!(authenticate(&with_basic(CLIENT, "old"), Some(&rotating), NOW.plus(-1)).is_ok());
    }
}
