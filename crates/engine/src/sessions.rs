//! Signing in and out, and who is signed in.

use crate::{Engine, Fault};
use omniport_protocol::vocabulary::{Secret, SecretHash, Timestamp};
use omniport_store::portal::PersonRecord;
use std::collections::HashMap;
use std::sync::Mutex;

/// The cookie of a signed-in browser. `__Host-`: Secure, without Domain, for the whole site (RFC 6265bis section 4.1.3.2).
pub const SESSION_COOKIE: &str = "__Host-omniport-session";

/// Longest value of a cookie that is read, in bytes.
const MAX_COOKIE: usize = 2_048;

/// Failed sign-ins of one name before it has to wait.
const FAILURES: usize = 10;
/// How long failures count, and how long one waits at most, in seconds.
const WINDOW_SECONDS: i64 = 300;
/// Names remembered at most; beyond, the oldest failures are forgotten first.
const MAX_NAMES: usize = 10_000;

/// The value of a cookie in a `Cookie` header, none where it is not there.
pub fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name && !value.is_empty()).then_some(value)
    })
}

/// The value of one of our own cookies, from all `Cookie` headers of a request: HTTP/2 may send several (RFC 9113
/// section 8.2.3). None where it is not there, or is by its form none that we ever set.
pub fn own_cookie<'a>(mut headers: impl Iterator<Item = &'a str>, name: &str) -> Option<Secret> {
    let value = headers.find_map(|header| cookie(header, name))?;
    // Letters and digits, base64url, and the dot between its parts: all that we ever put into a cookie.
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (value.len() <= MAX_COOKIE && value.bytes().all(is_ours)).then(|| Secret::new(value))
}

/// A browser that is signed in.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Who.
    pub person: PersonRecord,
    /// When they last proved it.
    pub auth_time: Timestamp,
    /// The hash of their session's cookie.
    pub session: SecretHash,
}

/// How a sign-in ended.
#[derive(Debug)]
pub enum SignIn {
    /// The new session's cookie value.
    Welcome(Secret),
    /// The name or the password is wrong, or the person disabled: which one is nobody's business.
    Wrong,
    /// Too many wrong ones; after this many seconds it may be tried again.
    Wait(i64),
}

impl Engine {
    /// Checks a name and a password and opens a session. The browser's earlier session, if any, ends: a session's
    /// name changes at every sign-in, so that nobody can plant one.
    ///
    /// # Errors
    /// [`Fault`] of the store, the dice or the hasher.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &Secret,
        earlier: Option<SecretHash>,
    ) -> Result<SignIn, Fault> {
        let end = self.try_sign_in(username, password, earlier).await?;
        self.counters().sign_ins.add(match end {
            SignIn::Welcome(_) => "welcome",
            SignIn::Wrong => "wrong",
            SignIn::Wait(_) => "wait",
        });
        Ok(end)
    }

    async fn try_sign_in(
        &self,
        username: &str,
        password: &Secret,
        earlier: Option<SecretHash>,
    ) -> Result<SignIn, Fault> {
        let now = self.now();
        if let Some(seconds) = self.throttle.wait(username, now) {
            return Ok(SignIn::Wait(seconds));
        }
        // Counted before the check and forgotten after a right one, so that a burst of guesses sent at once counts too.
        self.throttle.failed(username, now);
        let checked = self.check_password(username, password).await.inspect_err(|_| {
            // A server too busy to look must not lock people out.
            self.throttle.forgive(username);
        });
        let Some(person) = checked? else {
            tracing::info!("a sign-in failed");
            return Ok(SignIn::Wrong);
        };
        self.throttle.succeeded(username);
        let cookie = self.new_session_secret()?;
        let expires_at = now.plus(self.settings().policy.session_seconds);
        self.store()
            .insert_session(cookie.hash(), person.id, now, expires_at)
            .await?;
        if let Some(earlier) = earlier {
            self.store().delete_session(earlier).await?;
        }
        Ok(SignIn::Welcome(cookie))
    }

    /// Who is behind a session cookie.
    ///
    /// # Errors
    /// [`Fault`] of the store.
    pub async fn visitor(&self, cookie: &Secret) -> Result<Option<Visitor>, Fault> {
        let session = cookie.hash();
        let loaded = self
            .store()
            .load(&[omniport_protocol::effect::Load::Session(session)])
            .await?;
        let Some(live) = loaded.session.filter(|session| session.is_live(self.now())) else {
            return Ok(None);
        };
        let person = self.store().person(live.holder.person).await?;
        Ok(person.map(|person| Visitor {
            person,
            auth_time: live.auth_time,
            session,
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`Fault`] of the store.
    pub async fn sign_out(&self, session: SecretHash) -> Result<(), Fault> {
        Ok(self.store().delete_session(session).await?)
    }
}

/// Failed sign-ins by name: after ten within five minutes a name waits. It counts names, not addresses, so that many
/// machines guessing at one person are slowed too; a wrong password of a name that nobody has counts alike.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    failures: Mutex<HashMap<String, Vec<Timestamp>>>,
}

impl Throttle {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, Vec<Timestamp>>) -> T) -> T {
        // A poisoned lock means a panic between two lines below; the counts are still counts.
        work(
            &mut self
                .failures
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }

    /// Seconds to wait, where there were too many failures.
    fn wait(&self, username: &str, now: Timestamp) -> Option<i64> {
        self.with(|failures| {
            let times = failures.get_mut(&key(username))?;
            times.retain(|at| now < at.plus(WINDOW_SECONDS));
            let first = times.iter().rev().nth(FAILURES - 1)?;
            Some((first.seconds() + WINDOW_SECONDS - now.seconds()).max(1))
        })
    }

    fn failed(&self, username: &str, now: Timestamp) {
        self.with(|failures| {
            if failures.len() >= MAX_NAMES && !failures.contains_key(&key(username)) {
                failures.retain(|_, times| times.last().is_some_and(|at| now < at.plus(WINDOW_SECONDS)));
                // The fewest failures go first: a flood of names must not free one that has to wait.
                let least = failures
                    .iter()
                    .min_by_key(|(_, times)| (times.len(), times.last().copied()))
                    .map(|(k, _)| k.clone());
                if let Some(least) = least.filter(|_| failures.len() >= MAX_NAMES) {
                    failures.remove(&least);
                }
            }
            failures.entry(key(username)).or_default().push(now);
        });
    }

    /// Takes back one failure: the password was not looked at after all.
    fn forgive(&self, username: &str) {
        self.with(|failures| failures.get_mut(&key(username)).map(Vec::pop));
    }

    fn succeeded(&self, username: &str) {
        self.with(|failures| failures.remove(&key(username)));
    }
}

fn key(username: &str) -> String {
    // As the store folds names, a whole text at a time: letter by letter, a final sigma would make two keys of one name.
    username.chars().take(200).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let header = "a=1; __Host-omniport-session=abc; b=";
        assert_eq!(cookie(header, SESSION_COOKIE), Some("abc"));
        assert_eq!(cookie(header, "omniport-session"), None);
        assert_eq!(cookie(header, "b"), None);
    }

    #[test]
    fn our_own_cookie_is_found_in_any_header_and_known_by_its_form() {
        let own = |headers: &[&str]| {
            let found = own_cookie(headers.iter().copied(), SESSION_COOKIE);
            found.map(|value| value.expose().to_owned())
        };
        assert_eq!(
            own(&["a=1", "__Host-omniport-session=aB3-_."]),
            Some("aB3-_.".into())
        );
        let long = format!("{SESSION_COOKIE}={}", "x".repeat(MAX_COOKIE + 1));
        for strange in [
            "__Host-omniport-session=a b",
            "__Host-omniport-session=a%20b",
            &long,
        ] {
            assert_eq!(own(&[strange]), None, "{strange}");
        }
    }

    #[test]
    fn after_ten_failures_a_name_waits_and_then_may_try_again() {
        let throttle = Throttle::default();
        let at = Timestamp::from_seconds;
        for second in 0..10 {
            assert_eq!(throttle.wait("Asha", at(second)), None);
            throttle.failed("asha", at(second));
        }
        assert_eq!(throttle.wait("ASHA", at(10)), Some(290));
        assert_eq!(throttle.wait("ben", at(10)), None);
        assert_eq!(throttle.wait("asha", at(301)), None);
        throttle.succeeded("asha");
        assert_eq!(throttle.wait("asha", at(10)), None);
    }

    #[test]
    fn a_flood_of_names_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..(MAX_NAMES + 50) {
            throttle.failed(&n.to_string(), Timestamp::from_seconds(1));
        }
        assert!(throttle.with(|failures| failures.len()) <= MAX_NAMES);
    }

    #[test]
    fn a_flood_of_names_frees_nobody_who_has_to_wait() {
        let throttle = Throttle::default();
        for _ in 0..FAILURES {
            throttle.failed("asha", Timestamp::from_seconds(1));
        }
        for n in 0..(MAX_NAMES + 50) {
            throttle.failed(&n.to_string(), Timestamp::from_seconds(2));
        }
        assert!(throttle.wait("asha", Timestamp::from_seconds(3)).is_some());
    }

    #[test]
    fn one_name_has_one_count_however_it_is_written() {
        let throttle = Throttle::default();
        for _ in 0..FAILURES {
            throttle.failed("\u{39d}\u{399}\u{39a}\u{39f}\u{3a3}", Timestamp::from_seconds(1));
        }
        let small = "\u{3bd}\u{3b9}\u{3ba}\u{3bf}\u{3c2}";
        assert!(throttle.wait(small, Timestamp::from_seconds(2)).is_some());
    }

    #[test]
    fn a_check_that_never_happened_does_not_count() {
        let throttle = Throttle::default();
        for _ in 0..FAILURES {
            throttle.failed("asha", Timestamp::from_seconds(1));
        }
        throttle.forgive("asha");
        throttle.forgive("nobody");
        assert_eq!(throttle.wait("asha", Timestamp::from_seconds(2)), None);
    }
}
