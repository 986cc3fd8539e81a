//! Signing in and out, and who is signed in.

use crate::acts::{Changed, gone};
use crate::{Engine, Fault, Store};
use omniport_protocol::audit::{Act, By, Subject};
use omniport_protocol::authorize::FRESH_SIGN_IN_SECONDS;
use omniport_protocol::vocabulary::{PersonId, Secret, SecretHash, Timestamp};
use omniport_store::portal::PersonRecord;
use serde_json::json;
use std::net::IpAddr;

/// The cookie of a signed-in browser. `__Host-`: Secure, without Domain, for the whole site (RFC 6265bis section 4.1.3.2).
pub const SESSION_COOKIE: &str = "__Host-omniport-session";

/// Longest value of a cookie that is read, in bytes.
const MAX_COOKIE: usize = 2_048;

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

/// Sessions that the audit log names at most where all others of a person end.
const PAGE: u32 = 200;

impl Visitor {
    /// Whether they proved who they are only just now.
    pub const fn is_fresh(&self, now: Timestamp) -> bool {
        !now.is_at_or_after(self.auth_time.plus(FRESH_SIGN_IN_SECONDS))
    }
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
    /// Checks a name and a password that came from `address` and opens a session. The browser's earlier session, if any,
    /// ends: a session's name changes at every sign-in, so that nobody can plant one.
    ///
    /// # Errors
    /// [`Fault`] of the store, the dice or the hasher.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &Secret,
        earlier: Option<SecretHash>,
        address: Option<IpAddr>,
    ) -> Result<SignIn, Fault> {
        let end = self.try_sign_in(username, password, earlier, address).await?;
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
        address: Option<IpAddr>,
    ) -> Result<SignIn, Fault> {
        let person = match self.counted_password(username, password, address).await? {
            Err(seconds) => return Ok(SignIn::Wait(seconds)),
            Ok(None) => return Ok(SignIn::Wrong),
            Ok(Some(person)) => person,
        };
        let cookie = self.new_session_secret()?;
        let expires_at = self.now().plus(self.settings().policy.session_seconds);
        self.begin_session(cookie.hash(), person.id, expires_at, earlier)
            .await?;
        Ok(SignIn::Welcome(cookie))
    }

    /// Whether a password that came from `address` is this person's, counted exactly as a sign-in is.
    ///
    /// # Errors
    /// [`Fault::Limited`] where there were too many wrong ones; [`Fault`] of the store or the hasher.
    pub(crate) async fn try_password(
        &self,
        username: &str,
        password: &Secret,
        address: Option<IpAddr>,
    ) -> Result<bool, Fault> {
        let found = self.counted_password(username, password, address).await?;
        let person = found.map_err(Fault::Limited);
        self.counters().sign_ins.add(match &person {
            Ok(Some(_)) => "welcome",
            Ok(None) => "wrong",
            Err(_) => "wait",
        });
        Ok(person?.is_some())
    }

    /// The person of these credentials, each try counted; the inner error is how many seconds one has to wait.
    async fn counted_password(
        &self,
        username: &str,
        password: &Secret,
        address: Option<IpAddr>,
    ) -> Result<Result<Option<PersonRecord>, i64>, Fault> {
        let attempt = match self.begin_sign_in(username, address).await? {
            Ok(attempt) => attempt,
            Err(seconds) => return Ok(Err(seconds)),
        };
        match self.check_password(username, password).await {
            Ok(Some(person)) => {
                self.forgive_sign_in(&attempt, true).await?;
                Ok(Ok(Some(person)))
            }
            Ok(None) => {
                tracing::info!("a sign-in failed");
                Ok(Ok(None))
            }
            Err(fault) => {
                // A server too busy to look must not lock people out; what went wrong is told, not this.
                let _ = self.forgive_sign_in(&attempt, false).await;
                Err(fault)
            }
        }
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

    /// The same person goes on with the browser's session under another cookie, so that apps know it by the same `sid`;
    /// somebody else's ends.
    async fn begin_session(
        &self,
        cookie: SecretHash,
        person: PersonId,
        expires_at: Timestamp,
        earlier: Option<SecretHash>,
    ) -> Result<(), Fault> {
        let (store, now) = (self.store(), self.now());
        if let Some(earlier) = earlier {
            if store
                .renew_session(cookie, earlier, person, now, expires_at)
                .await?
            {
                return Ok(());
            }
            store.end_session(earlier, now).await?;
            self.logouts.wake();
        }
        Ok(store.insert_session(cookie, person, now, expires_at).await?)
    }

    /// Ends one session of a person's own; nothing where it is not theirs or gone.
    ///
    /// # Errors
    /// [`Fault`] of the store.
    pub async fn end_own_session(&self, by: impl Into<By>, session: SecretHash) -> Result<(), Fault> {
        let (by, now) = (by.into(), self.now());
        let person = by.person;
        let Some(ended) = self.store().own_session(person, session, now).await? else {
            return Ok(());
        };
        let told = gone(json!({"device": ended.device, "since": ended.since.seconds()}));
        self.telling_of(by, Act::SessionEnd, told)
            .await?
            .end_own_session(person, session, now)
            .await?;
        self.logouts.wake();
        Ok(())
    }

    /// Ends every session of a person but one.
    ///
    /// # Errors
    /// [`Fault`] of the store.
    pub async fn end_other_sessions(&self, by: impl Into<By>, but: SecretHash) -> Result<(), Fault> {
        let (by, now) = (by.into(), self.now());
        let person = by.person;
        // The log tells of so many; all of them end.
        let theirs = self.store().sessions_of(person, now, None, PAGE).await?;
        let others = theirs.iter().filter(|one| one.hash != but);
        let devices: Vec<&str> = others.map(|one| one.device.as_str()).collect();
        self.telling_of(by, Act::SessionEndOthers, gone(json!({"devices": devices})))
            .await?
            .end_other_sessions(person, but, now)
            .await?;
        self.logouts.wake();
        Ok(())
    }

    /// The store, for what a person does to their own account.
    async fn telling_of(&self, by: By, act: Act, change: Changed) -> Result<Store, Fault> {
        let person = self.store().person(by.person).await?;
        let username = person.map(|person| person.username).unwrap_or_default();
        let subject = Subject::person(by.person, &username);
        Ok(self.telling(by, act, subject, change))
    }
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
}
