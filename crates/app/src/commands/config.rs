//! `omniport config`.

use super::Environment;
use super::source::Source;
use crate::{Failure, config, output, wiring};
use clap::{Args, Subcommand};
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
        let issuer = config.server.issuer_at(config.server.listen)?;
        let settings = wiring::settings(&config, issuer)?;
        if self.json {
            return output::json(&json!({"ok": true, "issuer": settings.issuer}));
        }
        output::line(&format!(
            "The configuration is good. The issuer is {}.",
            settings.issuer
        ))
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
