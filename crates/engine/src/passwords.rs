//! People's passwords: argon2id, bounded, off the async threads.

use crate::{Engine, Fault};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use omniport_protocol::vocabulary::Secret;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Shortest and longest password, in characters.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=1_024;
/// How many may wait for each that runs: about three seconds' work. Whoever comes later is told at once to try again,
/// so that a flood of guesses neither keeps people waiting for half a minute nor fills the memory.
const WAITING_FOR_EACH: usize = 32;

/// A password outside of [`PASSWORD_CHARS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password has 8 to 1,024 characters")]
pub struct PasswordLength;

/// The hasher: its cost, and how many may run at a time.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    params: Params,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl Passwords {
    /// A hasher of 64 MiB, 3 passes and 1 lane (RFC 9106 section 4, second choice, with one lane), of which at most
    /// `at_once` run at a time: the bound on memory that sign-ins can take.
    ///
    /// # Errors
    /// [`Fault::Password`] where argon2 refuses the parameters.
    pub fn new(at_once: usize) -> Result<Self, Fault> {
        Self::with_cost(64 * 1_024, 3, at_once)
    }

    /// A hasher of another cost: `memory` in KiB, `passes`. For tests, which hash many.
    ///
    /// # Errors
    /// [`Fault::Password`] where argon2 refuses the parameters.
    pub fn with_cost(memory: u32, passes: u32, at_once: usize) -> Result<Self, Fault> {
        let params = Params::new(memory, passes, 1, None).map_err(password_fault)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        Ok(Self {
            argon2,
            params,
            running: Arc::new(Semaphore::new(at_once)),
            admitted: Arc::new(Semaphore::new(at_once.saturating_mul(1 + WAITING_FOR_EACH))),
        })
    }

    /// Hashes a password into a PHC string.
    ///
    /// # Errors
    /// [`Fault::Busy`] where too many wait already; another where argon2 or its thread fails.
    pub async fn hash(&self, password: Secret, salt: [u8; 16]) -> Result<String, Fault> {
        self.off_the_async_threads(move |argon2| {
            let hash = argon2.hash_password_with_salt(password.expose().as_bytes(), &salt);
            Ok(hash.map_err(password_fault)?.to_string())
        })
        .await
    }

    /// Whether `password` is the one behind the PHC string `stored`. The cost is the stored hash's own.
    ///
    /// # Errors
    /// [`Fault`] where the stored text is no PHC string, or argon2's thread fails.
    pub async fn verify(&self, password: Secret, stored: String) -> Result<bool, Fault> {
        self.off_the_async_threads(move |argon2| {
            let hash = PasswordHash::new(&stored).map_err(password_fault)?;
            Ok(argon2
                .verify_password(password.expose().as_bytes(), &hash)
                .is_ok())
        })
        .await
    }

    /// Takes the time of a check for a person who does not exist, so that an answer's time does not tell who does.
    ///
    /// # Errors
    /// [`Fault`] where argon2's thread fails.
    pub async fn verify_nobody(&self, password: Secret) -> Result<(), Fault> {
        self.hash(password, [0; 16]).await.map(drop)
    }

    /// Whether a stored hash is of another algorithm or cost than today's, and is to be made anew at sign-in.
    pub fn is_outdated(&self, stored: &str) -> bool {
        PasswordHash::new(stored).ok().is_none_or(|hash| {
            hash.algorithm != argon2::ARGON2ID_IDENT
                || Params::try_from(&hash).ok().is_none_or(|params| {
                    (params.m_cost(), params.t_cost(), params.p_cost())
                        != (self.params.m_cost(), self.params.t_cost(), self.params.p_cost())
                })
        })
    }

    async fn off_the_async_threads<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let _admitted = self.admitted.try_acquire().map_err(|_| Fault::Busy)?;
        // The permit travels with the work: a caller that goes away does not make room before the work is done.
        let permit = self
            .running
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| Fault::Task)?;
        let argon2 = self.argon2.clone();
        let task = tokio::task::spawn_blocking(move || {
            let done = work(&argon2);
            drop(permit);
            done
        });
        task.await.map_err(|_| Fault::Task)?
    }
}

impl Engine {
    /// Hashes a new password, if its length fits.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one a length to tell the person.
    pub async fn hash_password(&self, password: &Secret) -> Result<Result<String, PasswordLength>, Fault> {
        if let Err(length) = check_length(password) {
            return Ok(Err(length));
        }
        let salt = self.new_salt()?;
        self.passwords.hash(password.clone(), salt).await.map(Ok)
    }

    pub(crate) const fn passwords(&self) -> &Passwords {
        &self.passwords
    }
}

pub(crate) fn check_length(password: &Secret) -> Result<(), PasswordLength> {
    let fits = PASSWORD_CHARS.contains(&password.expose().chars().count());
    fits.then_some(()).ok_or(PasswordLength)
}

#[expect(clippy::needless_pass_by_value, reason = "a function for map_err")]
fn password_fault(error: impl ToString) -> Fault {
    Fault::Password(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other() {
        let cheap = Passwords::with_cost(64, 1, 2).unwrap();
        let stored = cheap.hash(Secret::new("correct horse"), [7; 16]).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
        assert!(
            cheap
                .verify(Secret::new("correct horse"), stored.clone())
                .await
                .unwrap()
        );
        assert!(
            !cheap
                .verify(Secret::new("correct horsf"), stored.clone())
                .await
                .unwrap()
        );
        assert!(!cheap.is_outdated(&stored));
        assert!(Passwords::with_cost(128, 1, 2).unwrap().is_outdated(&stored));
        assert!(cheap.is_outdated("$2b$12$notargon"));
    }

    #[tokio::test]
    async fn a_flood_is_told_to_come_back_instead_of_waiting() {
        let cheap = Passwords::with_cost(64, 1, 1).unwrap();
        let stuck = cheap.running.clone().acquire_owned().await.unwrap();
        let flood: Vec<_> = (0..=WAITING_FOR_EACH)
            .map(|_| {
                let cheap = cheap.clone();
                tokio::spawn(async move { cheap.verify_nobody(Secret::new("a guess or other")).await })
            })
            .collect();
        tokio::task::yield_now().await;
        let late = cheap.verify_nobody(Secret::new("one too many")).await;
        assert!(matches!(late, Err(Fault::Busy)), "{late:?}");
        drop(stuck);
        for admitted in flood {
            assert!(admitted.await.unwrap().is_ok());
        }
        assert!(cheap.verify_nobody(Secret::new("room again")).await.is_ok());
    }
}
