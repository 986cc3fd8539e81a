//! `omniport config`.

use super::Environment;
use super::source::Source;
use crate::server::tls::{Authorities, Material};
use crate::{Failure, config, encryption_key, output, wiring};
use clap::{Args, Subcommand};
use omniport_engine::{Clock, Store, SystemClock};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(super) enum Config {
    Check(Check),
    Show(Show),
}

impl Config {
    pub(super) fn run(self, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::Check(command) => command.run(environment),
            Self::Show(command) => command.run(environment),
        }
    }
}

/// Check the configuration and the files it names, without starting anything
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport config check --config /etc/omniport.toml")]
pub(super) struct Check {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Check {
    fn run(self, environment: &Environment) -> Result<(), Failure> {
        let config = self.source.load(environment)?.config;
        let issuer = config.issuer_at(config.server.listen);
        let material = Material::read(&config.tls);
        let wrong: Vec<String> = [
            issuer.as_ref().err().map(ToString::to_string),
            told(wiring::addresses(&config)),
            told(wiring::registration(&config)),
            told(wiring::grants(&config)),
            told(wiring::catalogue(&config)),
            told(wiring::developer_terms(&config)),
            told(wiring::fetcher(&config)),
            told(database(&config.database)),
            told(encryption_key::check(&config)),
            told(Authorities::load(&config.tls)),
            material.as_ref().err().map(ToString::to_string),
        ]
        .into_iter()
        .flatten()
        .collect();
        let issuer = match issuer {
            Ok(issuer) if wrong.is_empty() => issuer,
            _ => return Err(Failure::new(wrong.join("\n"))),
        };
        let warnings = match &material {
            Ok(Some(material)) => material.warnings(&issuer, SystemClock.now()),
            _ => Vec::new(),
        };
        if self.json {
            return output::json(&json!({"ok": true, "issuer": issuer, "warnings": warnings}));
        }
        for warning in warnings {
            output::line(&format!("Warning: {warning}."))?;
        }
        output::line(&format!("The configuration is good. The issuer is {issuer}."))
    }
}

fn told<T>(result: Result<T, Failure>) -> Option<String> {
    result.err().map(|failure| failure.to_string())
}

/// Whether the database's address can be used: a file's folder is there, a server's address reads as one. Nothing is
/// made, and no server is spoken to.
fn database(database: &config::Database) -> Result<(), Failure> {
    let Some(file) = database.file() else {
        // Connects with the first question only.
        return Ok(Store::open(&database.url).map(drop)?);
    };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Err(Failure::new(format!(
            "the folder {} of the database (database.url) is not there: make it, or name another",
            folder.display()
        ))),
        _ => Ok(()),
    }
}

/// Show every setting as it is in force, and where it was set; without secrets
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport config show --config /etc/omniport.toml")]
pub(super) struct Show {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Show {
    fn run(self, environment: &Environment) -> Result<(), Failure> {
        let loaded = self.source.load(environment)?;
        if self.json {
            return output::json(&config::json(&loaded));
        }
        output::line(&config::toml(&loaded))
    }
}
