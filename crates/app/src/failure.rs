//! Why a command did not do what it was asked.

use crate::config::{ConfigError, Origin};

/// What the operator reads: a sentence that says what to do, or one a line for several mistakes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It could not be done.
    #[error("{0}")]
    Failed(String),
    /// It was asked wrongly: a flag's value cannot be used.
    #[error("{0}")]
    WrongUse(String),
}

impl Failure {
    /// A failure in these words.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self::Failed(sentence.into())
    }

    /// The exit code of a command that ends with it.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::WrongUse(_) => 2,
        }
    }
}

impl From<omniport_store::Fault> for Failure {
    fn from(fault: omniport_store::Fault) -> Self {
        Self::Failed(fault.to_string())
    }
}

impl From<omniport_engine::Fault> for Failure {
    fn from(fault: omniport_engine::Fault) -> Self {
        Self::Failed(fault.to_string())
    }
}

impl From<omniport_engine::DiceError> for Failure {
    fn from(error: omniport_engine::DiceError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<omniport_engine::fetch::FetchSetupError> for Failure {
    fn from(error: omniport_engine::fetch::FetchSetupError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Whether the command line itself is wrong.
fn is_in_a_flag(error: &ConfigError) -> bool {
    match error {
        ConfigError::Value { origin, .. } => matches!(origin, Origin::Flag(_)),
        ConfigError::Several(errors) => errors.iter().any(is_in_a_flag),
        _ => false,
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        if is_in_a_flag(&error) {
            Self::WrongUse(error.to_string())
        } else {
            Self::Failed(error.to_string())
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(format!("the output cannot be written: {error}"))
    }
}
