//! The flow debugger's memory: what came of each app's requests, gathered beside the requests and written behind them.
//!
//! A request only ever adds a line to a bounded list in memory ([`Engine::tell`]): no wait, no allocation that
//! depends on who asks, and where the list is full the line is left out and counted. Once a second what was gathered
//! is written in small transactions, at most `waiting::ROWS` rows; usage, last use and last read twice a minute
//! ([`Engine::keep_flow`]). A crash loses those seconds and nothing else.

mod told;
mod waiting;
mod writer;

pub use told::{Asked, Behind, Came, Ending};
use told::{Told, behind};
pub use waiting::Gathered;

use crate::Engine;
use omniport_protocol::effect::Loaded;
use omniport_protocol::error::Refusal;
use omniport_protocol::vocabulary::{ClientId, SecretHash};
use std::sync::{Mutex, MutexGuard, PoisonError};
use waiting::Waiting;
use writer::Writer;

/// What was told and not yet written, and what the writer remembers between two writes.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    waiting: Mutex<Waiting>,
    writer: tokio::sync::Mutex<Writer>,
}

impl Flow {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // A poisoned lock means a panic between two lines of bookkeeping: what is there is still worth writing.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Tells what came of a request that was decided on `loaded`: the log where it was refused, and the app's team and
    /// its usage where there is such an app. `claimed` is the app that it said to come from.
    pub fn tell(&self, asked: Asked<'_>, loaded: &Loaded, claimed: Option<&ClientId>, ending: Ending<'_>) {
        let now = self.now();
        let behind = behind(loaded, now);
        let known = loaded.client.as_ref().map(|client| &client.id);
        self.count(ending);
        log(asked, known.or(claimed), behind, ending);
        if let Some(client) = known {
            self.flow.waiting().add(
                &Told {
                    asked,
                    client,
                    is_known: true,
                    behind,
                    ending,
                },
                now,
            );
        }
    }

    /// Tells of a request that could not even be read. The app it says to come from may not exist.
    pub fn tell_unread(&self, asked: Asked<'_>, claimed: Option<&ClientId>, refusal: &Refusal) {
        let ending = Ending::from(refusal);
        self.count(ending);
        log(asked, claimed, None, ending);
        if let Some(client) = claimed {
            let told = Told {
                asked,
                client,
                is_known: false,
                behind: None,
                ending,
            };
            self.flow.waiting().add(&told, self.now());
        }
    }

    /// Counts a refusal under its code.
    fn count(&self, ending: Ending<'_>) {
        if let Ending::Refused { code, .. } = ending {
            self.counters.refusals.add(code.as_str());
        }
    }

    /// Notes which of its secrets a client has just proved itself by.
    pub fn tell_secret_used(&self, client: &ClientId, secret: SecretHash) {
        let now = self.now();
        self.flow.waiting().add_secret(client, secret, now);
    }

    /// Notes that a signed-in browser is in use, by the hash of its cookie.
    pub fn tell_session_used(&self, session: SecretHash) {
        let now = self.now();
        self.flow.waiting().add_session(session, now);
    }

    /// How much was told.
    pub fn flow_gathered(&self) -> Gathered {
        self.flow.waiting().gathered()
    }
}

/// One line where a request was refused.
fn log(asked: Asked<'_>, client: Option<&ClientId>, behind: Option<Behind>, ending: Ending<'_>) {
    if let Ending::Refused { code, reason } = ending {
        let client_id = client.map(ClientId::as_str);
        let person = behind.map(|behind| behind.person.0);
        let error = code.as_str();
        tracing::info!(
            endpoint = asked.endpoint,
            client_id,
            person,
            error,
            reason,
            "refused"
        );
    }
}
