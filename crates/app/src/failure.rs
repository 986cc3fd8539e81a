//! Why a command did not do what it was asked.

/// One sentence for the operator, which says what to do. A command that ends with it exits with 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(String);

impl Failure {
    /// A failure in these words.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl From<omniport_store::Fault> for Failure {
    fn from(fault: omniport_store::Fault) -> Self {
        Self(fault.to_string())
    }
}

impl From<omniport_engine::Fault> for Failure {
    fn from(fault: omniport_engine::Fault) -> Self {
        Self(fault.to_string())
    }
}

impl From<omniport_engine::DiceError> for Failure {
    fn from(error: omniport_engine::DiceError) -> Self {
        Self(error.to_string())
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(format!("the output cannot be written: {error}"))
    }
}
