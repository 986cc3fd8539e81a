//! The four settings that every command takes, and what they load.

use super::Environment;
use crate::config::{self, Config, Flags, Loaded};
use crate::encryption_key::{self, Missing};
use crate::{Failure, output, wiring};
use clap::Args;
use omniport_engine::Engine;
use std::path::PathBuf;

/// Where the configuration comes from. What is said here wins over the environment, and that over the file.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings")]
pub(super) struct Source {
    #[arg(
        long,
        value_name = "FILE",
        help = "The configuration file, in TOML [env: OMNIPORT_CONFIG]"
    )]
    config: Option<PathBuf>,
    #[arg(
        long,
        value_name = "ADDR",
        help = "The address to listen on [env: OMNIPORT_LISTEN] [default: 127.0.0.1:8000]"
    )]
    listen: Option<String>,
    #[arg(
        long,
        value_name = "URL",
        help = "The site's URL, as people and apps know it [env: OMNIPORT_ISSUER] [default: http://LISTEN]"
    )]
    issuer: Option<String>,
    #[arg(
        long,
        value_name = "URL",
        help = "The database [env: OMNIPORT_DATABASE] (sqlite:PATH or postgres://...) [default: sqlite:omniport.db]"
    )]
    database: Option<String>,
}

impl Source {
    /// The configuration.
    pub(super) fn load(&self, environment: &Environment) -> Result<Loaded, Failure> {
        let loaded = self.load_quietly(environment)?;
        for variable in loaded.strangers() {
            output::complain(&output::plain(&format!(
                "warning: the variable {variable} is no setting and is not looked at; `omniport config show` names those \
                 there are"
            )));
        }
        Ok(loaded)
    }

    /// The same, for whoever has loaded it before: nothing is warned of twice.
    fn load_quietly(&self, environment: &Environment) -> Result<Loaded, Failure> {
        let flags = Flags {
            config: self.config.clone(),
            listen: self.listen.clone(),
            issuer: self.issuer.clone(),
            database: self.database.clone(),
        };
        Ok(config::load(&flags, environment)?)
    }

    /// Warns that an address that is printed is only a guess, where nobody said what the site's is.
    pub(super) fn tell_guessed_issuer(&self, environment: &Environment) -> Result<(), Failure> {
        if self.load_quietly(environment)?.config.server.issuer.is_none() {
            output::complain(
                "warning: the site's address is not set, so the address that is printed is a guess: set --issuer or \
                 OMNIPORT_ISSUER, or name the configuration (--config, OMNIPORT_CONFIG), as the server has it",
            );
        }
        Ok(())
    }

    /// An engine on the configured database, which is there, for a command that works beside a running server.
    pub(super) async fn engine(&self, environment: &Environment) -> Result<Engine, Failure> {
        let config = self.load(environment)?.config;
        if let Some(file) = config.database.file()
            && !file.exists()
        {
            return Err(Failure::new(format!(
                "there is no database at {}: check --database (or OMNIPORT_DATABASE), or make a new one with \
                 `omniport db migrate`",
                file.display()
            )));
        }
        Self::on(&config).await
    }

    /// As [`Self::engine`], but a database that is not there is made: for a command that may be the first.
    pub(super) async fn new_or_existing(&self, environment: &Environment) -> Result<Engine, Failure> {
        Self::on(&self.load(environment)?.config).await
    }

    /// Opens our own keys, for a command that seals something.
    pub(super) async fn open_keys(&self, environment: &Environment, engine: &Engine) -> Result<(), Failure> {
        let config = self.load(environment)?.config;
        let keys = encryption_key::settings(&config, engine, Missing::MakeIfNew).await?;
        Ok(engine.open_keys(&keys).await?)
    }

    async fn on(config: &Config) -> Result<Engine, Failure> {
        // No command but `serve` speaks the issuer, so one that is not set does not stop them.
        let issuer = config
            .server
            .issuer
            .clone()
            .unwrap_or_else(|| format!("http://{}", config.server.listen));
        wiring::engine(config, issuer).await
    }
}
