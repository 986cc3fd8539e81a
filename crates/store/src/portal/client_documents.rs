//! Apps that are known by the address of a document about them (OAuth Client ID Metadata Document).

use super::apps::NewApp;
use crate::{Fault, Query, Statement, Store};
use omniport_protocol::vocabulary::{ClientId, SecretHash, Timestamp};

/// Of apps `a` that came by a document `d`: those that were not turned away, and have served nobody yet.
macro_rules! waits {
    () => {
        "a.standing NOT IN ('rejected', 'suspended') \
         AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.client_id = d.client_id)"
    };
}

/// Of those, the ones that nobody misses: nothing was granted to them, their team made up nobody, and no maintainer has
/// begun to look at them. What they were sent to review by is their own.
macro_rules! nobody_misses {
    () => {
        "NOT EXISTS (SELECT 1 FROM grants g WHERE g.client_id = d.client_id) \
         AND NOT EXISTS (SELECT 1 FROM people p WHERE p.test_of = d.client_id AND p.disabled_at IS NULL) \
         AND NOT EXISTS (SELECT 1 FROM review_events e WHERE e.client_id = d.client_id \
           AND e.what NOT IN ('submitted', 'change_submitted', 'change_withdrawn', 'changed') \
           AND (e.actor_id IS NOT NULL OR e.happened_at > d.found_at))"
    };
}

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
        let sql = concat!(
            "SELECT COUNT(*) FROM client_documents d JOIN apps a ON a.client_id = d.client_id WHERE ",
            waits!()
        );
        self.count(Query::list(sql, Vec::new())).await
    }

    /// The same of one host, whatever its ports: a name or an address as it stands in an identifier, in lower case.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn documents_waiting_of(&self, host: &str) -> Result<u64, Fault> {
        // Behind the name stands a path or a port; '0' follows '/', and ';' follows ':'.
        let sql = concat!(
            "SELECT COUNT(*) FROM client_documents d JOIN apps a ON a.client_id = d.client_id \
             WHERE ((d.client_id >= ?1 AND d.client_id < ?2) OR (d.client_id >= ?3 AND d.client_id < ?4)) AND ",
            waits!()
        );
        let from = |end: char| format!("https://{host}{end}").into();
        let params = ['/', '0', ':', ';'].map(from);
        self.count(Query::list(sql, params.into())).await
    }

    /// Of the apps that wait ([`Self::documents_waiting`]) and that nobody would miss, the one that was asked for longest
    /// ago.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn document_longest_unused(&self) -> Result<Option<ClientId>, Fault> {
        let sql = concat!(
            "SELECT d.client_id FROM client_documents d JOIN apps a ON a.client_id = d.client_id WHERE ",
            waits!(),
            " AND ",
            nobody_misses!(),
            " ORDER BY d.read_at, d.found_at, d.client_id LIMIT 1"
        );
        self.maybe(Query::list(sql, Vec::new()), crate::Row::client).await
    }

    /// Forgets such an app; `false` where somebody has used it or looked at it meanwhile. It comes back by itself when
    /// somebody uses it.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn forget_unused_document(&self, id: &ClientId) -> Result<bool, Fault> {
        let delete = Statement::one(
            concat!(
                "DELETE FROM apps WHERE client_id = ?1 AND EXISTS (SELECT 1 FROM client_documents d \
                 JOIN apps a ON a.client_id = d.client_id WHERE d.client_id = ?1 AND ",
                waits!(),
                " AND ",
                nobody_misses!(),
                ")"
            ),
            vec![id.into()],
        );
        Ok(self.act(vec![delete]).await?.is_applied())
    }
}
