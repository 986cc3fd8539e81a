//! `/developer/apps/ID/usage`: how much an app is used, day by day.

use super::section::AtApp;
use crate::problem::Problem;
use crate::query::Query;
use crate::respond;
use crate::views::{DeveloperUsage, UsageDay};
use axum::response::Response;
use http::StatusCode;
use omniport_store::portal::{Day, Usage, day_of};
use std::collections::BTreeMap;

/// GET `/developer/apps/{client_id}/usage?days=`: 30 where it is left out or no period that is offered.
pub(crate) async fn show(at: AtApp, Query(query): Query) -> Result<Response, Problem> {
    let engine = at.signed_in.engine();
    let asked = query.get("days").and_then(|days| days.parse().ok());
    let period = asked
        .filter(|days| DeveloperUsage::PERIODS.contains(days))
        .unwrap_or(DeveloperUsage::PERIODS[1]);
    let today = day_of(engine.now());
    let first = today - Day::try_from(period).unwrap_or(30) + 1;
    let used: BTreeMap<Day, Usage> = engine
        .store()
        .usage(&at.app.id, first)
        .await?
        .into_iter()
        .collect();
    let days = (first..=today).map(|day| {
        let usage = used.get(&day).copied().unwrap_or_default();
        UsageDay {
            date: date(day),
            sign_ins: usage.sign_ins.into(),
            people: usage.active_people.into(),
            reads: usage.reads.into(),
            failures: usage.failures.into(),
        }
    });
    let template = DeveloperUsage {
        chrome: at.chrome(),
        head: at.head().await?,
        period,
        days: days.collect(),
    };
    Ok(respond::page(StatusCode::OK, &template))
}

/// `23 Nov 2026`; a day outside the calendar as its bare number.
fn date(day: Day) -> String {
    jiff::Timestamp::from_second(day.saturating_mul(86_400))
        .map_or_else(|_| day.to_string(), |at| at.strftime("%-d %b %Y").to_string())
}
