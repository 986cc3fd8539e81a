//! What apps ask of a person on their own page (OpenID Connect CIBA), and who is meant by it.

use crate::{Fault, Query, Row, Store};
use omniport_protocol::vocabulary::{ClientId, PersonId, SecretHash, Timestamp};

/// Most requests that a person's page lists: more than an app and their limits let through in the time one lives.
const MOST: u32 = 50;

/// A request that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedRequest {
    /// By which it is opened: the hash of its code.
    pub code: SecretHash,
    /// The app that asks.
    pub client: ClientId,
    /// Its name.
    pub app_name: String,
    /// SHA-256 of its logo in hexadecimal, where it has one.
    pub logo: Option<String>,
    /// Its parameters, in order.
    pub params: Vec<(String, String)>,
    /// When it was asked.
    pub at: Timestamp,
    /// Until when it can be answered.
    pub expires_at: Timestamp,
}

impl Store {
    /// The requests that wait for a person, the newest first, 50 at most. A suspended app asks nobody.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn asked_of(&self, person: PersonId, now: Timestamp) -> Result<Vec<AskedRequest>, Fault> {
        let query = Query::list(
            "SELECT d.code, d.client_id, m.name, m.logo, d.params, d.asked_at, d.expires_at \
             FROM decoupled_requests d JOIN apps a ON a.client_id = d.client_id JOIN manifests m \
               ON m.client_id = a.client_id AND m.number = COALESCE(a.live_version, a.proposed_version) \
             WHERE d.person_id = ?1 AND d.expires_at > ?2 AND d.state = 'pending' AND a.standing <> 'suspended' \
             ORDER BY d.asked_at DESC, d.code LIMIT ?3",
            vec![person.into(), now.into(), MOST.into()],
        );
        let read = |row: &mut Row| {
            Ok(AskedRequest {
                code: row.hash()?,
                client: row.client()?,
                app_name: row.text()?,
                logo: row.opt_text()?,
                params: row.json()?,
                at: row.at()?,
                expires_at: row.at()?,
            })
        };
        self.list(query, read).await
    }

    /// Everybody who allows an app something, in the order of their numbers.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn people_of(&self, client: &ClientId) -> Result<Vec<PersonId>, Fault> {
        let query = Query::list(
            "SELECT person_id FROM consents WHERE client_id = ?1 ORDER BY person_id",
            vec![client.into()],
        );
        self.list(query, Row::person).await
    }
}
