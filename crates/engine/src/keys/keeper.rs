//! Reading our keys from the database, making those that are due, and keeping both up to date.

use super::ring::State;
use super::rotation::{self, Due};
use super::{KeyAlgorithm, KeyMaker, KeysError, PrivateKey, Sealer};
use crate::{Engine, Fault};
use omniport_protocol::audit::{Act, Actor, Subject};
use omniport_protocol::effect::Minted;
use omniport_protocol::jose::UnsignedJwt;
use omniport_protocol::vocabulary::Timestamp;
use omniport_store::portal::SigningKey;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How often a node looks whether keys are due, or were changed by another. What it sees is in memory while nothing was.
const ROUND: Duration = Duration::from_millis(500);
/// How often keys are looked at again where another node was faster.
const ATTEMPTS: usize = 8;

/// What the configuration says of keys.
#[derive(Clone)]
pub struct KeySettings {
    /// What they are sealed with.
    pub sealer: Arc<Sealer>,
    /// How long a key signs, in seconds.
    pub rotate_seconds: i64,
    /// Where new ones come from.
    pub maker: Arc<dyn KeyMaker>,
}

impl std::fmt::Debug for KeySettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySettings")
            .field("rotate_seconds", &self.rotate_seconds)
            .finish_non_exhaustive()
    }
}

/// How an operator wants keys rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotateHow {
    /// New ones, published ahead.
    Ahead,
    /// New ones that sign at once; the old ones go on being published.
    Now,
    /// New ones that sign at once, and nothing of the old ones: what they signed is void.
    DiscardOld,
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The keys that were made; none where new ones wait already.
    pub made: Vec<SigningKey>,
}

impl Engine {
    /// Opens our keys, and makes those that are due: all of them in a new database.
    ///
    /// # Errors
    /// [`Fault::Keys`] where the keys there are sealed with another key: then nothing is changed.
    pub async fn open_keys(&self, settings: &KeySettings) -> Result<(), Fault> {
        for _ in 0..ATTEMPTS {
            let rows = self.stored_keys().await?;
            let now = self.now();
            // First of all: with a wrong key nothing must be added to what the right one opens.
            let state = self.opened(rows, settings, now)?;
            let due = rotation::due(&state.rows, now, settings.rotate_seconds);
            if due.is_empty() {
                let secret = match self.keys.state().subject_secret() {
                    Some(known) => known.to_vec(),
                    None => self.subject_secret().await?,
                };
                self.keys.put(state.with_subject_secret(secret));
                self.keys.sealer.get_or_init(|| settings.sealer.clone());
                return Ok(());
            }
            let made = make(settings, due, now).await?;
            let keep = rotation::keep_seconds(&self.settings().policy);
            let store = self.telling(
                Actor::System,
                Act::KeysMake,
                Subject::keys(),
                (Value::Null, named(&made)),
            );
            if store.add_signing_keys(&made, keep).await? {
                let kids: Vec<&str> = made.iter().map(|key| key.kid.as_str()).collect();
                tracing::info!(?kids, "made keys");
            }
        }
        Err(KeysError::Contended.into())
    }

    /// What pairwise subjects are made with: drawn once, and never changed, since apps know people by it.
    async fn subject_secret(&self) -> Result<Vec<u8>, Fault> {
        let mut fresh = [0; 32];
        self.dice.fill(&mut fresh)?;
        Ok(self.store().instance_secret("pairwise_subjects", &fresh).await?)
    }

    /// Makes new keys because an operator says so.
    ///
    /// # Errors
    /// As [`Self::open_keys`]; with [`RotateHow::DiscardOld`] the old ones need not open.
    pub async fn rotate_keys(&self, settings: &KeySettings, how: RotateHow) -> Result<Rotated, Fault> {
        for _ in 0..ATTEMPTS {
            let rows = self.store().signing_keys().await?;
            let now = self.now();
            if how != RotateHow::DiscardOld {
                self.opened(rows.clone(), settings, now)?;
            }
            let due = match how {
                RotateHow::Ahead if rows.is_empty() => rotation::at_once(&rows, now),
                RotateHow::Ahead => rotation::asked(&rows, now),
                RotateHow::Now | RotateHow::DiscardOld => rotation::at_once(&rows, now),
            };
            let made = make(settings, due, now).await?;
            if made.is_empty() {
                return Ok(Rotated { made });
            }
            let keep = rotation::keep_seconds(&self.settings().policy);
            let telling = |act, before| {
                let change = (before, named(&made));
                self.telling(Actor::Operator, act, Subject::keys(), change)
            };
            let written = match how {
                RotateHow::DiscardOld => {
                    let store = telling(Act::KeysReplace, named(&rows));
                    store.replace_signing_keys(&made).await?
                }
                RotateHow::Ahead | RotateHow::Now => {
                    let store = telling(Act::KeysRotate, Value::Null);
                    store.add_signing_keys(&made, keep).await?
                }
            };
            if written {
                return Ok(Rotated { made });
            }
        }
        Err(KeysError::Contended.into())
    }

    /// The rows, read again only where a node has changed them.
    async fn stored_keys(&self) -> Result<Vec<SigningKey>, Fault> {
        let store = self.store();
        let rows = self.keys.rows.get(store, async || store.signing_keys().await);
        Ok(rows.await?.to_vec())
    }

    /// Looks at the keys twice a second for as long as it is polled: a task that the server starts and drops.
    pub async fn keep_keys(&self, settings: &KeySettings) {
        let mut was_told = false;
        loop {
            tokio::time::sleep(ROUND).await;
            let looked = self.open_keys(settings).await;
            if let (Err(fault), false) = (&looked, was_told) {
                // What is open stays open; the next look may succeed.
                tracing::warn!(error = %fault, "the signing keys could not be looked at");
            }
            was_told = looked.is_err();
        }
    }

    /// Signs a token that a decision asked for, with what was drawn for that decision.
    ///
    /// # Errors
    /// [`Fault::Keys`].
    pub fn sign(&self, jwt: &UnsignedJwt, minted: &Minted) -> Result<String, Fault> {
        Ok(self.keys.sign(jwt, minted, self.now())?)
    }

    /// The rows of use here, opened. A row of an algorithm that only a newer omniport knows is left alone.
    fn opened(
        &self,
        rows: Vec<SigningKey>,
        settings: &KeySettings,
        now: Timestamp,
    ) -> Result<State, KeysError> {
        let before = self.keys.state();
        let (mut kept, mut keys) = (Vec::new(), Vec::new());
        for row in rows {
            let Some(algorithm) = KeyAlgorithm::parse(&row.algorithm) else {
                continue;
            };
            if rotation::is_over(&row, now) {
                continue;
            }
            let key = match before.opened(&row.kid) {
                Some(key) => key.clone(),
                None => Arc::new(open(&settings.sealer, algorithm, &row)?),
            };
            kept.push(row);
            keys.push(key);
        }
        Ok(State::new(kept, keys, now))
    }
}

/// What a key is sealed for: nobody can put one in another's place.
fn context(algorithm: KeyAlgorithm, kid: &str) -> String {
    format!("omniport signing key {} {kid}", algorithm.as_str())
}

fn open(sealer: &Sealer, algorithm: KeyAlgorithm, row: &SigningKey) -> Result<PrivateKey, KeysError> {
    let document = sealer
        .open(&row.sealed, &context(algorithm, &row.kid))
        .map_err(|_| KeysError::OtherEncryptionKey)?;
    Ok(PrivateKey::from_pkcs8(algorithm, &document)?)
}

/// Makes keys, each on a thread of its own: RSA's prime numbers take their time.
async fn make(settings: &KeySettings, due: Vec<Due>, now: Timestamp) -> Result<Vec<SigningKey>, Fault> {
    let tasks: Vec<_> = due
        .into_iter()
        .map(|due| {
            let settings = settings.clone();
            tokio::task::spawn_blocking(move || one(&settings, due, now))
        })
        .collect();
    let mut made = Vec::with_capacity(tasks.len());
    for task in tasks {
        made.push(task.await.map_err(|_| Fault::Task)??);
    }
    Ok(made)
}

fn one(settings: &KeySettings, due: Due, now: Timestamp) -> Result<SigningKey, KeysError> {
    let document = settings.maker.make(due.algorithm)?;
    let key = PrivateKey::from_pkcs8(due.algorithm, &document)?;
    let kid = key.public().kid().unwrap_or_default().to_owned();
    Ok(SigningKey {
        sealed: settings.sealer.seal(&document, &context(due.algorithm, &kid))?,
        kid,
        algorithm: due.algorithm.as_str().to_owned(),
        generation: due.generation,
        created_at: now,
        active_at: due.active_at,
        ends_at: None,
    })
}

/// Keys as the audit log tells of them: by their names, and from when they sign.
fn named(keys: &[SigningKey]) -> Value {
    let keys = keys
        .iter()
        .map(|key| json!({"kid": key.kid, "algorithm": key.algorithm, "active_at": key.active_at.seconds()}));
    json!({"keys": keys.collect::<Vec<_>>()})
}
