//! An act on its way into the log.

use super::{Act, Doer, Event, Party, SubjectKind, canonical};
use crate::vocabulary::{ClientId, PersonId, Timestamp, sha256};
use serde_json::{Map, Value, json};

/// Longest text within what is told, in bytes: longer ones are told by their hash.
const MAX_TEXT_BYTES: usize = 8 * 1024;
/// Most of what is told before an act, and of what after it, in bytes of canonical JSON.
const MAX_BYTES: usize = 64 * 1024;
/// How deep it may be nested.
const MAX_DEPTH: usize = 16;
/// Longest name or identifier, in characters.
const MAX_NAME_CHARS: usize = 255;

/// What an act is done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What kind it is.
    pub kind: SubjectKind,
    /// Its identifier.
    pub id: String,
    /// What it is called now, for people.
    pub name: String,
}

impl Subject {
    /// An app.
    pub fn app(id: &ClientId, name: &str) -> Self {
        Self::of(SubjectKind::App, id.as_str(), name)
    }

    /// A person.
    pub fn person(id: PersonId, username: &str) -> Self {
        Self::of(SubjectKind::Person, &id.to_string(), username)
    }

    /// Something of another kind.
    pub fn of(kind: SubjectKind, id: &str, name: &str) -> Self {
        Self {
            kind,
            id: id.to_owned(),
            name: name.to_owned(),
        }
    }

    /// The signing keys.
    pub fn keys() -> Self {
        Self::of(SubjectKind::Keys, "", "")
    }

    /// The instance itself.
    pub fn instance() -> Self {
        Self::of(SubjectKind::Instance, "", "")
    }
}

/// An act that is about to be done, with all that the log will tell of it. Never a secret, nor a hash of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Who does it.
    pub doer: Doer,
    /// What.
    pub act: Act,
    /// To what.
    pub subject: Subject,
    /// What that is before; of what changes only.
    pub before: Value,
    /// What it is afterwards.
    pub after: Value,
    /// Now.
    pub at: Timestamp,
}

impl Deed {
    /// The event that it is as number `number`; `name` is what a person who does it is called.
    pub fn event(&self, number: u64, name: &str) -> Event {
        let id = match &self.doer.actor {
            super::Actor::Person(person) | super::Actor::OperatorFor(person) => person.to_string(),
            super::Actor::App(client) => client.to_string(),
            super::Actor::Operator | super::Actor::System => String::new(),
        };
        let cut = |text: &str| text.chars().take(MAX_NAME_CHARS).collect::<String>();
        Event {
            number,
            at: self.at,
            act: self.act.as_str().to_owned(),
            actor: Party {
                id: cut(&id),
                kind: self.doer.actor.kind().to_owned(),
                name: cut(name),
            },
            address: self.doer.address.map(|address| address.to_string()),
            request: self.doer.request.as_deref().map(cut),
            subject: Party {
                id: cut(&self.subject.id),
                kind: self.subject.kind.as_str().to_owned(),
                name: cut(&self.subject.name),
            },
            before: bounded(&self.before),
            after: bounded(&self.after),
        }
    }
}

/// What differs between two objects: the members that are not the same in both, each with what it was and what it is.
/// Of other values: both, or nothing where they are the same.
pub fn difference(before: &Value, after: &Value) -> (Value, Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let differs = |one: &Map<String, Value>, other: &Map<String, Value>| {
                let members = one
                    .iter()
                    .filter(|(name, value)| other.get(*name) != Some(*value));
                members
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect()
            };
            (
                Value::Object(differs(before, after)),
                Value::Object(differs(after, before)),
            )
        }
        (before, after) if before == after => (Value::Null, Value::Null),
        (before, after) => (before.clone(), after.clone()),
    }
}

/// `value` with what is too long, too deep or too much of it told by its hash.
fn bounded(value: &Value) -> Value {
    let shortened = shorten(value, 0);
    if canonical(&shortened).len() <= MAX_BYTES {
        return shortened;
    }
    let Value::Object(members) = &shortened else {
        return hashed(value);
    };
    let short = |value: &Value| {
        if canonical(value).len() > 256 {
            hashed(value)
        } else {
            value.clone()
        }
    };
    let members = members.iter().map(|(name, value)| (name.clone(), short(value)));
    let shorter = Value::Object(members.collect());
    if canonical(&shorter).len() <= MAX_BYTES {
        shorter
    } else {
        hashed(value)
    }
}

fn shorten(value: &Value, depth: usize) -> Value {
    match value {
        Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => hashed(value),
        Value::Array(items) => items.iter().map(|item| shorten(item, depth + 1)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            Value::Object(
                members
                    .map(|(name, member)| (name.clone(), shorten(member, depth + 1)))
                    .collect(),
            )
        }
        Value::String(text) if text.len() > MAX_TEXT_BYTES => hashed(value),
        Value::Number(number) if number.is_f64() => Value::String(number.to_string()),
        plain => plain.clone(),
    }
}

/// How long it is in canonical JSON, and the SHA-256 of that.
fn hashed(value: &Value) -> Value {
    let text = canonical(value);
    let hash = super::ChainHash::from_bytes(sha256(text.as_bytes()));
    json!({"bytes": text.len(), "sha256": hash.to_string()})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Actor, ChainHash, Entry};

    fn deed(after: Value) -> Deed {
        Deed {
            doer: Actor::Operator.into(),
            act: Act::AppRegister,
            subject: Subject::app(&ClientId::parse("c1").unwrap(), "Notes"),
            before: Value::Null,
            after,
            at: Timestamp::from_seconds(1),
        }
    }

    #[test]
    fn what_differs_is_told_and_nothing_else() {
        let (before, after) = (json!({"a": 1, "b": 2, "c": 3}), json!({"a": 1, "b": 4, "d": 5}));
        assert_eq!(
            difference(&before, &after),
            (json!({"b": 2, "c": 3}), json!({"b": 4, "d": 5}))
        );
        assert_eq!(difference(&json!(1), &json!(1)), (Value::Null, Value::Null));
        assert_eq!(
            difference(&Value::Null, &json!({"a": 1})),
            (Value::Null, json!({"a": 1}))
        );
    }

    #[test]
    fn an_event_is_bounded_whatever_was_done() {
        let long = "x".repeat(MAX_TEXT_BYTES + 1);
        let event = deed(json!({"long": long, "short": "x", "half": 0.5})).event(1, "");
        assert_eq!(event.after["short"], "x");
        assert_eq!(event.after["half"], "0.5");
        assert_eq!(event.after["long"]["bytes"], MAX_TEXT_BYTES + 3);
        let many: Map<String, Value> = (0..20)
            .map(|n| (n.to_string(), "y".repeat(MAX_TEXT_BYTES).into()))
            .collect();
        assert_eq!(
            deed(many.into()).event(1, "").after["7"]["bytes"],
            MAX_TEXT_BYTES + 2
        );
        let more: Vec<Value> = (0..20).map(|_| "y".repeat(MAX_TEXT_BYTES).into()).collect();
        assert!(deed(more.into()).event(1, "").after["sha256"].is_string());
        let deep = (0..100).fold(Value::Null, |inner, _| json!([inner]));
        let event = deed(deep).event(u64::MAX, &"z".repeat(9_999));
        assert_eq!(event.actor.name.len(), MAX_NAME_CHARS);
        let line = Entry::seal(event, ChainHash::BEFORE_ALL).to_line();
        assert!(line.len() < 2_000 && Entry::parse_line(&line).is_ok());
    }

    #[test]
    fn each_kind_of_doer_is_told_apart() {
        let told = |actor: Actor| {
            let deed = Deed {
                doer: actor.into(),
                ..deed(Value::Null)
            };
            let actor = deed.event(1, "mai").actor;
            format!("{}:{}", actor.kind, actor.id)
        };
        assert_eq!(told(Actor::Person(PersonId(7))), "person:7");
        assert_eq!(told(Actor::Operator), "command line:");
        assert_eq!(told(Actor::OperatorFor(PersonId(7))), "command line:7");
        assert_eq!(told(Actor::App(ClientId::parse("c9").unwrap())), "app:c9");
        assert_eq!(told(Actor::System), "system:");
    }
}
