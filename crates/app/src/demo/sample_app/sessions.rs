//! The sample app's sessions: a few, in memory, each with what it has seen.

use crate::demo::client::Exchange;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most sessions; the oldest goes first.
const MAX_SESSIONS: usize = 200;
/// Most steps of a session; the oldest goes first.
const MAX_STEPS: usize = 24;

/// One visitor's way through the flow.
#[derive(Debug, Clone, Default)]
pub(super) struct Session {
    /// What the answer's `state` must be, while one is awaited.
    pub(super) state: Option<String>,
    /// The tokens, once there are any.
    pub(super) tokens: Option<Tokens>,
    /// The user data, once it was read.
    pub(super) user: Option<serde_json::Value>,
    /// The device that waits for its person, if one does.
    pub(super) device: Option<Device>,
    /// What happened, oldest first.
    pub(super) steps: VecDeque<Step>,
    /// How many steps there were in all.
    pub(super) count: usize,
}

/// A token answer's two tokens.
#[derive(Debug, Clone)]
pub(super) struct Tokens {
    /// `access_token`
    pub(super) access: String,
    /// `refresh_token`
    pub(super) refresh: String,
    /// Whether the app has revoked the access token.
    pub(super) revoked: bool,
}

/// A device that waits: what it shows, and what it asks with.
#[derive(Debug, Clone)]
pub(super) struct Device {
    /// `device_code`
    pub(super) secret: String,
    /// `user_code`
    pub(super) user_code: String,
    /// `verification_uri`
    pub(super) address: String,
    /// `verification_uri_complete`
    pub(super) complete: String,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Its number, from 1.
    pub(super) number: usize,
    /// What it was, in a few words.
    pub(super) title: &'static str,
    /// What it was for, and what came of it.
    pub(super) says: String,
    /// Whether it went well.
    pub(super) good: bool,
    /// What was said.
    pub(super) what: What,
}

/// What was said in a step.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// The browser was sent somewhere, or came back, with these parameters.
    Browsed {
        /// Where.
        to: String,
        /// With what.
        params: Vec<(String, String)>,
    },
    /// The app's server spoke with Omniport.
    Spoke(Box<Exchange>),
    /// Nothing was said.
    Nothing,
}

impl Session {
    /// Adds a step.
    pub(super) fn add(&mut self, title: &'static str, says: impl Into<String>, good: bool, what: What) {
        if self.steps.len() == MAX_STEPS {
            self.steps.pop_front();
        }
        self.count += 1;
        self.steps.push_back(Step {
            number: self.count,
            title,
            says: says.into(),
            good,
            what,
        });
    }
}

/// All sessions, by their cookie.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    sessions: HashMap<String, Session>,
    order: VecDeque<String>,
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of a session.
    pub(super) fn get(&self, name: Option<&str>) -> Option<Session> {
        self.lock().sessions.get(name?).cloned()
    }

    /// Takes a session out while it is worked on: a second press meanwhile finds none.
    pub(super) fn take(&self, name: Option<&str>) -> Option<(String, Session)> {
        let mut kept = self.lock();
        let taken = kept.sessions.remove_entry(name?)?;
        kept.order.retain(|name| *name != taken.0);
        Some(taken)
    }

    /// Puts a session in.
    pub(super) fn put(&self, name: &str, session: Session) {
        let mut kept = self.lock();
        if kept.sessions.insert(name.to_owned(), session).is_none() {
            kept.order.push_back(name.to_owned());
        }
        while kept.order.len() > MAX_SESSIONS {
            if let Some(oldest) = kept.order.pop_front() {
                kept.sessions.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_and_steps_are_bounded() {
        let sessions = Sessions::default();
        for n in 0..MAX_SESSIONS + 5 {
            sessions.put(&n.to_string(), Session::default());
        }
        assert!(sessions.get(Some("4")).is_none() && sessions.get(Some("5")).is_some());
        assert!(sessions.take(Some("5")).is_some() && sessions.take(Some("5")).is_none());
        assert_eq!(sessions.lock().order.len(), MAX_SESSIONS - 1);

        let mut session = Session::default();
        for _ in 0..MAX_STEPS + 3 {
            session.add("t", "s", true, What::Nothing);
        }
        assert_eq!((session.steps.len(), session.steps[0].number), (MAX_STEPS, 4));
    }
}
