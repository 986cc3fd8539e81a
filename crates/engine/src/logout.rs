//! Telling apps that a session has ended: from here (OpenID Connect Back-Channel Logout 1.0), and by frames in the
//! browser (Front-Channel Logout 1.0).
//!
//! Whom to tell is written in the same transaction that ends the session. Every node delivers: it claims a line for a
//! little longer than one attempt can take, so that each is tried by one node at a time, and another goes on with it
//! should that one stop. An attempt that fails is made again, four times in all.

use crate::fetch::{FetchError, Post};
use crate::flow::{Asked, Came, Ending};
use crate::lanes::Place;
use crate::{Engine, Fault};
use omniport_protocol::effect::{Load, Loaded, Minted};
use omniport_protocol::logout::{LogoutToken, frontchannel_url};
use omniport_protocol::vocabulary::{Client, RedirectUri, SecretHash};
use omniport_store::portal::{LogoutAttempt, LogoutDelivery};
use std::time::Duration;

/// Seconds after each failed attempt until the next; after the last nobody tries again.
const PAUSES: [i64; 3] = [10, 60, 300];
/// How long a claim lasts, in seconds: longer than the slowest answer that is waited for
/// ([`crate::fetch::MAX_TIMEOUT_SECONDS`]).
const CLAIM: i64 = 60;
/// Deliveries at a time on one node.
const LANES: usize = 8;
/// Lines looked at to find one that no other node takes meanwhile.
const WINDOW: u32 = 64;
/// Until an attempt that there was no place for is made, in seconds; and for how long it is tried at all.
const NO_PLACE: i64 = 10;
const LONGEST: i64 = 86_400;
/// Between two looks where nobody called: what another node or a command wrote, and what is tried again.
const ROUND: Duration = Duration::from_secs(5);

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

    /// Delivers for as long as it is polled.
    pub(crate) async fn keep_apps_told(&self) {
        loop {
            if let Err(fault) = self.tell_apps_of_logouts().await {
                tracing::warn!(error = %fault, "apps were not told of sessions that ended; trying again");
            }
            let _nobody_called = tokio::time::timeout(ROUND, self.logouts.called()).await;
        }
    }

    /// Delivers what is due, until nothing is that this node can take.
    ///
    /// # Errors
    /// [`Fault`] of the store; an app that cannot be told is none.
    pub async fn tell_apps_of_logouts(&self) -> Result<(), Fault> {
        if self.store().due_logouts(self.now(), 1, &[]).await?.is_empty() {
            return Ok(());
        }
        let lane = || Box::pin(self.deliver_while_due());
        let lanes: [_; LANES] =
            tokio::join!(lane(), lane(), lane(), lane(), lane(), lane(), lane(), lane()).into();
        lanes.into_iter().collect()
    }

    async fn deliver_while_due(&self) -> Result<(), Fault> {
        while let Some((due, _place)) = self.take_due().await? {
            self.deliver_logout(&due).await?;
        }
        Ok(())
    }

    /// The next line of an app that nothing is being delivered to, or else of one that has a place left: however much
    /// waits for an app that hangs, the next lane that is free is the others'.
    async fn take_due(&self) -> Result<Option<(LogoutDelivery, Place<'_>)>, Fault> {
        let (some, full) = self.logouts.taken();
        for except in [some, full] {
            for due in self.store().due_logouts(self.now(), WINDOW, &except).await? {
                let Some(place) = self.logouts.place(&due.client) else {
                    continue;
                };
                if self.store().claim_logout(&due, self.now().plus(CLAIM)).await? {
                    return Ok(Some((due, place)));
                }
            }
        }
        Ok(None)
    }

    /// One attempt, and the note of how it ended.
    async fn deliver_logout(&self, due: &LogoutDelivery) -> Result<(), Fault> {
        let loaded = self.store().load(&[Load::Client(due.client.clone())]).await?;
        let registered = loaded
            .client
            .as_ref()
            .and_then(|client| Some((client, client.openid.backchannel_logout_uri.as_deref()?)));
        let ended = match registered {
            // It wanted to hear of it once, and does no longer.
            None => LogoutAttempt::Delivered,
            Some((client, uri)) => {
                let told = self.post_logout(client, uri, due).await?;
                self.tell_of_attempt(&loaded, &told);
                self.next_step(due, told)
            }
        };
        Ok(self.store().note_logout(due, ended, self.now()).await?)
    }

    /// Posts a new token (section 2.5). An app answers 200, or, by the ways of some frameworks, 204 (section 2.8).
    async fn post_logout(
        &self,
        client: &Client,
        uri: &str,
        due: &LogoutDelivery,
    ) -> Result<Result<(), NotTold>, Fault> {
        let jti = self.new_nonce()?;
        let token = LogoutToken {
            client,
            person: due.person,
            root: due.root,
            jti: jti.expose(),
        };
        let signed = self.sign(&token.unsigned(&self.ctx()), &Minted::default())?;
        let posted = self
            .fetcher()
            .for_client(&client.id)
            .post(uri, &Post::form(&[("logout_token", &signed)]))
            .await;
        Ok(match posted {
            Ok(answer) if matches!(answer.status, 200 | 204) => Ok(()),
            Ok(answer) => Err(NotTold {
                why: FetchError::Status(answer.status).to_string(),
                // Section 2.8: the app has read the token and says no; it would say so again.
                was: if answer.status == 400 {
                    Tried::ForGood
                } else {
                    Tried::Once
                },
            }),
            Err(error) => Err(NotTold {
                why: error.to_string(),
                was: if error == FetchError::Busy {
                    Tried::Not
                } else {
                    Tried::Once
                },
            }),
        })
    }

    fn next_step(&self, due: &LogoutDelivery, told: Result<(), NotTold>) -> LogoutAttempt {
        let Err(NotTold { why, was }) = told else {
            return LogoutAttempt::Delivered;
        };
        let now = self.now();
        if matches!(was, Tried::Not) && !now.is_at_or_after(due.queued_at.plus(LONGEST)) {
            return LogoutAttempt::NotMade(now.plus(NO_PLACE), why);
        }
        let pause = usize::try_from(due.attempts)
            .ok()
            .and_then(|made| PAUSES.get(made));
        match pause.filter(|_| matches!(was, Tried::Once)) {
            Some(pause) => LogoutAttempt::Again(now.plus(*pause), why),
            None => LogoutAttempt::GivenUp(why),
        }
    }

    /// For the app's team.
    fn tell_of_attempt(&self, loaded: &Loaded, told: &Result<(), NotTold>) {
        let asked = Asked {
            endpoint: "logout_notice",
            request: None,
        };
        let reason = |why: &NotTold| format!("backchannel_logout_uri: {}", why.why);
        match told.as_ref().map_err(reason) {
            Ok(()) => self.tell(asked, loaded, None, Ending::Well(Came::LogoutTold)),
            Err(reason) => self.tell(asked, loaded, None, Ending::Undelivered { reason: &reason }),
        }
    }
}

/// Why an app does not know.
struct NotTold {
    /// In words for its team.
    why: String,
    /// What that says of the next attempt.
    was: Tried,
}

/// How far an attempt got.
enum Tried {
    /// Not at all: too much was being fetched.
    Not,
    /// It failed.
    Once,
    /// It failed, and another would as well.
    ForGood,
}
