//! An app's own key: what it publishes of it, and what it signs with it.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use omniport_protocol::jose::encode;
use serde_json::{Value, json};

/// A key on P-256.
#[derive(Debug)]
pub struct ClientKey {
    pair: EcdsaKeyPair,
    kid: Option<String>,
}

impl ClientKey {
    /// A new key of this name.
    pub fn new(kid: &str) -> Self {
        Self {
            kid: Some(kid.to_owned()),
            ..Self::unnamed()
        }
    }

    /// A new key without a name, as a client may publish where it has one only (RFC 7517 section 4.5).
    pub fn unnamed() -> Self {
        Self {
            pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key is made"),
            kid: None,
        }
    }

    /// Its public half (RFC 7517).
    pub fn public(&self) -> Value {
        // An uncompressed point: a byte that says so, and the coordinates.
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        self.named(json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)}))
    }

    /// A token that it signed by ES256, with these members in its header beside `alg` and `kid`.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let mut full = self.named(json!({"alg": "ES256"}));
        let input = input(&mut full, header, claims);
        let signature = self
            .pair
            .sign(&SystemRandom::new(), input.as_bytes())
            .expect("a key signs");
        format!("{input}.{}", encode(signature.as_ref()))
    }

    fn named(&self, mut object: Value) -> Value {
        if let Some(kid) = &self.kid {
            object["kid"] = kid.as_str().into();
        }
        object
    }
}

/// A token under the HMAC of a secret (HS256).
pub fn sign_with_secret(secret: &str, claims: &Value) -> String {
    let input = input(&mut json!({"alg": "HS256"}), &json!({}), claims);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("{input}.{}", encode(hmac::sign(&key, input.as_bytes()).as_ref()))
}

fn input(header: &mut Value, more: &Value, claims: &Value) -> String {
    let more = more.as_object().cloned().unwrap_or_default();
    header.as_object_mut().expect("an object").extend(more);
    format!("{}.{}", encode(header.to_string()), encode(claims.to_string()))
}
