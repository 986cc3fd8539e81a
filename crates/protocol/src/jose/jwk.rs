//! A public key (RFC 7517, RFC 7518 section 6, RFC 8037 section 2).

use super::{JoseError, SigningAlgorithm, base64url, object};
use crate::vocabulary::Thumbprint;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

/// The sizes of RSA keys that are accepted, in bits (RFC 7518 section 3.3 asks for 2048 at least).
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;
/// The members that hold what nobody else may know (RFC 7518 section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// Longest `kid` and `alg`, in bytes.
const MAX_NAME: usize = 512;

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwk {
    kid: Option<String>,
    usage: Option<KeyUse>,
    alg: Option<String>,
    certificate: Option<Thumbprint>,
    material: KeyMaterial,
}

/// What a key is for (`use`, or what `key_ops` comes down to).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// Signatures.
    Sig,
    /// Encryption.
    Enc,
}

impl KeyUse {
    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sig => "sig",
            Self::Enc => "enc",
        }
    }
}

/// The numbers of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyMaterial {
    /// RSA: modulus and exponent, big-endian without leading zeros.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
    /// A point on P-256. Whether it lies on the curve is for the cryptography to tell.
    P256 {
        /// Its first coordinate.
        x: [u8; 32],
        /// Its second coordinate.
        y: [u8; 32],
    },
    /// Ed25519: for signatures.
    Ed25519([u8; 32]),
    /// X25519: for encryption.
    X25519([u8; 32]),
}

impl Jwk {
    /// A key of our own making.
    pub const fn new(
        kid: Option<String>,
        usage: Option<KeyUse>,
        alg: Option<String>,
        material: KeyMaterial,
    ) -> Self {
        Self {
            kid,
            usage,
            alg,
            certificate: None,
            material,
        }
    }

    /// Reads a key; none where it is of a type, size or form that is of no use here.
    ///
    /// # Errors
    /// [`JoseError::PrivateKey`] where it holds what only its owner may have.
    pub fn from_object(object: &Map<String, Value>) -> Result<Option<Self>, JoseError> {
        if PRIVATE.iter().any(|name| object.contains_key(*name)) {
            return Err(JoseError::PrivateKey);
        }
        Ok(Self::read(object))
    }

    fn read(object: &Map<String, Value>) -> Option<Self> {
        let material = KeyMaterial::read(object)?;
        Some(Self {
            kid: name(object, "kid")?,
            usage: usage(object)?,
            alg: name(object, "alg")?,
            certificate: certificate(object),
            material,
        })
    }

    /// Its identifier.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// What it is for.
    pub const fn usage(&self) -> Option<KeyUse> {
        self.usage
    }

    /// The algorithm that it is for, by name.
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// The certificate that stands beside it, by its thumbprint (RFC 7517 sections 4.7 and 4.9).
    pub const fn certificate(&self) -> Option<Thumbprint> {
        self.certificate
    }

    /// Its numbers.
    pub const fn material(&self) -> &KeyMaterial {
        &self.material
    }

    /// Whether a signature by `algorithm` may be checked with it: its type, `use` and `alg` do not speak against it.
    pub fn fits(&self, algorithm: SigningAlgorithm) -> bool {
        let of_type = matches!(
            (algorithm, &self.material),
            (
                SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256,
                KeyMaterial::Rsa { .. }
            ) | (SigningAlgorithm::Es256, KeyMaterial::P256 { .. })
                | (SigningAlgorithm::EdDsa, KeyMaterial::Ed25519(_))
        );
        // RFC 9864 gives Ed25519 a name of its own, which a key may bear already.
        let named = |alg: &str| {
            alg == algorithm.as_str() || (algorithm == SigningAlgorithm::EdDsa && alg == "Ed25519")
        };
        of_type && self.usage != Some(KeyUse::Enc) && self.alg().is_none_or(named)
    }

    /// Its members, as they are published.
    pub fn to_object(&self) -> Map<String, Value> {
        let mut object = self.material.required();
        let certificate = self.certificate.map(|print| print.to_string());
        let optional = [
            ("kid", self.kid()),
            ("use", self.usage.map(KeyUse::as_str)),
            ("alg", self.alg()),
            ("x5t#S256", certificate.as_deref()),
        ];
        object.extend(
            optional
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?.into()))),
        );
        object
    }

    /// Its thumbprint (RFC 7638): the SHA-256 of its required members in their order, in base64url.
    pub fn thumbprint(&self) -> String {
        self.sha256().to_string()
    }

    /// The same, as what tokens are bound to.
    pub fn sha256(&self) -> Thumbprint {
        // A map of serde_json is ordered by name, and these names and values need no escaping (section 3.3).
        Thumbprint::of(Value::Object(self.material.required()).to_string().as_bytes())
    }
}

impl KeyMaterial {
    fn read(object: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| object.get(name)?.as_str();
        let bytes = |name: &str| base64url::decode(text(name)?);
        let coordinate = |name: &str| <[u8; 32]>::try_from(bytes(name)?).ok();
        match (text("kty")?, text("crv")) {
            ("RSA", _) => rsa(&bytes("n")?, &bytes("e")?),
            ("EC", Some("P-256")) => Some(Self::P256 {
                x: coordinate("x")?,
                y: coordinate("y")?,
            }),
            ("OKP", Some("Ed25519")) => coordinate("x").map(Self::Ed25519),
            ("OKP", Some("X25519")) => coordinate("x").map(Self::X25519),
            _ => None,
        }
    }

    /// The members that make the key (RFC 7638 section 3.2, RFC 8037 appendix A.3).
    fn required(&self) -> Map<String, Value> {
        let enc = |bytes: &[u8]| base64url::encode(bytes);
        let value = match self {
            Self::Rsa { n, e } => json!({"kty": "RSA", "n": enc(n), "e": enc(e)}),
            Self::P256 { x, y } => json!({"kty": "EC", "crv": "P-256", "x": enc(x), "y": enc(y)}),
            Self::Ed25519(x) => json!({"kty": "OKP", "crv": "Ed25519", "x": enc(x)}),
            Self::X25519(x) => json!({"kty": "OKP", "crv": "X25519", "x": enc(x)}),
        };
        match value {
            Value::Object(object) => object,
            _ => Map::new(),
        }
    }
}

/// An RSA key of a size and an exponent that one may rely upon.
fn rsa(n: &[u8], e: &[u8]) -> Option<KeyMaterial> {
    let trimmed = |bytes: &[u8]| {
        bytes
            .iter()
            .copied()
            .skip_while(|byte| *byte == 0)
            .collect::<Vec<_>>()
    };
    let (n, e) = (trimmed(n), trimmed(e));
    let bits = n.len() * 8 - usize::try_from(n.first()?.leading_zeros()).ok()?;
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
    let good = RSA_BITS.contains(&bits) && odd(&n) && odd(&e) && e.len() <= 4 && e != [1];
    good.then_some(KeyMaterial::Rsa { n, e })
}

/// A short text that may be absent; the outer none where it is something else.
#[expect(clippy::option_option, reason = "absent and unusable are two things")]
fn name(object: &Map<String, Value>, name: &str) -> Option<Option<String>> {
    match object.get(name) {
        None => Some(None),
        Some(Value::String(text)) if text.len() <= MAX_NAME => Some(Some(text.clone())),
        Some(_) => None,
    }
}

/// The thumbprint of the first certificate of `x5c`, or the one that is said (`x5t#S256`); none where neither can be read.
fn certificate(object: &Map<String, Value>) -> Option<Thumbprint> {
    if let Some(chain) = object.get("x5c") {
        let first = chain.as_array()?.first()?.as_str()?;
        return STANDARD.decode(first).ok().map(|der| Thumbprint::of(&der));
    }
    Thumbprint::parse(object.get("x5t#S256")?.as_str()?)
}

/// `use`, and `key_ops` where it is there (RFC 7517 sections 4.2 and 4.3): both must leave the same purpose.
#[expect(clippy::option_option, reason = "absent and unusable are two things")]
fn usage(object: &Map<String, Value>) -> Option<Option<KeyUse>> {
    let said = match object.get("use").map(Value::as_str) {
        None => None,
        Some(Some("sig")) => Some(KeyUse::Sig),
        Some(Some("enc")) => Some(KeyUse::Enc),
        Some(_) => return None,
    };
    let Some(operations) = object.get("key_ops") else {
        return Some(said);
    };
    let operations: Vec<&str> = operations.as_array()?.iter().filter_map(Value::as_str).collect();
    let may = |names: &[&str]| names.iter().any(|name| operations.contains(name));
    let sig = may(&["verify"]) && said != Some(KeyUse::Enc);
    let enc = may(&["encrypt", "wrapKey", "deriveKey", "deriveBits"]) && said != Some(KeyUse::Sig);
    match (sig, enc) {
        (true, true) => Some(None),
        (true, false) => Some(Some(KeyUse::Sig)),
        (false, true) => Some(Some(KeyUse::Enc)),
        (false, false) => None,
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_object().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Map::deserialize(deserializer)?;
        let read = Self::from_object(&object).map_err(serde::de::Error::custom)?;
        read.ok_or_else(|| serde::de::Error::custom("not a usable public key"))
    }
}

impl std::str::FromStr for Jwk {
    type Err = JoseError;

    fn from_str(text: &str) -> Result<Self, JoseError> {
        if text.len() > super::MAX_BYTES {
            return Err(JoseError::TooLarge);
        }
        let read = Self::from_object(&object::parse(text.as_bytes())?)?;
        read.ok_or(JoseError::Malformed("not a usable public key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7638 section 3.1.
    const RSA: &str = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;

    fn changed(text: &str, member: &str, value: Value) -> Map<String, Value> {
        let mut object = object::parse(text.as_bytes()).unwrap();
        object.insert(member.to_owned(), value);
        object
    }

    #[test]
    fn thumbprints_are_those_of_the_standards() {
        let rsa: Jwk = RSA.parse().unwrap();
        assert_eq!(rsa.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!(rsa.kid(), Some("2011-04-29"));
        assert_eq!(
            Value::Object(rsa.to_object()),
            serde_json::from_str::<Value>(RSA).unwrap()
        );
        // RFC 8037 appendix A.3.
        let ed: Jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
            .parse()
            .unwrap();
        assert_eq!(ed.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn private_members_are_refused_and_useless_keys_are_none() {
        for member in PRIVATE {
            let object = changed(RSA, member, "AA".into());
            assert_eq!(Jwk::from_object(&object), Err(JoseError::PrivateKey), "{member}");
        }
        for (member, value) in [
            ("kty", json!("oct")),
            ("kty", json!(1)),
            ("n", json!("AQAB")),
            ("n", json!("AQAB=")),
            ("n", json!("")),
            ("n", json!(base64url::encode([0xff; 1_025]))),
            ("e", json!("AQ")),
            ("e", json!("AA")),
            ("e", json!("Ag")),
            ("use", json!("both")),
            ("kid", json!(7)),
            ("kid", json!("k".repeat(MAX_NAME + 1))),
            ("key_ops", json!(["sign"])),
            ("key_ops", json!("verify")),
        ] {
            let object = changed(RSA, member, value.clone());
            assert_eq!(Jwk::from_object(&object), Ok(None), "{member}: {value}");
        }
        for text in [
            r#"{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}"#,
            r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
            r#"{"kty":"OKP","crv":"Ed448","x":"AA"}"#,
            "{}",
        ] {
            assert!(text.parse::<Jwk>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_is_used_for_what_it_is_for() {
        let fits = |member: &str, value: Value| {
            let key = Jwk::from_object(&changed(RSA, member, value)).unwrap().unwrap();
            [
                SigningAlgorithm::Rs256,
                SigningAlgorithm::Ps256,
                SigningAlgorithm::Es256,
            ]
            .map(|alg| key.fits(alg))
        };
        assert_eq!(fits("use", "sig".into()), [true, false, false]);
        assert_eq!(fits("use", "enc".into()), [false; 3]);
        assert_eq!(fits("alg", "PS256".into()), [false, true, false]);
        assert_eq!(fits("alg", "RSA-OAEP-256".into()), [false; 3]);
        assert_eq!(fits("key_ops", json!(["encrypt"])), [false; 3]);
        assert_eq!(
            fits("key_ops", json!(["verify", "encrypt"])),
            [true, false, false]
        );
    }
}
