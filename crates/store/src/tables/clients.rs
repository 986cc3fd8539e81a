//! An app as the rules see it: its serving version and its secrets.
//!
//! The row is read every time, so that a suspension or a rotated secret counts at once, on every node. Only the
//! manifest, which is never changed once written, is read and parsed once: the question carries the digest of the one
//! that this node has, and the text comes along only where the app now serves another
//! (`docs/decisions/0017-what-a-node-may-remember.md`).

use crate::generations::Generations;
use crate::{Fault, Query, Row};
use omniport_protocol::review::{Manifest, Stage, Standing};
use omniport_protocol::vocabulary::{Client, ClientId, ClientSecret, Legacy, SecretHash};
use std::sync::Arc;

/// Apps in a generation of what is kept: some kilobytes each.
const KEPT: usize = 512;

/// A manifest that was read: the client that it makes, without what stands in the row.
#[derive(Debug, Clone)]
pub(crate) struct ReadManifest {
    digest: SecretHash,
    client: Arc<Client>,
}

/// The manifests that were read lately.
pub(crate) struct Manifests(Generations<ClientId, ReadManifest>);

impl Default for Manifests {
    fn default() -> Self {
        Self(Generations::new(KEPT))
    }
}

impl Manifests {
    /// What was read for this client.
    pub(crate) fn of(&self, id: &ClientId) -> Option<ReadManifest> {
        self.0.get(id)
    }
}

/// The client of this identifier: a row for each of its secrets, or one without. The manifest's text is left out where
/// it is the `known` one.
pub(crate) fn by_id(id: &ClientId, known: Option<&ReadManifest>) -> Query {
    Query::key(
        "SELECT a.client_id, a.standing, a.stage, a.legacy_plain_pkce, a.legacy_implicit, a.legacy_password, m.number, \
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

/// Reads it, the newest secret first; `known` as it was asked with.
pub(crate) fn read(
    rows: Vec<Row>,
    known: Option<&ReadManifest>,
    manifests: &Manifests,
) -> Result<Option<Client>, Fault> {
    let mut found: Option<Client> = None;
    for mut row in rows {
        let id = row.client()?;
        let standing = standing(&mut row)?.0;
        let legacy = Legacy {
            plain_pkce: row.flag()?,
            implicit: row.flag()?,
            password: row.flag()?,
        };
        let version = row.number()?;
        let (digest, text) = (row.opt_hash()?, row.opt_text()?);
        // The same manifest in every row: read once.
        let client = match &mut found {
            Some(client) => client,
            empty => empty.insert(Client {
                standing,
                version,
                legacy,
                ..client(id, digest, text, known, manifests)?
            }),
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
    Ok(found)
}

/// The client that a manifest makes.
fn client(
    id: ClientId,
    digest: Option<SecretHash>,
    text: Option<String>,
    known: Option<&ReadManifest>,
    manifests: &Manifests,
) -> Result<Client, Fault> {
    let corrupt = Fault::Corrupt {
        column: 8,
        what: "a manifest",
    };
    let Some(text) = text else {
        let known = known.filter(|known| Some(known.digest) == digest);
        return known.map(|known| Client::clone(&known.client)).ok_or(corrupt);
    };
    let manifest: Manifest = serde_json::from_str(&text).map_err(|_| corrupt)?;
    // What stands in the row is filled in for each answer.
    let client = manifest.client(id, Standing::Suspended, 0, Vec::new());
    if let Some(digest) = digest {
        let read = ReadManifest {
            digest,
            client: Arc::new(client.clone()),
        };
        manifests.0.insert(client.id.clone(), read);
    }
    Ok(client)
}
