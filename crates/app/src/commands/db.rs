//! `omniport db`.

use super::Environment;
use super::source::Source;
use crate::{Failure, output};
use clap::{Args, Subcommand};
use omniport_engine::{Clock, Store, SystemClock};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(super) enum Db {
    Migrate(Migrate),
}

impl Db {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::Migrate(command) => command.run(environment).await,
        }
    }
}

/// Bring the database's schema up to date
///
/// Make a backup first. A new database needs no migration: `serve` makes it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport db migrate --database sqlite:/var/lib/omniport/omniport.db")]
pub(super) struct Migrate {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Migrate {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let config = self.source.load(environment)?.config;
        let applied = Store::open(&config.database.url)?
            .migrate(SystemClock.now())
            .await?;
        if self.json {
            let list: Vec<_> = applied
                .iter()
                .map(|m| json!({"number": m.number, "name": m.name}))
                .collect();
            return output::json(&json!({"applied": list}));
        }
        for migration in &applied {
            output::line(&format!("applied {} {}", migration.number, migration.name))?;
        }
        output::line("The database is up to date.")
    }
}
