//! `/developer/apps/ID/requests`: the flow debugger.

use super::section::AtApp;
use crate::flash::sentence;
use crate::problem::Problem;
use crate::query::Query;
use crate::views::{self, DeveloperRequests, RequestRow};
use crate::{paths, respond};
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::vocabulary::{Params, encode};
use omniport_store::portal::{FlowEvent, FlowFilter};

/// Events on one page.
const PAGE: u32 = 50;
/// Longest reference that is looked for.
const MAX_REFERENCE: usize = 64;

/// GET `/developer/apps/{client_id}/requests?result=&endpoint=&reference=&before=`. What is no filter filters nothing.
pub(crate) async fn show(at: AtApp, Query(query): Query) -> Result<Response, Problem> {
    let engine = at.signed_in.engine();
    // So that what the team has just tried is there already. Where it cannot be written, the page has what is.
    if let Err(fault) = engine.write_flow().await {
        tracing::warn!(error = %fault, "what apps' requests came to was not written down");
    }
    let filter = filter(&query);
    let before = query.get("before").and_then(|id| id.parse().ok());
    let mut found = engine.store().flow(&at.app.id, &filter, before, PAGE + 1).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let older = found
        .last()
        .filter(|_| more)
        .map(|last| older(&at, &filter, last.id));
    let template = DeveloperRequests {
        chrome: at.chrome(),
        head: at.head().await?,
        events: found.into_iter().map(row).collect(),
        result: word_of(filter.refused).to_owned(),
        endpoint: filter.endpoint,
        reference: filter.request_id,
        older,
    };
    Ok(respond::page(StatusCode::OK, &template))
}

fn filter(query: &Params) -> FlowFilter {
    let known = |name: &&str| DeveloperRequests::ENDPOINTS.iter().any(|(key, _)| key == name);
    let reference = query.get("reference").unwrap_or_default().trim();
    FlowFilter {
        refused: match query.get("result") {
            Some("refused") => Some(true),
            Some("answered") => Some(false),
            _ => None,
        },
        endpoint: query.get("endpoint").filter(known).unwrap_or_default().to_owned(),
        request_id: reference
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(MAX_REFERENCE)
            .collect(),
    }
}

const fn word_of(refused: Option<bool>) -> &'static str {
    match refused {
        Some(true) => "refused",
        Some(false) => "answered",
        None => "",
    }
}

fn older(at: &AtApp, filter: &FlowFilter, last: i64) -> String {
    format!(
        "{}/requests?result={}&endpoint={}&reference={}&before={last}",
        paths::dashboard(&at.app.id),
        word_of(filter.refused),
        encode(&filter.endpoint),
        encode(&filter.request_id)
    )
}

/// A reason's first line is a sentence; the others are values to be set side by side, each behind its name.
fn row(event: FlowEvent) -> RequestRow {
    let mut lines = event.reason.lines();
    let reason = in_words(lines.next().unwrap_or_default());
    let values = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap_or(("", line));
        (name.to_owned(), value.to_owned())
    });
    let known = DeveloperRequests::ENDPOINTS
        .iter()
        .find(|(key, _)| *key == event.endpoint);
    RequestRow {
        when: views::When::from_seconds(event.at.seconds()),
        endpoint: known.map_or(event.endpoint.clone(), |(_, word)| (*word).to_owned()),
        refused: event.refused,
        result: came(&event.result).to_owned(),
        values: values.collect(),
        reason,
        person: event.person,
        reference: event.request_id,
    }
}

/// A reason as a sentence; one that begins with a parameter's name keeps it as it is written.
fn in_words(reason: &str) -> String {
    let first = reason.split_whitespace().next().unwrap_or_default();
    if reason.is_empty() || first.contains(['_', '=', '\'']) {
        reason.to_owned()
    } else {
        sentence(reason)
    }
}

/// What came of a request, in words; an error code stays as it is.
fn came(result: &str) -> &str {
    match result {
        "sign_in" => "Sent to sign in",
        "consent" => "Asked for consent",
        "asked_elsewhere" => "Asked on a device, or of a person",
        "pending" => "No answer yet",
        "allowed" => "The person said yes",
        "code" => "Code issued",
        "denied" => "The person said no",
        "tokens" => "Tokens issued",
        "introspected" => "Token looked up",
        "pushed" => "Request pushed",
        "revoked" => "Token given back",
        "data" => "Data read",
        "logout_asked" => "Asked to sign out",
        "logout" => "Signed out",
        "logout_told" => "Told of a sign-out",
        "answer_told" => "Told of an answer",
        "undelivered" => "Could not be told",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use omniport_protocol::vocabulary::Timestamp;

    #[test]
    fn what_is_no_filter_filters_nothing() {
        let odd = [
            ("result", "x"),
            ("endpoint", "<b>"),
            ("reference", " a' OR 1=1 -- "),
        ];
        let filter = filter(&Params::from_pairs(odd));
        assert_eq!((filter.refused, filter.endpoint.as_str()), (None, ""));
        assert_eq!(filter.request_id, "aOR11");
    }

    #[test]
    fn values_stand_side_by_side() {
        let row = row(FlowEvent {
            id: 1,
            at: Timestamp::from_seconds(0),
            endpoint: "token".into(),
            refused: true,
            result: "invalid_grant".into(),
            reason: "they differ\nsent: \"a: b\"\nregistered: \"c\"".into(),
            person: None,
            request_id: "r".into(),
        });
        assert_eq!(row.reason, "They differ.");
        assert_eq!(in_words("redirect_uri is missing"), "redirect_uri is missing");
        assert_eq!(in_words(""), "");
        let values = [("sent", "\"a: b\""), ("registered", "\"c\"")];
        assert_eq!(row.values, values.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(
            (row.endpoint.as_str(), row.result.as_str()),
            ("Token", "invalid_grant")
        );
    }
}
