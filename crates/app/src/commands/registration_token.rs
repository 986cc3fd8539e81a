//! `omniport registration-token`.

use super::Environment;
use super::source::Source;
use crate::{Failure, output};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// Longest name, in characters.
const MAX_NAME: usize = 100;

#[derive(Debug, Subcommand)]
pub(super) enum RegistrationToken {
    Add(Add),
    List(List),
    Revoke(Revoke),
}

impl RegistrationToken {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::Add(command) => command.run(environment).await,
            Self::List(command) => command.run(environment).await,
            Self::Revoke(command) => command.run(environment).await,
        }
    }
}

/// Make a token by which apps may register themselves, and print it this once
///
/// It counts where the policy of registration asks for one.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  omniport registration-token add --name \"Robotics lab\" --uses 5 --days 14"
)]
pub(super) struct Add {
    /// What it is called
    #[arg(long, value_name = "NAME")]
    name: String,
    /// How many apps may be registered by it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    uses: u32,
    /// How many days it lives
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Add {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(Failure::new(format!(
                "a token's name has 1 to {MAX_NAME} characters, none of them control characters"
            )));
        }
        let engine = self.source.new_or_existing(environment).await?;
        let made = engine
            .add_initial_access_token(name, self.uses, self.days)
            .await?;
        let token = made.ok_or_else(|| {
            Failure::new(format!(
                "there is a token '{name}' already: revoke it first, or take another name"
            ))
        })?;
        if self.json {
            return output::json(&json!({"name": name, "token": token.expose()}));
        }
        output::line(token.expose())
    }
}

/// List the tokens by which apps may register themselves
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport registration-token list --json")]
pub(super) struct List {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl List {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let tokens = engine.store().initial_access_tokens().await?;
        if self.json {
            let list: Vec<Value> = tokens
                .iter()
                .map(|token| {
                    json!({
                        "name": token.name,
                        "uses_left": token.uses_left,
                        "created_at": token.created_at.seconds(),
                        "expires_at": token.expires_at.seconds(),
                    })
                })
                .collect();
            return output::json(&json!({"tokens": list}));
        }
        let rows: Vec<Vec<String>> = tokens
            .iter()
            .map(|token| {
                vec![
                    output::plain(&token.name),
                    token.uses_left.to_string(),
                    output::moment(token.expires_at.seconds()),
                ]
            })
            .collect();
        output::line(&output::table(&["NAME", "USES LEFT", "UNTIL"], &rows))
    }
}

/// Take a token away: no app can be registered by it any more; those that were stay
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport registration-token revoke \"Robotics lab\"")]
pub(super) struct Revoke {
    /// What it is called
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    source: Source,
}

impl Revoke {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        if engine.revoke_initial_access_token(self.name.trim()).await? {
            output::line("The token is revoked.")
        } else {
            Err(Failure::new(format!(
                "there is no token '{}': see omniport registration-token list",
                self.name
            )))
        }
    }
}
