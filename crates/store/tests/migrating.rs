//! Which databases are migrated, and which are refused: on a driver that only claims to have a past.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use omniport_protocol::vocabulary::Timestamp;
use omniport_store::{
    AppliedMigration, Dialect, Driver, Fault, Migration, Query, Row, Statement, Store, Written,
};
use std::sync::{Arc, Mutex};

static KNOWN: [Migration; 2] = [
    Migration {
        number: 1,
        name: "one",
        sql: "first",
    },
    Migration {
        number: 2,
        name: "two",
        sql: "second",
    },
];

struct Past(Mutex<Vec<AppliedMigration>>);

#[async_trait::async_trait]
impl Driver for Past {
    async fn read(&self, _: Vec<Query>) -> Result<Vec<Vec<Row>>, Fault> {
        Err(Fault::Unavailable("this one has no rows".into()))
    }

    async fn write(&self, _: Vec<Statement>) -> Result<Written, Fault> {
        Err(Fault::Unavailable("this one has no rows".into()))
    }

    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn migrations(&self) -> &'static [Migration] {
        &KNOWN
    }

    async fn applied(&self) -> Result<Vec<AppliedMigration>, Fault> {
        Ok(self.0.lock().unwrap().clone())
    }

    async fn migrate(&self, migration: &'static Migration, _: Timestamp) -> Result<(), Fault> {
        self.0
            .lock()
            .unwrap()
            .push(applied(migration.number, migration.sql));
        Ok(())
    }

    async fn check(&self) -> Result<(), Fault> {
        Ok(())
    }
}

fn applied(number: u32, sql: &'static str) -> AppliedMigration {
    let migration = Migration {
        number,
        name: "",
        sql,
    };
    AppliedMigration {
        number,
        checksum: migration.checksum(),
    }
}

fn store(past: Vec<AppliedMigration>) -> Store {
    Store::new(Arc::new(Past(Mutex::new(past))))
}

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

#[tokio::test]
async fn a_new_database_is_migrated() {
    let store = store(vec![]);
    assert_eq!(store.pending().await.unwrap(), [&KNOWN[0], &KNOWN[1]]);
    store.make_current(NOW).await.unwrap();
    assert!(store.pending().await.unwrap().is_empty());
    store.make_current(NOW).await.unwrap();
}

#[tokio::test]
async fn an_older_database_waits_for_its_operator() {
    let store = store(vec![applied(1, "first")]);
    let fault = store.make_current(NOW).await.unwrap_err();
    assert_eq!(fault, Fault::Outdated { found: 1, known: 2 });
    assert!(fault.to_string().contains("omniport db migrate"), "{fault}");
    assert_eq!(store.migrate(NOW).await.unwrap(), [&KNOWN[1]]);
    store.make_current(NOW).await.unwrap();
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let store = store(vec![
        applied(1, "first"),
        applied(2, "second"),
        applied(3, "third"),
    ]);
    let fault = store.make_current(NOW).await.unwrap_err();
    assert_eq!(fault, Fault::Newer { found: 3, known: 2 });
}

#[tokio::test]
async fn another_past_is_refused() {
    let store = store(vec![applied(1, "first, but edited afterwards")]);
    let fault = store.make_current(NOW).await.unwrap_err();
    assert!(matches!(&fault, Fault::Damaged(_)), "{fault}");
    assert!(fault.to_string().contains("migration 1 (one)"), "{fault}");
}
