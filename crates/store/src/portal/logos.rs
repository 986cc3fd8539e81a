//! Logos, by the digest of their PNG: the same picture is kept once, and never changes under its name.

use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::vocabulary::Timestamp;

impl Store {
    /// Keeps a PNG under the SHA-256 of its bytes in hexadecimal. One that no version of an app names is swept a day
    /// after it was last put.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn put_logo(&self, digest: &str, png: &[u8], at: Timestamp) -> Result<(), Fault> {
        let put = Statement::one(
            "INSERT INTO logos (digest, put_at, png) VALUES (?1, ?2, ?3) \
             ON CONFLICT (digest) DO UPDATE SET put_at = excluded.put_at",
            vec![digest.into(), at.into(), png.to_vec().into()],
        );
        self.write(vec![put]).await.map(drop)
    }

    /// The PNG of this digest.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn logo(&self, digest: &str) -> Result<Option<Vec<u8>>, Fault> {
        let query = Query::list("SELECT png FROM logos WHERE digest = ?1", vec![digest.into()]);
        self.maybe(query, Row::blob).await
    }
}
