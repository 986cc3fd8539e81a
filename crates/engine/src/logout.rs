//! Telling apps that a session has ended: from here (OpenID Connect Back-Channel Logout 1.0), as `deliveries.rs`
//! tells, and by frames in the browser (Front-Channel Logout 1.0). Whom to tell is written in the same transaction that ends
//! the session.

use crate::deliveries::Delivery;
use crate::fetch::Post;
use crate::flow::Came;
use crate::lanes::Lanes;
use crate::{Engine, Fault, Store};
use omniport_protocol::effect::{Load, Minted};
use omniport_protocol::logout::{LogoutToken, frontchannel_url};
use omniport_protocol::vocabulary::{Client, ClientId, RedirectUri, SecretHash, Timestamp};
use omniport_store::portal::{Attempt, LogoutDelivery};

/// For how long it is tried where there is no place, in seconds.
const LONGEST: i64 = 86_400;

/// A page of an app that signs its person out there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The app's name.
    pub app_name: String,
    /// The address.
    pub url: String,
    /// Its origin.
    pub origin: String,
}

impl Engine {
    /// The frames by which the apps with people of the session of this root hear of its end in the browser.
    ///
    /// # Errors
    /// [`Fault`] of the store.
    pub async fn logout_frames(&self, root: SecretHash) -> Result<Vec<Frame>, Fault> {
        let mut frames = Vec::new();
        for id in self.store().apps_to_frame(root).await? {
            let app = self.store().load(&[Load::Client(id)]).await?.client;
            let url = app
                .as_ref()
                .and_then(|app| frontchannel_url(app, root, &self.ctx()));
            frames.extend(app.zip(url).map(|(app, url)| Frame {
                app_name: app.name.clone(),
                origin: RedirectUri::origin_of(&url),
                url,
            }));
        }
        Ok(frames)
    }

    /// Says that a session has ended, so that its apps hear of it at once.
    pub fn session_ended(&self) {
        self.logouts.wake();
    }

    /// Tells every app that is due, until nothing is that this node can take.
    ///
    /// # Errors
    /// [`Fault`] of the store; an app that cannot be told is none.
    pub async fn tell_apps_of_logouts(&self) -> Result<(), Fault> {
        self.deliver_all::<LogoutDelivery>().await
    }
}

impl Delivery for LogoutDelivery {
    const PAUSES: [i64; 3] = [10, 60, 300];
    const NEWS: &'static str = "sessions that ended";
    const ENDPOINT: &'static str = "logout_notice";
    const ADDRESS: &'static str = "backchannel_logout_uri";
    const TOLD: Came = Came::LogoutTold;

    fn lanes(engine: &Engine) -> &Lanes {
        &engine.logouts
    }

    async fn due(store: &Store, now: Timestamp, limit: u32, except: &[ClientId]) -> Result<Vec<Self>, Fault> {
        Ok(store.due_logouts(now, limit, except).await?)
    }

    async fn claim(&self, store: &Store, until: Timestamp) -> Result<bool, Fault> {
        Ok(store.claim_logout(self, until).await?)
    }

    async fn note(&self, store: &Store, ended: Attempt, now: Timestamp) -> Result<(), Fault> {
        Ok(store.note_logout(self, ended, now).await?)
    }

    fn client(&self) -> &ClientId {
        &self.client
    }

    fn attempts(&self) -> u32 {
        self.attempts
    }

    fn ends_at(&self) -> Timestamp {
        self.queued_at.plus(LONGEST)
    }

    /// A new token each time (section 2.5).
    fn message<'a>(&self, engine: &Engine, client: &'a Client) -> Result<Option<(&'a str, Post)>, Fault> {
        let Some(uri) = client.openid.backchannel_logout_uri.as_deref() else {
            return Ok(None);
        };
        let jti = engine.new_nonce()?;
        let token = LogoutToken {
            client,
            person: self.person,
            root: self.root,
            jti: jti.expose(),
        };
        let signed = engine.sign(&token.unsigned(&engine.ctx()), &Minted::default())?;
        Ok(Some((uri, Post::form(&[("logout_token", &signed)]))))
    }

    /// Section 2.8: with 400 the app has read the token and says no.
    fn is_final(status: u16) -> bool {
        status == 400
    }
}
