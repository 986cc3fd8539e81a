//! What an instance draws for itself once and for all.

use crate::{Fault, Query, Row, Statement, Store};

impl Store {
    /// The secret of this name: `fresh` where there was none before, else the one that was first.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn instance_secret(&self, name: &str, fresh: &[u8; 32]) -> Result<Vec<u8>, Fault> {
        let query = || {
            Query::key(
                "SELECT secret FROM instance_secrets WHERE name = ?1",
                vec![name.into()],
            )
        };
        if let Some(known) = self.maybe(query(), Row::blob).await? {
            return Ok(known);
        }
        let insert = Statement::any(
            "INSERT INTO instance_secrets (name, secret) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
            vec![name.into(), fresh.to_vec().into()],
        );
        // Applied either way: whoever was first, the next look finds theirs.
        let _ = self.write(vec![insert]).await?;
        self.maybe(query(), Row::blob)
            .await?
            .ok_or_else(|| Fault::Bug("an instance secret is gone as soon as it is written".into()))
    }
}
