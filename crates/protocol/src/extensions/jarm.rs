//! Signed answers of the authorisation endpoint (JWT Secured Authorization Response Mode for OAuth 2.0, JARM).

use crate::jose::{SigningAlgorithm, UnsignedJwt};
use crate::vocabulary::{ClientId, Timestamp};
use serde_json::{Map, Value};

/// The one parameter that the answer then has (section 2.3).
pub const PARAMETER: &str = "response";

/// How long a signed answer is good, in seconds (section 2.1: 10 minutes at most).
const SECONDS: i64 = 600;

/// What stands around an answer's parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// How it is signed.
    pub algorithm: SigningAlgorithm,
    /// By whom.
    pub issuer: String,
    /// For whom.
    pub client: ClientId,
    /// When.
    pub at: Timestamp,
}

impl Envelope {
    /// The answer as one token (section 2.1): its parameters are claims, all of them texts.
    pub(crate) fn seal(&self, fields: Vec<(&'static str, String)>) -> UnsignedJwt {
        let fields = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Value::from(value)));
        let mut claims: Map<String, Value> = fields.collect();
        // Ours go last: `iss` is a parameter too, and says the same.
        claims.extend([
            ("iss".to_owned(), self.issuer.as_str().into()),
            ("aud".to_owned(), self.client.as_str().into()),
            ("exp".to_owned(), self.at.plus(SECONDS).seconds().into()),
        ]);
        UnsignedJwt {
            algorithm: self.algorithm,
            typ: None,
            claims,
            hashes: Vec::new(),
            encryption: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_is_sealed_whole_for_its_client() {
        let envelope = Envelope {
            algorithm: SigningAlgorithm::Ps256,
            issuer: "https://id.example".to_owned(),
            client: ClientId::parse("app").unwrap(),
            at: Timestamp::from_seconds(1_000),
        };
        let fields = vec![
            ("code", "c".to_owned()),
            ("state", "s\u{e9}".to_owned()),
            ("iss", "x".to_owned()),
        ];
        let jwt = envelope.seal(fields);
        let expected = json!({
            "iss": "https://id.example", "aud": "app", "exp": 1_600, "code": "c", "state": "s\u{e9}",
        });
        assert_eq!(
            (Value::Object(jwt.claims), jwt.algorithm),
            (expected, SigningAlgorithm::Ps256)
        );
    }
}
