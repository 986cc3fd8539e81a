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

/// Where the next page of a person's apps begins: behind the last one of this page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedCursor {
    /// Since when that app is connected.
    pub since: Timestamp,
    /// Its identifier, for those of the same second.
    pub client: ClientId,
}

impl ConnectedApp {
    /// The cursor behind it.
    pub fn cursor(&self) -> ConnectedCursor {
        ConnectedCursor {
            since: self.since,
            client: self.client.clone(),
        }
    }
}

impl Store {
    /// At most `limit` of the apps that a person has allowed, the newest first, behind `after`.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn connected_apps(
        &self,
        person: PersonId,
        after: Option<&ConnectedCursor>,
        limit: u32,
    ) -> Result<Vec<ConnectedApp>, Fault> {
        let query = Query::list(
            "SELECT c.client_id, m.name, m.logo, m.manifest, c.data_points, c.since, c.last_read_at \
             FROM consents c JOIN apps a ON a.client_id = c.client_id JOIN manifests m \
               ON m.client_id = a.client_id AND m.number = COALESCE(a.live_version, a.proposed_version) \
             WHERE c.person_id = ?1 AND (c.since < ?2 OR (c.since = ?2 AND c.client_id > ?3)) \
             ORDER BY c.since DESC, c.client_id LIMIT ?4",
            vec![
                person.into(),
                after
                    .map_or(Timestamp::from_seconds(i64::MAX), |cursor| cursor.since)
                    .into(),
                after.map_or("", |cursor| cursor.client.as_str()).into(),
                limit.into(),
            ],
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
