//! `omniport app claim` and `release`: who reviews an app, as the other maintainers see it.

use super::client_id;
use crate::commands::Environment;
use crate::commands::source::Source;
use crate::{Failure, output};
use clap::Args;
use omniport_engine::Engine;
use omniport_protocol::audit::By;
use omniport_protocol::vocabulary::{ClientId, PersonId};
use omniport_store::portal::ListedApp;
use serde_json::json;

/// Say that a maintainer reviews an app, so that the others leave it to them; takes it over where another does
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport app claim \"$CLIENT_ID\" --maintainer meera")]
pub(in crate::commands) struct Claim {
    /// The app's client ID
    #[arg(value_name = "CLIENT_ID", value_parser = client_id)]
    id: ClientId,
    /// The username of who reviews it
    #[arg(long, value_name = "USERNAME")]
    maintainer: String,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

/// Give a claimed review back to the queue
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport app release \"$CLIENT_ID\"")]
pub(in crate::commands) struct Release {
    /// The app's client ID
    #[arg(value_name = "CLIENT_ID", value_parser = client_id)]
    id: ClientId,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Claim {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let by = maintainer(&engine, &self.maintainer).await?;
        let was = listed(&engine, &self.id).await?.claim.map(|claim| claim.by);
        let claimed = engine
            .claim_app(&self.id, By::operator_for(by), true, was)
            .await?;
        claimed.map_err(|error| Failure::new(format!("nothing was claimed: {error}")))?;
        if self.json {
            output::json(&json!({"client_id": self.id.as_str(), "claimed_by": self.maintainer}))
        } else {
            let who = output::plain(&self.maintainer);
            output::line(&format!("{} is reviewed by {who}.", self.id))
        }
    }
}

impl Release {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let Some(claim) = listed(&engine, &self.id).await?.claim else {
            return Err(Failure::new(
                "nobody reviews this app, so there is nothing to give back",
            ));
        };
        let released = engine
            .claim_app(&self.id, By::operator_for(claim.by), false, Some(claim.by))
            .await?;
        released.map_err(|error| Failure::new(format!("nothing was given back: {error}")))?;
        if self.json {
            output::json(&json!({"client_id": self.id.as_str(), "claimed_by": null}))
        } else {
            output::line(&format!("{} is back in the queue.", self.id))
        }
    }
}

/// An app as lists show it.
pub(super) async fn listed(engine: &Engine, id: &ClientId) -> Result<ListedApp, Failure> {
    let found = engine.store().listed_app(id).await?;
    found.ok_or_else(|| {
        Failure::new(format!(
            "there is no app {id}; `omniport app list` shows which there are"
        ))
    })
}

/// The maintainer of this username.
pub(super) async fn maintainer(engine: &Engine, username: &str) -> Result<PersonId, Failure> {
    let found = engine.store().person_by_username(username).await?;
    match found {
        Some(person) if person.is_maintainer => Ok(person.id),
        Some(_) => Err(Failure::new(format!("'{username}' is no maintainer"))),
        None => Err(Failure::new(format!("nobody has the username '{username}'"))),
    }
}
