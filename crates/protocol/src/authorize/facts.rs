//! The facts that the hallway looks at, with the dead ones taken out once and for all.

use crate::apis::Apis;
use crate::data_points::DataPoints;
use crate::decoupled::DecoupledFacts;
use crate::effect::Loaded;
use crate::records::{Consent, Session};
use crate::review::Who;
use crate::vocabulary::{Client, Timestamp};

/// The person in front of the browser: there only while their session lives and nobody disabled them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visitor<'a> {
    /// Their session.
    pub(super) session: &'a Session,
    /// Whether they are on the client's team.
    pub(super) on_team: bool,
    /// What they have already allowed the client.
    pub(super) consent: Option<&'a Consent>,
}

impl<'a> Visitor<'a> {
    /// What they have allowed the client until now.
    pub(super) fn allowed(&self) -> &'a DataPoints {
        static NOTHING: DataPoints = DataPoints::new();
        self.consent
            .map_or(&NOTHING, |consent| &consent.allowed.data_points)
    }

    /// Who they are to `client`.
    pub(super) fn is_to(&self, client: &Client) -> Who {
        Who::of(&client.id, &self.session.holder, self.on_team)
    }
}

/// What is known of a request's two sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    /// The client, where there is one of that identifier.
    pub(super) client: Option<&'a Client>,
    /// Why there is none, where its identifier is the address of a document that cannot be used.
    pub(super) document: Option<&'a str>,
    /// The person, where one is signed in.
    pub(super) visitor: Option<Visitor<'a>>,
    /// The APIs that are registered here.
    pub(super) apis: &'a Apis,
    /// The decoupled request that it came of, where it did.
    pub(super) decoupled: Option<&'a DecoupledFacts>,
}

impl<'a> Facts<'a> {
    /// Reads `loaded` as of `now`: an expired session or a disabled person is nobody.
    pub(super) fn of(loaded: &'a Loaded, now: Timestamp) -> Self {
        let live = loaded.session.as_ref().filter(|session| session.is_live(now));
        let visitor = live.map(|session| Visitor {
            session,
            on_team: loaded.on_team,
            consent: loaded.consent.as_ref(),
        });
        Self {
            client: loaded.client.as_deref(),
            document: loaded.client_document.as_deref(),
            visitor,
            apis: &loaded.apis,
            decoupled: loaded.decoupled.as_deref(),
        }
    }
}
