//! `omniport db`.

use super::Environment;
use super::source::Source;
use crate::{Failure, bounded, encryption_key, output};
use clap::{Args, Subcommand};
use omniport_engine::{Clock, Store, SystemClock};
use omniport_store::{Address, MovedTable, refuse_served};
use serde_json::json;
use std::path::Path;

/// Most bytes of an address on standard input.
const MAX_ADDRESS: u64 = 4_096;

#[derive(Debug, Subcommand)]
pub(super) enum Db {
    Migrate(Migrate),
    Move(Move),
    Sweep(Sweep),
}

impl Db {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::Migrate(command) => command.run(environment).await,
            Self::Move(command) => command.run(environment).await,
            Self::Sweep(command) => command.run(environment).await,
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

/// Move everything into another, new database: from SQLite to PostgreSQL, back, or into another file
///
/// Stop every server first; afterwards start them with the new database, and never again with the old one. Tokens,
/// sessions and secrets go on working. The rows of each table are counted and their checksums compared on both sides.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  omniport db move --database sqlite:/var/lib/omniport/omniport.db \\\n    --to postgres://omniport@db.example.org/omniport\n  omniport db move --database postgres://omniport@db.example.org/omniport --to sqlite:omniport.db\n\nExit codes: 0 moved, 1 not moved (remove the target and start again), 2 wrong use."
)]
pub(super) struct Move {
    #[arg(
        long,
        value_name = "URL",
        help = "The new database: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE; - reads it from standard input, where others on this machine cannot see a password"
    )]
    to: String,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Move {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let config = self.source.load(environment)?.config;
        let from = &config.database.url;
        let to = match self.to.as_str() {
            "-" => bounded::read(Path::new("-"), MAX_ADDRESS, "the new database's address")?,
            to => to.to_owned(),
        };
        let to = to.trim();
        Address::parse(to).map_err(|fault| Failure::WrongUse(format!("--to: {fault}")))?;
        if from == to {
            return Err(Failure::WrongUse(
                "the two databases are the same: name another with --to".into(),
            ));
        }
        if let Address::File(path) = Address::parse(from)? {
            refuse_served(path)?;
        }
        let (source, target) = (Store::open(from)?, Store::open(to)?);
        let mut bar = output::Bar::new();
        let moved = source
            .move_to(&target, SystemClock.now(), &mut |progress| {
                bar.show(progress.table, progress.done, progress.all);
            })
            .await;
        drop(bar);
        let moved = moved?;
        if let Some(note) = encryption_key::take_along(&config, &Address::parse(to)?)? {
            output::complain(&output::plain(&note));
        }
        self.tell(&moved)
    }

    fn tell(&self, moved: &[MovedTable]) -> Result<(), Failure> {
        let rows: u64 = moved.iter().map(|table| table.rows).sum();
        if self.json {
            let tables: Vec<_> = moved
                .iter()
                .map(|one| json!({"table": one.table, "rows": one.rows, "sha256": one.sha256}))
                .collect();
            return output::json(&json!({"rows": rows, "tables": tables}));
        }
        let lines: Vec<Vec<String>> = moved
            .iter()
            .map(|one| vec![one.table.to_owned(), one.rows.to_string(), one.sha256.clone()])
            .collect();
        output::line(&output::table(&["table", "rows", "sha256 of the rows"], &lines))?;
        output::line(&format!(
            "Moved {rows} rows; both sides have the same numbers and checksums. Start the servers with the new database."
        ))
    }
}

/// Delete what has expired, as the server does once a minute
///
/// In batches with a pause, so that a running server is not held up.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport db sweep --database sqlite:/var/lib/omniport/omniport.db")]
pub(super) struct Sweep {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Sweep {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let rows = self.source.engine(environment).await?.sweep().await?;
        if self.json {
            return output::json(&json!({"rows": rows}));
        }
        output::line(&match rows {
            0 => "Nothing had expired.".to_owned(),
            1 => "1 expired row was deleted.".to_owned(),
            rows => format!("{rows} expired rows were deleted."),
        })
    }
}
