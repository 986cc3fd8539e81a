//! Telling apps, at an address of theirs, what they want to hear of: that a session has ended, that a person has answered.
//!
//! That an app is to be told is a row that is written with what there is to tell, in one transaction. Every node delivers:
//! it claims a row for a little longer than one attempt can take, so that each is tried by one node at a time, and another
//! goes on with it should that one stop. An attempt that fails is made again, four times in all.

use crate::fetch::{FetchError, Post};
use crate::flow::{Asked, Came, Ending};
use crate::lanes::{Lanes, Place};
use crate::{Engine, Fault, Store};
use omniport_protocol::effect::{Load, Loaded};
use omniport_protocol::vocabulary::{Client, ClientId, Timestamp};
use omniport_store::portal::Attempt;
use std::time::Duration;

/// How long a claim lasts, in seconds: longer than the slowest answer that is waited for
/// ([`crate::fetch::MAX_TIMEOUT_SECONDS`]).
const CLAIM: i64 = 60;
/// Deliveries of one kind at a time on one node.
const LANES: usize = 8;
/// Rows looked at to find one that no other node takes meanwhile.
const WINDOW: u32 = 64;
/// Until an attempt that there was no place for is made, in seconds.
const NO_PLACE: i64 = 10;
/// Between two looks where nobody called: what another node or a command wrote, what is tried again, what time has ended.
const ROUND: Duration = Duration::from_secs(5);

/// What one kind of row says, and what is sent for it.
pub(crate) trait Delivery: Sized {
    /// Seconds after each failed attempt until the next; after the last nobody tries again.
    const PAUSES: [i64; 3];
    /// What apps are told of, for the log.
    const NEWS: &'static str;
    /// What the flow debugger calls it.
    const ENDPOINT: &'static str;
    /// The client's metadatum that holds the address.
    const ADDRESS: &'static str;
    /// What came of it where the app was told.
    const TOLD: Came;

    /// Those that this node is making.
    fn lanes(engine: &Engine) -> &Lanes;
    /// At most `limit` rows that are due, the longest waiting first, but none of the apps `except`.
    async fn due(store: &Store, now: Timestamp, limit: u32, except: &[ClientId]) -> Result<Vec<Self>, Fault>;
    /// Takes the row until a moment; `false` where another node was faster.
    async fn claim(&self, store: &Store, until: Timestamp) -> Result<bool, Fault>;
    /// Notes how an attempt ended.
    async fn note(&self, store: &Store, ended: Attempt, now: Timestamp) -> Result<(), Fault>;

    /// Whom it is for.
    fn client(&self) -> &ClientId;
    /// How often it was tried before.
    fn attempts(&self) -> u32;
    /// From when on it is given up where there was no place for it.
    fn ends_at(&self) -> Timestamp;
    /// Where the app is told, as it is registered now, and what; none where it wants to hear of it no longer.
    ///
    /// # Errors
    /// [`Fault`] of a key or of the dice.
    fn message<'a>(&self, engine: &Engine, client: &'a Client) -> Result<Option<(&'a str, Post)>, Fault>;
    /// Whether an app that answers with this status would do so again.
    fn is_final(status: u16) -> bool;
}

impl Engine {
    /// Delivers for as long as it is polled.
    pub(crate) async fn keep_delivering<D: Delivery>(&self) {
        loop {
            if let Err(fault) = self.deliver_all::<D>().await {
                tracing::warn!(error = %fault, of = D::NEWS, "apps were not told; trying again");
            }
            let _nobody_called = tokio::time::timeout(ROUND, D::lanes(self).called()).await;
        }
    }

    /// Delivers what is due, until nothing is that this node can take.
    ///
    /// # Errors
    /// [`Fault`] of the store; an app that cannot be told is none.
    pub(crate) async fn deliver_all<D: Delivery>(&self) -> Result<(), Fault> {
        if D::due(self.store(), self.now(), 1, &[]).await?.is_empty() {
            return Ok(());
        }
        let lane = || Box::pin(self.deliver_while_due::<D>());
        let lanes: [_; LANES] =
            tokio::join!(lane(), lane(), lane(), lane(), lane(), lane(), lane(), lane()).into();
        lanes.into_iter().collect()
    }

    async fn deliver_while_due<D: Delivery>(&self) -> Result<(), Fault> {
        while let Some((due, _place)) = self.take_due::<D>().await? {
            self.attempt(&due).await?;
        }
        Ok(())
    }

    /// The next row of an app that nothing is being delivered to, or else of one that has a place left: however much
    /// waits for an app that hangs, the next lane that is free is the others'.
    async fn take_due<D: Delivery>(&self) -> Result<Option<(D, Place<'_>)>, Fault> {
        let lanes = D::lanes(self);
        let (some, full) = lanes.taken();
        for except in [some, full] {
            for due in D::due(self.store(), self.now(), WINDOW, &except).await? {
                let Some(place) = lanes.place(due.client()) else {
                    continue;
                };
                if due.claim(self.store(), self.now().plus(CLAIM)).await? {
                    return Ok(Some((due, place)));
                }
            }
        }
        Ok(None)
    }

    /// One attempt, and the note of how it ended.
    async fn attempt<D: Delivery>(&self, due: &D) -> Result<(), Fault> {
        let loaded = self.store().load(&[Load::Client(due.client().clone())]).await?;
        let message = match loaded.client.as_deref() {
            Some(client) => due.message(self, client)?,
            None => None,
        };
        let ended = match message {
            // It wanted to hear of it once, and does no longer.
            None => Attempt::Delivered,
            Some((url, post)) => {
                let told = self.post_to(due.client(), url, &post).await;
                self.tell_of_attempt::<D>(&loaded, told.as_ref().err());
                after(due, told.err(), self.now())
            }
        };
        due.note(self.store(), ended, self.now()).await
    }

    /// An app answers 200, or, by the ways of some frameworks, 204 (Back-Channel Logout section 2.8); CIBA Core section 10.2
    /// has it the other way round, and wants redirects not followed.
    async fn post_to(&self, client: &ClientId, url: &str, post: &Post) -> Result<(), FetchError> {
        let posted = self.fetcher().for_client(client).post(url, post).await?;
        match posted.status {
            200 | 204 => Ok(()),
            other => Err(FetchError::Status(other)),
        }
    }

    /// For the app's team.
    fn tell_of_attempt<D: Delivery>(&self, loaded: &Loaded, failed: Option<&FetchError>) {
        let asked = Asked {
            endpoint: D::ENDPOINT,
            request: None,
        };
        let reason = failed.map(|why| format!("{}: {why}", D::ADDRESS));
        let ending = match &reason {
            None => Ending::Well(D::TOLD),
            Some(reason) => Ending::Undelivered { reason },
        };
        self.tell(asked, loaded, None, ending);
    }
}

/// What follows of an attempt that failed, if it did.
fn after<D: Delivery>(due: &D, failed: Option<FetchError>, now: Timestamp) -> Attempt {
    let Some(failed) = failed else {
        return Attempt::Delivered;
    };
    let why = failed.to_string();
    let pause = match failed {
        FetchError::Busy if now.is_at_or_after(due.ends_at()) => None,
        FetchError::Busy => return Attempt::NotMade(now.plus(NO_PLACE), why),
        FetchError::Status(status) if D::is_final(status) => None,
        _ => usize::try_from(due.attempts())
            .ok()
            .and_then(|made| D::PAUSES.get(made)),
    };
    match pause {
        Some(pause) => Attempt::Again(now.plus(*pause), why),
        None => Attempt::GivenUp(why),
    }
}
