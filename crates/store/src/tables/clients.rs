//! An app as the rules see it: its serving version and its secrets.
//!
//! What was read is kept for a second, and only as long as nobody changed an app
//! (`docs/decisions/0036-apps-are-kept-while-nobody-changes-one.md`). Read again, its manifest, which is never changed once
//! written, is not parsed again: the question carries the digest of the one that this node has, and the text comes along
//! only where the app now serves another.

use crate::changes::LEASE;
use crate::generations::Generations;
use crate::{Fault, Query, Row};
use omniport_protocol::review::{Manifest, Stage, Standing};
use omniport_protocol::vocabulary::{Client, ClientId, ClientSecret, Legacy, SecretHash};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

/// Apps in a generation of what is kept: some kilobytes each.
const KEPT: usize = 512;

/// A client that was read.
#[derive(Debug, Clone)]
pub(crate) struct ReadClient {
    /// Before it was.
    as_of: Instant,
    /// The number of changes of apps, as it was read along.
    pub(crate) number: i64,
    /// Its manifest's.
    digest: SecretHash,
    pub(crate) client: Arc<Client>,
}

/// The clients that were read lately.
pub(crate) struct Clients(Generations<ClientId, ReadClient>);

impl Default for Clients {
    fn default() -> Self {
        Self(Generations::new(KEPT))
    }
}

impl Clients {
    /// What was read of this one, however long ago.
    pub(crate) fn of(&self, id: &ClientId) -> Option<ReadClient> {
        self.0.get(id)
    }
}

impl ReadClient {
    /// Whether it may be what the client is, where nobody has changed an app. Who changes one by hand, or by a program from
    /// before the number was raised, is heard a second later.
    pub(crate) fn is_fresh(&self) -> bool {
        self.as_of.elapsed() < LEASE
    }
}

/// The client of this identifier: a row for each of its secrets, or one without. The manifest's text is left out where it
/// is the `known` one.
pub(crate) fn by_id(id: &ClientId, known: Option<&ReadClient>) -> Query {
    Query::key(
        "SELECT COALESCE((SELECT c.number FROM changes c WHERE c.topic = 'apps'), 0), \
           a.client_id, a.standing, a.stage, a.legacy_plain_pkce, a.legacy_implicit, a.legacy_password, m.number, \
           m.digest, \
           CASE WHEN m.digest = ?2 THEN NULL ELSE m.manifest END, s.hash, s.expires_at, s.sealed, \
           (SELECT string_agg(x.name, ' ') FROM app_scopes x WHERE x.client_id = a.client_id AND x.approved = 1) \
         FROM apps a JOIN manifests m \
           ON m.client_id = a.client_id AND m.number = COALESCE(a.live_version, a.proposed_version) \
         LEFT JOIN client_secrets s ON s.client_id = a.client_id \
         WHERE a.client_id = ?1 ORDER BY s.id DESC",
        vec![id.into(), known.map(|known| known.digest).into()],
    )
}

/// Reads `standing` and `stage`.
pub(crate) fn standing(row: &mut Row) -> Result<(Standing, Stage), Fault> {
    let word = row.text()?;
    let stage = row.parsed("a stage", Stage::parse)?;
    let standing = Standing::of_stored(&word, stage).ok_or(Fault::Corrupt {
        column: 2,
        what: "a standing",
    })?;
    Ok((standing, stage))
}

/// Reads it, the newest secret first, and keeps it; `known` as it was asked with, `as_of` before it was asked.
pub(crate) fn read(
    rows: Vec<Row>,
    known: Option<&ReadClient>,
    as_of: Instant,
    clients: &Clients,
) -> Result<Option<Arc<Client>>, Fault> {
    let mut found: Option<(i64, Option<SecretHash>, Client)> = None;
    for mut row in rows {
        let (number, id) = (row.int()?, row.client()?);
        let standing = standing(&mut row)?.0;
        let legacy = Legacy {
            plain_pkce: row.flag()?,
            implicit: row.flag()?,
            password: row.flag()?,
        };
        let version = row.number()?;
        let (digest, text) = (row.opt_hash()?, row.opt_text()?);
        // The same manifest in every row: read once.
        let (_, _, client) = match &mut found {
            Some(found) => found,
            empty => {
                let client = Client {
                    standing,
                    version,
                    legacy,
                    ..manifest(id, digest, text, known)?
                };
                empty.insert((number, digest, client))
            }
        };
        let (hash, expires_at, sealed) = (row.opt_hash()?, row.opt_at()?, row.opt_blob()?);
        if let Some(approved) = row.opt_text()? {
            client.approved_by_owners = approved.split(' ').map(ToOwned::to_owned).collect();
        }
        if let Some(hash) = hash {
            client.secrets.push(ClientSecret {
                hash,
                sealed,
                expires_at,
            });
        }
    }
    let Some((number, digest, client)) = found else {
        return Ok(None);
    };
    let client = Arc::new(client);
    if let Some(digest) = digest {
        let read = ReadClient {
            as_of,
            number,
            digest,
            client: Arc::clone(&client),
        };
        clients.0.insert(client.id.clone(), read);
    }
    Ok(Some(client))
}

/// The client that a manifest makes, without what stands in the rows.
fn manifest(
    id: ClientId,
    digest: Option<SecretHash>,
    text: Option<String>,
    known: Option<&ReadClient>,
) -> Result<Client, Fault> {
    let corrupt = Fault::Corrupt {
        column: 10,
        what: "a manifest",
    };
    let Some(text) = text else {
        let known = known.filter(|known| Some(known.digest) == digest);
        let known = known.ok_or(corrupt)?;
        return Ok(Client {
            secrets: Vec::new(),
            approved_by_owners: BTreeSet::new(),
            ..Client::clone(&known.client)
        });
    };
    let manifest: Manifest = serde_json::from_str(&text).map_err(|_| corrupt)?;
    Ok(manifest.client(id, Standing::Suspended, 0, Vec::new()))
}
