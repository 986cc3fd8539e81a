//! `/maintainer/audit`: the audit log, and its export.

use crate::flash::sentence;
use crate::problem::Problem;
use crate::query::Query;
use crate::views::{self, AuditRow, Difference, DifferenceKind, DifferenceRow};
use crate::visitor::Maintainer;
use crate::{headers, paths, respond};
use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use omniport_engine::Fault;
use omniport_engine::audit::Sought;
use omniport_protocol::audit::{Act, Actor, Entry, Party, SubjectKind};
use omniport_protocol::vocabulary::{ClientId, Params, encode};
use serde_json::Value;
use std::collections::BTreeSet;

/// Events on one page.
const PAGE: u32 = 50;
/// Longest of what is looked for, in characters.
const MAX_TYPED: usize = 255;
/// Longest value in a difference, in characters: the export has all of it.
const MAX_SHOWN: usize = 1_000;

/// What was asked for, as it was typed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Typed {
    app: String,
    person: String,
    act: String,
    since: String,
}

impl Typed {
    fn of(query: &Params) -> Self {
        let text = |name| -> String {
            let text = query.get(name).unwrap_or_default().trim();
            text.chars().take(MAX_TYPED).collect()
        };
        Self {
            app: text("app"),
            person: text("person"),
            act: text("act"),
            since: text("since"),
        }
    }

    fn sought(&self) -> Sought<'_> {
        fn some(text: &str) -> Option<&str> {
            (!text.is_empty()).then_some(text)
        }
        Sought {
            app: some(&self.app),
            person: some(&self.person),
            act: some(&self.act),
            since: some(&self.since),
        }
    }

    fn address(&self) -> String {
        let Self {
            app,
            person,
            act,
            since,
        } = self;
        let [app, person, act, since] = [app, person, act, since].map(|text| encode(text));
        format!("/maintainer/audit?app={app}&person={person}&act={act}&since={since}")
    }
}

/// GET `/maintainer/audit?app=&person=&act=&since=&before=`. What cannot be looked for finds nothing, and is said.
pub(crate) async fn show(
    Maintainer(signed_in): Maintainer,
    Query(query): Query,
) -> Result<Response, Problem> {
    let engine = signed_in.engine();
    let typed = Typed::of(&query);
    let before = query.get("before").and_then(|number| number.parse().ok());
    let (mut found, unusable) = match engine.audit_filter(typed.sought()).await? {
        Ok(filter) => {
            let found = engine.store().audit_events(&filter, before, PAGE + 1).await?;
            (found, String::new())
        }
        Err(why) => (Vec::new(), sentence(&why.to_string())),
    };
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let older = found.last().filter(|_| more).map(|last| views::Link {
        label: "Older events".to_owned(),
        href: format!("{}&before={}", typed.address(), last.event.number),
    });
    let end = engine.store().audit_end().await?;
    let kept = engine.settings().retention.audit / 86_400;
    let template = views::Audit {
        chrome: signed_in.visit.chrome(),
        events: found.iter().map(row).collect(),
        app: typed.app,
        person: typed.person,
        act: typed.act,
        since: typed.since,
        unusable,
        acts: Act::ALL.iter().map(|act| act.as_str()).collect(),
        older,
        head: end.noted.map(|head| head.to_string()),
        kept_days: u64::try_from(kept).unwrap_or_default(),
    };
    Ok(respond::page(StatusCode::OK, &template))
}

/// GET `/maintainer/audit/export`: all of it as JSON lines, read while it is sent.
pub(crate) async fn export(Maintainer(signed_in): Maintainer) -> Result<Response, Problem> {
    let reader = signed_in.engine().audit_reader().await?;
    let lines = stream::try_unfold(reader, |mut reader| async move {
        let entries = reader.next().await?;
        if entries.is_empty() {
            return Ok::<_, Fault>(None);
        }
        let lines: String = entries.iter().map(|entry| entry.to_line() + "\n").collect();
        Ok(Some((Bytes::from(lines), reader)))
    });
    let mut response = Response::new(Body::from_stream(lines));
    let fields = response.headers_mut();
    headers::secure(fields);
    fields.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-ndjson; charset=utf-8"),
    );
    fields.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"omniport-audit.jsonl\""),
    );
    Ok(response)
}

fn row(entry: &Entry) -> AuditRow {
    let event = &entry.event;
    let words = Act::parse(&event.act).map_or("did", Act::words);
    AuditRow {
        number: event.number.to_string(),
        when: views::When::from_seconds(event.at.seconds()),
        who: who(&event.actor),
        words: words.to_owned(),
        subject: name(&event.subject),
        leads_to: leads_to(&event.subject),
        act: event.act.clone(),
        address: event.address.clone().unwrap_or_default(),
        reference: event.request.clone().unwrap_or_default(),
        changes: changes(&event.before, &event.after),
        hash: entry.hash.to_string(),
    }
}

fn who(actor: &Party) -> String {
    match actor.kind.as_str() {
        Actor::COMMAND_LINE if actor.name.is_empty() => "The command line".to_owned(),
        Actor::COMMAND_LINE => format!("The command line, for {},", actor.name),
        Actor::SYSTEM => "Omniport".to_owned(),
        Actor::APP => format!("The app {}", actor.id),
        _ => name(actor),
    }
}

/// Its name, else its identifier; nothing of what has neither.
fn name(party: &Party) -> String {
    if party.name.is_empty() {
        party.id.clone()
    } else {
        party.name.clone()
    }
}

fn leads_to(subject: &Party) -> Option<String> {
    let app = (subject.kind == SubjectKind::App.as_str()).then(|| ClientId::parse(&subject.id).ok());
    app.flatten().map(|app| paths::review(&app))
}

/// What differs, leaf by leaf, each under its path.
fn changes(before: &Value, after: &Value) -> Vec<Difference> {
    let (mut was, mut is) = (Vec::new(), Vec::new());
    leaves(before, "", &mut was);
    leaves(after, "", &mut is);
    let mut seen = BTreeSet::new();
    let paths = was.iter().chain(&is).map(|(path, _)| path.clone());
    let paths: Vec<String> = paths.filter(|path| seen.insert(path.clone())).collect();
    let of = |leaves: &[(String, String)], path: &str| -> Vec<String> {
        let here = leaves.iter().filter(|(at, _)| at == path);
        here.map(|(_, text)| text.clone()).collect()
    };
    let differences = paths.into_iter().map(|path| {
        let (removed, added) = (of(&was, &path), of(&is, &path));
        let rows = |kind, texts: &[String], others: &[String]| -> Vec<DifferenceRow> {
            let texts = texts.iter().filter(|text| !others.contains(text));
            let row = |text: &String| DifferenceRow {
                kind,
                text: text.clone(),
            };
            texts.map(row).collect()
        };
        let mut all = rows(DifferenceKind::Removed, &removed, &added);
        all.extend(rows(DifferenceKind::Added, &added, &removed));
        Difference {
            title: title(&path),
            rows: all,
        }
    });
    differences
        .filter(|difference| !difference.rows.is_empty())
        .collect()
}

/// Every plain value of `value` under its path; the items of a list under the list's.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    let mut add = |text: String| found.push((path.to_owned(), text.chars().take(MAX_SHOWN).collect()));
    match value {
        Value::Null => {}
        Value::Bool(true) => add("yes".to_owned()),
        Value::Bool(false) => add("no".to_owned()),
        Value::Number(number) => add(match number.as_i64().filter(|_| is_moment(path)) {
            Some(seconds) => views::When::from_seconds(seconds).exact,
            None => number.to_string(),
        }),
        Value::String(text) => add(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, path, found)),
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path} \u{203a} {name}")
                };
                leaves(member, &path, found);
            }
        }
    }
}

/// Whether what stands under a path is a moment, in seconds since 1970: so are those named that acts tell of.
fn is_moment(path: &str) -> bool {
    path.ends_with("_at") || path.ends_with("_until")
}

/// A path for people: `Live › redirect uris`.
fn title(path: &str) -> String {
    let words = path.replace('_', " ");
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(before: &Value, after: &Value) -> Vec<String> {
        let line = |difference: Difference| {
            let rows = difference
                .rows
                .iter()
                .map(|row| format!("{} {}", row.kind.word(), row.text));
            format!("{}: {}", difference.title, rows.collect::<Vec<_>>().join(", "))
        };
        changes(before, after).into_iter().map(line).collect()
    }

    #[test]
    fn each_change_stands_under_its_path() {
        let before = json!({"live": {"name": "One", "redirect_uris": ["a", "b"], "is_open": false}});
        let after = json!({"live": {"name": "Two", "redirect_uris": ["b", "c"], "is_open": true}});
        assert_eq!(
            told(&before, &after),
            [
                "Live \u{203a} is open: Removed no, Added yes",
                "Live \u{203a} name: Removed One, Added Two",
                "Live \u{203a} redirect uris: Removed a, Added c",
            ]
        );
        assert_eq!(
            told(&json!({"live": 1}), &json!({"live": null})),
            ["Live: Removed 1"]
        );
        assert_eq!(
            told(&Value::Null, &json!({"earlier_until": 1_795_529_100, "uses": 3})),
            [
                "Earlier until: Added 24 November 2026, 14:05:00 UTC",
                "Uses: Added 3"
            ]
        );
        assert_eq!(told(&Value::Null, &Value::Null), [""; 0]);
    }

    #[test]
    fn the_next_page_is_filtered_alike() {
        let typed = Typed {
            app: "a b&c".into(),
            person: "mai".into(),
            act: "app.approve".into(),
            since: "2026-11-23".into(),
        };
        let address = typed.address();
        let query = Params::parse(address.split_once('?').unwrap().1.as_bytes()).unwrap();
        assert_eq!(Typed::of(&query), typed);
    }
}
