//! Where randomness comes in.

use std::sync::{Mutex, PoisonError};
use zeroize::{Zeroize, Zeroizing};

/// The operating system gave no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no randomness")]
pub struct DiceError;

/// Randomness, handed in so that tests can repeat it. Only [`crate::mint`] throws it.
pub trait Dice: Send + Sync {
    /// Fills `bytes` with what nobody can guess.
    ///
    /// # Errors
    /// [`DiceError`] where there is none to be had.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), DiceError>;
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDice;

impl Dice for SystemDice {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where randomness comes in"
    )]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), DiceError> {
        getrandom::fill(bytes).map_err(|_| DiceError)
    }
}

/// Bytes that are drawn ahead: those of some sixty tokens.
const AHEAD: usize = 4_096;

/// Other dice, thrown for many at a time: one call of the system for sixty tokens. What was given out is wiped here.
pub struct ThrownAhead<D> {
    dice: D,
    ahead: Mutex<Zeroizing<Vec<u8>>>,
}

impl<D> ThrownAhead<D> {
    /// Throws `dice` when it is first asked.
    pub fn new(dice: D) -> Self {
        Self {
            dice,
            ahead: Mutex::new(Zeroizing::new(Vec::new())),
        }
    }
}

impl<D: Dice> Dice for ThrownAhead<D> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), DiceError> {
        if bytes.len() > AHEAD {
            return self.dice.fill(bytes);
        }
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        if ahead.len() < bytes.len() {
            // Nothing is left in it unless all of it was thrown.
            let mut thrown = Zeroizing::new(vec![0; AHEAD]);
            self.dice.fill(&mut thrown)?;
            *ahead = thrown;
        }
        let rest = ahead.len() - bytes.len();
        let (_, given) = ahead.split_at_mut(rest);
        bytes.copy_from_slice(given);
        given.zeroize();
        ahead.truncate(rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    /// Gives 0, 1, 2... and then, for a moment, nothing.
    #[derive(Default)]
    struct Counting(AtomicU8, std::sync::atomic::AtomicBool);

    impl Dice for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), DiceError> {
            if self.1.load(Ordering::Relaxed) {
                return Err(DiceError);
            }
            let throw = self.0.fetch_add(1, Ordering::Relaxed);
            for (place, byte) in bytes.iter_mut().enumerate() {
                *byte = throw.wrapping_add(u8::try_from(place / 256).unwrap_or(0));
            }
            Ok(())
        }
    }

    #[test]
    fn nothing_is_given_out_twice() {
        let dice = ThrownAhead::new(SystemDice);
        let mut seen = std::collections::HashSet::new();
        for _ in 0..2_000 {
            let mut bytes = [0; 13];
            dice.fill(&mut bytes).unwrap();
            assert!(bytes != [0; 13] && seen.insert(bytes));
        }
        let mut long = vec![0; AHEAD + 1];
        dice.fill(&mut long).unwrap();
        assert!(long.iter().any(|byte| *byte != 0));
    }

    #[test]
    fn without_randomness_there_is_none_until_there_is() {
        let dice = ThrownAhead::new(Counting::default());
        let mut bytes = [0; AHEAD];
        dice.fill(&mut bytes).unwrap();
        dice.dice.1.store(true, Ordering::Relaxed);
        assert!(dice.fill(&mut bytes).is_err());
        assert!(dice.fill(&mut [0; 1]).is_err());
        dice.dice.1.store(false, Ordering::Relaxed);
        dice.fill(&mut bytes).unwrap();
        assert_eq!(bytes.first(), Some(&1));
    }
}
