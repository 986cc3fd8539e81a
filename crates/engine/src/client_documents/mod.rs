//! Apps that are known by the address of a document about them (draft-ietf-oauth-client-id-metadata-document): by
//! policy, into the same review as every other app.
//!
//! An address that nobody has used here before becomes an app when its document is good; from then on the app is what
//! the store says, on every node, and the document is read again when it is not fresh any more. What has changed in it is
//! an edit like one of a team: what needs review waits for it, and what was approved goes on serving.

mod waiting;

pub(crate) use waiting::Waiting;

use waiting::{PAUSE, PAUSE_OF_KNOWN};

use crate::acts;
use crate::apps::MAX_VERSIONS;
use crate::fetch::Asking;
use crate::registration::{ClientIdDocuments, RegistrationRefusal, itself};
use crate::{Engine, Fault};
use omniport_protocol::audit::{self, Actor, Subject};
use omniport_protocol::effect::{Load, Loaded};
use omniport_protocol::extensions::client_id_metadata_document::{self as document, Limits, MAX_BYTES};
use omniport_protocol::review::{
    Act, App, ClientMetadata, Edit, Manifest, Parts, Reach, ReviewPolicy, Standing,
};
use omniport_protocol::vocabulary::{ClientIdUrl, Legacy, Scope, SecretHash};
use omniport_store::portal::{ClientDocument, NewApp};
use serde_json::json;
use std::net::IpAddr;

/// How long a document is fresh at least, in seconds, whatever its host says: strangers' requests must not become a hose.
const LEAST_FRESH: i64 = 300;
/// How long it is fresh at most, in seconds: so long somebody may go on who was shut out of the address.
const MOST_FRESH: i64 = 86_400;
/// How long it is fresh where its host says nothing, in seconds.
const USUALLY_FRESH: i64 = 3_600;
/// How long an app goes on as it is known while its document cannot be read, in seconds, counted from when it was last.
const GOES_ON: i64 = 7 * 86_400;
/// Apps that may have come by a document and have served nobody yet, at most.
const MOST_WAITING: u64 = 1_000;
/// The same of one host.
const MOST_WAITING_OF_HOST: u64 = 20;
/// Longest sentence about a document, in characters.
const MOST_SAID: usize = 400;

/// What document came, and how it is remembered.
struct Read {
    metadata: ClientMetadata,
    kept: ClientDocument,
}

/// What came of an attempt: nothing to say, or why not.
type Attempt = Result<Result<(), String>, Fault>;

impl Engine {
    /// Makes sure that the client of this address is known as its document says, as far as the policy lets it: finds it,
    /// or looks whether it has changed. `loaded` holds what the store knows of it, and does afterwards.
    ///
    /// # Errors
    /// A [`Fault`], [`Fault::Limited`] where too many unknown addresses came from `address`.
    pub(crate) async fn know_by_document(
        &self,
        url: &ClientIdUrl,
        address: Option<IpAddr>,
        loaded: &mut Loaded,
    ) -> Result<(), Fault> {
        if self.settings().registration.client_id_documents == ClientIdDocuments::Closed {
            return Ok(());
        }
        let now = self.now();
        let known = match &loaded.client {
            // Whatever the document says, it serves nobody.
            Some(client) if Act::Push.reach(client.standing) == Reach::Nobody => return Ok(()),
            Some(_) => match self.store().client_document(url.id()).await? {
                Some(known) => Some(known),
                // Added in another way: what its address holds is nobody's business.
                None => return Ok(()),
            },
            None => None,
        };
        if known.is_some_and(|known| !now.is_at_or_after(known.fresh_until)) {
            return Ok(());
        }
        let goes_on = |known: ClientDocument| !self.now().is_at_or_after(known.read_at.plus(GOES_ON));
        let place = self.documents.at(url.id().as_str(), now);
        let turn = match (place.turn.try_lock(), known) {
            (Ok(turn), _) => turn,
            // Somebody looks already, and nobody need wait for that.
            (Err(_), Some(known)) if goes_on(known) => return Ok(()),
            (Err(_), _) => place.turn.lock().await,
        };
        // Somebody may have read it while we waited, here or on another node.
        let known = self.store().client_document(url.id()).await?;
        let is_fresh = known.is_some_and(|known| !self.now().is_at_or_after(known.fresh_until));
        let pause = if known.is_some_and(goes_on) {
            PAUSE_OF_KNOWN
        } else {
            PAUSE
        };
        let came = match (is_fresh, place.failed(pause, self.now())) {
            (true, _) => Ok(()),
            (false, Some(why)) => Err(why),
            (false, None) => {
                let came = match &known {
                    None => self.find(url, address).await?,
                    Some(known) => self.read_again(url, known).await?,
                };
                came.inspect_err(|why| place.fail(why, self.now()))
            }
        };
        drop(turn);
        let client = [Load::Client(url.id().clone())];
        self.store().load_into(&client, loaded).await?;
        if let Err(why) = came {
            tracing::info!(client_id = %url.id(), why, "a client's document cannot be used");
            if !known.is_some_and(goes_on) {
                loaded.client = None;
                loaded.client_document = Some(why);
            }
        }
        Ok(())
    }

    /// An address that nobody has used here before.
    async fn find(&self, url: &ClientIdUrl, address: Option<IpAddr>) -> Attempt {
        let Some(owner) = self.registration_owner().await? else {
            return Ok(Err("Apps cannot introduce themselves here at present.".to_owned()));
        };
        // Before anything is fetched or stored for a stranger.
        self.begin_registration(address).await?;
        if self.store().documents_waiting_of(url.host_name()).await? >= MOST_WAITING_OF_HOST {
            return Ok(Err(format!(
                "{MOST_WAITING_OF_HOST} apps of this host wait already and have served nobody yet, which is the most. Use \
                 one of those, or have a maintainer here decide about them."
            )));
        }
        let read = match self.read_document(self.fetcher().into(), url).await {
            Ok(read) => read,
            Err(why) => return Ok(Err(why)),
        };
        let manifest = match self.manifest_of(read.metadata).await? {
            Ok(manifest) => manifest,
            Err(why) => return Ok(Err(why)),
        };
        if !self.make_room().await? {
            return Ok(Err(
                "Too many apps wait for review already. Try again later, or write to the maintainers here."
                    .to_owned(),
            ));
        }
        let app = NewApp {
            id: url.id().clone(),
            creator: owner,
            manifest,
            standing: if self.approves_documents() {
                Standing::Approved
            } else {
                Standing::Pending
            },
            legacy: Legacy::default(),
            secret: None,
            registration: None,
            most: None,
            at: self.now(),
        };
        let told = acts::made(json!({
            "standing": app.standing.as_str(),
            "manifest": acts::manifest(&app.manifest),
            "owner": owner.0,
        }));
        let subject = Subject::app(url.id(), &app.manifest.name);
        let doer = itself(url.id(), address);
        let store = self.telling(doer, audit::Act::AppRegister, subject, told);
        // Where it is there by now, another node found it in the same moment.
        if store.insert_app_of_document(app, &read.kept).await? {
            tracing::info!(client_id = %url.id(), "an app was found by its document");
        }
        Ok(Ok(()))
    }

    /// Whether one more app may wait. Where there are as many as may be, the one goes that was asked for longest ago, of
    /// those that nobody has used or looked at: a thousand documents of strangers must not keep everybody else out.
    async fn make_room(&self) -> Result<bool, Fault> {
        if self.store().documents_waiting().await? < MOST_WAITING {
            return Ok(true);
        }
        let Some(id) = self.store().document_longest_unused().await? else {
            return Ok(false);
        };
        let Some(app) = self.store().app(&id).await? else {
            return Ok(true);
        };
        let was = acts::gone(json!({"standing": app.standing.as_str()}));
        let went = self
            .telling(Actor::System, audit::Act::AppDelete, acts::app_of(&app), was)
            .forget_unused_document(&id)
            .await?;
        tracing::info!(client_id = %id, went, "an app that was found by its document and never used made room");
        Ok(went)
    }

    /// A document that is not fresh any more.
    async fn read_again(&self, url: &ClientIdUrl, known: &ClientDocument) -> Attempt {
        let fetcher = self.fetcher().for_client(url.id());
        let read = match self.read_document(fetcher, url).await {
            Ok(read) => read,
            Err(why) => return Ok(Err(why)),
        };
        if read.kept.digest != known.digest
            && let Some(app) = self.store().app(url.id()).await?
        {
            let manifest = match self.manifest_of(read.metadata).await? {
                Ok(manifest) => manifest,
                Err(why) => return Ok(Err(why)),
            };
            if let Err(why) = self.take_over(&app, manifest).await? {
                return Ok(Err(why));
            }
        }
        self.store().note_client_document(url.id(), &read.kept).await?;
        Ok(Ok(()))
    }

    /// Makes an app what its document says now, as an edit of its team would.
    async fn take_over(&self, app: &App, mut manifest: Manifest) -> Attempt {
        let before = app.edited().map(|version| &version.manifest);
        // A logo that cannot be had now is no reason to take one away.
        if manifest.logo.is_none()
            && let Some(before) = before
        {
            manifest.logo.clone_from(&before.logo);
            manifest.openid.logo_uri.clone_from(&before.openid.logo_uri);
        }
        let policy = if self.approves_documents() {
            ReviewPolicy {
                needs: Parts::default(),
                ..self.settings().review.clone()
            }
        } else {
            self.settings().review.clone()
        };
        let revision = Edit::Whole(Box::new(manifest)).apply(app, &policy);
        if revision.is_empty() {
            return Ok(Ok(()));
        }
        if app.last_version >= MAX_VERSIONS {
            return Ok(Err(format!(
                "The app has {MAX_VERSIONS} versions, which is the most."
            )));
        }
        let to_review = revision.asks_for_review(app);
        let doer = itself(&app.id, None);
        let change = acts::revised(app, &revision);
        let saved = self
            .telling(doer, audit::Act::AppManifestEdit, acts::app_of(app), change)
            .save_revision(app, &revision, to_review, None, self.now())
            .await?;
        tracing::info!(client_id = %app.id, saved, "an app's document has changed");
        Ok(if saved {
            Ok(())
        } else {
            Err("The app changed meanwhile. Try again.".to_owned())
        })
    }

    fn approves_documents(&self) -> bool {
        self.settings().registration.client_id_documents == ClientIdDocuments::Automatic
    }

    /// Fetches a document and reads it. What answers how at which port is not for strangers to find out by us: they are
    /// told what is wrong with a document, and of everything else that there is none; the log says it.
    async fn read_document(&self, fetcher: Asking<'_>, url: &ClientIdUrl) -> Result<Read, String> {
        let none = |why: &dyn std::fmt::Debug| {
            tracing::info!(client_id = %url.id(), ?why, "a client's document was not fetched");
            "It could not be fetched, or is not JSON that is served as such.".to_owned()
        };
        let accept = "application/json";
        let answer = fetcher.get_within(url.id().as_str(), accept, MAX_BYTES).await;
        let answer = answer.map_err(|why| none(&why))?;
        if !document::is_json(answer.content_type.as_deref()) {
            return Err(none(&answer.content_type));
        }
        let text = answer.text().map_err(|why| none(&why))?;
        let settings = &self.settings().registration;
        let scope = Scope::parse(&settings.scope).unwrap_or_default();
        let limits = Limits {
            scope: &scope,
            grant_types: &settings.grant_types,
        };
        let metadata = document::read(url, text, limits).map_err(|why| why.to_string())?;
        let fresh = answer.fresh_seconds.unwrap_or(USUALLY_FRESH);
        let now = self.now();
        Ok(Read {
            metadata,
            kept: ClientDocument {
                digest: SecretHash::of(text),
                read_at: now,
                fresh_until: now.plus(fresh.clamp(LEAST_FRESH, MOST_FRESH)),
            },
        })
    }

    /// The manifest of a document that nobody has looked at yet.
    async fn manifest_of(&self, metadata: ClientMetadata) -> Result<Result<Manifest, String>, Fault> {
        let manifest = self.self_registered(metadata, self.approves_documents()).await?;
        Ok(manifest.map_err(|refusal| {
            let why = match refusal {
                RegistrationRefusal::RedirectUri(why) | RegistrationRefusal::Metadata(why) => why,
                RegistrationRefusal::SoftwareStatement => {
                    "software_statement: none is accepted here.".to_owned()
                }
                other => format!("{other:?}."),
            };
            plain(&why)
        }))
    }
}

/// A sentence that may repeat what a document says, as it may stand in an `error_description` (RFC 6749 appendix A.8).
fn plain(why: &str) -> String {
    let plain = why.chars().map(|c| match c {
        '"' | '\\' => '\'',
        ' '..='~' => c,
        _ => '?',
    });
    plain.take(MOST_SAID).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_a_document_says_is_repeated_in_plain_characters() {
        assert_eq!(plain("a\"b\\c\u{202e}\nd"), "a'b'c??d");
        assert_eq!(plain(&"x".repeat(1_000)).len(), 400);
    }
}
