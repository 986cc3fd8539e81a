//! Telling apps that a person has answered them (OpenID Connect CIBA Core section 10.2), as [`crate::deliveries`] tells. An
//! app that was never reached still finds its answer by asking.

use crate::deliveries::Delivery;
use crate::fetch::Post;
use crate::flow::Came;
use crate::keys::KeysError;
use crate::lanes::Lanes;
use crate::{Engine, Fault, Store};
use omniport_protocol::effect::Write;
use omniport_protocol::extensions::ciba::Ping;
use omniport_protocol::vocabulary::{Client, ClientId, Secret, Timestamp};
use omniport_store::portal::{Attempt, DuePing};

/// For how long after the request's end it is tried where there is no place, in seconds.
const LONGEST: i64 = 600;

impl Delivery for DuePing {
    const PAUSES: [i64; 3] = [5, 30, 120];
    const NEWS: &'static str = "answers to them";
    const ENDPOINT: &'static str = "ping";
    const ADDRESS: &'static str = "backchannel_client_notification_endpoint";
    const TOLD: Came = Came::AnswerTold;

    fn lanes(engine: &Engine) -> &Lanes {
        &engine.pings
    }

    async fn due(store: &Store, now: Timestamp, limit: u32, except: &[ClientId]) -> Result<Vec<Self>, Fault> {
        Ok(store.due_pings(now, limit, except).await?)
    }

    async fn claim(&self, store: &Store, until: Timestamp) -> Result<bool, Fault> {
        Ok(store.claim_ping(self, until).await?)
    }

    async fn note(&self, store: &Store, ended: Attempt, _now: Timestamp) -> Result<(), Fault> {
        Ok(store.note_ping(self, &ended).await?)
    }

    fn client(&self) -> &ClientId {
        &self.client
    }

    fn attempts(&self) -> u32 {
        self.attempts
    }

    fn ends_at(&self) -> Timestamp {
        self.expires_at.plus(LONGEST)
    }

    fn message<'a>(&self, engine: &Engine, client: &'a Client) -> Result<Option<(&'a str, Post)>, Fault> {
        let ciba = &client.openid.ciba;
        let url = ciba.notification_endpoint.as_deref().filter(|_| ciba.is_pinged());
        // Where the key is gone that it was sealed with, there is nothing to tell it with.
        Ok(url.zip(engine.open_ping(self)).map(|(url, ping)| {
            let token = Secret::new(ping.token.expose());
            (url, Post::document("application/json", ping.body()).bearer(token))
        }))
    }

    fn is_final(_status: u16) -> bool {
        false
    }
}

impl Engine {
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

    /// Tells every app that is due, until nothing is that this node can take.
    ///
    /// # Errors
    /// [`Fault`] of the store; an app that cannot be told is none.
    pub async fn ping_apps(&self) -> Result<(), Fault> {
        self.deliver_all::<DuePing>().await
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
}
