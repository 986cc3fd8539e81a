//! How often strangers may make us work: counted in the store, so that it holds whichever node is asked.
//!
//! Addresses are what [`crate::caller::ClientAddress`] says; of IPv6 only the first 64 bits, which is what one customer has. A
//! request whose address is not known (it did not come over a socket) is counted with all others of its kind.

use crate::{Engine, Fault};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use omniport_protocol::effect::{Loaded, Write};
use omniport_protocol::vocabulary::{ClientId, ClientKind, PersonId, SecretHash};
use omniport_store::portal::Spend;
use std::net::{IpAddr, Ipv6Addr};

/// What may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Whether anything is counted.
    pub enabled: bool,
    /// Authorisation requests that wait for their person, from one address in a minute; twice as many at once. As many
    /// again that public clients push, as many of their devices, as many that one app asks of people on their own pages,
    /// and as many for which a request object is fetched; and as many codes that one person is given without being asked
    /// anything.
    pub requests_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            enabled: true,
            requests_per_minute: 300,
        }
    }
}

impl Limits {
    /// What one request costs, and how many there may be at once.
    fn requests(self) -> (u32, u32) {
        let per_minute = self.requests_per_minute.clamp(1, 60_000);
        (60_000 / per_minute, 2 * per_minute)
    }
}

/// Wrong passwords of one name from one address: 10 at once, then one in 30 seconds.
const NAME_FROM_HERE: (u32, u32) = (30_000, 10);
/// Wrong passwords of one name from anywhere: 100 at once, then one in 30 seconds. Slower than a person notices, and far
/// more than a person mistypes: only many machines together get there.
const NAME: (u32, u32) = (30_000, 100);
/// Wrong passwords from one address, whatever the names: 100 at once, then one in 3 seconds.
const FROM_HERE: (u32, u32) = (3_000, 100);

/// Apps registered from one address: 30 at once, then one in 30 seconds.
const REGISTRATIONS: (u32, u32) = (30_000, 30);

/// How often an app that registered itself replaces its metadata: 30 times at once, then once in 30 seconds.
const REPLACEMENTS: (u32, u32) = (30_000, 30);

/// Forms that one person sends in the developer's area: 200 at once, then one in five minutes. Each leaves versions, notices
/// or events that are kept for long.
const DEVELOPERS_FORMS: (u32, u32) = (300_000, 200);

/// Wrong user codes from one address, and in one browser that is signed in: 10 at once, then one in 30 seconds. Of
/// 25,600,000,000 codes somebody has found one of a thousand that live in 24 years by then (RFC 8628 section 5.1).
const USER_CODES: (u32, u32) = (30_000, 10);

/// Passwords that one person has made for test people, of whatever app: 30 at once, then one in 10 seconds. Each is hashed as
/// slowly as any.
const TEST_PASSWORDS: (u32, u32) = (10_000, 30);

/// What one app asks of one person: 5 at once, then one in a minute.
const ASKED_BY_ONE: (u32, u32) = (60_000, 5);
/// What all apps together ask of one person: 20 at once, then one in 15 seconds.
const ASKED: (u32, u32) = (15_000, 20);

fn spend(what: &str, (cost, at_once): (u32, u32)) -> Spend {
    Spend {
        bucket: SecretHash::of(what),
        cost,
        holds: cost.saturating_mul(at_once),
    }
}

/// An app that registers itself, or changes that.
fn registration(address: Option<IpAddr>) -> Spend {
    spend(&format!("registration from: {}", place(address)), REGISTRATIONS)
}

/// An address as it is counted.
fn place(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => "nowhere".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    }
}

/// A name as it is counted: as the store folds names, a whole text at a time. Letter by letter, a final sigma would make
/// two keys of one name.
fn folded(username: &str) -> String {
    username.chars().take(200).collect::<String>().to_lowercase()
}

/// What a sign-in spends until it is known to be right.
pub(crate) struct SignInTry {
    name_from_here: Spend,
    others: [Spend; 2],
}

impl SignInTry {
    fn of(username: &str, address: Option<IpAddr>) -> Self {
        let (name, place) = (folded(username), place(address));
        // The place first: it has no space, so that two different pairs never make one text.
        Self {
            name_from_here: spend(&format!("sign-in: {place} {name}"), NAME_FROM_HERE),
            others: [
                spend(&format!("sign-in of: {name}"), NAME),
                spend(&format!("sign-in from: {place}"), FROM_HERE),
            ],
        }
    }

    fn all(&self) -> [Spend; 3] {
        let [name, from_here] = self.others;
        [self.name_from_here, name, from_here]
    }
}

impl Engine {
    /// Makes these count, where anything does. The inner error is how many seconds one has to wait.
    async fn tried(&self, spends: &[Spend]) -> Result<Result<(), i64>, Fault> {
        if !self.settings().limits.enabled {
            return Ok(Ok(()));
        }
        let wait = self.store().spend(spends, self.now()).await?;
        Ok(wait.map_or(Ok(()), Err))
    }

    /// The same, where too many are a [`Fault::Limited`].
    async fn tried_all(&self, spends: &[Spend]) -> Result<(), Fault> {
        self.tried(spends).await?.map_err(Fault::Limited)
    }

    /// Gives back what was counted, and forgets all that was ever counted as `forgotten`.
    async fn untried(&self, spends: &[Spend], forgotten: Option<&Spend>) -> Result<(), Fault> {
        if !self.settings().limits.enabled {
            return Ok(());
        }
        if let Some(forgotten) = forgotten {
            self.store().forget_spent(forgotten).await?;
        }
        Ok(self.store().refund(spends).await?)
    }

    /// Counts a sign-in before its password is looked at, so that a burst of guesses sent at once counts too. The inner
    /// error is how many seconds one has to wait.
    pub(crate) async fn begin_sign_in(
        &self,
        username: &str,
        address: Option<IpAddr>,
    ) -> Result<Result<SignInTry, i64>, Fault> {
        let attempt = SignInTry::of(username, address);
        Ok(self.tried(&attempt.all()).await?.map(|()| attempt))
    }

    /// Takes a sign-in back: the password was right, or was not looked at after all. After a right one, earlier wrong ones
    /// of this name from this address are forgotten as well.
    pub(crate) async fn forgive_sign_in(&self, attempt: &SignInTry, was_right: bool) -> Result<(), Fault> {
        if was_right {
            self.untried(&attempt.others, Some(&attempt.name_from_here)).await
        } else {
            self.untried(&attempt.all(), None).await
        }
    }

    /// Counts an attempt to register an app.
    ///
    /// # Errors
    /// [`Fault::Limited`] where there were too many from this address.
    pub(crate) async fn begin_registration(&self, address: Option<IpAddr>) -> Result<(), Fault> {
        self.tried_all(&[registration(address)]).await
    }

    /// Counts an attempt of an app to replace its metadata: each may fetch, and leaves a version.
    ///
    /// # Errors
    /// [`Fault::Limited`] where there were too many of this app, or from this address.
    pub(crate) async fn begin_replacement(
        &self,
        id: &ClientId,
        address: Option<IpAddr>,
    ) -> Result<(), Fault> {
        let of_app = spend(&format!("replacement of: {id}"), REPLACEMENTS);
        self.tried_all(&[of_app, registration(address)]).await
    }

    /// Counts a form of the developer's area before it is looked at.
    ///
    /// # Errors
    /// [`Fault::Limited`] where this person sent too many.
    pub async fn begin_developers_form(&self, person: PersonId) -> Result<(), Fault> {
        self.tried_all(&[spend(&format!("developer's form of: {person}"), DEVELOPERS_FORMS)])
            .await
    }

    /// Counts a password that `by` has made for a test person, before it is hashed. The inner error is how many seconds one
    /// has to wait.
    pub(crate) async fn begin_password_for_test_person(
        &self,
        by: PersonId,
    ) -> Result<Result<(), i64>, Fault> {
        let one = spend(&format!("test person's password by: {by}"), TEST_PASSWORDS);
        self.tried(&[one]).await
    }

    /// Counts what is fetched because somebody opened a link: as often as requests may wait.
    ///
    /// # Errors
    /// [`Fault::Limited`] where there was too much for this address.
    pub(crate) async fn begin_fetch(&self, address: Option<IpAddr>) -> Result<(), Fault> {
        let rate = self.settings().limits.requests();
        self.tried_all(&[spend(&format!("fetch for: {}", place(address)), rate)])
            .await
    }

    /// Counts a user code before it is looked up. The inner error is how many seconds one has to wait; what was counted is
    /// given back where the code was right ([`Self::forgive_user_code`]).
    pub(crate) async fn begin_user_code(
        &self,
        session: Option<SecretHash>,
        address: Option<IpAddr>,
    ) -> Result<Result<Vec<Spend>, i64>, Fault> {
        let from = spend(&format!("user code from: {}", place(address)), USER_CODES);
        let by = session.map(|session| {
            let name = URL_SAFE_NO_PAD.encode(session.as_bytes());
            spend(&format!("user code by: {name}"), USER_CODES)
        });
        let spends: Vec<Spend> = std::iter::once(from).chain(by).collect();
        Ok(self.tried(&spends).await?.map(|()| spends))
    }

    /// Takes a try back whose code was right.
    pub(crate) async fn forgive_user_code(&self, spends: &[Spend]) -> Result<(), Fault> {
        self.untried(spends, None).await
    }

    /// What these writes spend, decided on `loaded`, where a stranger at `address` causes them. A client that has proved
    /// itself is none: its server pushes for everybody who uses it, from one address. Where it asks people on their own
    /// pages, it is counted all the same, and so is each of them: nobody is flooded, whoever asks.
    pub(crate) fn spent_by(&self, writes: &[Write], loaded: &Loaded, address: Option<IpAddr>) -> Vec<Spend> {
        let limits = self.settings().limits;
        if !limits.enabled {
            return Vec::new();
        }
        let asked = writes.iter().find_map(|write| match write {
            Write::AskElsewhere(new) => Some((Some(new.request.person?), &new.request.client)),
            Write::AskedNobody { client } => Some((None, client)),
            _ => None,
        });
        if let Some((person, client)) = asked {
            let of_person = person.map(|person| {
                [
                    spend(&format!("asked of: {person} by: {client}"), ASKED_BY_ONE),
                    spend(&format!("asked of: {person}"), ASKED),
                ]
            });
            let by_app = spend(&format!("asks by: {client}"), limits.requests());
            return std::iter::once(by_app)
                .chain(of_person.into_iter().flatten())
                .collect();
        }
        let is_public = || {
            let client = loaded.client.as_deref();
            client.is_none_or(|client| client.kind == ClientKind::Public)
        };
        let what = writes.iter().find_map(|write| match write {
            Write::ParkRequest(_) => Some(format!("request from: {}", place(address))),
            Write::PushRequest(_) if is_public() => Some(format!("push from: {}", place(address))),
            Write::AskElsewhere(_) if is_public() => Some(format!("device from: {}", place(address))),
            // Whoever is signed in and has consented is asked nothing: each time is one more grant.
            Write::IssueCode(grant, _) => Some(format!("issue for: {}", grant.person)),
            _ => None,
        });
        what.map(|what| spend(&what, limits.requests()))
            .into_iter()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(username: &str, address: &str) -> [Spend; 3] {
        SignInTry::of(username, address.parse().ok()).all()
    }

    #[test]
    fn one_name_has_one_count_however_it_is_written() {
        let (large, small) = (
            "\u{39d}\u{399}\u{39a}\u{39f}\u{3a3}",
            "\u{3bd}\u{3b9}\u{3ba}\u{3bf}\u{3c2}",
        );
        assert_eq!(of(large, "192.0.2.1"), of(small, "192.0.2.1"));
    }

    #[test]
    fn a_name_is_counted_here_and_everywhere_and_a_place_whatever_the_name() {
        let (asha, there, ben) = (
            of("asha", "192.0.2.1"),
            of("asha", "192.0.2.2"),
            of("ben", "192.0.2.1"),
        );
        let same =
            |one: [Spend; 3], other: [Spend; 3]| [0, 1, 2].map(|at| one[at].bucket == other[at].bucket);
        assert_eq!(same(asha, there), [false, true, false]);
        assert_eq!(same(asha, ben), [false, false, true]);
        assert_eq!(same(asha, of("asha", "::ffff:192.0.2.1")), [true; 3]);
        // One customer has all of a /64.
        assert_eq!(
            same(of("asha", "2001:db8::1"), of("asha", "2001:db8::ffff")),
            [true; 3]
        );
        assert_eq!(
            same(of("asha", "2001:db8::1"), of("asha", "2001:db8:0:1::1")),
            [false, true, false]
        );
        assert_eq!(same(of("asha", "unknown"), of("asha", "")), [true; 3]);
    }
}
