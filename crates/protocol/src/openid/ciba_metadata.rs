//! What a client says of how it asks people elsewhere (OpenID Connect CIBA Core section 4).

use super::is_https_url;
use crate::extensions::ciba::DeliveryMode;
use crate::jose::SigningAlgorithm;
use serde::{Deserialize, Serialize};

/// The metadata, each member under its registered name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CibaMetadata {
    /// How it learns that there is an answer; none: it asks ([`DeliveryMode::Poll`]).
    #[serde(
        rename = "backchannel_token_delivery_mode",
        skip_serializing_if = "Option::is_none"
    )]
    pub delivery_mode: Option<DeliveryMode>,
    /// Where it is told, if it wants to be.
    #[serde(
        rename = "backchannel_client_notification_endpoint",
        skip_serializing_if = "Option::is_none"
    )]
    pub notification_endpoint: Option<String>,
    /// With what it signs its requests; none: it does not.
    #[serde(
        rename = "backchannel_authentication_request_signing_alg",
        skip_serializing_if = "Option::is_none"
    )]
    pub request_signing_alg: Option<SigningAlgorithm>,
}

impl CibaMetadata {
    /// Whether it says nothing: then nothing is written of it.
    pub fn is_silent(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it is told that there is an answer.
    pub fn is_pinged(&self) -> bool {
        self.delivery_mode == Some(DeliveryMode::Ping)
    }
}

/// The members as they came.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "each is registered under its own name, and CibaMetadata says what it means"
)]
pub struct CibaDocument {
    pub backchannel_token_delivery_mode: Option<String>,
    pub backchannel_client_notification_endpoint: Option<String>,
    pub backchannel_authentication_request_signing_alg: Option<String>,
    pub backchannel_user_code_parameter: bool,
}

impl CibaDocument {
    /// Checks the members; what is wrong is told by name.
    pub(super) fn check(&self, wrong: &mut impl FnMut(&'static str, String)) -> CibaMetadata {
        let delivery_mode = self.delivery_mode(wrong);
        let endpoint = self.backchannel_client_notification_endpoint.clone();
        let field = "backchannel_client_notification_endpoint";
        if endpoint.as_deref().is_some_and(|url| !is_https_url(url)) {
            wrong(
                field,
                "It must be an absolute https URL without user or fragment.".to_owned(),
            );
        }
        if delivery_mode == Some(DeliveryMode::Ping) && endpoint.is_none() {
            wrong(field, "The delivery mode ping needs it.".to_owned());
        }
        if self.backchannel_user_code_parameter {
            wrong(
                "backchannel_user_code_parameter",
                "User codes are not supported here: leave it out, or false.".to_owned(),
            );
        }
        CibaMetadata {
            delivery_mode,
            notification_endpoint: endpoint,
            request_signing_alg: self.request_signing_alg(wrong),
        }
    }

    fn delivery_mode(&self, wrong: &mut impl FnMut(&'static str, String)) -> Option<DeliveryMode> {
        let text = self.backchannel_token_delivery_mode.as_deref()?;
        let known = DeliveryMode::ALL.into_iter().find(|mode| mode.as_str() == text);
        if known.is_none() {
            let words = DeliveryMode::ALL.map(DeliveryMode::as_str).join(", ");
            wrong(
                "backchannel_token_delivery_mode",
                format!("It is one of {words}; tokens are not pushed here."),
            );
        }
        known
    }

    fn request_signing_alg(&self, wrong: &mut impl FnMut(&'static str, String)) -> Option<SigningAlgorithm> {
        let text = self.backchannel_authentication_request_signing_alg.as_deref()?;
        let known = SigningAlgorithm::parse(text);
        if known.is_none() {
            let words = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str).join(", ");
            wrong(
                "backchannel_authentication_request_signing_alg",
                format!("It is one of {words}."),
            );
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn checked(document: Value) -> Result<CibaMetadata, Vec<&'static str>> {
        let document: CibaDocument = serde_json::from_value(document).unwrap();
        let mut wrong = Vec::new();
        let metadata = document.check(&mut |field, _| wrong.push(field));
        if wrong.is_empty() {
            Ok(metadata)
        } else {
            Err(wrong)
        }
    }

    #[test]
    fn what_is_said_is_kept_under_its_registered_name() {
        assert!(checked(json!({})).unwrap().is_silent());
        let full = json!({
            "backchannel_token_delivery_mode": "ping",
            "backchannel_client_notification_endpoint": "https://app.example/ping",
            "backchannel_authentication_request_signing_alg": "ES256",
        });
        let metadata = checked(full.clone()).unwrap();
        assert!(metadata.is_pinged());
        assert_eq!(serde_json::to_value(&metadata).unwrap(), full);
        let poll = checked(
            json!({"backchannel_token_delivery_mode": "poll", "backchannel_user_code_parameter": false}),
        );
        assert!(!poll.unwrap().is_pinged());
    }

    #[test]
    fn what_is_not_offered_or_cannot_be_used_is_refused_by_name() {
        let (mode, endpoint) = (
            "backchannel_token_delivery_mode",
            "backchannel_client_notification_endpoint",
        );
        for (document, field) in [
            (json!({mode: "push", endpoint: "https://app.example/"}), mode),
            (json!({mode: "pigeon"}), mode),
            (json!({mode: "ping"}), endpoint),
            (json!({endpoint: "http://app.example/"}), endpoint),
            (json!({endpoint: "http://localhost/"}), endpoint),
            (json!({endpoint: "https://app.example/#a"}), endpoint),
            (
                json!({"backchannel_authentication_request_signing_alg": "HS256"}),
                "backchannel_authentication_request_signing_alg",
            ),
            (
                json!({"backchannel_authentication_request_signing_alg": "none"}),
                "backchannel_authentication_request_signing_alg",
            ),
            (
                json!({"backchannel_user_code_parameter": true}),
                "backchannel_user_code_parameter",
            ),
        ] {
            assert_eq!(checked(document.clone()), Err(vec![field]), "{document}");
        }
    }
}
