//! `omniport api`.

use super::Environment;
use super::source::Source;
use crate::{Failure, bounded, output};
use clap::{Args, Subcommand};
use omniport_engine::Engine;
use omniport_engine::apis::{ApiDecision, ApiEditor};
use omniport_protocol::apis::{Resource, ResourceDraft, ResourceId};
use omniport_protocol::endpoints::protected_resource_rfc9728;
use omniport_protocol::review::FieldErrors;
use omniport_protocol::vocabulary::ClientId;
use omniport_store::portal::ApiAsk;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Largest document of types, in bytes.
const MAX_DETAILS: u64 = 256 * 1_024;

#[derive(Debug, Subcommand)]
pub(super) enum Api {
    Add(Box<Add>),
    List(List),
    Show(Show),
    /// Let an app use scopes of an API: as its owner would in the portal
    #[command(
        after_help = "Example:\n  omniport api approve https://library.example/api --app \"$CLIENT_ID\""
    )]
    Approve(Decide),
    /// Take scopes of an API from an app, or refuse them
    #[command(
        after_help = "Example:\n  omniport api decline https://library.example/api --app \"$CLIENT_ID\" --comment \"Ask us first.\""
    )]
    Decline(Decide),
    Remove(Remove),
}

impl Api {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::Add(command) => command.run(environment).await,
            Self::List(command) => command.run(environment).await,
            Self::Show(command) => command.run(environment).await,
            Self::Approve(command) => command.run(true, environment).await,
            Self::Decline(command) => command.run(false, environment).await,
            Self::Remove(command) => command.run(environment).await,
        }
    }
}

/// Register an API: a resource that takes our access tokens
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  omniport api add --owner asha --uri https://library.example/api --name Library \\\n    --scope \"loans.read=See your loans\" --format jwt"
)]
pub(super) struct Add {
    /// The username of its owner
    #[arg(long, value_name = "USERNAME")]
    owner: String,
    /// Its identifier: an absolute URI without fragment
    #[arg(long, value_name = "URI")]
    uri: String,
    /// Its name, as people read it
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What it is, in a sentence; its name where none is given
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A scope, and what it lets an app do in words that people read on the consent page; may be repeated
    #[arg(long = "scope", value_name = "NAME=WORDS")]
    scopes: Vec<String>,
    /// What its access tokens look like: opaque or jwt
    #[arg(long, value_name = "FORMAT", default_value = "opaque")]
    format: String,
    /// What signs its JWT access tokens: `RS256`, `PS256`, `ES256` or `EdDSA`
    #[arg(long, value_name = "ALG", default_value = "RS256")]
    signing_alg: String,
    /// How many seconds its access tokens live
    #[arg(long, value_name = "SECONDS", default_value = "3600")]
    token_seconds: String,
    /// How many seconds ago a person may have signed in at most (RFC 9470)
    #[arg(long, value_name = "SECONDS", default_value = "")]
    max_age: String,
    /// The client ID of the app whose credentials ask introspection for it
    #[arg(long, value_name = "CLIENT_ID", default_value = "")]
    introspected_by: String,
    /// Any app may ask for its scopes: none needs its owner's consent
    #[arg(long)]
    open: bool,
    /// Its types of `authorization_details` (RFC 9396): a JSON list of type, description, schema; - is standard input
    #[arg(long, value_name = "FILE")]
    details: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Add {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.new_or_existing(environment).await?;
        let owner = engine.store().person_by_username(&self.owner).await?;
        let owner = owner.ok_or_else(|| {
            Failure::new(format!(
                "nobody has the username '{}'; add them with `omniport person add`",
                self.owner
            ))
        })?;
        let details = self.details.as_ref();
        let details = details.map(|file| bounded::read(file, MAX_DETAILS, "the types"));
        let draft = ResourceDraft {
            uri: self.uri,
            description: self.description.unwrap_or_else(|| self.name.clone()),
            name: self.name,
            scopes: self.scopes.join("\n"),
            format: self.format,
            signing_alg: self.signing_alg,
            token_seconds: self.token_seconds,
            max_age: self.max_age,
            introspected_by: self.introspected_by,
            open: self.open,
            details: details.transpose()?.unwrap_or_default(),
        };
        let added = engine.add_api(&draft, owner.id, ApiEditor::Operator).await?;
        let resource = added.map_err(|mistakes| refused(&mistakes))?;
        engine.store().heard().await;
        self.source.tell_guessed_issuer(environment)?;
        if self.json {
            return output::json(&told(&engine, &resource, &[]));
        }
        output::line(&format!("id                 {}", resource.id))?;
        output::line(&format!("resource           {}", resource.uri))?;
        output::line(&format!(
            "resource_metadata  {}",
            metadata_url(&engine, &resource)
        ))
    }
}

/// List the APIs
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport api list --json")]
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
        let apis = engine.store().apis().await?;
        if self.json {
            self.source.tell_guessed_issuer(environment)?;
            let list: Vec<Value> = apis.iter().map(|one| told(&engine, one, &[])).collect();
            return output::json(&json!({"apis": list}));
        }
        let rows: Vec<Vec<String>> = apis
            .iter()
            .map(|one| {
                vec![
                    one.id.to_string(),
                    output::plain(&one.name),
                    one.format.as_str().to_owned(),
                    one.scopes.len().to_string(),
                    output::plain(one.uri.as_str()),
                ]
            })
            .collect();
        output::line(&output::table(
            &["ID", "NAME", "TOKENS", "SCOPES", "RESOURCE"],
            &rows,
        ))
    }
}

/// Show an API, and what apps ask of it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport api show https://library.example/api")]
pub(super) struct Show {
    /// Its identifier, or its ID
    #[arg(value_name = "API")]
    api: String,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Show {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let resource = find(&engine, &self.api).await?;
        let asks = engine.store().api_asks(&resource.id).await?;
        self.source.tell_guessed_issuer(environment)?;
        if self.json {
            return output::json(&told(&engine, &resource, &asks));
        }
        let lines = [
            ("id", resource.id.to_string()),
            ("resource", resource.uri.to_string()),
            ("resource_metadata", metadata_url(&engine, &resource)),
            ("name", resource.name.clone()),
            ("tokens", resource.format.as_str().to_owned()),
            ("lifetime", format!("{} seconds", resource.token_seconds)),
            (
                "introspected by",
                resource
                    .introspected_by
                    .as_ref()
                    .map_or_else(|| "nobody".to_owned(), ToString::to_string),
            ),
        ];
        for (name, value) in lines {
            output::line(&format!("{name:<18} {}", output::plain(&value)))?;
        }
        for scope in &resource.scopes {
            let words = output::plain(&scope.description);
            output::line(&format!("{:<18} {}: {words}", "scope", scope.name))?;
        }
        for kind in &resource.details {
            let words = output::plain(&kind.description);
            output::line(&format!("{:<18} {}: {words}", "type of details", kind.name))?;
        }
        let rows: Vec<Vec<String>> = asks
            .iter()
            .map(|ask| {
                vec![
                    ask.client.to_string(),
                    output::plain(&ask.app),
                    output::plain(&ask.name),
                    word(ask.approved).to_owned(),
                ]
            })
            .collect();
        output::line(&output::table(&["CLIENT ID", "APP", "ASKS FOR", "ANSWER"], &rows))
    }
}

#[derive(Debug, Args)]
pub(super) struct Decide {
    /// The API's identifier, or its ID
    #[arg(value_name = "API")]
    api: String,
    /// The app's client ID
    #[arg(long, value_name = "CLIENT_ID")]
    app: String,
    /// Which scopes or types; all that the app asks for where none is named; may be repeated
    #[arg(long = "scope", value_name = "NAME")]
    scopes: Vec<String>,
    /// What to tell the app's team
    #[arg(long, value_name = "TEXT", default_value = "")]
    comment: String,
    #[command(flatten)]
    source: Source,
}

impl Decide {
    async fn run(self, approved: bool, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let resource = find(&engine, &self.api).await?;
        let nobody = || {
            let why = format!(
                "there is no app '{}': see omniport app list",
                output::plain(&self.app)
            );
            Failure::new(why)
        };
        let client = ClientId::parse(&self.app).map_err(|_| nobody())?;
        if engine.store().app(&client).await?.is_none() {
            return Err(nobody());
        }
        let stranger = self
            .scopes
            .iter()
            .find(|name| !resource.names().any(|known| known == *name));
        if let Some(stranger) = stranger {
            let known: Vec<&str> = resource.names().collect();
            return Err(Failure::new(format!(
                "the API has no scope or type '{}'; it has {}",
                output::plain(stranger),
                known.join(", ")
            )));
        }
        let asks = engine.store().api_asks(&resource.id).await?;
        let asked: Vec<String> = asks
            .into_iter()
            .filter(|ask| ask.client == client)
            .map(|ask| ask.name)
            .collect();
        let names = if self.scopes.is_empty() {
            asked
        } else {
            if let Some(unasked) = self.scopes.iter().find(|name| !asked.contains(name)) {
                return Err(Failure::new(format!(
                    "the app does not ask for '{unasked}': see omniport api show"
                )));
            }
            self.scopes.clone()
        };
        if names.is_empty() {
            return Err(Failure::new(
                "the app asks for nothing of this API: see omniport api show",
            ));
        }
        let decision = ApiDecision {
            api: &resource.id,
            client: &client,
            names: &names,
            approved,
            comment: &self.comment,
            by: None,
        };
        engine
            .decide_api(decision)
            .await?
            .map_err(|why| Failure::new(format!("nothing was decided: {why}")))?;
        let done = if approved { "Approved" } else { "Declined" };
        output::line(&format!("{done}: {}", output::plain(&names.join(" "))))
    }
}

/// Take an API away: tokens for it are worth nothing any more
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport api remove https://library.example/api")]
pub(super) struct Remove {
    /// Its identifier, or its ID
    #[arg(value_name = "API")]
    api: String,
    #[command(flatten)]
    source: Source,
}

impl Remove {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let resource = find(&engine, &self.api).await?;
        if engine.remove_api(&resource.id, ApiEditor::Operator).await? {
            engine.store().heard().await;
            output::line("The API is removed.")
        } else {
            Err(Failure::new("the API was removed by somebody else"))
        }
    }
}

async fn find(engine: &Engine, text: &str) -> Result<Resource, Failure> {
    let apis = engine.apis().await?;
    let id = ResourceId::parse(text);
    let by_id = apis.all().iter().find(|one| Some(&one.id) == id.as_ref());
    let found = by_id.or_else(|| apis.of_uri(text)).cloned();
    found.ok_or_else(|| Failure::new(format!("there is no API '{text}': see omniport api list")))
}

fn refused(mistakes: &FieldErrors) -> Failure {
    let lines: Vec<String> = mistakes
        .iter()
        .map(|mistake| format!("{}: {}", mistake.field, mistake.message))
        .collect();
    Failure::new(format!("the API was not registered: {}", lines.join("\n")))
}

fn metadata_url(engine: &Engine, resource: &Resource) -> String {
    protected_resource_rfc9728::url_of_api(&engine.settings().issuer, &resource.id)
}

const fn word(approved: Option<bool>) -> &'static str {
    match approved {
        None => "undecided",
        Some(true) => "approved",
        Some(false) => "declined",
    }
}

fn told(engine: &Engine, resource: &Resource, asks: &[ApiAsk]) -> Value {
    let scopes: Vec<Value> = resource
        .scopes
        .iter()
        .map(|scope| json!({"name": scope.name, "description": scope.description}))
        .collect();
    let types: Vec<Value> = resource
        .details
        .iter()
        .map(|one| {
            let schema: Value = serde_json::from_str(one.schema.as_str()).unwrap_or_default();
            json!({"type": one.name, "description": one.description, "schema": schema})
        })
        .collect();
    let asks: Vec<Value> = asks
        .iter()
        .map(|ask| {
            json!({
                "client_id": ask.client.as_str(),
                "name": ask.app,
                "asks_for": ask.name,
                "answer": word(ask.approved),
                "comment": ask.comment,
            })
        })
        .collect();
    json!({
        "id": resource.id.as_str(),
        "resource": resource.uri.as_str(),
        "resource_metadata": metadata_url(engine, resource),
        "name": resource.name,
        "description": resource.description,
        "owner": resource.owner.0,
        "format": resource.format.as_str(),
        "signing_alg": resource.signing_alg.as_str(),
        "token_seconds": resource.token_seconds,
        "max_age": resource.max_age,
        "introspected_by": resource.introspected_by.as_ref().map(ClientId::as_str),
        "open": resource.open,
        "scopes": scopes,
        "authorization_details_types": types,
        "asked_by": asks,
    })
}
