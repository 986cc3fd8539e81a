//! How an answer travels to the app: in the query or the fragment of its redirect URL, or in a form that the browser
//! posts there (RFC 6749 section 4.1.2, OAuth 2.0 Multiple Response Types, OAuth 2.0 Form Post Response Mode).

use super::response_type::{ResponseMode, ResponseType};
use super::trusted::Address;
use crate::effect::{Fresh, Minted};
use crate::error::Refusal;
use crate::extensions::{iss_rfc9207, jarm};
use crate::jose::UnsignedJwt;
use crate::vocabulary::{ClientId, encode};

/// A parameter's value, which may not exist before the decision is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Known(String),
    Minted(Fresh),
    Signed(Box<UnsignedJwt>),
}

/// An answer to the app, by way of the browser.
///
/// It can be made only from a trusted request's address, so its address is always one that the client registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    client: ClientId,
    redirect_uri: String,
    mode: ResponseMode,
    params: Vec<(&'static str, Value)>,
    envelope: Option<jarm::Envelope>,
    refusal: Option<Refusal>,
}

/// What to do with the browser, for an answer to reach its app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Send it to this address (status 303). The address may hold a code: not for a log.
    Redirect(String),
    /// Show it a page that posts these fields to an address of the app.
    FormPost {
        /// The app's redirect URL.
        action: String,
        /// The answer's parameters.
        fields: Vec<(&'static str, String)>,
    },
}

/// What an answer with tokens holds beside a code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct FrontChannel {
    /// The life of an access token, in seconds, where there is one, and its scope.
    pub(super) token: Option<(i64, String)>,
    /// The ID token, where there is one.
    pub(super) id_token: Option<UnsignedJwt>,
}

impl Answer {
    /// A new code, and what else the response type holds (RFC 6749 section 4.1.2, OpenID Connect Core section 3.3.2.5).
    pub(super) fn issuing(address: &Address<'_>, response_type: ResponseType, front: FrontChannel) -> Self {
        let mut params = Vec::new();
        if response_type.has_code() {
            params.push(("code", Value::Minted(Fresh::Code)));
        }
        if let Some((expires_in, scope)) = front.token {
            params.push(("access_token", Value::Minted(Fresh::AccessToken)));
            params.push(("token_type", Value::Known("Bearer".to_owned())));
            params.push(("expires_in", Value::Known(expires_in.to_string())));
            params.push(("scope", Value::Known(scope)));
        }
        if let Some(id_token) = front.id_token {
            params.push(("id_token", Value::Signed(Box::new(id_token))));
        }
        Self::new(address, params, None)
    }

    /// An error (RFC 6749 section 4.1.2.1).
    pub(super) fn refusing(address: &Address<'_>, refusal: Refusal) -> Self {
        let params = vec![
            ("error", Value::Known(refusal.code.as_str().to_owned())),
            (
                "error_description",
                Value::Known(refusal.public.clone().into_owned()),
            ),
        ];
        Self::new(address, params, Some(refusal))
    }

    /// Every answer carries the request's `state` and our name (RFC 9207 section 2).
    fn new(address: &Address<'_>, mut params: Vec<(&'static str, Value)>, refusal: Option<Refusal>) -> Self {
        if let Some(state) = address.state() {
            params.push(("state", Value::Known(state.to_owned())));
        }
        params.push((iss_rfc9207::PARAMETER, Value::Known(address.issuer().to_owned())));
        Self {
            client: address.client().id.clone(),
            redirect_uri: address.redirect_uri().to_owned(),
            mode: address.response_mode(),
            params,
            envelope: address.response_mode().is_signed().then(|| address.envelope()),
            refusal,
        }
    }

    /// To whom it goes: for the log and the flow debugger.
    pub const fn client(&self) -> &ClientId {
        &self.client
    }

    /// The address it goes to, without its parameters: fit for a log.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Why it was refused, if it was: for the log and the flow debugger.
    pub const fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// The whole answer, its tokens as drawn and its JWTs as `sign` signs them. It may hold a code: not for a log.
    ///
    /// None where something was not drawn, which a decision that was applied never meets.
    ///
    /// # Errors
    /// What `sign` fails with.
    pub fn deliver<E>(
        &self,
        minted: &Minted,
        mut sign: impl FnMut(&UnsignedJwt) -> Result<String, E>,
    ) -> Result<Option<Delivery>, E> {
        let mut fields = Vec::with_capacity(self.params.len());
        for (name, value) in &self.params {
            let value = match value {
                Value::Known(text) => text.clone(),
                Value::Minted(fresh) => match minted.secret(*fresh) {
                    Some(secret) => secret.expose().to_owned(),
                    None => return Ok(None),
                },
                Value::Signed(jwt) => sign(jwt)?,
            };
            fields.push((*name, value));
        }
        if let Some(envelope) = &self.envelope {
            fields = vec![(jarm::PARAMETER, sign(&envelope.seal(fields))?)];
        }
        let action = self.redirect_uri.clone();
        Ok(Some(match self.mode {
            ResponseMode::FormPost | ResponseMode::FormPostJwt => Delivery::FormPost { action, fields },
            ResponseMode::Query | ResponseMode::QueryJwt | ResponseMode::Jwt => {
                Delivery::Redirect(with_query(action, &fields))
            }
            ResponseMode::Fragment | ResponseMode::FragmentJwt => {
                Delivery::Redirect(format!("{action}#{}", pairs(&fields)))
            }
        }))
    }
}

/// The redirect URL with its own query kept as it is (RFC 6749 section 3.1.2) and the answer's parameters after it.
pub(crate) fn with_query(mut url: String, fields: &[(&'static str, String)]) -> String {
    if !url.contains('?') {
        url.push('?');
    } else if !url.ends_with(['?', '&']) {
        url.push('&');
    }
    url.push_str(&pairs(fields));
    url
}

fn pairs(fields: &[(&'static str, String)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{DRAWN, Scene, location, minted, query};
    use super::*;
    use crate::authorize::Door;
    use crate::testing::{CLIENT, ISSUER, params};
    use crate::vocabulary::RedirectUri;
    use proptest::prelude::*;

    fn answer(redirect_uri: &str, state: &str) -> Answer {
        let mut scene = Scene::new();
        scene.client.redirect_uris = vec![RedirectUri::parse(redirect_uri).unwrap()];
        let given = params(&[("client_id", CLIENT), ("state", state)]);
        let address = Address::of(Door::Standard, &given, &scene.client, &scene.world.ctx()).unwrap();
        Answer::issuing(&address, ResponseType::Code, FrontChannel::default())
    }

    #[test]
    fn keeps_the_redirect_urls_own_query() {
        for (uri, expected) in [
            ("https://app.example/cb", "https://app.example/cb?code=CODE&"),
            ("https://app.example", "https://app.example?code=CODE&"),
            ("https://app.example/cb?", "https://app.example/cb?code=CODE&"),
            (
                "https://app.example/cb?a=%20b",
                "https://app.example/cb?a=%20b&code=CODE&",
            ),
            (
                "https://app.example/cb?a=1&",
                "https://app.example/cb?a=1&code=CODE&",
            ),
            ("org.example.app:/cb", "org.example.app:/cb?code=CODE&"),
        ] {
            let location = location(&answer(uri, "s"), &minted()).unwrap();
            assert!(
                location.starts_with(&expected.replace("CODE", DRAWN)),
                "{location}"
            );
        }
    }

    #[test]
    fn there_is_no_address_without_a_code() {
        assert_eq!(
            location(&answer("https://app.example/cb", "s"), &Minted::default()),
            None
        );
    }

    proptest! {
        #[test]
        fn case_023_state_comes_back_byte_for_byte(state in "[^\\x00]{1,200}") {
            let location = location(&answer("https://app.example/cb?a=1", &state), &minted()).unwrap();
            let pairs = query(&location);
            prop_assert_eq!(pairs.iter().filter(|(name, _)| name == "state").count(), 1);
            prop_assert!(pairs.contains(&("state".into(), state)));
            prop_assert!(pairs.contains(&("iss".into(), ISSUER.into())));
            prop_assert!(pairs.contains(&("a".into(), "1".into())));
        }
    }
}
