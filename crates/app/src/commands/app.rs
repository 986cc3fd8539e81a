//! `omniport app`.

mod claim;
mod list;
mod mark;
mod metadata;
mod show;

use super::Environment;
use super::source::Source;
use crate::{Failure, bounded, output};
use claim::{Claim, Release};
use clap::{Args, Subcommand};
use list::List;
use mark::MarkApp;
pub(super) use metadata::{metadata_to_app, strangers};
use omniport_engine::Engine;
use omniport_engine::apps::AddApp;
use omniport_protocol::review::{ClientMetadata, Standing, Verdict};
use omniport_protocol::vocabulary::{ClientId, Secret};
use serde_json::{Map, Value, json};
use show::Show;
use std::path::PathBuf;

/// Largest metadata document, in bytes.
const MAX_METADATA: u64 = 64 * 1_024;

#[derive(Debug, Subcommand)]
pub(super) enum App {
    Add(Add),
    /// Approve what waits for review: the app works for everybody
    #[command(after_help = "Example:\n  omniport app approve \"$CLIENT_ID\" --comment \"Welcome.\"")]
    Approve(Decide),
    /// Send what waits for review back to its team, who can change it and send it again
    #[command(
        after_help = "Example:\n  omniport app request-changes \"$CLIENT_ID\" --comment \"Say what the numbers are for.\"",
        mut_arg("comment", |comment| comment.required(true))
    )]
    RequestChanges(Decide),
    /// Reject what waits for review; what was approved before goes on working
    #[command(
        after_help = "Example:\n  omniport app reject \"$CLIENT_ID\" --comment \"Say what the app does with the numbers.\"",
        mut_arg("comment", |comment| comment.required(true))
    )]
    Reject(Decide),
    /// Suspend an app: it works for nobody, at once
    #[command(
        after_help = "Example:\n  omniport app suspend \"$CLIENT_ID\" --comment \"Its secret is public; rotate it.\"",
        mut_arg("comment", |comment| comment.required(true))
    )]
    Suspend(Decide),
    /// End a suspension: the app stands where it stood before
    #[command(after_help = "Example:\n  omniport app resume \"$CLIENT_ID\"")]
    Resume(Decide),
    Comment(Comment),
    Claim(Claim),
    Release(Release),
    Mark(MarkApp),
    List(List),
    Show(Show),
}

impl App {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::Add(command) => command.run(environment).await,
            Self::Approve(command) => command.run(Verdict::Approve, environment).await,
            Self::RequestChanges(command) => command.run(Verdict::RequestChanges, environment).await,
            Self::Reject(command) => command.run(Verdict::Reject, environment).await,
            Self::Suspend(command) => command.run(Verdict::Suspend, environment).await,
            Self::Resume(command) => command.run(Verdict::Resume, environment).await,
            Self::Comment(command) => command.run(environment).await,
            Self::Claim(command) => command.run(environment).await,
            Self::Release(command) => command.run(environment).await,
            Self::Mark(command) => command.run(environment).await,
            Self::List(command) => command.run(environment).await,
            Self::Show(command) => command.run(environment).await,
        }
    }
}

/// Add an app from its client metadata (RFC 7591), and print its credentials
#[derive(Debug, Args)]
#[command(
    long_about = "Add an app from its client metadata (RFC 7591), and print its credentials\n\nThe file is a JSON object with client_name, redirect_uris and, where wanted, token_endpoint_auth_method, grant_types, scope, description, data_points, optional_data_points, purposes, contacts, client_uri, policy_uri, tos_uri, any OpenID metadata (jwks_uri, id_token_signed_response_alg, post_logout_redirect_uris, ...), legacy_plain_pkce, legacy_implicit, legacy_password, token_exchange, and a client_id and client_secret to keep.\n\nA client_secret that is given is taken as machine-made: 16 to 512 printable ASCII characters, at least 8 of them different. Never invent one: leave it out, and one is drawn.",
    after_help = "Example:\n  echo '{\"client_name\": \"Bus times\", \"redirect_uris\": [\"https://bus.example.org/callback\"],\n         \"data_points\": [\"person.full_name\"]}' | omniport app add --owner asha --file - --approved"
)]
pub(super) struct Add {
    /// The username of its owner
    #[arg(long, value_name = "USERNAME")]
    owner: String,
    /// The metadata; - is standard input
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Approve it at once
    #[arg(long)]
    approved: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Add {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.new_or_existing(environment).await?;
        let text = bounded::read(&self.file, MAX_METADATA, "the metadata")?;
        let app = self.app(&engine, &text).await?;
        if app.manifest.keeps_secret() {
            self.source.open_keys(environment, &engine).await?;
        }
        let standing = if app.approved {
            Standing::Approved
        } else {
            Standing::Pending
        };
        let added = engine
            .add_app(app)
            .await?
            .map_err(|error| Failure::new(format!("the app was not added: {error}")))?;
        let secret = added.client_secret.as_ref().map(Secret::expose);
        if self.json {
            return output::json(&json!({
                "client_id": added.client_id.as_str(),
                "client_secret": secret,
                "status": standing.as_str(),
            }));
        }
        output::line(&format!("client_id      {}", added.client_id))?;
        if let Some(secret) = secret {
            output::line(&format!("client_secret  {secret}"))?;
        }
        output::line(&format!("status         {}", standing.as_str()))
    }

    async fn app(&self, engine: &Engine, text: &str) -> Result<AddApp, Failure> {
        let as_said = |error: serde_json::Error| {
            Failure::new(format!("the metadata is not as RFC 7591 wants it: {error}"))
        };
        // An object first: serde would take a list for a struct too.
        let members: Map<String, Value> = serde_json::from_str(text).map_err(as_said)?;
        if let Some(why) = strangers(members.keys(), &[]) {
            return Err(Failure::new(format!("the app was not added: {why}")));
        }
        let metadata: ClientMetadata = serde_json::from_value(members.into()).map_err(as_said)?;
        let owner = engine
            .store()
            .person_by_username(&self.owner)
            .await?
            .ok_or_else(|| {
                Failure::new(format!(
                    "nobody has the username '{}'; add them with `omniport person add`",
                    self.owner
                ))
            })?;
        metadata_to_app(engine, &metadata, owner.id, self.approved)
            .await?
            .map_err(|why| Failure::new(format!("the app was not added: {why}")))
    }
}

/// A decision about one app.
#[derive(Debug, Args)]
pub(super) struct Decide {
    /// The app's client ID
    #[arg(value_name = "CLIENT_ID", value_parser = client_id)]
    id: ClientId,
    /// What the team reads beside the decision
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

fn client_id(text: &str) -> Result<ClientId, String> {
    ClientId::parse(text).map_err(|error| error.to_string())
}

impl Decide {
    async fn run(self, verdict: Verdict, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let decided = engine
            .review_app(
                &self.id,
                None,
                verdict,
                self.comment.as_deref().unwrap_or_default(),
                None,
            )
            .await?;
        let standing = decided.map_err(|error| Failure::new(format!("nothing was decided: {error}")))?;
        if self.json {
            output::json(&json!({"client_id": self.id.as_str(), "status": standing.as_str()}))
        } else {
            output::line(&format!("{} is {}.", self.id, standing.as_str()))
        }
    }
}

/// Write to an app's team without deciding anything, or leave a note that only maintainers read
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  omniport app comment \"$CLIENT_ID\" --text \"Asked the registrar.\" --note"
)]
pub(super) struct Comment {
    /// The app's client ID
    #[arg(value_name = "CLIENT_ID", value_parser = client_id)]
    id: ClientId,
    /// What to write; Markdown works
    #[arg(long, value_name = "TEXT")]
    text: String,
    /// For the maintainers only
    #[arg(long)]
    note: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Comment {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let written = engine
            .remark_on_app(&self.id, None, &self.text, self.note)
            .await?;
        written.map_err(|error| Failure::new(format!("nothing was written: {error}")))?;
        let readers = if self.note { "maintainers" } else { "team" };
        if self.json {
            output::json(&json!({"client_id": self.id.as_str(), "readers": readers}))
        } else {
            output::line(&format!("Written down for the {readers}."))
        }
    }
}
