//! What the server acknowledged, as its clients wrote it down.

use crate::server::{Door, Place, member, now};
use omniport::demo::client::Answer;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Clients at a time.
const CLIENTS: usize = 8;
/// Tokens that one client asks for at most in one run.
const MOST: usize = 1_500;
/// What a client waits after a refusal.
const PAUSE: Duration = Duration::from_millis(5);

/// What is known of a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Its 200 came whole: it must work.
    Given,
    /// Its revocation was asked for and not acknowledged: it may work or not.
    Unsure,
    /// Its revocation's 200 came whole: it must not work.
    Revoked,
}

/// The ledger, shared by the clients.
#[derive(Default)]
pub(crate) struct Ledger {
    attempts: AtomicUsize,
    refused: AtomicUsize,
    unknown: AtomicUsize,
    acknowledged: AtomicUsize,
    slowest: AtomicU64,
    /// Whether clients go on where no answer came.
    persistent: bool,
    tokens: Mutex<HashMap<String, State>>,
}

/// What came of asking for a token.
pub(crate) enum Outcome {
    Given(String),
    Refused,
    Unknown,
}

impl Ledger {
    /// One whose clients go on where no answer came.
    pub(crate) fn persistent() -> Self {
        Self {
            persistent: true,
            ..Self::default()
        }
    }

    /// Posts, and keeps how long the slowest answer took.
    async fn post(&self, door: &Door, place: &Place, path: &str, field: (&str, &str)) -> Option<Answer> {
        let began = now();
        let answer = door.post(place, path, field).await;
        let took = u64::try_from(began.elapsed().as_millis()).unwrap();
        self.slowest.fetch_max(took, Ordering::Relaxed);
        answer
    }

    /// Asks for a token and writes down what came.
    pub(crate) async fn ask(&self, door: &Door, place: &Place) -> Outcome {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let field = ("grant_type", "client_credentials");
        match self.post(door, place, "/oauth/token", field).await {
            Some(answer) if answer.status == 200 => {
                let token = member(&answer.json(), "access_token");
                self.set(&token, State::Given);
                self.acknowledged.fetch_add(1, Ordering::Relaxed);
                Outcome::Given(token)
            }
            Some(answer) => {
                self.refuse(&answer);
                Outcome::Refused
            }
            None => {
                self.unknown.fetch_add(1, Ordering::Relaxed);
                Outcome::Unknown
            }
        }
    }

    /// Revokes a token and writes down what came; whether an answer did.
    pub(crate) async fn revoke(&self, door: &Door, place: &Place, token: &str) -> bool {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        self.set(token, State::Unsure);
        match self.post(door, place, "/oauth/revoke", ("token", token)).await {
            Some(answer) if answer.status == 200 => {
                self.set(token, State::Revoked);
                self.acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            Some(answer) => self.refuse(&answer),
            None => {
                self.unknown.fetch_add(1, Ordering::Relaxed);
                return false;
            }
        }
        true
    }

    fn set(&self, token: &str, state: State) {
        self.tokens.lock().unwrap().insert(token.to_owned(), state);
    }

    /// The one refusal there may be: come again in a moment.
    fn refuse(&self, answer: &Answer) {
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert_eq!(
            answer.json()["error"],
            "temporarily_unavailable",
            "{}",
            answer.body
        );
        let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "Retry-After: {seconds}");
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Requests that change something.
    pub(crate) fn attempts(&self) -> usize {
        self.attempts.load(Ordering::Relaxed)
    }

    /// Changes that were acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// How long the slowest answer took.
    pub(crate) fn slowest(&self) -> Duration {
        Duration::from_millis(self.slowest.load(Ordering::Relaxed))
    }

    /// Requests that were refused.
    pub(crate) fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// Requests of which nobody knows what came.
    pub(crate) fn unknown(&self) -> usize {
        self.unknown.load(Ordering::Relaxed)
    }

    /// A token that must work.
    pub(crate) fn given(&self) -> String {
        let tokens = self.tokens.lock().unwrap();
        let mut given = tokens.iter().filter(|(_, state)| **state == State::Given);
        given.next().unwrap().0.clone()
    }

    /// [`CLIENTS`] clients get tokens and revoke every third of them, until `enough` or nobody answers.
    pub(crate) async fn load(&self, door: &Door, place: &Place, enough: &AtomicBool) {
        let client = || async {
            let most = if self.persistent { usize::MAX } else { MOST };
            for turn in 0..most {
                if enough.load(Ordering::Relaxed) {
                    return;
                }
                match self.ask(door, place).await {
                    Outcome::Given(token) if turn % 3 == 2 => {
                        if !self.revoke(door, place, &token).await && !self.persistent {
                            return;
                        }
                    }
                    Outcome::Given(_) => {}
                    Outcome::Unknown if !self.persistent => return,
                    Outcome::Refused | Outcome::Unknown => tokio::time::sleep(PAUSE).await,
                }
            }
        };
        let clients: [_; CLIENTS] = std::array::from_fn(|_| client());
        futures_util::future::join_all(clients).await;
    }

    /// Asks the server about every token, prints the sums, and fails where it lost one.
    pub(crate) async fn judge(&self, door: &Door, place: &Place, when: &str) {
        let tokens: Vec<(String, State)> = self.tokens.lock().unwrap().clone().into_iter().collect();
        let judged = tokens
            .chunks(tokens.len().div_ceil(CLIENTS).max(1))
            .map(|chunk| async {
                let mut lost = 0;
                for (token, state) in chunk.iter().filter(|(_, state)| *state != State::Unsure) {
                    let answer = door
                        .post(place, "/oauth/introspect", ("token", token))
                        .await
                        .unwrap();
                    assert_eq!(answer.status, 200, "{}", answer.body);
                    let active = answer.json()["active"].as_bool().unwrap();
                    lost += usize::from(active != (*state == State::Given));
                }
                lost
            });
        let lost: usize = futures_util::future::join_all(judged).await.iter().sum();
        let count = |wanted| tokens.iter().filter(|(_, state)| *state == wanted).count();
        let (given, revoked) = (count(State::Given), count(State::Revoked));
        println!(
            "{when}: {} attempts, {} acknowledged ({given} tokens live, {revoked} revoked), {} refused, {} unknown, lost = {lost}",
            self.attempts(),
            tokens.len() + revoked,
            self.refused(),
            self.unknown(),
        );
        assert!(given > 0 && revoked > 0, "the load did nothing");
        assert_eq!(lost, 0, "acknowledged and lost");
    }
}
