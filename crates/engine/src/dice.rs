//! Where randomness comes in.

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
