//! Typed questions and changes for the pages and the commands, beside the protocol's vocabulary.
//!
//! They are methods of [`Store`](crate::Store), with the plain records that stand here. A change is one
//! transaction; where a stale form could race with another change, it says so and answers `false` instead of
//! overwriting what it did not see.

/// Columns of an app (`a`) with its live (`l`) and proposed (`w`) versions; read by `apps::read`.
macro_rules! app_columns {
    () => {
        "a.client_id, a.creator_id, a.standing, a.stage, a.last_version, a.legacy_plain_pkce, a.legacy_implicit, a.legacy_password, \
         a.created_at, l.number, l.manifest, l.made_at, w.number, w.manifest, w.made_at"
    };
}

/// What [`app_columns`] needs beside `apps a`.
macro_rules! app_joins {
    () => {
        "LEFT JOIN manifests l ON l.client_id = a.client_id AND l.number = a.live_version \
         LEFT JOIN manifests w ON w.client_id = a.client_id AND w.number = a.proposed_version"
    };
}

mod apis;
mod apps;
mod asked;
pub(crate) mod audit;
mod client_documents;
mod connections;
mod deliveries;
mod epoch;
mod flow;
mod instance_secrets;
mod invitations;
mod limits;
mod listing;
mod logos;
mod logout;
mod notices;
pub(crate) mod people;
mod pings;
mod registrations;
mod review;
mod secrets;
mod sessions;
mod signing_keys;
mod sweep;
mod team;
mod test_people;
mod turns;
mod usage;

pub use apis::{ApiAsk, ApiTaken, MAX_APIS};
pub use apps::{MOST_COUNTED, NewApp};
pub use asked::AskedRequest;
pub use audit::{AuditEnd, AuditFilter, Pruned};
pub use client_documents::ClientDocument;
pub use connections::{ConnectedApp, ConnectedCursor};
pub use deliveries::{Attempt, EXCEPTED};
pub use epoch::Ended;
pub use flow::{FLOW_DAYS, FlowEvent, FlowFilter, NewFlowEvent};
pub use invitations::Invitation;
pub use limits::Spend;
pub(crate) use limits::{Refusals, in_order};
pub use listing::{AppCursor, AppFilter, Claim, Claimed, ListedApp};
pub use logout::{LogoutDelivery, LogoutHealth};
pub use notices::{News, Notice};
pub(crate) use people::fold;
pub use people::{NewPerson, PersonRecord};
pub use pings::DuePing;
pub use registrations::InitialAccessToken;
pub use review::{ReviewEvent, ReviewWhat, Ruling};
pub use secrets::{NewSecret, SecretRecord};
pub use sessions::SessionRecord;
pub use signing_keys::SigningKey;
pub use sweep::{Retention, Swept};
pub use team::TeamMember;
pub use test_people::TestPerson;
pub use turns::Turn;
pub use usage::{Day, Usage, UsageNote, day_of};
