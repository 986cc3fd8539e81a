//! An app as the rules see it: its serving version and its secrets.

use crate::{Fault, Query, Row};
use omniport_protocol::review::{Manifest, Standing};
use omniport_protocol::vocabulary::{Client, ClientId, ClientSecret};

/// The client of this identifier: a row for each of its secrets, or one without.
pub(crate) fn by_id(id: &ClientId) -> Query {
    Query::key(
        "SELECT a.client_id, a.standing, a.legacy_plain_pkce, m.number, m.manifest, s.hash, s.expires_at \
         FROM apps a JOIN manifests m \
           ON m.client_id = a.client_id AND m.number = COALESCE(a.live_version, a.proposed_version) \
         LEFT JOIN client_secrets s ON s.client_id = a.client_id \
         WHERE a.client_id = ?1 ORDER BY s.id DESC",
        vec![id.into()],
    )
}

/// Reads it, the newest secret first.
pub(crate) fn read(rows: Vec<Row>) -> Result<Option<Client>, Fault> {
    let mut client: Option<Client> = None;
    for mut row in rows {
        let id = row.client()?;
        let standing = row.parsed("a standing", Standing::parse)?;
        let legacy_plain_pkce = row.flag()?;
        let version = row.number()?;
        // The same manifest in every row: read once.
        let manifest = row.text()?;
        let known = match &mut client {
            Some(known) => known,
            empty => {
                let manifest: Manifest = serde_json::from_str(&manifest).map_err(|_| Fault::Corrupt {
                    column: 5,
                    what: "a manifest",
                })?;
                empty.insert(Client {
                    id,
                    name: manifest.name,
                    logo: manifest.logo,
                    standing,
                    version,
                    kind: manifest.kind,
                    auth_methods: manifest.auth_methods,
                    secrets: Vec::new(),
                    redirect_uris: manifest.redirect_uris,
                    grant_types: manifest.grant_types,
                    data_points: manifest.data_points,
                    legacy_plain_pkce,
                })
            }
        };
        if let Some(hash) = row.opt_hash()? {
            let expires_at = row.opt_at()?;
            known.secrets.push(ClientSecret { hash, expires_at });
        }
    }
    Ok(client)
}
