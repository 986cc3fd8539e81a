//! `omniport app mark`: what one app may do although it is unsafe.

use super::claim::{listed, maintainer};
use super::client_id;
use crate::commands::Environment;
use crate::commands::source::Source;
use crate::{Failure, output};
use clap::{Args, ValueEnum};
use omniport_protocol::audit::By;
use omniport_protocol::review::LegacyMark;
use omniport_protocol::vocabulary::ClientId;
use serde_json::{Value, json};

/// A mark, by its name in client metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mark {
    /// PKCE's method plain, or none
    #[value(name = "legacy_plain_pkce")]
    PlainPkce,
    /// Tokens from the authorisation endpoint
    #[value(name = "legacy_implicit")]
    Implicit,
    /// The password grant
    #[value(name = "legacy_password")]
    Password,
}

impl From<Mark> for LegacyMark {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::PlainPkce => Self::PlainPkce,
            Mark::Implicit => Self::Implicit,
            Mark::Password => Self::Password,
        }
    }
}

/// Allow an app something unsafe because it cannot be changed, or no longer; its team hears of it
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  omniport app mark \"$CLIENT_ID\" --maintainer meera --allow legacy_implicit --forbid legacy_password"
)]
pub(in crate::commands) struct MarkApp {
    /// The app's client ID
    #[arg(value_name = "CLIENT_ID", value_parser = client_id)]
    id: ClientId,
    /// The username of who answers for it: never one of the app's own team
    #[arg(long, value_name = "USERNAME")]
    maintainer: String,
    /// What it may do from now on
    #[arg(long, value_name = "MARK")]
    allow: Vec<Mark>,
    /// What it may not do any more
    #[arg(long, value_name = "MARK")]
    forbid: Vec<Mark>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl MarkApp {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let by = maintainer(&engine, &self.maintainer).await?;
        let legacy = listed(&engine, &self.id).await?.app.legacy;
        let is_in = |marks: &[Mark], one: LegacyMark| marks.iter().any(|mark| LegacyMark::from(*mark) == one);
        let is_to_be = |one: &LegacyMark| {
            let allowed = one.is_set(legacy) || is_in(&self.allow, *one);
            allowed && !is_in(&self.forbid, *one)
        };
        let marks: Vec<LegacyMark> = LegacyMark::ALL.into_iter().filter(is_to_be).collect();
        let marked = engine.mark_app(&self.id, By::operator_for(by), &marks).await?;
        marked.map_err(|error| Failure::new(format!("nothing was marked: {error}")))?;
        let names: Vec<&str> = marks.iter().map(|mark| mark.as_str()).collect();
        if self.json {
            let names: Vec<Value> = names.iter().map(|name| json!(name)).collect();
            return output::json(&json!({"client_id": self.id.as_str(), "marks": names}));
        }
        let names = if names.is_empty() {
            "nothing".to_owned()
        } else {
            names.join(", ")
        };
        output::line(&format!("{} is allowed, as legacy: {names}.", self.id))
    }
}
