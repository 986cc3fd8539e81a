//! `omniport app show`.

use super::client_id;
use super::list::summary;
use crate::commands::Environment;
use crate::commands::source::Source;
use crate::{Failure, output};
use clap::Args;
use omniport_engine::Engine;
use omniport_portal::views::DifferenceRow;
use omniport_protocol::review::App;
use omniport_protocol::vocabulary::ClientId;
use serde_json::{Value, json};

/// Show one app: what it is, what waits for review, its team and its history
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport app show \"$CLIENT_ID\" --json")]
pub(in crate::commands) struct Show {
    /// The app's client ID
    #[arg(value_name = "CLIENT_ID", value_parser = client_id)]
    id: ClientId,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Show {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let store = engine.store();
        let Some(listed) = store.listed_app(&self.id).await? else {
            return Err(Failure::new(format!(
                "there is no app {}; `omniport app list` shows which there are",
                self.id
            )));
        };
        let mut shown = summary(&listed, &engine);
        let version = |version: &omniport_protocol::review::Version| json!({"number": version.number, "manifest": version.manifest, "made_at": version.at});
        let team: Vec<String> = store
            .team(&self.id)
            .await?
            .into_iter()
            .map(|member| member.username)
            .collect();
        let history = store.history_for_maintainers(&self.id).await?;
        let history: Vec<Value> = history
            .iter()
            .map(|event| {
                json!({"at": event.at, "by": event.actor, "what": event.what.as_str(), "comment": event.comment,
                       "version": event.version})
            })
            .collect();
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("live".into(), listed.app.live.as_ref().map(version).into());
            fields.insert(
                "proposed".into(),
                listed.app.proposed.as_ref().map(version).into(),
            );
            fields.insert("legacy_plain_pkce".into(), listed.app.legacy.plain_pkce.into());
            fields.insert("legacy_implicit".into(), listed.app.legacy.implicit.into());
            fields.insert("legacy_password".into(), listed.app.legacy.password.into());
            fields.insert("team".into(), team.into());
            fields.insert(
                "people_connected".into(),
                store.connected_people(&self.id).await?.into(),
            );
            let checks = engine.check_app(&listed.app).await?;
            let checks: Vec<Value> = checks
                .iter()
                .map(|check| json!({"what": check.what.as_str(), "fine": check.fine, "evidence": check.evidence}))
                .collect();
            fields.insert("checks".into(), checks.into());
            fields.insert("differences".into(), differences(&listed.app, &engine));
            fields.insert("secrets".into(), secrets(&engine, &self.id).await?);
            let came_by_itself = store.registration(&self.id).await?.is_some();
            fields.insert("registered_itself".into(), came_by_itself.into());
            fields.insert("history".into(), history.into());
        }
        if self.json {
            output::json(&shown)
        } else {
            output::line(&outline(&shown, 0))
        }
    }
}

/// How what waits differs from what lives, as the review page says it; empty where nothing waits or nothing lives.
fn differences(app: &App, engine: &Engine) -> Value {
    let rows = |rows: &[DifferenceRow]| -> Vec<Value> {
        let row = |row: &DifferenceRow| json!({"how": row.kind.key(), "text": row.text});
        rows.iter().map(row).collect()
    };
    let found = omniport_portal::differences(app, &engine.settings().catalogue);
    let found = found
        .iter()
        .map(|one| json!({"title": one.title, "rows": rows(&one.rows)}));
    found.collect()
}

/// The secrets that are kept: what tells each apart, and how it is used. Never one itself.
async fn secrets(engine: &Engine, id: &ClientId) -> Result<Value, Failure> {
    let secrets = engine.store().secrets(id).await?;
    let told = secrets.iter().map(|one| {
        json!({"id": one.id, "prefix": one.prefix, "created_at": one.created_at, "expires_at": one.expires_at,
               "last_used_at": one.last_used_at})
    });
    Ok(told.collect())
}

/// The fields of [`Show`] that are moments: JSON has their seconds, people read a date.
const MOMENTS: [&str; 8] = [
    "at",
    "made_at",
    "submitted_at",
    "decided_at",
    "claimed_at",
    "created_at",
    "expires_at",
    "last_used_at",
];

/// A JSON value for people: one `name: value` a line, what is inside something further in.
fn outline(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let entry = |name: &str, value: &Value| match value {
        Value::Number(at) if MOMENTS.contains(&name) => {
            format!(
                "{indent}{name}: {}",
                at.as_i64().map_or_else(String::new, output::moment)
            )
        }
        Value::Null => format!("{indent}{name}: -"),
        Value::Object(_) => format!("{indent}{name}:\n{}", outline(value, depth + 1)),
        Value::Array(items) if items.is_empty() => format!("{indent}{name}: -"),
        Value::Array(items) if items.iter().any(Value::is_object) => {
            format!("{indent}{name}:\n{}", outline(value, depth + 1))
        }
        Value::Array(items) => {
            let words: Vec<String> = items.iter().map(scalar).collect();
            format!("{indent}{name}: {}", words.join(", "))
        }
        other => format!("{indent}{name}: {}", scalar(other)),
    };
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| entry(name, value))
            .collect::<Vec<_>>()
            .join("\n"),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, item)| entry(&format!("{}", at + 1), item))
            .collect::<Vec<_>>()
            .join("\n"),
        other => format!("{indent}{}", scalar(other)),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => output::plain(text),
        other => other.to_string(),
    }
}
