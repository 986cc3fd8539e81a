//! `omniport person set-password`.

use super::super::Environment;
use super::super::source::Source;
use super::read_password;
use crate::{Failure, output};
use clap::Args;
use serde_json::json;

/// Give a person a new password, from standard input; they are signed out everywhere
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  printf %s \"$PASSWORD\" | omniport person set-password asha --password-stdin"
)]
pub(in super::super) struct SetPassword {
    /// Their sign-in name
    #[arg(value_name = "USERNAME", required_unless_present = "named")]
    username: Option<String>,
    /// The same, as `person add` takes it
    #[arg(
        long = "username",
        hide = true,
        value_name = "USERNAME",
        conflicts_with = "username"
    )]
    named: Option<String>,
    /// Read the password (8 to 1,024 characters) from standard input; a line end behind it does not count
    #[arg(long, required = true)]
    password_stdin: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl SetPassword {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let password = read_password()?;
        let username = self.username.or(self.named).unwrap_or_default();
        let set = engine.set_password(&username, &password).await?;
        let person = set.map_err(|error| Failure::new(error.to_string()))?;
        if self.json {
            return output::json(&json!({"id": person.id.0, "username": person.username}));
        }
        output::line(&format!(
            "{} has a new password and is signed out everywhere.",
            output::plain(&person.username)
        ))
    }
}
