//! The demo's instance: a new database, its people, the site and the sample app beside it.

use super::{SamplePerson, people, pictures, sample_app};
use crate::config::Config;
use crate::encryption_key::{self, Missing};
use crate::{Failure, compose, server, wiring};
use axum::Router;
use omniport_engine::Engine;
use omniport_engine::apps::{AddApp, Registered};
use omniport_engine::people::PlatformRole;
use omniport_protocol::review::ClientMetadata;
use omniport_protocol::token::registry;
use omniport_protocol::vocabulary::{Legacy, PersonId, Secret};
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The institution that the demo plays.
pub(super) const INSTITUTION: &str = "Institute of Technology, Shivalik";

/// Where the demo's database lies.
#[derive(Debug)]
pub enum Place {
    /// In a folder that is removed at the end.
    Temporary(TempDir),
    /// In a folder that stays.
    Folder(PathBuf),
}

impl Place {
    /// A folder for this run: `data`, made where it is not there, or a temporary one.
    ///
    /// # Errors
    /// [`Failure`] where a folder cannot be made, or `data` holds a database already.
    pub fn new(data: Option<&Path>) -> Result<Self, Failure> {
        let Some(data) = data else {
            let folder = tempfile::Builder::new().prefix("omniport-demo-").tempdir();
            return folder.map(Self::Temporary).map_err(|error| {
                Failure::new(format!(
                    "no temporary folder can be made ({error}): name one with --data"
                ))
            });
        };
        std::fs::create_dir_all(data).map_err(|error| {
            Failure::new(format!(
                "the folder {} cannot be made ({error}): name another with --data",
                data.display()
            ))
        })?;
        let place = Self::Folder(data.to_owned());
        if place.database().exists() {
            return Err(Failure::new(format!(
                "{0} is there already: name another folder with --data, or go on with it by `omniport serve \
                 --database sqlite:{0}`",
                place.database().display()
            )));
        }
        Ok(place)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Folder(path) => path,
        }
    }

    fn database(&self) -> PathBuf {
        self.path().join("omniport.db")
    }
}

/// A running demo.
#[derive(Debug)]
pub struct Demo {
    /// The site's URL.
    pub issuer: String,
    /// The sample app's URL.
    pub sample_app: String,
    /// Who can sign in.
    pub people: Vec<SamplePerson>,
    /// The sample app's credentials.
    pub app: Registered,
    servers: Vec<JoinHandle<()>>,
}

impl Demo {
    /// Starts it; it serves until `stop` becomes true.
    ///
    /// # Errors
    /// [`Failure`] that says what to do: the address is in use or not of this machine alone, or the database cannot be
    /// made.
    pub async fn start(
        listen: SocketAddr,
        place: &Place,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, Failure> {
        if !listen.ip().is_loopback() {
            return Err(Failure::new(format!(
                "the demo prints its passwords and is for this machine alone: {listen} can be reached by others, so \
                 choose 127.0.0.1 or [::1] with --listen"
            )));
        }
        let site = server::bind(listen).await?;
        let issuer = format!("http://{}", server::address_of(&site)?);
        let beside = beside(listen).await?;
        let sample_app = format!("http://{}", server::address_of(&beside)?);

        let people = people::draw()?;
        let config = config(place);
        let engine = Arc::new(wiring::engine(&config, issuer.clone()).await?);
        // Both are work for the processors: side by side.
        let (opened, owner) = tokio::join!(open_keys(&config, &engine), add_people(&engine, &people));
        opened?;
        let app = add_app(&engine, owner?, &sample_app).await?;

        let router = pictures::add(compose(engine.clone()), &people);
        let relying_party = sample_app::Settings {
            name: sample_app::NAME,
            own_url: sample_app.clone(),
            issuer: issuer.clone(),
            client_id: app.client_id.to_string(),
            client_secret: app.client_secret.clone().unwrap_or_else(|| Secret::new("")),
        };
        let servers = vec![
            tokio::spawn(site_until(engine, site, router, stop.clone())),
            tokio::spawn(server::serve(beside, sample_app::router(relying_party), stop)),
        ];
        Ok(Self {
            issuer,
            sample_app,
            people,
            app,
            servers,
        })
    }

    /// Waits until it has ended.
    pub async fn ended(self) {
        for server in self.servers {
            // A server's task ends by itself; it has nothing to say.
            let _ = server.await;
        }
    }

    /// The first person with this role.
    pub(super) fn with_role(&self, role: PlatformRole) -> Option<&SamplePerson> {
        self.people.iter().find(|person| person.role == Some(role))
    }
}

/// Serves the site, and writes behind it what its apps' requests came to.
async fn site_until(engine: Arc<Engine>, site: TcpListener, router: Router, stop: watch::Receiver<bool>) {
    tokio::select! {
        () = server::serve(site, router, stop) => {}
        () = engine.keep_flow() => {}
    }
}

/// The sample app's listener: the next port, or any free one where that is taken.
async fn beside(listen: SocketAddr) -> Result<TcpListener, Failure> {
    let next = listen.port().checked_add(1).filter(|_| listen.port() != 0);
    if let Some(port) = next
        && let Ok(listener) = server::bind(SocketAddr::new(listen.ip(), port)).await
    {
        return Ok(listener);
    }
    server::bind(SocketAddr::new(listen.ip(), 0)).await
}

async fn open_keys(config: &Config, engine: &Engine) -> Result<(), Failure> {
    let settings = encryption_key::settings(config, engine, Missing::MakeIfNew).await?;
    Ok(engine.open_keys(&settings).await?)
}

fn config(place: &Place) -> Config {
    let mut config = Config::default();
    config.database.url = format!("sqlite:{}", place.database().display());
    INSTITUTION.clone_into(&mut config.institution.name);
    config
}

/// Adds everybody, and answers the developer's number.
async fn add_people(engine: &Arc<Engine>, people: &[SamplePerson]) -> Result<PersonId, Failure> {
    let mut developer = None;
    let mut adding = Vec::new();
    for person in people {
        let (engine, draft) = (engine.clone(), person.draft());
        adding.push((
            person,
            tokio::spawn(async move { engine.add_person(draft).await }),
        ));
    }
    for (person, task) in adding {
        let added = task
            .await
            .map_err(|_| Failure::new("a sample person could not be added"))??;
        let id = added.map_err(|error| Failure::new(format!("{}: {error}", person.username)))?;
        if person.role == Some(PlatformRole::Developer) {
            developer = Some(id);
        }
    }
    developer.ok_or_else(|| Failure::new("there is no developer among the sample people"))
}

async fn add_app(engine: &Engine, owner: PersonId, url: &str) -> Result<Registered, Failure> {
    let document = json!({
        "client_name": sample_app::NAME,
        "redirect_uris": [sample_app::callback(url)],
        "description": sample_app::DESCRIPTION,
        "data_points": sample_app::DATA_POINTS,
        "grant_types": sample_app::GRANTS,
    });
    let metadata: ClientMetadata =
        serde_json::from_value(document).map_err(|error| Failure::new(error.to_string()))?;
    let grants: Vec<&str> = registry().iter().map(|grant| grant.grant_type()).collect();
    let manifest = metadata
        .check(&engine.settings().catalogue, &grants)
        .map_err(|errors| Failure::new(format!("the sample app is not as it must be: {errors:?}")))?;
    let app = AddApp {
        owner,
        manifest,
        client_id: None,
        client_secret: None,
        approved: true,
        legacy: Legacy::default(),
        registration: None,
    };
    engine
        .add_app(app)
        .await?
        .map_err(|error| Failure::new(error.to_string()))
}
