//! `omniport demo`.

use super::Environment;
use crate::config::{Level, Log, LogFormat};
use crate::demo::{Demo as Instance, Place, walk};
use crate::{Failure, logging, output, server};
use clap::Args;
use omniport_protocol::vocabulary::Secret;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use tokio::sync::watch;

/// Serve a complete instance with sample people and a sample app
///
/// It prints its addresses and passwords, which are new in every run, and ends with Ctrl-C.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  omniport demo\n  omniport demo --listen 127.0.0.1:9000 --data ./demo\n  omniport demo --walkthrough"
)]
pub(super) struct Demo {
    #[arg(
        long,
        value_name = "ADDR",
        value_parser = address,
        help = "The address to listen on, of this machine alone [env: OMNIPORT_LISTEN] [default: 127.0.0.1:8000]"
    )]
    listen: Option<SocketAddr>,
    /// Keep the database in this folder; without it, in a temporary one that is removed at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print addresses and passwords as one line of JSON
    #[arg(long)]
    json: bool,
    /// Walk the ten steps of the walkthrough, and two flows beside them, over HTTP against itself, print each exchange, and end
    #[arg(long, conflicts_with_all = ["listen", "data", "json"])]
    walkthrough: bool,
}

impl Demo {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let _log = logging::start(Log {
            format: LogFormat::Human,
            level: Level::Warn,
        });
        if self.walkthrough {
            return walked().await;
        }
        let stop = server::stop_signal()?;
        let place = Place::new(self.data.as_deref())?;
        let demo = Instance::start(self.address(environment)?, &place, stop).await?;
        if self.json {
            output::line(&as_json(&demo))?;
        } else {
            output::line(&for_people(&demo, &place))?;
        }
        demo.ended().await;
        Ok(())
    }

    fn address(&self, environment: &Environment) -> Result<SocketAddr, Failure> {
        match (self.listen, environment.get("OMNIPORT_LISTEN")) {
            (Some(given), _) => Ok(given),
            (None, Some(text)) => address(text)
                .map_err(|expected| Failure::new(format!("OMNIPORT_LISTEN is '{text}'; {expected}"))),
            (None, None) => Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 8_000))),
        }
    }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:8000")
}

async fn walked() -> Result<(), Failure> {
    let (tell, told) = watch::channel(false);
    let place = Place::new(None)?;
    let demo = Instance::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), &place, told).await?;
    let outcome = walk(&demo).await;
    tell.send_replace(true);
    demo.ended().await;
    outcome
}

fn as_json(demo: &Instance) -> String {
    let people: Vec<_> = demo
        .people
        .iter()
        .map(|person| {
            json!({
                "username": person.username,
                "password": person.password.expose(),
                "name": person.name,
                "kind": person.kind.as_str(),
                "roles": person.roles(),
            })
        })
        .collect();
    json!({
        "issuer": demo.issuer,
        "sample_app": demo.sample_app,
        "client_id": demo.app.client_id.as_str(),
        "client_secret": demo.app.client_secret.as_ref().map(Secret::expose),
        "people": people,
    })
    .to_string()
}

fn for_people(demo: &Instance, place: &Place) -> String {
    let row = |person: &crate::demo::SamplePerson| {
        let is: Vec<&str> = [person.kind.label()].into_iter().chain(person.roles()).collect();
        vec![
            format!("  {}", person.name),
            person.username.to_owned(),
            person.password.expose().to_owned(),
            is.join(", "),
        ]
    };
    let rows: Vec<Vec<String>> = demo.people.iter().map(row).collect();
    let table = output::table(&["  NAME", "USERNAME", "PASSWORD", "IS"], &rows);
    let data = match place {
        Place::Temporary(folder) => format!("{} (removed at the end)", folder.path().display()),
        Place::Folder(path) => path.display().to_string(),
    };
    format!(
        "\n  Omniport's demo is ready.\n\n  The site     {}\n  Sample app   {}   start here: it signs you in and shows each \
         step\n  Register     {}/developer/add\n  Review       {}/maintainer/review\n  Data         {data}\n\n{table}\n\n  \
         Ctrl-C ends it.\n",
        demo.issuer, demo.sample_app, demo.issuer, demo.issuer
    )
}
