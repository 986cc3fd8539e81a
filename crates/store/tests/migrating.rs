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
        oldest_node: 1,
        sql: "first",
    },
    Migration {
        number: 2,
        name: "two",
        oldest_node: 1,
        sql: "second",
    },
];

struct Past {
    past: Mutex<Vec<AppliedMigration>>,
    transactions: Arc<Mutex<Vec<usize>>>,
}

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
        Ok(self.past.lock().unwrap().clone())
    }

    async fn migrate(&self, migrations: &[&'static Migration], _: Timestamp) -> Result<(), Fault> {
        self.transactions.lock().unwrap().push(migrations.len());
        let each = migrations.iter().map(|one| applied(one.number, one.sql));
        self.past.lock().unwrap().extend(each);
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
        oldest_node: number,
        sql,
    };
    AppliedMigration {
        number,
        checksum: migration.checksum(),
        oldest_node: number,
    }
}

/// A migration of a newer program that bears with those that know the schema `oldest_node`.
fn additive(number: u32, oldest_node: u32) -> AppliedMigration {
    AppliedMigration {
        oldest_node,
        ..applied(number, "of the future")
    }
}

fn store(past: Vec<AppliedMigration>) -> Store {
    watched(past).0
}

/// With how many migrations each transaction applied.
fn watched(past: Vec<AppliedMigration>) -> (Store, Arc<Mutex<Vec<usize>>>) {
    let transactions = Arc::default();
    let past = Past {
        past: Mutex::new(past),
        transactions: Arc::clone(&transactions),
    };
    (Store::new(Arc::new(past)), transactions)
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

/// Otherwise a node that starts between two of them would take the database for an older one.
#[tokio::test]
async fn a_new_database_is_migrated_in_one_transaction_and_an_old_one_step_by_step() {
    let (new, transactions) = watched(vec![]);
    new.make_current(NOW).await.unwrap();
    assert_eq!(*transactions.lock().unwrap(), [2]);
    let (new, transactions) = watched(vec![]);
    assert_eq!(new.migrate(NOW).await.unwrap().len(), 2);
    assert_eq!(*transactions.lock().unwrap(), [2]);
    let (old, transactions) = watched(vec![applied(1, "first")]);
    old.migrate(NOW).await.unwrap();
    assert_eq!(*transactions.lock().unwrap(), [1]);
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

#[tokio::test]
async fn a_newer_database_that_bears_with_this_program_is_served() {
    let past = |floors: &[u32]| {
        let mut past = vec![applied(1, "first"), applied(2, "second")];
        past.extend(
            floors
                .iter()
                .zip(3..)
                .map(|(floor, number)| additive(number, *floor)),
        );
        store(past)
    };
    for floors in [&[2][..], &[1], &[2, 2, 1]] {
        let store = past(floors);
        store.make_current(NOW).await.unwrap();
        assert!(store.pending().await.unwrap().is_empty() && store.migrate(NOW).await.unwrap().is_empty());
    }
    // One step among several that does not is enough.
    for (floors, found) in [(&[3][..], 3), (&[2, 3], 4), (&[3, 2], 4)] {
        let fault = past(floors).make_current(NOW).await.unwrap_err();
        assert_eq!(fault, Fault::Newer { found, known: 2 });
    }
}

/// What this program does not know it cannot take along.
#[tokio::test]
async fn a_newer_database_is_not_moved_by_this_program() {
    let newer = store(vec![applied(1, "first"), applied(2, "second"), additive(3, 2)]);
    let current = store(vec![applied(1, "first"), applied(2, "second")]);
    for (from, to) in [(&newer, &current), (&current, &newer)] {
        let fault = from.move_to(to, NOW, &mut |_| {}).await.unwrap_err();
        assert_eq!(fault, Fault::Newer { found: 3, known: 2 });
    }
}
