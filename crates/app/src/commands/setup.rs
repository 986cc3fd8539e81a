//! `omniport setup`.

use super::Environment;
use super::app::{metadata_to_app, strangers};
use super::source::Source;
use crate::roster::{self, Became, PersonEntry, Plan};
use crate::{Failure, bounded, output};
use clap::Args;
use omniport_engine::Engine;
use omniport_engine::apps::AddApp;
use omniport_protocol::review::{App, ClientMetadata, Standing};
use omniport_protocol::vocabulary::{ClientId, PersonId, Secret};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Largest file, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Set an instance up from a JSON file of people and clients, without asking anything
///
/// The file is looked through wholly before anything is written. Who or what is there already is left as it is, so the
/// same file can be used again; where it says something else than what is there, a warning tells so.
#[derive(Debug, Args)]
#[command(
    after_help = "The file is an object with two lists:\n  people   username, password (may be left out), roles (maintainer, developer), values (data points by name)\n  clients  owner (a username), approved (true or false), and client metadata as for `omniport app add`, with a\n           client_id; a client_secret that is given is kept\n\nExample:\n  echo '{\"people\": [{\"username\": \"asha\", \"password\": \"correct horse\", \"roles\": [\"developer\"],\n          \"values\": {\"person.full_name\": \"Asha Rao\"}}],\n         \"clients\": [{\"owner\": \"asha\", \"approved\": true, \"client_id\": \"bus-times\", \"client_name\": \"Bus times\",\n          \"redirect_uris\": [\"https://bus.example.org/callback\"]}]}' | omniport setup --file -"
)]
pub(super) struct Setup {
    /// The file; - is standard input
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    people: Vec<PersonEntry>,
    #[serde(default)]
    clients: Vec<Client>,
}

/// Client metadata, and whose it is.
#[derive(Deserialize)]
struct Client {
    owner: String,
    #[serde(default)]
    approved: bool,
    #[serde(flatten)]
    metadata: ClientMetadata,
}

/// A client that can be added as soon as its owner has a number.
struct Ready {
    owner: String,
    id: ClientId,
    app: AddApp,
}

struct Outcome {
    id: ClientId,
    secret: Option<Secret>,
    became: Became,
    differs: Vec<&'static str>,
}

impl Setup {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let text = bounded::read(&self.file, MAX_FILE, "the file")?;
        let as_said = |error: serde_json::Error| {
            Failure::new(format!(
                "the file is not as `omniport setup --help` says: {error}"
            ))
        };
        // An object first: serde would take a list for a struct too.
        let object: Map<String, Value> = serde_json::from_str(&text).map_err(as_said)?;
        let unread = unread(&object);
        let file: File = serde_json::from_value(object.into()).map_err(as_said)?;
        let engine = self.source.new_or_existing(environment).await?;
        let mut mistakes = unread;
        let people = Plan::of(&engine, file.people, &mut mistakes);
        let clients = check(&engine, &people, file.clients, &mut mistakes).await?;
        if !mistakes.is_empty() {
            return Err(roster::refuse(mistakes));
        }
        if clients.iter().any(|client| client.app.manifest.keeps_secret()) {
            self.source.open_keys(environment, &engine).await?;
        }
        let people = roster::add(&engine, people).await?;
        let mut added = Vec::new();
        for client in clients {
            added.push(add(&engine, client).await?);
        }
        if self.json {
            let clients: Value = added.iter().map(shown).collect();
            return output::json(&json!({"people": roster::json(&people), "clients": clients}));
        }
        roster::tell(&people)?;
        tell(&added)
    }
}

/// The members of each client that nothing reads.
fn unread(file: &Map<String, Value>) -> Vec<String> {
    let clients = file
        .get("clients")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let told = clients.enumerate().filter_map(|(at, client)| {
        let why = strangers(client.as_object()?.keys(), &["owner", "approved"])?;
        Some(format!("client {}: {why}", at + 1))
    });
    told.collect()
}

/// Looks through all the clients, and adds each mistake to `mistakes`.
async fn check(
    engine: &Engine,
    people: &Plan,
    clients: Vec<Client>,
    mistakes: &mut Vec<String>,
) -> Result<Vec<Ready>, Failure> {
    let mut ids = BTreeSet::new();
    let mut ready = Vec::new();
    for (at, client) in clients.into_iter().enumerate() {
        let id = client.metadata.client_id.as_deref();
        let which = format!("client {} ({})", at + 1, id.unwrap_or("without a client_id"));
        let mut wrong = |why: String| mistakes.push(format!("{which}: {why}"));
        if !people.has(&client.owner) && engine.store().person_by_username(&client.owner).await?.is_none() {
            wrong(format!(
                "its owner '{}' is neither in the file nor in the database",
                client.owner
            ));
        }
        // The owner's number is known once everybody is added.
        match metadata_to_app(engine, &client.metadata, PersonId(0), client.approved).await? {
            Ok(app) => match app.client_id.clone() {
                Some(id) if ids.insert(id.clone()) => ready.push(Ready {
                    owner: client.owner,
                    id,
                    app,
                }),
                Some(_) => wrong("the client_id is in the file twice".to_owned()),
                None => wrong("a client_id is needed, by which it is known again".to_owned()),
            },
            Err(why) => wrong(why),
        }
    }
    Ok(ready)
}

async fn add(engine: &Engine, client: Ready) -> Result<Outcome, Failure> {
    let Ready { owner, id, mut app } = client;
    if let Some(there) = engine.store().app(&id).await? {
        return Ok(kept(&there, id, &app));
    }
    let person = engine.store().person_by_username(&owner).await?;
    app.owner = person
        .ok_or_else(|| Failure::new(format!("{owner} is no longer there")))?
        .id;
    let added = engine.add_app(app).await?;
    let added = added.map_err(|error| Failure::new(format!("{id} was not added: {error}")))?;
    Ok(Outcome {
        id: added.client_id,
        secret: added.client_secret,
        became: Became::Added,
        differs: Vec::new(),
    })
}

fn kept(there: &App, id: ClientId, app: &AddApp) -> Outcome {
    let mut differs = Vec::new();
    let versions = [&there.live, &there.proposed];
    let mut manifests = versions.into_iter().flatten().map(|version| &version.manifest);
    if !manifests.any(|manifest| *manifest == app.manifest) {
        differs.push("metadata");
    }
    if app.approved && there.standing != Standing::Approved {
        differs.push("standing");
    }
    Outcome {
        id,
        secret: None,
        became: Became::Kept,
        differs,
    }
}

fn shown(one: &Outcome) -> Value {
    json!({
        "client_id": one.id.as_str(),
        "client_secret": one.secret.as_ref().map(Secret::expose),
        "result": one.became.as_str(),
        "differs": one.differs,
    })
}

fn tell(added: &[Outcome]) -> Result<(), Failure> {
    let rows: Vec<Vec<String>> = added
        .iter()
        .map(|one| {
            let secret = one.secret.as_ref().map(Secret::expose).unwrap_or_default();
            vec![
                one.id.to_string(),
                one.became.as_str().to_owned(),
                secret.to_owned(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        output::line(&output::table(&["CLIENT ID", "", "SECRET"], &rows))?;
    }
    for one in added.iter().filter(|one| !one.differs.is_empty()) {
        roster::warn(one.id.as_str(), &one.differs, "");
    }
    Ok(())
}
