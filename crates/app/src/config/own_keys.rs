//! `[keys]`

use super::ConfigError;
use omniport_engine::keys::Sealer;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// How our own keys are kept, and how long one signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnKeys {
    /// What they are encrypted with in the database: 32 bytes in base64. None: see [`Self::encryption_key_file`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<EncryptionKey>,
    /// A file with the same. None of both: a file beside an `SQLite` database, made at the first start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_key_file: Option<PathBuf>,
    /// How many days a key signs.
    pub rotate_days: u16,
}

impl Default for OwnKeys {
    fn default() -> Self {
        Self {
            encryption_key: None,
            encryption_key_file: None,
            rotate_days: 90,
        }
    }
}

impl OwnKeys {
    /// Whether it is said once with what they are encrypted.
    ///
    /// # Errors
    /// [`ConfigError::Incomplete`] where it is said twice.
    pub fn complete(&self) -> Result<(), ConfigError> {
        if self.encryption_key.is_some() && self.encryption_key_file.is_some() {
            return Err(ConfigError::Incomplete(
                "keys.encryption_key and keys.encryption_key_file say the same thing: set one of them",
            ));
        }
        Ok(())
    }
}

/// An encryption key in base64. Never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EncryptionKey(String);

impl EncryptionKey {
    /// What stands for it where settings are shown.
    pub(super) fn hidden() -> Self {
        Self("***".to_owned())
    }

    /// The text.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptionKey(..)")
    }
}

pub(super) fn is_encryption_key(text: &str) -> bool {
    Sealer::from_base64(text).is_ok()
}
