//! New files are taken while the server runs: a certificate renewed by a robot needs nobody to restart anything.

use super::{Authorities, Material, Tls};
use crate::{Failure, config};
use omniport_engine::{Clock, SystemClock};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;
use tokio::signal::unix::Signal;
use tokio::time::sleep;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);
/// After how many looks a warning is said again: a day.
const DAY: u32 = 17_280;

/// By what one sees that a file was changed or put in another's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark(Vec<Option<[i64; 5]>>);

impl Mark {
    pub(super) fn of(files: &config::Tls) -> Self {
        let paths = [&files.certificate, &files.key, &files.client_ca_file];
        Self(paths.into_iter().flatten().map(|path| mark(path)).collect())
    }
}

fn mark(path: &Path) -> Option<[i64; 5]> {
    let numbers = |seen: Metadata| {
        [
            seen.mtime(),
            seen.mtime_nsec(),
            i64::try_from(seen.size()).unwrap_or(i64::MAX),
            seen.ino().cast_signed(),
            i64::from(seen.mode()),
        ]
    };
    std::fs::metadata(path).ok().map(numbers)
}

impl Tls {
    /// Looks at the files every few seconds, and at once when `hangup` (SIGHUP) comes; new connections get what was found.
    /// Files that cannot be used are told once, and what is in use stays. Never ends.
    pub async fn keep_fresh(&self, mut hangup: Signal, issuer: &str) {
        let mut seen = self.seen.clone();
        let mut looks = 0_u32;
        loop {
            let asked = tokio::select! {
                () = sleep(LOOK) => false,
                Some(()) = hangup.recv() => true,
            };
            let mark = Mark::of(&self.files);
            looks = looks.wrapping_add(1);
            if asked || mark != seen {
                seen = mark;
                match self.reload() {
                    Ok(()) => tracing::info!("new connections get the TLS files as they are now"),
                    Err(failure) => {
                        tracing::error!("the new TLS files are not used, the old ones stay: {failure}");
                        continue;
                    }
                }
            } else if !looks.is_multiple_of(DAY) {
                continue;
            }
            for warning in self.warnings(issuer, SystemClock.now()) {
                tracing::warn!("{warning}");
            }
        }
    }

    /// Reads the files again. All of them or none are taken.
    pub(super) fn reload(&self) -> Result<(), Failure> {
        let authorities = Authorities::load(&self.files)?;
        if let Some(material) = Material::read(&self.files)? {
            self.current.set(material);
        }
        self.authorities.replace(authorities);
        Ok(())
    }
}
