//! The header of a signed token (RFC 7515 section 4).

use super::{Algorithm, JoseError, Jwk};
use serde_json::{Map, Value};

/// Longest `kid` that is compared, in bytes.
const MAX_KID: usize = 512;

/// A header, read. What names a key by an address (`jku`, `x5u`) or brings a certificate (`x5c`) is never followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwsHeader {
    /// By which it says it is signed.
    pub algorithm: Algorithm,
    /// The key that it names.
    pub kid: Option<String>,
    /// What it says it is.
    pub typ: Option<String>,
    /// The key that it brings along, of use only where the standard says so (RFC 9449): never trusted by itself.
    pub jwk: Option<Jwk>,
}

impl JwsHeader {
    /// Reads a header.
    ///
    /// # Errors
    /// [`JoseError`]: an algorithm that is none of ours, `none`, a critical extension, a compressed or detached
    /// payload, a private key, a member of the wrong type.
    pub fn read(object: &Map<String, Value>) -> Result<Self, JoseError> {
        let algorithm = match object.get("alg") {
            Some(Value::String(name)) if name == "none" => return Err(JoseError::Unsigned),
            Some(Value::String(name)) => Algorithm::parse(name).ok_or(JoseError::UnknownAlgorithm)?,
            _ => return Err(JoseError::Malformed("the header has no alg")),
        };
        // No extension is understood, so any list is refused, an empty one as malformed (section 4.1.11).
        if object.contains_key("crit") {
            return Err(JoseError::Critical);
        }
        if object.contains_key("zip") || object.get("b64").is_some_and(|b64| *b64 != Value::Bool(true)) {
            return Err(JoseError::Malformed("the payload is not plain base64url"));
        }
        let jwk = match object.get("jwk") {
            None => None,
            Some(Value::Object(key)) => Jwk::from_object(key)?,
            Some(_) => return Err(JoseError::Malformed("jwk is not an object")),
        };
        Ok(Self {
            algorithm,
            kid: text(object, "kid")?.filter(|kid| kid.len() <= MAX_KID),
            typ: text(object, "typ")?,
            jwk,
        })
    }

    /// Whether `typ` is this media type, with or without its `application/` and in any case (section 4.1.9).
    pub fn is_typ(&self, media_type: &str) -> bool {
        self.typ.as_deref().is_some_and(|typ| {
            let bare = match typ.get(..12) {
                Some(prefix) if prefix.eq_ignore_ascii_case("application/") => &typ[12..],
                _ => typ,
            };
            bare.eq_ignore_ascii_case(media_type)
        })
    }
}

fn text(object: &Map<String, Value>, name: &str) -> Result<Option<String>, JoseError> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(JoseError::Malformed("kid or typ is not a text")),
    }
}
