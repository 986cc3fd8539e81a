//! With what our own keys are encrypted in the database: from the configuration, or a file beside an `SQLite` database.

use crate::config::Config;
use crate::{Failure, bounded};
use omniport_engine::keys::{FreshKeys, KeySettings, Sealer};
use omniport_engine::{Dice, Engine, SystemDice};
use omniport_store::Address;
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

/// What the configuration says, or where the file beside the database is.
enum Said {
    Key(Sealer),
    Beside(PathBuf),
}

/// What the configuration says, its file read.
///
/// # Errors
/// [`Failure`] as of [`settings`].
fn said(config: &Config) -> Result<Said, Failure> {
    config.keys.complete()?;
    if let Some(key) = &config.keys.encryption_key {
        let sealer = Sealer::from_base64(key.expose());
        return sealer
            .map(Said::Key)
            .map_err(|error| Failure::new(format!("keys.encryption_key: {error}")));
    }
    if let Some(path) = &config.keys.encryption_key_file {
        return read(path).map(Said::Key);
    }
    config.database.file().map(beside).map(Said::Beside).ok_or_else(|| {
        Failure::new(
            "with PostgreSQL, set keys.encryption_key_file (or OMNIPORT_KEYS_ENCRYPTION_KEY): the signing keys in the \
             database are encrypted with it. Make one with `openssl rand -base64 32` and give every node the same",
        )
    })
}

/// Whether what the configuration says can be used. Nothing is made.
///
/// # Errors
/// [`Failure`] as of [`settings`].
pub(crate) fn check(config: &Config) -> Result<(), Failure> {
    match said(config)? {
        Said::Beside(path) if path.exists() => read(&path).map(drop),
        Said::Beside(_) | Said::Key(_) => Ok(()),
    }
}

async fn sealer(config: &Config, engine: &Engine, missing: Missing) -> Result<Sealer, Failure> {
    let beside = match said(config)? {
        Said::Key(sealer) => return Ok(sealer),
        Said::Beside(path) => path,
    };
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

/// Takes the file beside an `SQLite` database along to where the database went: copies it, or says what to set.
///
/// # Errors
/// [`Failure`] where the copy cannot be written.
pub(crate) fn take_along(config: &Config, to: &Address) -> Result<Option<String>, Failure> {
    let said = config.keys.encryption_key.is_some() || config.keys.encryption_key_file.is_some();
    let Some(from) = config
        .database
        .file()
        .map(beside)
        .filter(|from| !said && from.exists())
    else {
        return Ok(None);
    };
    match to {
        Address::File(to) => {
            let text = bounded::read(&from, MAX_FILE, "the encryption key")?;
            write(&beside(to), &Zeroizing::new(text)).map(|()| None)
        }
        Address::Server => Ok(Some(format!(
            "set keys.encryption_key_file to {} for the servers on the new database: the signing keys in it are encrypted \
             with what is in that file",
            from.display()
        ))),
    }
}

fn read(path: &Path) -> Result<Sealer, Failure> {
    let text = bounded::read(path, MAX_FILE, "the encryption key (keys.encryption_key_file)")?;
    let text = Zeroizing::new(text);
    Sealer::from_base64(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// Makes the file.
fn make(path: &Path) -> Result<(), Failure> {
    let mut bytes = Zeroizing::new([0; 32]);
    SystemDice.fill(&mut *bytes)?;
    write(path, &Sealer::key_to_base64(&bytes))
}

/// Writes the file, whole and for its owner alone. Where another process was faster, its file stays.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(format!(
            "the encryption key of the signing keys cannot be written to {} ({error}): make the folder writable, or set \
             keys.encryption_key_file",
            path.display()
        ))
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // A temporary file is its owner's alone (0600), and gets its name only once it is on the disk.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    writeln!(file, "{}", text.trim()).map_err(failed)?;
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
