//! Telling apps that a person has answered them (OpenID Connect CIBA Core section 10.2).
//!
//! That an app is to be told stands on the request's row, written with the answer in one transaction. Every node delivers:
//! it claims a row for a little longer than one attempt can take, so that each is tried by one node at a time, and another
//! goes on with it should that one stop. An attempt that fails is made again, four times in all; an app that was never
//! reached still finds its answer by asking.

use crate::fetch::{FetchError, Post};
use crate::flow::{Asked, Came, Ending};
use crate::keys::KeysError;
use crate::lanes::Place;
use crate::{Engine, Fault};
use omniport_protocol::effect::{Load, Loaded, Write};
use omniport_protocol::extensions::ciba::Ping;
use omniport_protocol::vocabulary::{Client, ClientId, Secret};
use omniport_store::portal::{DuePing, PingAttempt};
use std::time::Duration;

/// Seconds after each failed attempt until the next; after the last nobody tries again.
const PAUSES: [i64; 3] = [5, 30, 120];
/// How long a claim lasts, in seconds: longer than the slowest answer that is waited for
/// ([`crate::fetch::MAX_TIMEOUT_SECONDS`]).
const CLAIM: i64 = 60;
/// Deliveries at a time on one node.
const LANES: usize = 8;
/// Rows looked at to find one that no other node takes meanwhile.
const WINDOW: u32 = 64;
/// Until an attempt that there was no place for is made, in seconds; and for how long after the request's end.
const NO_PLACE: i64 = 10;
const LONGEST: i64 = 600;
/// Between two looks where nobody called: what another node wrote, what is tried again, what nobody answered in time.
const ROUND: Duration = Duration::from_secs(5);

impl Engine {
    /// Delivers for as long as it is polled.
    pub(crate) async fn keep_apps_pinged(&self) {
        loop {
            if let Err(fault) = self.ping_apps().await {
                tracing::warn!(error = %fault, "apps were not told of answers to them; trying again");
            }
            let _nobody_called = tokio::time::timeout(ROUND, self.pings.called()).await;
        }
    }

    /// Lets apps hear at once of what these writes answer.
    pub(crate) fn answered_by(&self, writes: &[Write]) {
        let answers =
            |write: &Write| matches!(write, Write::AllowDecoupled { .. } | Write::DenyDecoupled { .. });
        if writes.iter().any(answers) {
            self.pings.wake();
        }
    }

    /// What a request whose app wants to be told keeps of it, beside the request itself.
    ///
    /// # Errors
    /// [`KeysError::NotOpen`] before the keys are open.
    pub(crate) fn seal_ping(&self, client: &ClientId, ping: &Ping) -> Result<Vec<u8>, Fault> {
        let keys = self.keys();
        let sealer = keys.sealer().ok_or(KeysError::NotOpen)?;
        let context = Ping::context(client, ping.auth_req_id.hash());
        let text = ping.to_text();
        let bytes = sealer.seal(text.expose().as_bytes(), &context);
        Ok(bytes.map_err(KeysError::from)?)
    }

    /// Delivers what is due, until nothing is that this node can take.
    ///
    /// # Errors
    /// [`Fault`] of the store; an app that cannot be told is none.
    pub async fn ping_apps(&self) -> Result<(), Fault> {
        if self.store().due_pings(self.now(), 1, &[]).await?.is_empty() {
            return Ok(());
        }
        let lane = || Box::pin(self.ping_while_due());
        let lanes: [_; LANES] =
            tokio::join!(lane(), lane(), lane(), lane(), lane(), lane(), lane(), lane()).into();
        lanes.into_iter().collect()
    }

    async fn ping_while_due(&self) -> Result<(), Fault> {
        while let Some((due, _place)) = self.take_due_ping().await? {
            self.deliver_ping(&due).await?;
        }
        Ok(())
    }

    /// The next row of an app that nothing is being delivered to, or else of one that has a place left.
    async fn take_due_ping(&self) -> Result<Option<(DuePing, Place<'_>)>, Fault> {
        let (some, full) = self.pings.taken();
        for except in [some, full] {
            for due in self.store().due_pings(self.now(), WINDOW, &except).await? {
                let Some(place) = self.pings.place(&due.client) else {
                    continue;
                };
                if self.store().claim_ping(&due, self.now().plus(CLAIM)).await? {
                    return Ok(Some((due, place)));
                }
            }
        }
        Ok(None)
    }

    /// One attempt, and the note of how it ended.
    async fn deliver_ping(&self, due: &DuePing) -> Result<(), Fault> {
        let loaded = self.store().load(&[Load::Client(due.client.clone())]).await?;
        let ended = match (registered(&loaded), self.open_ping(due)) {
            (Some((client, url)), Some(ping)) => {
                let told = self.post_ping(client, url, &ping).await;
                self.tell_of_ping(&loaded, told.as_ref().err());
                self.after_ping(due, &told)
            }
            // It wanted to hear of it once and does no longer, or the key that it was sealed with is gone.
            _ => PingAttempt::Over,
        };
        Ok(self.store().note_ping(due, ended).await?)
    }

    fn open_ping(&self, due: &DuePing) -> Option<Ping> {
        let keys = self.keys();
        let context = Ping::context(&due.client, due.code);
        let opened = keys.sealer()?.open(&due.sealed, &context).ok();
        let ping = opened.and_then(|text| Ping::parse(std::str::from_utf8(&text).ok()?));
        if ping.is_none() {
            tracing::warn!(client_id = %due.client, "what an app is to be told with cannot be opened");
        }
        ping
    }

    /// Section 10.2: 204 is the answer, 200 is taken too, redirects are not followed.
    async fn post_ping(&self, client: &Client, url: &str, ping: &Ping) -> Result<(), FetchError> {
        let token = Secret::new(ping.token.expose());
        let post = Post::document("application/json", ping.body()).bearer(token);
        let posted = self.fetcher().for_client(&client.id).post(url, &post).await?;
        match posted.status {
            200 | 204 => Ok(()),
            other => Err(FetchError::Status(other)),
        }
    }

    fn after_ping(&self, due: &DuePing, told: &Result<(), FetchError>) -> PingAttempt {
        let now = self.now();
        let again = |seconds: &i64| PingAttempt::Again(now.plus(*seconds));
        match told {
            Ok(()) => PingAttempt::Over,
            Err(FetchError::Busy) if !now.is_at_or_after(due.expires_at.plus(LONGEST)) => {
                PingAttempt::NotMade(now.plus(NO_PLACE))
            }
            Err(_) => usize::try_from(due.attempts)
                .ok()
                .and_then(|made| PAUSES.get(made))
                .map_or(PingAttempt::Over, again),
        }
    }

    /// For the app's team.
    fn tell_of_ping(&self, loaded: &Loaded, failed: Option<&FetchError>) {
        let asked = Asked {
            endpoint: "ping",
            request: None,
        };
        match failed {
            None => self.tell(asked, loaded, None, Ending::Well(Came::AnswerTold)),
            Some(why) => {
                let reason = format!("backchannel_client_notification_endpoint: {why}");
                self.tell(asked, loaded, None, Ending::Undelivered { reason: &reason });
            }
        }
    }
}

/// Where the app is told, as it is registered now.
fn registered(loaded: &Loaded) -> Option<(&Client, &str)> {
    let client = loaded
        .client
        .as_deref()
        .filter(|client| client.openid.ciba.is_pinged())?;
    Some((client, client.openid.ciba.notification_endpoint.as_deref()?))
}
