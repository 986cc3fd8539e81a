//! `omniport backup`.

use super::Environment;
use super::source::Source;
use crate::{Failure, output};
use clap::Args;
use omniport_store::{Address, backup};
use serde_json::json;
use std::path::PathBuf;

/// Copy the database into a new file, beside a running server
///
/// The copy is of one moment, holds as many rows as there were, has been looked through and is on the disk when the
/// command ends; nobody but its owner may read it. An existing file is never overwritten. For SQLite; PostgreSQL has
/// `pg_dump` and pgBackRest.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  omniport backup /var/backups/omniport-$(date +%F).db --database sqlite:/var/lib/omniport/omniport.db\n  omniport backup copy.db --json\n\nExit codes: 0 the backup is there and whole, 1 there is none, 2 wrong use."
)]
pub(super) struct Backup {
    /// The new file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Backup {
    pub(super) fn run(self, environment: &Environment) -> Result<(), Failure> {
        let config = self.source.load(environment)?.config;
        let Address::File(database) = Address::parse(&config.database.url)? else {
            return Err(Failure::new(
                "`omniport backup` copies SQLite files; back PostgreSQL up with pg_dump or pgBackRest: see \
                 docs/operations.md",
            ));
        };
        let made = backup(database, &self.file)?;
        let rows: u64 = made.tables.values().sum();
        if self.json {
            return output::json(&json!({
                "file": self.file, "bytes": made.bytes, "sha256": made.sha256, "schema": made.schema,
                "rows": rows, "tables": made.tables,
            }));
        }
        output::line(&format!(
            "{}: {rows} rows in {} bytes, whole.\nSHA-256 {}",
            output::plain(&self.file.display().to_string()),
            made.bytes,
            made.sha256
        ))
    }
}
