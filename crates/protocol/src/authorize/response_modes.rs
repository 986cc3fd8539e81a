//! How an answer travels to the app: in the query of its redirect URL (RFC 6749 section 4.1.2).

use super::trusted::Trusted;
use crate::effect::{Fresh, Minted};
use crate::error::Refusal;
use crate::extensions::iss_rfc9207;
use crate::vocabulary::{ClientId, encode};
use std::borrow::Cow;

/// The values of `response_mode` that exist here (OAuth 2.0 Multiple Response Types section 2.1).
pub const RESPONSE_MODES: [&str; 1] = ["query"];

/// A parameter's value, which may not exist before the decision is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Known(String),
    Minted(Fresh),
}

/// An answer to the app, by way of the browser.
///
/// It can be made only from a trusted request, so its address is always one that the client registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    client: ClientId,
    redirect_uri: String,
    params: Vec<(&'static str, Value)>,
    refusal: Option<Refusal>,
}

impl Answer {
    /// A new code (RFC 6749 section 4.1.2).
    pub(super) fn with_code(trusted: &Trusted<'_>) -> Self {
        Self::new(trusted, vec![("code", Value::Minted(Fresh::Code))], None)
    }

    /// An error (RFC 6749 section 4.1.2.1).
    pub(super) fn refusing(trusted: &Trusted<'_>, refusal: Refusal) -> Self {
        let params = vec![
            ("error", Value::Known(refusal.code.as_str().to_owned())),
            (
                "error_description",
                Value::Known(refusal.public.clone().into_owned()),
            ),
        ];
        Self::new(trusted, params, Some(refusal))
    }

    /// Every answer carries the request's `state` and our name (RFC 9207 section 2).
    fn new(trusted: &Trusted<'_>, mut params: Vec<(&'static str, Value)>, refusal: Option<Refusal>) -> Self {
        if let Some(state) = trusted.state() {
            params.push(("state", Value::Known(state.to_owned())));
        }
        params.push((iss_rfc9207::PARAMETER, Value::Known(trusted.issuer().to_owned())));
        Self {
            client: trusted.client().id.clone(),
            redirect_uri: trusted.redirect_uri().to_owned(),
            params,
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

    /// The whole address, for the `Location` header: the redirect URL with its own query kept as it is (RFC 6749
    /// section 3.1.2) and the answer's parameters after it. It may hold a code: not for a log.
    ///
    /// None where the code was not minted, which a decision that was applied never meets.
    pub fn location(&self, minted: &Minted) -> Option<String> {
        let mut url = self.redirect_uri.clone();
        for (name, value) in &self.params {
            let value: Cow<'_, str> = match value {
                Value::Known(text) => text.into(),
                Value::Minted(fresh) => minted.secret(*fresh)?.expose().into(),
            };
            if !url.contains('?') {
                url.push('?');
            } else if !url.ends_with(['?', '&']) {
                url.push('&');
            }
            url.push_str(name);
            url.push('=');
            url.push_str(&encode(&value));
        }
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{DRAWN, Scene, minted, query};
    use super::*;
    use crate::authorize::Door;
    use crate::testing::{CLIENT, ISSUER, params};
    use crate::vocabulary::RedirectUri;
    use proptest::prelude::*;

    fn answer(redirect_uri: &str, state: &str) -> Answer {
        let mut scene = Scene::new();
        scene.client.redirect_uris = vec![RedirectUri::parse(redirect_uri).unwrap()];
        let given = params(&[("client_id", CLIENT), ("state", state)]);
        let trusted =
            Trusted::at_its_address(Door::Standard, &given, &scene.client, &scene.world.ctx()).unwrap();
        Answer::with_code(&trusted)
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
            let location = answer(uri, "s").location(&minted()).unwrap();
            assert!(
                location.starts_with(&expected.replace("CODE", DRAWN)),
                "{location}"
            );
        }
    }

    #[test]
    fn there_is_no_address_without_a_code() {
        assert_eq!(
            answer("https://app.example/cb", "s").location(&Minted::default()),
            None
        );
    }

    proptest! {
        #[test]
        fn case_023_state_comes_back_byte_for_byte(state in "[^\\x00]{1,200}") {
            let location = answer("https://app.example/cb?a=1", &state).location(&minted()).unwrap();
            let pairs = query(&location);
            prop_assert_eq!(pairs.iter().filter(|(name, _)| name == "state").count(), 1);
            prop_assert!(pairs.contains(&("state".into(), state)));
            prop_assert!(pairs.contains(&("iss".into(), ISSUER.into())));
            prop_assert!(pairs.contains(&("a".into(), "1".into())));
        }
    }
}
