//! A person's connected apps. Allowing and withdrawing are the rules' own writes.

use crate::{Fault, Query, Row, Store};
use omniport_protocol::data_points::DataPoints;
use omniport_protocol::review::Manifest;
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};

/// An app that a person allowed to see something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedApp {
    /// The app.
    pub client: ClientId,
    /// Its name.
    pub name: String,
    /// Its logo's digest, where it has one.
    pub logo: Option<String>,
    /// Where a sign-in to it may be started from here (OpenID Connect Core section 4), where it says.
    pub initiate_login_uri: Option<String>,
    /// What it may see.
    pub data_points: DataPoints,
    /// Since when.
    pub since: Timestamp,
    /// When it last read it, to the hour; none: never yet.
    pub last_read: Option<Timestamp>,
}

impl Store {
    /// The apps that a person has allowed, the newest first; 500 at most.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn connected_apps(&self, person: PersonId) -> Result<Vec<ConnectedApp>, Fault> {
        let query = Query::list(
            "SELECT c.client_id, m.name, m.logo, m.manifest, c.data_points, c.since, c.last_read_at \
             FROM consents c JOIN apps a ON a.client_id = c.client_id JOIN manifests m \
               ON m.client_id = a.client_id AND m.number = COALESCE(a.live_version, a.proposed_version) \
             WHERE c.person_id = ?1 ORDER BY c.since DESC, c.client_id LIMIT 500",
            vec![person.into()],
        );
        let read = |row: &mut Row| {
            Ok(ConnectedApp {
                client: row.client()?,
                name: row.text()?,
                logo: row.opt_text()?,
                initiate_login_uri: row.json::<Manifest>()?.openid.initiate_login_uri,
                data_points: row.data_points()?,
                since: row.at()?,
                last_read: row.opt_at()?,
            })
        };
        self.list(query, read).await
    }
}
