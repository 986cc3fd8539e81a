//! Our own keys as they are in force, in memory.

use super::{KeyAlgorithm, KeysError, Sealer, Standing, rotation};
use crate::jose::{self, PrivateKey};
use bytes::Bytes;
use omniport_protocol::effect::Minted;
use omniport_protocol::jose::{
    Crypto, Encryption, JoseError, Jwk, JwkSet, KeyUse, SigningAlgorithm, TokenHashOf, UnsignedJwt, encode,
    half_hash,
};
use omniport_protocol::vocabulary::{ClientId, PersonId, Secret, Timestamp};
use omniport_store::portal::SigningKey;
use omniport_store::{Kept, Topic};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// Our own keys, and the cryptography that rules may ask for. Empty until [`Engine::open_keys`](crate::Engine::open_keys)
/// has read them.
pub struct KeyRing {
    state: RwLock<Arc<State>>,
    /// The rows, as long as no node has changed them.
    pub(super) rows: Kept<Vec<SigningKey>>,
    /// With what the keys were opened.
    pub(super) sealer: OnceLock<Arc<Sealer>>,
}

/// What is in force, replaced as a whole.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) rows: Vec<SigningKey>,
    keys: Vec<(u32, Timestamp, Arc<PrivateKey>)>,
    published: Arc<JwkSet>,
    jwks: Bytes,
    /// What pairwise subjects are made with; nothing before the keys are open, and until then nobody is answered.
    subject_secret: Vec<u8>,
}

impl Default for KeyRing {
    fn default() -> Self {
        Self {
            state: RwLock::new(Arc::new(State::new(
                Vec::new(),
                Vec::new(),
                Timestamp::from_seconds(0),
            ))),
            rows: Kept::new(Topic::Keys),
            sealer: OnceLock::new(),
        }
    }
}

impl State {
    /// The rows that are not over, each with its key opened.
    pub(super) fn new(rows: Vec<SigningKey>, opened: Vec<Arc<PrivateKey>>, now: Timestamp) -> Self {
        let published = Arc::new(publish(&rows, &opened, now));
        let jwks = Bytes::from(published.to_json().to_string());
        let keys = rows
            .iter()
            .zip(opened)
            .map(|(row, key)| (row.generation, row.active_at, key))
            .collect();
        Self {
            rows,
            keys,
            published,
            jwks,
            subject_secret: Vec::new(),
        }
    }

    /// The same, with what pairwise subjects are made with.
    pub(super) fn with_subject_secret(self, subject_secret: Vec<u8>) -> Self {
        Self {
            subject_secret,
            ..self
        }
    }

    /// What pairwise subjects are made with, once it is known.
    pub(super) fn subject_secret(&self) -> Option<&[u8]> {
        Some(self.subject_secret.as_slice()).filter(|secret| !secret.is_empty())
    }

    /// A key that was opened before.
    pub(super) fn opened(&self, kid: &str) -> Option<&Arc<PrivateKey>> {
        self.keys
            .iter()
            .map(|(_, _, key)| key)
            .find(|key| key.public().kid() == Some(kid))
    }

    fn signer(&self, algorithm: SigningAlgorithm, now: Timestamp) -> Option<&PrivateKey> {
        let fits = |(_, active_at, key): &&(u32, Timestamp, Arc<PrivateKey>)| {
            key.algorithm() == KeyAlgorithm::Sign(algorithm) && now.is_at_or_after(*active_at)
        };
        let newest = self
            .keys
            .iter()
            .filter(fits)
            .max_by_key(|(generation, ..)| *generation);
        newest.map(|(_, _, key)| &**key)
    }
}

/// What others are to know: every key that something may be checked with, and of those to encrypt to the ones that are
/// not on their way out. What signs now stands first.
fn publish(rows: &[SigningKey], opened: &[Arc<PrivateKey>], now: Timestamp) -> JwkSet {
    let mut published: Vec<(Standing, &Arc<PrivateKey>)> = rows
        .iter()
        .zip(opened)
        .map(|(row, key)| (rotation::standing(row, rows, now), key))
        .filter(|(standing, key)| key.algorithm().usage() == KeyUse::Sig || *standing != Standing::Retired)
        .collect();
    published.sort_by_key(|(standing, key)| (*standing != Standing::Current, key.algorithm()));
    JwkSet {
        keys: published
            .into_iter()
            .map(|(_, key)| key.public().clone())
            .collect(),
    }
}

/// What a client's secret is sealed for: of use for no other client.
fn secret_context(client: &ClientId) -> String {
    format!("client_secret {client}")
}

impl KeyRing {
    /// Seals a client's secret, so that an HMAC can be checked with it.
    ///
    /// # Errors
    /// [`KeysError::NotOpen`] before the keys are open.
    pub fn seal_client_secret(&self, client: &ClientId, secret: &Secret) -> Result<Vec<u8>, KeysError> {
        let sealer = self.sealer.get().ok_or(KeysError::NotOpen)?;
        Ok(sealer.seal(secret.expose().as_bytes(), &secret_context(client))?)
    }

    pub(super) fn state(&self) -> Arc<State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn put(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
    }

    /// What seals other secrets of the database too, once the keys are open.
    pub fn sealer(&self) -> Option<&Arc<Sealer>> {
        self.sealer.get()
    }

    /// The published keys as JSON (RFC 7517 section 5), made once for every change.
    pub fn jwks(&self) -> Bytes {
        self.state().jwks.clone()
    }

    /// Signs, and encrypts where that is asked for.
    ///
    /// # Errors
    /// [`KeysError`].
    pub(super) fn sign(
        &self,
        jwt: &UnsignedJwt,
        minted: &Minted,
        now: Timestamp,
    ) -> Result<String, KeysError> {
        let state = self.state();
        let key = state.signer(jwt.algorithm, now).ok_or(KeysError::NotOpen)?;
        let mut header = json!({"alg": jwt.algorithm.as_str(), "kid": key.public().kid()});
        if let Some(typ) = jwt.typ {
            header["typ"] = typ.into();
        }
        let mut claims = jwt.claims.clone();
        for hash in &jwt.hashes {
            let of = match &hash.of {
                TokenHashOf::Minted(fresh) => minted.secret(*fresh).map(Secret::expose),
                TokenHashOf::Known(text) => Some(text.as_str()),
                TokenHashOf::Itself(fresh) => {
                    let text = minted.secret(*fresh).map(Secret::expose);
                    let text = text.ok_or(KeysError::NotMinted)?;
                    claims.insert(hash.claim.to_owned(), text.into());
                    continue;
                }
            };
            let hashed = half_hash(jwt.algorithm, of.ok_or(KeysError::NotMinted)?);
            claims.insert(hash.claim.to_owned(), hashed.into());
        }
        let input = format!(
            "{}.{}",
            encode(header.to_string()),
            encode(Value::Object(claims).to_string())
        );
        let token = format!("{input}.{}", encode(key.sign(input.as_bytes())?));
        match &jwt.encryption {
            Some(to) => Ok(jose::encrypt(&token, to)?),
            None => Ok(token),
        }
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

impl Crypto for KeyRing {
    fn verify(&self, algorithm: SigningAlgorithm, key: &Jwk, input: &[u8], signature: &[u8]) -> bool {
        jose::verify(algorithm, key, input, signature)
    }

    fn verify_hmac_sha256(&self, key: &[u8], input: &[u8], signature: &[u8]) -> bool {
        jose::verify_hmac_sha256(key, input, signature)
    }

    fn open_client_secret(&self, client: &ClientId, sealed: &[u8]) -> Option<Secret> {
        let opened = self.sealer.get()?.open(sealed, &secret_context(client)).ok()?;
        std::str::from_utf8(&opened).ok().map(Secret::new)
    }

    fn pairwise_subject(&self, sector: &str, person: PersonId) -> String {
        let of = format!("{sector}\0{person}");
        encode(jose::hmac_sha256(&self.state().subject_secret, of.as_bytes()))
    }

    fn dpop_nonce(&self, slot: i64) -> String {
        // No sector has a space in its name: no subject is ever made of this text.
        let of = format!("dpop nonce\0{slot}");
        encode(jose::hmac_sha256(&self.state().subject_secret, of.as_bytes()))
    }

    fn can_encrypt_to(&self, to: &Encryption) -> bool {
        jose::encrypt("", to).is_ok()
    }

    fn own_keys(&self) -> Arc<JwkSet> {
        self.state().published.clone()
    }

    fn decrypt(&self, jwe: &str) -> Result<Vec<u8>, JoseError> {
        jose::decrypt(jwe, self.state().keys.iter().map(|(_, _, key)| &**key))
    }
}
