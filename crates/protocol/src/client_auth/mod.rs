//! Client authentication, one method a file (RFC 6749 section 2.3).

mod authenticate;
mod client_secret_basic;
mod client_secret_jwt;
mod client_secret_post;
mod none;
mod private_key_jwt;
mod self_signed_tls_client_auth;
mod tls_client_auth;

pub(crate) use authenticate::failed;
pub use authenticate::{Authenticated, authenticate, authenticate_confidential, decide_for};

use crate::ctx::Ctx;
use crate::effect::{Load, Loaded};
use crate::error::{ErrorCode, Refusal};
use crate::extensions::sender::{Proven, Sender};
use crate::jose::Jws;
use crate::openid::keys_load;
use crate::vocabulary::{AuthMethod, Client, ClientId, ClientIdUrl, Params, Secret, SecretHash};
use std::fmt;

/// Parameters that are, or carry, a credential: never in a URL, where logs and histories keep them.
const SECRET_PARAMETERS: [&str; 8] = [
    "client_secret",
    "client_assertion",
    "code",
    "code_verifier",
    "refresh_token",
    "access_token",
    "token",
    "password",
];

/// Who a request says it comes from, and by which one method it proves it. Nothing is checked yet.
#[derive(Debug, Clone)]
pub struct Credentials {
    client_id: ClientId,
    method: AuthMethod,
    presented: Presented,
    sender: Sender,
}

/// What a request proves itself by. Never printed.
#[derive(Clone)]
enum Presented {
    /// Nothing.
    Nothing,
    /// A secret.
    Secret(Secret),
    /// A signed assertion.
    Assertion(Box<Jws>),
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Secret(_) => "Secret(..)",
            Self::Assertion(_) => "Assertion(..)",
        })
    }
}

/// What a method finds of itself in a request: nothing, or credentials, or something malformed.
type Found = Option<Result<Credentials, Refusal>>;

impl Credentials {
    /// Finds the one method by which a request authenticates its client.
    ///
    /// # Errors
    /// - `invalid_request` for a repeated parameter (RFC 6749 section 3.2), for two methods at once (section 2.3), for a
    ///   `client_id` in the form that is not the header's, and for a malformed header.
    /// - `invalid_client` where the request names no client, or uses a scheme we do not offer (section 5.2).
    pub fn from_request(authorization: Option<&str>, params: &Params) -> Result<Self, Refusal> {
        params.refuse_duplicates()?;
        let header = authorization.map(|value| client_secret_basic::read(value, params));
        let form = client_secret_post::find(params);
        let assertion = private_key_jwt::find(params);
        let mut found = [header, form, assertion].into_iter().flatten();
        match (found.next(), found.next()) {
            (None, _) => none::read(params),
            (Some(only), None) => only,
            (Some(_), Some(_)) => Err(Refusal::new(
                ErrorCode::InvalidRequest,
                "The client authenticates in two ways at once. Use the Authorization header, a client_secret or a client_assertion.",
            )),
        }
    }

    /// What must be known before [`authenticate()`], beside [`Self::load_more`].
    pub fn load(&self) -> Vec<Load> {
        let used = match &self.presented {
            Presented::Assertion(assertion) => private_key_jwt::jti(&self.client_id, assertion),
            Presented::Nothing | Presented::Secret(_) => None,
        };
        let client = Load::Client(self.client_id.clone());
        let used = used.map(Load::UsedJti);
        [client]
            .into_iter()
            .chain(used)
            .chain(self.sender.load())
            .collect()
    }

    /// The document about the client, where it is known by an address. None for whoever sends a secret: nobody who is
    /// known so has one (draft-ietf-oauth-client-id-metadata-document section 4.1).
    pub fn document_load(&self) -> Option<Load> {
        let url = ClientIdUrl::parse(&self.client_id).ok()?;
        match &self.presented {
            Presented::Secret(_) => None,
            Presented::Nothing | Presented::Assertion(_) => Some(Load::ClientDocument(url)),
        }
    }

    /// The same for whoever proves itself by a key, which may stand in the document.
    pub(crate) fn document_load_of_key(&self) -> Option<Load> {
        match &self.presented {
            Presented::Assertion(_) => self.document_load(),
            Presented::Nothing | Presented::Secret(_) => None,
        }
    }

    /// Adds what the request shows of its sender beside its credentials.
    pub fn seen(&mut self, sender: Sender) {
        self.sender = sender;
    }

    /// What the request shows of its sender.
    pub const fn sender(&self) -> &Sender {
        &self.sender
    }

    /// What the sender proves to hold, once `client` has authenticated.
    ///
    /// # Errors
    /// `invalid_dpop_proof`, `use_dpop_nonce`.
    pub(crate) fn prove(&self, client: &Client, loaded: &Loaded, ctx: &Ctx<'_>) -> Result<Proven, Refusal> {
        self.sender.prove(client, loaded, ctx)
    }

    /// What must be known too, once the client is: its keys, where it proves itself by one and publishes them.
    pub fn load_more(&self, known: &Loaded) -> Option<Load> {
        let client = known.client.as_deref();
        let assertion = match &self.presented {
            Presented::Assertion(assertion) => assertion,
            Presented::Secret(_) => return None,
            Presented::Nothing => {
                // Only for whoever shows a certificate: nobody else can pass.
                self.sender.certificate()?;
                let by_own = AuthMethod::SelfSignedTlsClientAuth;
                return keys_load(
                    client.filter(|client| client.auth_methods.contains(&by_own))?,
                    None,
                );
            }
        };
        let by_key = self.method == AuthMethod::PrivateKeyJwt;
        let registered = client.filter(|client| by_key && client.auth_methods.contains(&self.method));
        keys_load(registered?, assertion.header.kid.clone())
    }

    /// Whom a request says it comes from that may be malformed otherwise: by its header, or by `client_id` of its form.
    pub fn claimed(authorization: Option<&str>, client_id: Option<&str>) -> Option<ClientId> {
        let in_header = authorization
            .and_then(|value| client_secret_basic::read(value, &Params::default()).ok())
            .map(|found| found.client_id);
        in_header.or_else(|| ClientId::parse(client_id?).ok())
    }

    /// The client it claims to be.
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Which of `client`'s secrets it proved itself by, once it has: for the note of when each was last used.
    pub fn secret_used(&self, client: &Client, ctx: &Ctx<'_>) -> Option<SecretHash> {
        let now = ctx.now;
        let presented = match &self.presented {
            Presented::Secret(presented) => presented,
            Presented::Assertion(assertion) => {
                return client_secret_jwt::made_with(assertion, client, ctx).map(|secret| secret.hash);
            }
            Presented::Nothing => return None,
        };
        let mut live = client.secrets.iter().filter(|secret| secret.is_live(now));
        match (live.next(), live.next()) {
            // The only one there is: no need to hash once more.
            (Some(only), None) => Some(only.hash),
            _ => client
                .secrets
                .iter()
                .find(|secret| secret.accepts(presented, now))
                .map(|secret| secret.hash),
        }
    }

    /// The method it uses.
    pub const fn method(&self) -> AuthMethod {
        self.method
    }
}

/// Refuses a POST that carries a credential in its URL (RFC 6749 section 2.3.1: the parameters must not be included
/// in the request URI).
///
/// # Errors
/// `invalid_request`, with the parameter's name.
pub fn refuse_credentials_in_query(query: &Params) -> Result<(), Refusal> {
    match SECRET_PARAMETERS
        .into_iter()
        .find(|name| query.all(name).next().is_some())
    {
        Some(name) => Err(Refusal::new(
            ErrorCode::InvalidRequest,
            format!("The parameter '{name}' must be in the request's body, never in its URL."),
        )),
        None => Ok(()),
    }
}

/// A `client_id` from outside. One that cannot be is answered like one that is not known.
fn parse_client_id(text: &str) -> Result<ClientId, Refusal> {
    ClientId::parse(text).map_err(|e| authenticate::failed(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{basic, params};

    fn refused(authorization: Option<&str>, pairs: &[(&str, &str)]) -> ErrorCode {
        Credentials::from_request(authorization, &params(pairs))
            .unwrap_err()
            .code
    }

    #[test]
    fn case_036_two_methods_at_once_are_refused() {
        let header = basic("a", "s");
        for pairs in [
            &[("client_id", "a"), ("client_secret", "s")][..],
            &[("client_secret", "s")],
            &[("client_assertion", "x.y.z")],
        ] {
            assert_eq!(refused(Some(&header), pairs), ErrorCode::InvalidRequest);
        }
        let form = [
            ("client_id", "a"),
            ("client_secret", "s"),
            ("client_assertion", "x.y.z"),
        ];
        assert_eq!(refused(None, &form), ErrorCode::InvalidRequest);
    }

    #[test]
    fn case_036_a_client_id_beside_basic_is_fine_when_equal_only() {
        let header = basic("a", "s");
        let same = Credentials::from_request(Some(&header), &params(&[("client_id", "a")])).unwrap();
        assert_eq!(
            (same.client_id().as_str(), same.method()),
            ("a", AuthMethod::ClientSecretBasic)
        );
        assert_eq!(
            refused(Some(&header), &[("client_id", "b")]),
            ErrorCode::InvalidRequest
        );
    }

    #[test]
    fn whoever_is_known_by_an_address_and_sends_no_secret_is_looked_up() {
        let looked_up = |pairs: &[(&str, &str)]| {
            let credentials = Credentials::from_request(None, &params(pairs)).unwrap();
            (
                credentials.document_load().is_some(),
                credentials.document_load_of_key().is_some(),
            )
        };
        let id = ("client_id", "https://agent.example/client.json");
        assert_eq!(looked_up(&[id]), (true, false));
        assert_eq!(looked_up(&[id, ("client_secret", "s")]), (false, false));
        assert_eq!(looked_up(&[("client_id", "app-1")]), (false, false));
    }

    #[test]
    fn an_assertion_that_cannot_be_read_is_refused() {
        let jwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        for pairs in [
            &[("client_id", "a"), ("client_assertion", "x.y.z")][..],
            &[("client_assertion_type", jwt), ("client_assertion", "x.y.z")],
            &[("client_id", "a"), ("client_assertion_type", jwt)],
        ] {
            assert_eq!(refused(None, pairs), ErrorCode::InvalidClient);
        }
    }

    #[test]
    fn nobody_at_all_is_refused() {
        assert_eq!(refused(None, &[]), ErrorCode::InvalidClient);
        assert_eq!(
            refused(None, &[("client_id", "caf\u{e9}")]),
            ErrorCode::InvalidClient
        );
    }

    #[test]
    fn case_043_credentials_in_the_query_are_refused() {
        for name in SECRET_PARAMETERS {
            let refusal = refuse_credentials_in_query(&params(&[("x", "1"), (name, "s")])).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::InvalidRequest);
            assert!(refusal.public.contains(name));
        }
        assert_eq!(
            refuse_credentials_in_query(&params(&[("client_id", "a")])),
            Ok(())
        );
    }

    #[test]
    fn credentials_never_print_their_secret() {
        let found = Credentials::from_request(Some(&basic("a", "hush")), &params(&[])).unwrap();
        assert!(!format!("{found:?}").contains("hush"));
    }
}
