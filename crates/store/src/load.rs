//! From what a rule asks for to what was found.

use crate::changes::{Topic, instant, number};
use crate::tables::clients::ReadClient;
use crate::tables::{
    access_tokens, clients, codes, consents, decoupled_requests, grants, parked_requests, people,
    pushed_requests, refresh_tokens, sessions, team, used_jtis,
};
use crate::{Fault, Query, Row, Store};
use omniport_protocol::effect::{Load, Loaded};
use omniport_protocol::vocabulary::Client;
use std::sync::Arc;
use std::time::Instant;

impl Store {
    /// Finds the facts, all from one snapshot, but for what is kept of clients while nobody changes one: that may be as old
    /// as [`crate::LEASE`] allows.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn load(&self, loads: &[Load]) -> Result<Loaded, Fault> {
        let mut loaded = Loaded::default();
        self.load_into(loads, &mut loaded).await?;
        Ok(loaded)
    }

    /// Finds more facts, and adds them to those known; a fact that is asked for again is replaced, and one that is not
    /// in the store ([`Load::is_remote`]) is left as it is.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn load_into(&self, loads: &[Load], loaded: &mut Loaded) -> Result<(), Fault> {
        let (mut asked, mut believed, mut queries) = (Vec::new(), Vec::new(), Vec::new());
        for load in loads {
            let Some(known) = self.known(load) else {
                if let Some(query) = query(load, None) {
                    queries.push(query);
                    asked.push((load, None));
                }
                continue;
            };
            match self.worth(&known) {
                Worth::Good => put(load, Some(known.client), loaded),
                Worth::Unsure => believed.push((load, known)),
                Worth::Old => {
                    queries.extend(query(load, Some(&known)));
                    asked.push((load, Some(known)));
                }
            }
        }
        // Last, so that answers keep their places. It is of the same snapshot as they.
        if !believed.is_empty() {
            queries.push(number(Topic::Apps));
        }
        if queries.is_empty() {
            return Ok(());
        }
        let as_of = instant();
        let mut answers = self.read(queries).await?;
        if !believed.is_empty() {
            let mut rows = answers.pop().unwrap_or_default();
            let number = rows.first_mut().map_or(Ok(0), Row::int)?;
            let (good, old): (Vec<_>, Vec<_>) = believed
                .into_iter()
                .partition(|(_, known)| known.number == number);
            for (load, known) in good {
                put(load, Some(known.client), loaded);
            }
            let queries: Vec<Query> = old
                .iter()
                .filter_map(|(load, known)| query(load, Some(known)))
                .collect();
            if !queries.is_empty() {
                answers.extend(self.read(queries).await?);
                asked.extend(old.into_iter().map(|(load, known)| (load, Some(known))));
            }
        }
        for ((load, known), rows) in asked.into_iter().zip(answers) {
            self.fill(load, known.as_ref(), as_of, rows, loaded)?;
        }
        Ok(())
    }

    /// What this node has read of the client that is asked for.
    fn known(&self, load: &Load) -> Option<ReadClient> {
        match load {
            Load::Client(id) | Load::SubjectClient(id) => self.clients().of(id),
            _ => None,
        }
    }

    /// Whether that may be used.
    fn worth(&self, known: &ReadClient) -> Worth {
        if !known.is_fresh() {
            return Worth::Old;
        }
        match self.feed().current(Topic::Apps) {
            _ if !self.driver().calls() => Worth::Unsure,
            Some(number) if number == known.number => Worth::Good,
            _ => Worth::Old,
        }
    }

    fn fill(
        &self,
        load: &Load,
        known: Option<&ReadClient>,
        as_of: Instant,
        mut rows: Vec<Row>,
        loaded: &mut Loaded,
    ) -> Result<(), Fault> {
        let first = rows.first_mut();
        match load {
            Load::Client(_) | Load::SubjectClient(_) => {
                put(load, clients::read(rows, known, as_of, self.clients())?, loaded);
            }
            Load::Code(_) => loaded.code = first.map(codes::read).transpose()?,
            Load::RefreshToken(_) => loaded.refresh_token = first.map(refresh_tokens::read).transpose()?,
            Load::AccessToken(_) => loaded.access_token = first.map(access_tokens::read).transpose()?,
            Load::ActorToken(_) => loaded.actor_token = first.map(access_tokens::read).transpose()?,
            Load::GrantBetween(_) => loaded.grant = first.map(grants::read).transpose()?.flatten(),
            Load::Session(_) => loaded.session = first.map(sessions::read).transpose()?,
            Load::Consent(..) => loaded.consent = first.map(consents::read).transpose()?,
            Load::Membership(..) => loaded.on_team = first.is_some(),
            Load::PersonData(_) => loaded.person_data = first.map(people::read_data).transpose()?,
            Load::ParkedRequest(_) => loaded.parked = first.map(parked_requests::read).transpose()?,
            Load::PushedRequest(_) => loaded.pushed = first.map(pushed_requests::read).transpose()?,
            Load::Decoupled(_) | Load::DecoupledByUserCode(_) => {
                loaded.decoupled = first.map(decoupled_requests::read).transpose()?.map(Box::new);
            }
            Load::PersonNamed(_) | Load::Person(_) => {
                loaded.person = first.map(people::read).transpose()?;
            }
            Load::UsedJti(jti) => loaded.used_jtis.extend(first.map(|_| *jti)),
            Load::RemoteKeys { .. }
            | Load::RequestObject { .. }
            | Load::IssuerKeys { .. }
            | Load::PersonOfSubject(..)
            | Load::Password { .. }
            | Load::ClientDocument(_)
            | Load::Apis => {}
        }
        Ok(())
    }
}

/// Whether a client that was read is what it is now.
enum Worth {
    /// It is: nobody has changed an app.
    Good,
    /// It is if nobody has.
    Unsure,
    /// It is to be read again.
    Old,
}

fn put(load: &Load, client: Option<Arc<Client>>, loaded: &mut Loaded) {
    match load {
        Load::SubjectClient(_) => loaded.subject_client = client,
        _ => loaded.client = client,
    }
}

/// The question for a fact; `known` is a client that this node has read. None for what is not in the
/// store.
fn query(load: &Load, known: Option<&ReadClient>) -> Option<Query> {
    Some(match load {
        Load::Client(id) | Load::SubjectClient(id) => clients::by_id(id, known),
        Load::Code(hash) => codes::by_hash(*hash),
        Load::RefreshToken(hash) => refresh_tokens::by_hash(*hash),
        Load::AccessToken(hash) | Load::ActorToken(hash) => access_tokens::by_hash(*hash),
        Load::GrantBetween((person, client)) => grants::newest_between(*person, client),
        Load::Session(hash) => sessions::by_hash(*hash),
        Load::Consent(person, client) => consents::of(*person, client),
        Load::Membership(person, client) => team::membership(*person, client),
        Load::PersonData(person) => people::data(*person),
        Load::ParkedRequest(hash) => parked_requests::by_hash(*hash),
        Load::PushedRequest(hash) => pushed_requests::by_hash(*hash),
        Load::Decoupled(hash) => decoupled_requests::by_code(*hash),
        Load::DecoupledByUserCode(hash) => decoupled_requests::by_user_code(*hash),
        Load::PersonNamed(name) => people::named(name),
        Load::Person(person) => people::numbered(*person),
        Load::UsedJti(jti) => used_jtis::by_hash(*jti),
        Load::RemoteKeys { .. }
        | Load::RequestObject { .. }
        | Load::IssuerKeys { .. }
        | Load::PersonOfSubject(..)
        | Load::Password { .. }
        | Load::ClientDocument(_)
        | Load::Apis => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::SQLITE;
    use omniport_protocol::vocabulary::{ClientId, PersonId, SecretHash};
    use rusqlite::{Connection, params_from_iter};

    /// A fact is found by its key however much there is: no plan reads through a table.
    #[test]
    fn every_fact_is_found_by_a_key() {
        let connection = Connection::open_in_memory().unwrap();
        for migration in SQLITE {
            connection.execute_batch(migration.sql).unwrap();
        }
        let (hash, person) = (SecretHash::of("x"), PersonId(1));
        let client = || ClientId::parse("client").unwrap();
        for load in [
            Load::Client(client()),
            Load::Code(hash),
            Load::RefreshToken(hash),
            Load::AccessToken(hash),
            Load::ActorToken(hash),
            Load::GrantBetween((person, client())),
            Load::SubjectClient(client()),
            Load::Session(hash),
            Load::Consent(person, client()),
            Load::Membership(person, client()),
            Load::PersonData(person),
            Load::ParkedRequest(hash),
            Load::PushedRequest(hash),
            Load::Decoupled(hash),
            Load::DecoupledByUserCode(hash),
            Load::PersonNamed("asha".to_owned()),
            Load::Person(person),
            Load::UsedJti(hash),
        ] {
            let query = query(&load, None).unwrap();
            let mut plan = connection
                .prepare(&format!("EXPLAIN QUERY PLAN {}", query.sql))
                .unwrap();
            let steps = plan
                .query_map(params_from_iter(&query.params), |row| row.get(3))
                .unwrap()
                .collect::<Result<Vec<String>, _>>()
                .unwrap();
            assert!(
                steps.iter().any(|step| step.starts_with("SEARCH")),
                "{load:?}: {steps:?}"
            );
            assert!(
                !steps.iter().any(|step| step.starts_with("SCAN")),
                "{load:?}: {steps:?}"
            );
        }
    }
}
