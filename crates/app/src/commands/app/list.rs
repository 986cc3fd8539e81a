//! `omniport app list`.

use super::claim::maintainer;
use crate::commands::Environment;
use crate::commands::source::Source;
use crate::{Failure, output};
use clap::{Args, ValueEnum};
use omniport_engine::Engine;
use omniport_protocol::review::Standing;
use omniport_store::portal::{AppFilter, Claimed, ListedApp};
use serde_json::{Value, json};

/// Apps read from the store at a time.
const PAGE: u32 = 500;

/// Where an app stands, as a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Status {
    /// Was never sent to review
    Draft,
    /// Waits for its first review
    Pending,
    /// Is with its team again, before its first approval
    #[value(name = "changes_requested", alias = "changes-requested")]
    ChangesRequested,
    /// Was refused
    Rejected,
    /// Works for everybody
    Approved,
    /// Works for nobody
    Suspended,
}

/// List the apps, those that have waited longest for review first
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport app list --waiting --unclaimed --json")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four switches; any combination is a list"
)]
pub(in crate::commands) struct List {
    /// Only those that stand so
    #[arg(long)]
    status: Option<Status>,
    /// Only those that a maintainer is asked to look at: new ones, and changes of approved ones
    #[arg(long)]
    waiting: bool,
    /// Only those that have waited longer than they should (the setting `overdue_days` of review)
    #[arg(long)]
    overdue: bool,
    /// Only those that nobody reviews yet
    #[arg(long, conflicts_with = "claimed_by")]
    unclaimed: bool,
    /// Only those that this maintainer reviews
    #[arg(long, value_name = "USERNAME")]
    claimed_by: Option<String>,
    /// Only those with this in their name, their client ID or their owner's username
    #[arg(long, value_name = "TEXT", default_value_t)]
    search: String,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl List {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let filter = AppFilter {
            standing: self.status.map(|status| match status {
                Status::Draft => Standing::Draft,
                Status::Pending => Standing::Pending,
                Status::ChangesRequested => Standing::ChangesRequested,
                Status::Rejected => Standing::Rejected,
                Status::Approved => Standing::Approved,
                Status::Suspended => Standing::Suspended,
            }),
            awaiting_review: self.waiting || self.overdue,
            submitted_before: self.overdue.then(|| engine.overdue_since()),
            claimed: match &self.claimed_by {
                Some(username) => Some(Claimed::By(maintainer(&engine, username).await?)),
                None => self.unclaimed.then_some(Claimed::ByNobody),
            },
            with_team: false,
            search: self.search.clone(),
        };
        let mut apps: Vec<ListedApp> = Vec::new();
        loop {
            let after = apps.last().map(ListedApp::cursor);
            let page = engine.store().apps(&filter, after.as_ref(), PAGE).await?;
            if page.is_empty() {
                break;
            }
            apps.extend(page);
        }
        if self.json {
            return output::json(&apps.iter().map(|app| summary(app, &engine)).collect());
        }
        if apps.is_empty() {
            return output::line("There is no such app.");
        }
        let row = |app: &ListedApp| {
            vec![
                app.app.id.to_string(),
                app.app.standing.as_str().to_owned(),
                output::plain(&app.owner),
                app.app
                    .edited()
                    .map_or_else(String::new, |version| output::plain(&version.manifest.name)),
            ]
        };
        let rows: Vec<Vec<String>> = apps.iter().map(row).collect();
        output::line(&output::table(&["CLIENT ID", "STATUS", "OWNER", "NAME"], &rows))
    }
}

/// What a list says of an app.
pub(super) fn summary(listed: &ListedApp, engine: &Engine) -> Value {
    let waits = listed.app.awaits_review();
    let claim = listed.claim.as_ref();
    json!({
        "client_id": listed.app.id.as_str(),
        "client_name": listed.app.edited().map(|version| version.manifest.name.as_str()),
        "status": listed.app.standing.as_str(),
        "awaits_review": waits,
        "overdue": waits && listed.submitted_at < engine.overdue_since(),
        "submitted_at": listed.submitted_at,
        "decided_at": listed.decided_at,
        "claimed_by": claim.map(|claim| claim.username.as_str()),
        "claimed_at": claim.map(|claim| claim.at),
        "owner": listed.owner,
    })
}
