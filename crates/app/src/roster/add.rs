//! Adding the people of a file.

use super::{Became, PersonEntry};
use crate::{Failure, output};
use futures_util::{StreamExt, stream};
use omniport_engine::Engine;
use omniport_engine::people::{PersonDraft, PlatformRole};
use omniport_protocol::vocabulary::PersonId;
use omniport_store::portal::PersonRecord;
use std::collections::BTreeSet;

/// How many passwords are got ready at a time; how many are hashed at a time is the engine's own matter.
const AHEAD: usize = 8;

/// People who can be added.
pub(crate) struct Plan {
    drafts: Vec<PersonDraft>,
}

/// What became of somebody.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Their number.
    pub(crate) id: PersonId,
    /// Their sign-in name.
    pub(crate) username: String,
    /// It.
    pub(crate) became: Became,
    /// In what they are not as the file says.
    pub(crate) differs: Vec<&'static str>,
}

impl Plan {
    /// Looks through everybody, and adds each mistake to `mistakes`.
    pub(crate) fn of(engine: &Engine, entries: Vec<PersonEntry>, mistakes: &mut Vec<String>) -> Self {
        let mut names = BTreeSet::new();
        let mut drafts = Vec::new();
        for (at, entry) in entries.into_iter().enumerate() {
            let who = format!("person {} ({})", at + 1, entry.username);
            let draft = match entry.draft() {
                Ok(draft) => draft,
                Err(why) => {
                    mistakes.push(format!("{who}: {why}"));
                    continue;
                }
            };
            if !names.insert(draft.username.to_lowercase()) {
                mistakes.push(format!("{who}: the username is in the file twice"));
            }
            match engine.check_person(&draft) {
                Ok(_) => drafts.push(draft),
                Err(why) => mistakes.push(format!("{who}: {why}")),
            }
        }
        Self { drafts }
    }

    /// Whether somebody of this sign-in name is among them.
    pub(crate) fn has(&self, username: &str) -> bool {
        let folded = username.to_lowercase();
        self.drafts
            .iter()
            .any(|draft| draft.username.to_lowercase() == folded)
    }
}

/// Adds those who are not there, in the file's order, which is that of their numbers.
pub(crate) async fn add(engine: &Engine, plan: Plan) -> Result<Vec<Outcome>, Failure> {
    let all = u64::try_from(plan.drafts.len()).unwrap_or(u64::MAX);
    let mut bar = output::Bar::new();
    let mut outcomes = Vec::new();
    // Passwords take time, and are got ready side by side.
    let mut ready = stream::iter(plan.drafts)
        .map(|draft| find(engine, draft))
        .buffered(AHEAD);
    while let Some(found) = ready.next().await {
        let outcome = match found? {
            Found::There(outcome) => outcome,
            Found::New(person, draft) => match engine.insert_person(person).await? {
                Ok(id) => Outcome {
                    id,
                    username: draft.username,
                    became: Became::Added,
                    differs: Vec::new(),
                },
                // Somebody else added them a moment ago.
                Err(_) => there(engine, &draft).await?,
            },
        };
        outcomes.push(outcome);
        bar.show("people", u64::try_from(outcomes.len()).unwrap_or(all), all);
    }
    Ok(outcomes)
}

enum Found {
    There(Outcome),
    New(omniport_engine::people::ReadyPerson, PersonDraft),
}

async fn find(engine: &Engine, draft: PersonDraft) -> Result<Found, Failure> {
    match engine.store().person_by_username(&draft.username).await? {
        Some(person) => Ok(Found::There(kept(engine, &person, &draft))),
        None => prepared(engine, draft).await,
    }
}

async fn prepared(engine: &Engine, draft: PersonDraft) -> Result<Found, Failure> {
    let person = engine.prepare_person(&draft).await?;
    let person = person.map_err(|error| Failure::new(format!("{}: {error}", draft.username)))?;
    Ok(Found::New(person, draft))
}

async fn there(engine: &Engine, draft: &PersonDraft) -> Result<Outcome, Failure> {
    let person = engine.store().person_by_username(&draft.username).await?;
    let person = person.ok_or_else(|| Failure::new(format!("{} was not added", draft.username)))?;
    Ok(kept(engine, &person, draft))
}

fn kept(engine: &Engine, person: &PersonRecord, draft: &PersonDraft) -> Outcome {
    let mut differs = Vec::new();
    let roles = [
        (person.is_maintainer, PlatformRole::Maintainer),
        (person.is_developer, PlatformRole::Developer),
    ];
    if roles.iter().any(|(has, role)| *has != draft.roles.contains(role)) {
        differs.push("roles");
    }
    if engine.check_person(draft).ok().as_ref() != Some(&person.data) {
        differs.push("values");
    }
    Outcome {
        id: person.id,
        username: person.username.clone(),
        became: Became::Kept,
        differs,
    }
}
