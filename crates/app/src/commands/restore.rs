//! `omniport restore`.

use super::Environment;
use super::source::Source;
use crate::{Failure, output};
use clap::Args;
use omniport_engine::{Clock, SystemClock};
use omniport_store::{Address, Restored, restore};
use serde_json::json;
use std::path::PathBuf;

/// Make a new database from a backup; everybody signs in again
///
/// The backup is looked through first and stays as it is; one of an older schema is brought up to date. A backup does
/// not know what was revoked after it was made: so every token, code, grant and session in it ends, while people, apps,
/// their secrets and what people consented to stay. An existing database is never overwritten: move it away first.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  omniport restore /var/backups/omniport-2026-05-01.db --database sqlite:/var/lib/omniport/omniport.db\n  omniport restore copy.db --sha256 HEX --json\n\nExit codes: 0 the database is there, 1 it is not, 2 wrong use."
)]
pub(super) struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What `omniport backup` printed: refuses a file that was changed since
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Restore {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let config = self.source.load(environment)?.config;
        let Address::File(database) = Address::parse(&config.database.url)? else {
            return Err(Failure::new(
                "`omniport restore` makes SQLite files; restore PostgreSQL with pg_restore or pgBackRest, and end \
                 what was issued before: see docs/operations.md",
            ));
        };
        let restored = restore(&self.file, database, self.sha256.as_deref(), SystemClock.now()).await?;
        let rows: u64 = restored.tables.values().sum();
        let Restored { ended, .. } = restored;
        if self.json {
            let migrated: Vec<_> = restored
                .migrated
                .iter()
                .map(|m| json!({"number": m.number, "name": m.name}))
                .collect();
            return output::json(&json!({
                "database": database, "schema": restored.schema, "migrated": migrated, "rows": rows,
                "tables": restored.tables,
                "ended": {
                    "grants": ended.grants, "client_tokens": ended.client_tokens, "sessions": ended.sessions,
                    "parked_requests": ended.parked_requests,
                },
            }));
        }
        output::line(&format!(
            "{}: {rows} rows restored.",
            output::plain(&database.display().to_string())
        ))?;
        for migration in &restored.migrated {
            output::line(&format!("applied {} {}", migration.number, migration.name))?;
        }
        output::line(&format!(
            "Ended: {} grants with their tokens, {} tokens of apps themselves, {} sessions. People sign in again; \
             what they consented to stays.",
            ended.grants, ended.client_tokens, ended.sessions
        ))
    }
}
