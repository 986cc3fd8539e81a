//! Who signed a token.

use super::{Algorithm, Claims, Crypto, JoseError, Jwk, JwkSet, Jws, SigningAlgorithm};

/// The most keys that are tried for one signature where it names none.
const MAX_TRIED: usize = 16;

impl Jws {
    /// The claims, if one of `keys` signed them by one of the `allowed` algorithms.
    ///
    /// The key is the one of the token's `kid`; where the set has no such key, one without a name; where the token
    /// names none, any that fits the algorithm. A key for encryption never counts, nor does one that the token brings.
    ///
    /// # Errors
    /// [`JoseError`]: [`JoseError::UnknownKey`] where another set of keys might know it.
    pub fn verify(
        &self,
        keys: &JwkSet,
        allowed: &[SigningAlgorithm],
        crypto: &dyn Crypto,
    ) -> Result<&Claims, JoseError> {
        let algorithm = self.allowed(allowed)?;
        let signed_by = |key: &Jwk| {
            let input = self.signing_input.as_bytes();
            crypto.verify(algorithm, key, input, &self.signature)
        };
        let kid = self.header.kid.as_deref();
        let named = kid.is_some() && keys.keys.iter().any(|key| key.kid() == kid);
        let candidate = |key: &&Jwk| match (kid, named) {
            (None, _) => true,
            (Some(_), true) => key.kid() == kid,
            (Some(_), false) => key.kid().is_none(),
        };
        let mut candidates = keys.fitting(algorithm).filter(candidate).take(MAX_TRIED);
        match candidates.any(signed_by) {
            true => Ok(&self.claims),
            false if named => Err(JoseError::BadSignature),
            false => Err(JoseError::UnknownKey),
        }
    }

    /// As [`Self::verify`], with our own keys: for what we signed ourselves.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn verify_own(&self, crypto: &dyn Crypto) -> Result<&Claims, JoseError> {
        self.verify(&crypto.own_keys(), &SigningAlgorithm::ALL, crypto)
    }

    /// The claims and the key that the token brings along, if that key signed them (RFC 9449 section 4.3): it proves
    /// that whoever made the token has the key, and nothing else.
    ///
    /// # Errors
    /// [`JoseError`].
    pub fn verify_embedded(
        &self,
        allowed: &[SigningAlgorithm],
        crypto: &dyn Crypto,
    ) -> Result<(&Claims, &Jwk), JoseError> {
        let algorithm = self.allowed(allowed)?;
        let no_key = JoseError::Malformed("there is no usable jwk in the header");
        let key = self.header.jwk.as_ref().ok_or(no_key)?;
        if key.fits(algorithm)
            && crypto.verify(algorithm, key, self.signing_input.as_bytes(), &self.signature)
        {
            Ok((&self.claims, key))
        } else {
            Err(JoseError::BadSignature)
        }
    }

    /// The claims, if they bear the HMAC of a shared secret (`client_secret_jwt`).
    ///
    /// # Errors
    /// [`JoseError`].
    pub fn verify_mac(&self, secret: &[u8], crypto: &dyn Crypto) -> Result<&Claims, JoseError> {
        let Algorithm::Mac(_) = self.header.algorithm else {
            return Err(JoseError::AlgorithmNotAllowed);
        };
        if crypto.verify_hmac_sha256(secret, self.signing_input.as_bytes(), &self.signature) {
            Ok(&self.claims)
        } else {
            Err(JoseError::BadSignature)
        }
    }

    fn allowed(&self, allowed: &[SigningAlgorithm]) -> Result<SigningAlgorithm, JoseError> {
        match self.header.algorithm {
            Algorithm::Signature(algorithm) if allowed.contains(&algorithm) => Ok(algorithm),
            _ => Err(JoseError::AlgorithmNotAllowed),
        }
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
