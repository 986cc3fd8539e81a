//! A file that appears under its name only when it is whole, and never takes another's place.

use super::open::beside;
use crate::Fault;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// Files that `SQLite` keeps beside a database: left behind, they would become part of one that is put there.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A file in the making, in the folder where it will stand, for its owner alone. Gone when dropped unfinished.
pub(super) struct Partial {
    path: TempPath,
    to: PathBuf,
}

fn folder(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Fault {
    let shown = path.display();
    Fault::Unavailable(match error.kind() {
        ErrorKind::NotFound => format!(
            "the directory {} does not exist; create it, or name another file",
            folder(path).display()
        ),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            format!("there is no room for {shown}; make room, or name a file on another disk")
        }
        _ => format!("{shown} cannot be written ({error}); check its directory's owner and permissions"),
    })
}

/// Refuses a name that is taken, or that a database would find the rest of another one beside.
pub(super) fn refuse_taken(to: &Path) -> Result<(), Fault> {
    let companions = COMPANIONS.iter().map(|suffix| beside(to, suffix));
    for path in std::iter::once(to.to_path_buf()).chain(companions) {
        if path.symlink_metadata().is_ok() {
            return Err(Fault::Refused(format!(
                "{} is there already and is never overwritten: name another file, or move it away",
                path.display()
            )));
        }
    }
    Ok(())
}

impl Partial {
    /// Begins the file that will be `to`.
    pub(super) fn begin(to: &Path) -> Result<Self, Fault> {
        refuse_taken(to)?;
        let made = tempfile::Builder::new()
            .prefix(".omniport-")
            .suffix(".partial")
            .tempfile_in(folder(to));
        Ok(Self {
            path: made.map_err(|error| cannot_write(to, &error))?.into_temp_path(),
            to: to.to_path_buf(),
        })
    }

    /// Where it is meanwhile.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Fills it with the bytes of `from`; answers their SHA-256 in hexadecimal.
    pub(super) fn fill(&self, from: &Path) -> Result<String, Fault> {
        let target = File::options().write(true).truncate(true).open(&self.path);
        let mut target = target.map_err(|error| cannot_write(&self.to, &error))?;
        let (_, digest) = read(from, |bytes| {
            target
                .write_all(bytes)
                .map_err(|error| cannot_write(&self.to, &error))
        })?;
        Ok(digest)
    }

    /// Its length in bytes and their SHA-256 in hexadecimal.
    pub(super) fn measure(&self) -> Result<(u64, String), Fault> {
        read(&self.path, |_| Ok(()))
    }

    /// Puts it on the disk for good and gives it its name, unless that was taken meanwhile.
    pub(super) fn finish(self) -> Result<(), Fault> {
        let unwritten = |error: &std::io::Error| cannot_write(&self.to, error);
        let file = File::options().write(true).open(&self.path);
        file.and_then(|file| file.sync_all())
            .map_err(|error| unwritten(&error))?;
        let (to, folder) = (self.to.clone(), folder(&self.to).to_path_buf());
        self.path
            .persist_noclobber(&to)
            .map_err(|refused| match refused.error.kind() {
                ErrorKind::AlreadyExists => {
                    Fault::Refused(format!("{} was made by another program meanwhile", to.display()))
                }
                _ => cannot_write(&to, &refused.error),
            })?;
        // The name is on the disk when its folder is.
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| cannot_write(&to, &error))
    }
}

/// Hands a file's bytes to `each`, piece by piece; answers how many they were, and their SHA-256 in hexadecimal.
fn read(path: &Path, mut each: impl FnMut(&[u8]) -> Result<(), Fault>) -> Result<(u64, String), Fault> {
    let unread = |error| Fault::Unavailable(format!("{} cannot be read ({error})", path.display()));
    let mut file = File::open(path).map_err(unread)?;
    let (mut digest, mut length, mut piece) = (Sha256::new(), 0, vec![0_u8; 1 << 18]);
    loop {
        let bytes = match file.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => piece.get(..count).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(unread(error)),
        };
        digest.update(bytes);
        length += bytes.len() as u64;
        each(bytes)?;
    }
    Ok((length, hexadecimal(&digest.finalize())))
}

/// Bytes in hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
