//! What was told and not yet written: bounded in every direction, whatever comes.

use super::told::{Ending, Told};
use omniport_protocol::error::ErrorCode;
use omniport_protocol::vocabulary::{ClientId, PersonId, SecretHash, Timestamp};
use omniport_store::portal::{Day, NewFlowEvent, Usage, day_of};
use std::collections::{HashMap, VecDeque};

/// Rows written at most in one second: together with their trimming less than a hundredth of one core.
pub(super) const ROWS: usize = 200;
/// Events of one app that wait at most, refused ones and others apart: the newest.
const WAITING_REFUSED: usize = 50;
const WAITING_FINE: usize = 20;
/// Apps of which something waits, at most; and before one that may not exist is passed over.
const APPS: usize = 4_096;
const APPS_UNKNOWN: usize = 512;
/// People of whom something waits, at most; and signed-in browsers.
const PEOPLE: usize = 50_000;
/// Secrets of one app whose use waits to be noted: at most two live.
const SECRETS: usize = 4;
/// Longest reason that is kept, in characters.
const REASON: usize = 1_000;

/// How much was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gathered {
    /// Events that wait to be written.
    pub waiting: usize,
    /// Events and counts that were left out because there was no room.
    pub left_out: u64,
}

/// What waits of one app.
#[derive(Debug, Default)]
pub(super) struct OfApp {
    refused: VecDeque<NewFlowEvent>,
    fine: VecDeque<NewFlowEvent>,
    /// What it did, by day: one, around midnight two.
    pub(super) days: Vec<(Day, Usage)>,
    /// Who was active on which day, and when their data was last read.
    pub(super) people: HashMap<(Day, PersonId), Option<Timestamp>>,
    /// Which secrets were used, and when last.
    pub(super) secrets: Vec<(SecretHash, Timestamp)>,
}

impl OfApp {
    fn is_empty(&self) -> bool {
        self.refused.is_empty()
            && self.fine.is_empty()
            && self.days.is_empty()
            && self.people.is_empty()
            && self.secrets.is_empty()
    }

    fn day(&mut self, day: Day) -> Option<&mut Usage> {
        if !self.days.iter().any(|(known, _)| *known == day) {
            self.days.push((day, Usage::default()));
        }
        let mut days = self.days.iter_mut();
        days.find(|(known, _)| *known == day).map(|(_, usage)| usage)
    }
}

/// Everything that waits.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    apps: HashMap<ClientId, OfApp>,
    /// Signed-in browsers, and when they were last seen.
    sessions: HashMap<SecretHash, Timestamp>,
    events: usize,
    people: usize,
    left_out: u64,
}

impl Waiting {
    pub(super) const fn gathered(&self) -> Gathered {
        Gathered {
            waiting: self.events,
            left_out: self.left_out,
        }
    }

    /// The app's own list; none where there is no room for one more.
    fn of(&mut self, client: &ClientId, is_known: bool) -> Option<&mut OfApp> {
        if !self.apps.contains_key(client) {
            let room = if is_known { APPS } else { APPS_UNKNOWN };
            if self.apps.len() >= room {
                self.left_out += 1;
                return None;
            }
            self.apps.insert(client.clone(), OfApp::default());
        }
        self.apps.get_mut(client)
    }

    pub(super) fn add(&mut self, told: &Told<'_>, now: Timestamp) {
        let (people, day) = (self.people, day_of(now));
        let Some(app) = self.of(told.client, told.is_known) else {
            return;
        };
        let (mut added, mut without_room) = (0, 0);
        if let Some(usage) = app.day(day) {
            count(usage, &told.ending);
        }
        if let (Some(person), Ending::Well(came)) = (told.behind, told.ending)
            && came.is_activity()
        {
            let read = (came == super::Came::Data).then_some(now);
            match app.people.get_mut(&(day, person.person)) {
                Some(known) => *known = read.or(*known),
                None if people < PEOPLE => {
                    app.people.insert((day, person.person), read);
                    added = 1;
                }
                None => without_room += 1,
            }
        }
        let (list, most) = match told.ending {
            Ending::Refused { .. } | Ending::Undelivered { .. } => (&mut app.refused, WAITING_REFUSED),
            Ending::Well(_) => (&mut app.fine, WAITING_FINE),
        };
        // The newest tell most about what goes on now. An old line's memory serves for the new one.
        let full = list.len() >= most;
        let old = if full { list.pop_front() } else { None };
        list.push_back(event(told, now, old));
        self.people += added;
        self.events += usize::from(!full);
        self.left_out += without_room + u64::from(full);
    }

    pub(super) fn add_secret(&mut self, client: &ClientId, hash: SecretHash, now: Timestamp) {
        let Some(app) = self.of(client, true) else { return };
        if let Some((_, at)) = app.secrets.iter_mut().find(|(known, _)| *known == hash) {
            *at = now;
        } else if app.secrets.len() < SECRETS {
            app.secrets.push((hash, now));
        }
    }

    pub(super) fn add_session(&mut self, session: SecretHash, now: Timestamp) {
        if self.sessions.len() < PEOPLE || self.sessions.contains_key(&session) {
            self.sessions.insert(session, now);
        }
    }

    pub(super) fn take_sessions(&mut self) -> HashMap<SecretHash, Timestamp> {
        std::mem::take(&mut self.sessions)
    }

    /// Takes out the events to write now, at most [`ROWS`], each app its fair share; the others are left out.
    pub(super) fn take_events(&mut self) -> Vec<NewFlowEvent> {
        if self.events == 0 {
            return Vec::new();
        }
        let with_some = self
            .apps
            .values()
            .filter(|app| !app.refused.is_empty() || !app.fine.is_empty());
        let share = (ROWS / with_some.count().max(1)).max(1);
        let mut taken = Vec::with_capacity(self.events.min(ROWS));
        for app in self.apps.values_mut() {
            // The refused ones first: they are what one looks for.
            let mut own = 0;
            for list in [&mut app.refused, &mut app.fine] {
                let room = (share - own).min(ROWS - taken.len()).min(list.len());
                taken.extend(list.drain(list.len() - room..));
                own += room;
                list.clear();
            }
        }
        self.left_out += (self.events - taken.len()) as u64;
        self.events = 0;
        self.apps.retain(|_, app| !app.is_empty());
        // In the order in which they happened, also across apps: their numbers follow each other.
        taken.sort_by_key(|event| event.at);
        taken
    }

    /// Takes out everything else.
    pub(super) fn take_usage(&mut self) -> Vec<(ClientId, OfApp)> {
        self.people = 0;
        let taken = self.apps.iter_mut().map(|(id, app)| {
            let rest = OfApp {
                refused: std::mem::take(&mut app.refused),
                fine: std::mem::take(&mut app.fine),
                ..OfApp::default()
            };
            (id.clone(), std::mem::replace(app, rest))
        });
        let taken = taken.collect();
        self.apps.retain(|_, app| !app.is_empty());
        taken
    }
}

fn count(usage: &mut Usage, ending: &Ending<'_>) {
    let counter = match ending {
        Ending::Well(super::Came::Code) => &mut usage.sign_ins,
        Ending::Well(super::Came::Data) => &mut usage.reads,
        // What a person denies did not fail.
        Ending::Refused { code, .. } if *code != ErrorCode::AccessDenied => &mut usage.failures,
        _ => return,
    };
    *counter = counter.saturating_add(1);
}

/// One line, in the memory of `old` where there is one.
fn event(told: &Told<'_>, now: Timestamp, old: Option<NewFlowEvent>) -> NewFlowEvent {
    let (client, mut request_id, mut reason) = match old {
        Some(old) => (old.client, old.request_id, old.reason),
        None => (told.client.clone(), String::new(), String::new()),
    };
    request_id.clear();
    request_id.push_str(told.asked.request.map_or("", |id| id.0.as_str()));
    reason.clear();
    let (refused, result) = match told.ending {
        Ending::Well(came) => (false, came.as_str()),
        Ending::Refused { code, reason: why } => {
            reason.extend(why.chars().take(REASON));
            (true, code.as_str())
        }
        Ending::Undelivered { reason: why } => {
            reason.extend(why.chars().take(REASON));
            (true, "undelivered")
        }
    };
    NewFlowEvent {
        client,
        at: now,
        endpoint: told.asked.endpoint,
        refused,
        result,
        reason,
        person: told
            .behind
            .filter(|behind| behind.is_named)
            .map(|behind| behind.person),
        request_id,
    }
}

#[cfg(test)]
mod tests {
    use super::super::told::{Asked, Behind, Came};
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    fn behind(person: i64, is_named: bool) -> Behind {
        Behind {
            person: PersonId(person),
            is_named,
        }
    }

    fn tell(waiting: &mut Waiting, client: &str, behind: Option<Behind>, ending: Ending<'_>) {
        let client = ClientId::parse(client).unwrap();
        let told = Told {
            asked: ASKED,
            client: &client,
            is_known: true,
            behind,
            ending,
        };
        waiting.add(&told, NOW);
    }

    const ASKED: Asked<'_> = Asked {
        endpoint: "token",
        request: None,
    };

    const NO: Ending<'_> = Ending::Refused {
        code: ErrorCode::InvalidGrant,
        reason: "why",
    };

    #[test]
    fn only_one_of_the_team_is_written_down() {
        let mut waiting = Waiting::default();
        tell(
            &mut waiting,
            "a",
            Some(behind(7, false)),
            Ending::Well(Came::Code),
        );
        tell(&mut waiting, "a", Some(behind(8, true)), Ending::Well(Came::Code));
        let people: Vec<_> = waiting
            .take_events()
            .into_iter()
            .map(|event| event.person)
            .collect();
        assert_eq!(people, [None, Some(PersonId(8))]);
    }

    #[test]
    fn what_waits_is_bounded_and_the_newest_of_it() {
        let mut waiting = Waiting::default();
        for _ in 0..1_000 {
            tell(&mut waiting, "a", None, Ending::Well(Came::Tokens));
            tell(&mut waiting, "a", None, NO);
        }
        let gathered = waiting.gathered();
        assert_eq!(gathered.waiting, WAITING_FINE + WAITING_REFUSED);
        assert_eq!(gathered.left_out, 2_000 - gathered.waiting as u64);
        let taken = waiting.take_events();
        assert_eq!(
            taken.iter().filter(|event| event.refused).count(),
            WAITING_REFUSED
        );
        assert_eq!(waiting.gathered().waiting, 0);
        assert_eq!(
            waiting.take_usage()[0].1.days[0].1.failures,
            1_000,
            "counted all the same"
        );
        assert!(waiting.apps.is_empty());
    }

    #[test]
    fn a_second_writes_so_many_rows_and_every_app_has_its_share() {
        let mut waiting = Waiting::default();
        for app in 0..50 {
            for _ in 0..30 {
                tell(&mut waiting, &format!("app-{app}"), None, NO);
            }
        }
        tell(&mut waiting, "quiet", None, NO);
        let taken = waiting.take_events();
        assert!(taken.len() <= ROWS);
        assert!(taken.iter().any(|event| event.client.as_str() == "quiet"));
        let left_out = waiting.gathered().left_out;
        assert_eq!(left_out, 50 * 30 + 1 - taken.len() as u64);
    }

    #[test]
    fn a_flood_of_names_that_may_not_exist_leaves_room_for_those_that_do() {
        let mut waiting = Waiting::default();
        for n in 0..10_000 {
            let client = ClientId::parse(&format!("x{n}")).unwrap();
            let told = Told {
                asked: ASKED,
                client: &client,
                is_known: false,
                behind: None,
                ending: NO,
            };
            waiting.add(&told, NOW);
        }
        assert_eq!(waiting.apps.len(), APPS_UNKNOWN);
        tell(&mut waiting, "real", None, NO);
        assert!(waiting.apps.contains_key(&ClientId::parse("real").unwrap()));
    }

    #[test]
    fn a_person_is_active_once_a_day_and_the_last_read_is_kept() {
        let mut waiting = Waiting::default();
        let asha = behind(7, false);
        for came in [Came::Code, Came::Data, Came::Tokens, Came::SignIn] {
            tell(&mut waiting, "a", Some(asha), Ending::Well(came));
        }
        tell(
            &mut waiting,
            "a",
            Some(behind(9, false)),
            Ending::Well(Came::SignIn),
        );
        let (_, app) = waiting.take_usage().pop().unwrap();
        assert_eq!(
            app.people.into_iter().collect::<Vec<_>>(),
            [((11, PersonId(7)), Some(NOW))]
        );
        assert_eq!((app.days[0].1.sign_ins, app.days[0].1.reads), (1, 1));
    }

    #[test]
    fn what_a_person_denies_is_no_failure() {
        let mut waiting = Waiting::default();
        let denied = Ending::Refused {
            code: ErrorCode::AccessDenied,
            reason: "no",
        };
        tell(&mut waiting, "a", None, denied);
        assert_eq!(waiting.take_usage()[0].1.days[0].1.failures, 0);
    }

    #[test]
    fn a_reason_is_bounded() {
        let mut waiting = Waiting::default();
        let long = "\u{e9}".repeat(100_000);
        let ending = Ending::Refused {
            code: ErrorCode::InvalidScope,
            reason: &long,
        };
        tell(&mut waiting, "a", None, ending);
        assert_eq!(waiting.take_events()[0].reason.chars().count(), REASON);
    }
}
