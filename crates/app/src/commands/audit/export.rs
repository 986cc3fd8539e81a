//! `omniport audit export`.

use super::{Environment, Source};
use crate::{Failure, output};
use clap::Args;
use omniport_protocol::audit::Entry;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Export the audit log as JSON lines, which `omniport audit verify --file` verifies without the database
///
/// One event a line, in canonical JSON (RFC 8785), the oldest first: the same log gives the same bytes.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  omniport audit export > audit.jsonl\n  omniport audit export --output /var/backups/audit-$(date +%F).jsonl"
)]
pub(in crate::commands) struct Export {
    /// The new file, which nobody but its owner may read [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
}

impl Export {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let mut reader = engine.audit_reader().await?;
        let mut file = self.output.as_deref().map(create).transpose()?;
        loop {
            let entries = reader.next().await?;
            if entries.is_empty() {
                break;
            }
            if let Some(file) = &mut file {
                write(file, &entries)?;
            } else {
                let lines: Vec<String> = entries.iter().map(Entry::to_line).collect();
                output::line(&lines.join("\n"))?;
            }
        }
        if let Some(file) = file {
            let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            file.sync_all()?;
        }
        Ok(())
    }
}

fn create(path: &Path) -> Result<BufWriter<std::fs::File>, Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::new(format!(
            "{} is there already, and is not overwritten: name another file",
            path.display()
        )),
        _ => Failure::new(format!("{} cannot be made: {error}", path.display())),
    })?;
    Ok(BufWriter::new(file))
}

fn write(file: &mut impl Write, entries: &[Entry]) -> Result<(), Failure> {
    for entry in entries {
        writeln!(file, "{}", entry.to_line())?;
    }
    Ok(())
}
