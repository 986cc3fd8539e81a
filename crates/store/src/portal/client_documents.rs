//! Apps that are known by the address of a document about them (OAuth Client ID Metadata Document).

use super::apps::NewApp;
use crate::{Fault, Query, Statement, Store};
use omniport_protocol::vocabulary::{ClientId, SecretHash, Timestamp};

/// What is remembered of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientDocument {
    /// The hash of its text as it was read last.
    pub digest: SecretHash,
    /// When it was read last.
    pub read_at: Timestamp,
    /// Until when it is not read again.
    pub fresh_until: Timestamp,
}

impl Store {
    /// Adds an app as its document says, and what is remembered of the document; `false` where the identifier is taken.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn insert_app_of_document(
        &self,
        app: NewApp,
        document: &ClientDocument,
    ) -> Result<bool, Fault> {
        let insert = Statement::one(
            "INSERT INTO client_documents (client_id, digest, found_at, read_at, fresh_until) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
            vec![
                (&app.id).into(),
                document.digest.into(),
                app.at.into(),
                document.read_at.into(),
                document.fresh_until.into(),
            ],
        );
        self.insert_app_with(app, vec![insert]).await
    }

    /// What is remembered of an app's document; none of an app that is not known by one.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn client_document(&self, id: &ClientId) -> Result<Option<ClientDocument>, Fault> {
        let query = Query::key(
            "SELECT digest, read_at, fresh_until FROM client_documents WHERE client_id = ?1",
            vec![id.into()],
        );
        let read = |row: &mut crate::Row| {
            Ok(ClientDocument {
                digest: row.hash()?,
                read_at: row.at()?,
                fresh_until: row.at()?,
            })
        };
        self.maybe(query, read).await
    }

    /// Remembers a document as it was read now. An app that is gone meanwhile stays gone.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn note_client_document(&self, id: &ClientId, document: &ClientDocument) -> Result<(), Fault> {
        let update = Statement::any(
            "UPDATE client_documents SET digest = ?2, read_at = ?3, fresh_until = ?4 WHERE client_id = ?1",
            vec![
                id.into(),
                document.digest.into(),
                document.read_at.into(),
                document.fresh_until.into(),
            ],
        );
        self.write(vec![update]).await.map(|_| ())
    }

    /// How many apps came by a document, were not turned away, and have served nobody yet.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn documents_waiting(&self) -> Result<u64, Fault> {
        let sql = "SELECT COUNT(*) FROM client_documents d JOIN apps a ON a.client_id = d.client_id \
                   WHERE a.standing NOT IN ('rejected', 'suspended') \
                   AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.client_id = d.client_id)";
        self.count(Query::list(sql, Vec::new())).await
    }
}
