//! `omniport audit list`.

use super::{Environment, Source};
use crate::{Failure, output};
use clap::Args;
use omniport_engine::Engine;
use omniport_engine::audit::{Sought, SoughtError, day};
use omniport_protocol::audit::{Act, Actor, Entry, Party};
use omniport_store::portal::AuditFilter;
use serde_json::{Value, json};

/// List what was done, the newest first
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  omniport audit list --person mai --since 2026-05-01\n  omniport audit list --app \"$CLIENT_ID\" --json"
)]
pub(in crate::commands) struct List {
    /// Only what was done to this app
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// Only what was done by this person or to them
    #[arg(long, value_name = "USERNAME")]
    person: Option<String>,
    /// Only this act, such as app.approve
    #[arg(long, value_name = "ACT")]
    act: Option<String>,
    /// Only what was done on this day (UTC) or later
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = a_day)]
    since: Option<String>,
    /// Only what comes before this number: the next page
    #[arg(long, value_name = "NUMBER")]
    before: Option<u64>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    limit: u32,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

/// Refuses what is no day before anything is opened.
fn a_day(text: &str) -> Result<String, SoughtError> {
    day(text).map(|_| text.to_owned())
}

impl List {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let filter = self.filter(&engine).await?;
        // One more, to know whether there is a next page.
        let mut entries = engine
            .store()
            .audit_events(&filter, self.before, self.limit + 1)
            .await?;
        let more = entries.len() > self.limit as usize;
        entries.truncate(self.limit as usize);
        let next = entries.last().filter(|_| more).map(|last| last.event.number);
        if self.json {
            let events: Vec<Value> = entries.iter().map(as_json).collect();
            return output::json(&json!({"events": events, "next": next}));
        }
        if entries.is_empty() {
            return output::line("Nothing of that was done.");
        }
        let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
        output::line(&output::table(
            &["NUMBER", "WHEN", "WHO", "FROM", "ACT", "TO"],
            &rows,
        ))?;
        match next {
            Some(next) => output::line(&format!("More: --before {next}")),
            None => Ok(()),
        }
    }

    async fn filter(&self, engine: &Engine) -> Result<AuditFilter, Failure> {
        let sought = Sought {
            app: self.app.as_deref(),
            person: self.person.as_deref(),
            act: self.act.as_deref(),
            since: self.since.as_deref(),
        };
        let filter = engine.audit_filter(sought).await?;
        filter.map_err(|why| match why {
            SoughtError::Nobody(_) => Failure::new(output::plain(&why.to_string())),
            SoughtError::App(_) => Failure::WrongUse(format!("--app: {why}")),
            SoughtError::Day => Failure::WrongUse(format!("--since: {why}")),
            SoughtError::Act(_) => {
                let acts: Vec<&str> = Act::ALL.iter().map(|act| act.as_str()).collect();
                Failure::WrongUse(format!("--act is one of: {}", acts.join(", ")))
            }
        })
    }
}

fn as_json(entry: &Entry) -> Value {
    // What an export's line says, so that one form is to be learnt.
    serde_json::from_str(&entry.to_line()).unwrap_or_default()
}

fn row(entry: &Entry) -> Vec<String> {
    let event = &entry.event;
    vec![
        event.number.to_string(),
        output::moment(event.at.seconds()),
        named(&event.actor),
        event.address.as_deref().map(output::plain).unwrap_or_default(),
        output::plain(&event.act),
        named(&event.subject),
    ]
}

/// A party by its name, else by what it is and its identifier.
fn named(party: &Party) -> String {
    output::plain(&match (party.name.is_empty(), party.id.is_empty()) {
        (false, true) => party.name.clone(),
        (false, false) if party.kind == Actor::PERSON => party.name.clone(),
        (false, false) if party.kind == Actor::COMMAND_LINE => format!("{} for {}", party.kind, party.name),
        (false, false) => format!("{} ({})", party.name, party.id),
        (true, false) => format!("{} {}", party.kind, party.id),
        (true, true) => party.kind.clone(),
    })
}
