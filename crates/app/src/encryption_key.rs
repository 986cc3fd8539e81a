//! With what our own keys are encrypted in the database: from the configuration, or a file beside an `SQLite` database.

use crate::config::Config;
use crate::{Failure, bounded};
use omniport_engine::keys::{FreshKeys, KeySettings, Sealer};
use omniport_engine::{Dice, Engine, SystemDice};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Largest file with an encryption key, in bytes.
const MAX_FILE: u64 = 1_024;
const DAY: i64 = 86_400;

/// What to do where the file beside the database is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Make it if nothing is encrypted yet.
    MakeIfNew,
    /// Make it: whatever is encrypted is to be thrown away.
    Make,
}

/// How our own keys are kept here.
///
/// # Errors
/// [`Failure`] that says what to do: no key is configured for `PostgreSQL`, or a file is missing or holds none.
pub(crate) async fn settings(
    config: &Config,
    engine: &Engine,
    missing: Missing,
) -> Result<KeySettings, Failure> {
    Ok(KeySettings {
        sealer: Arc::new(sealer(config, engine, missing).await?),
        rotate_seconds: i64::from(config.keys.rotate_days) * DAY,
        maker: Arc::new(FreshKeys),
    })
}

async fn sealer(config: &Config, engine: &Engine, missing: Missing) -> Result<Sealer, Failure> {
    config.keys.complete()?;
    if let Some(key) = &config.keys.encryption_key {
        return Sealer::from_base64(key.expose())
            .map_err(|error| Failure::new(format!("keys.encryption_key: {error}")));
    }
    if let Some(path) = &config.keys.encryption_key_file {
        return read(path);
    }
    let Some(database) = config.database.file() else {
        return Err(Failure::new(
            "with PostgreSQL, set keys.encryption_key_file (or OMNIPORT_KEYS_ENCRYPTION_KEY): the signing keys in the \
             database are encrypted with it. Make one with `openssl rand -base64 32` and give every node the same",
        ));
    };
    let beside = beside(database);
    if beside.exists() {
        return read(&beside);
    }
    if missing == Missing::MakeIfNew && !engine.store().signing_keys().await?.is_empty() {
        return Err(Failure::new(format!(
            "the file {} is not there, with which the signing keys in the database are encrypted: put it back, or name it \
             with keys.encryption_key_file. If it is lost, make new signing keys with `omniport keys rotate \
             --discard-old`; what the old ones signed is then void",
            beside.display()
        )));
    }
    make(&beside)?;
    tracing::info!(
        file = %beside.display(),
        "made an encryption key for the signing keys; keep a copy of it with your backups, apart from the database"
    );
    read(&beside)
}

/// The file beside an `SQLite` database.
pub(crate) fn beside(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".key");
    path.into()
}

fn read(path: &Path) -> Result<Sealer, Failure> {
    let text = bounded::read(path, MAX_FILE, "the encryption key (keys.encryption_key_file)")?;
    let text = Zeroizing::new(text);
    Sealer::from_base64(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// Makes the file, whole and for its owner alone. Where another process was faster, its file stays.
fn make(path: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(format!(
            "the encryption key of the signing keys cannot be written to {} ({error}): make the folder writable, or set \
             keys.encryption_key_file",
            path.display()
        ))
    };
    let mut bytes = Zeroizing::new([0; 32]);
    SystemDice.fill(&mut *bytes)?;
    let text = Sealer::key_to_base64(&bytes);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // A temporary file is its owner's alone (0600), and gets its name only once it is on the disk.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    writeln!(file, "{}", text.as_str()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => return Err(failed(error.error)),
        _ => {}
    }
    let folder = std::fs::File::open(folder).map_err(failed)?;
    folder.sync_all().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_file_is_its_owners_alone_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = beside(&folder.path().join("omniport.db"));
        make(&path).unwrap();
        assert!(read(&path).is_ok());
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let first = std::fs::read(&path).unwrap();
        make(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), first);
        std::fs::write(&path, "short").unwrap();
        let refused = read(&path).unwrap_err().to_string();
        assert!(
            refused.contains("openssl rand -base64 32") && !refused.contains("short"),
            "{refused}"
        );
    }
}
