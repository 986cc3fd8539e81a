//! `PostgreSQL` 15 or newer: any number of nodes on one database.
//!
//! A few connections write, each gathering what waits into one commit; a pool of others reads. See
//! `docs/decisions/0014-postgresql-driver.md` for why READ COMMITTED is enough for the writers.

mod address;
mod committer;
mod error;
mod listener;
mod pool;
mod schema;
mod session;
mod text;
mod tls;
mod transaction;
mod value;

use crate::migrations::POSTGRES;
use crate::{Activity, AppliedMigration, Dialect, Driver, Fault, Migration, Query, Row, Statement, Written};
use address::Settings;
use committer::Committers;
use listener::Listener;
use omniport_protocol::vocabulary::Timestamp;
use pool::Pool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long a question waits for the database in all: for a connection, for its turn and for the answer. Less than the
/// patience of a request ([`crate::PATIENCE`]), so that what went wrong is known and a silent connection given up.
const DEADLINE: Duration = Duration::from_secs(4);

/// A database on a server.
///
/// Opening it only reads the address: the first question connects, and so does the first one after a connection was
/// lost. Connections of their own are closed when it is dropped, after what was handed in has been written.
pub struct Postgres {
    settings: Arc<Settings>,
    pool: Pool,
    committers: OnceLock<Committers>,
    listener: OnceLock<Listener>,
}

impl Postgres {
    /// A database by its address, `postgres://USER:PASSWORD@HOST:PORT/DATABASE?PARAMETER=VALUE&...`.
    ///
    /// Several hosts (`HOST1,HOST2`) are tried in order until one may be written. The parameters are `libpq`'s
    /// (`application_name`, `host` for a Unix socket, `options`...), and ours:
    ///
    /// - `sslmode`: `disable` never encrypts; `prefer` (as if nothing is said) encrypts where the server can;
    ///   `require` always encrypts, but takes any certificate: against eavesdroppers, not against impostors;
    ///   `verify-full` takes only a certificate for the host's name by an authority of `sslrootcert`. Through a Unix
    ///   socket nothing is encrypted.
    /// - `sslrootcert`: a PEM file of authorities, or `system` (as if nothing is said) for this machine's. Only with
    ///   `verify-full`.
    /// - `connections`: how many this node opens at most, 2 to 1000; 16 if nothing is said. An eighth of them
    ///   (1 to 8) write.
    /// - `prepare`: `on`, or `off` behind a `PgBouncer` in transaction mode: then nothing is kept in a session, neither
    ///   prepared statements nor time limits.
    ///
    /// # Errors
    /// [`Fault::Address`] where it is not one; its text never holds a part of the address.
    pub fn open(url: &str) -> Result<Self, Fault> {
        let settings = Arc::new(Settings::parse(url)?);
        Ok(Self {
            pool: Pool::new(Arc::clone(&settings)),
            settings,
            committers: OnceLock::new(),
            listener: OnceLock::new(),
        })
    }
}

#[async_trait::async_trait]
impl Driver for Postgres {
    async fn read(&self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Fault> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        self.pool.read(&queries).await
    }

    async fn write(&self, statements: Vec<Statement>) -> Result<Written, Fault> {
        if statements.is_empty() {
            return Ok(Written::Applied);
        }
        let committers = self.committers.get_or_init(|| Committers::start(&self.settings));
        committers.write(statements).await
    }

    async fn called(&self) {
        let listener = self.listener.get_or_init(|| Listener::start(&self.settings));
        listener.called().await;
    }

    fn calls(&self) -> bool {
        true
    }

    fn activity(&self) -> Activity {
        self.committers
            .get()
            .map(Committers::activity)
            .unwrap_or_default()
    }

    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn migrations(&self) -> &'static [Migration] {
        POSTGRES
    }

    async fn applied(&self) -> Result<Vec<AppliedMigration>, Fault> {
        schema::applied(&self.settings).await
    }

    async fn migrate(&self, migrations: &[&'static Migration], at: Timestamp) -> Result<(), Fault> {
        schema::migrate(&self.settings, migrations, at).await
    }

    async fn check(&self) -> Result<(), Fault> {
        schema::check(&self.settings).await
    }
}
