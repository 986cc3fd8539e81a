//! Databases of other versions and other programs, on a server.

use crate::cluster::Cluster;
use crate::scratch::NOW;
use omniport_store::{Driver, Fault, Postgres, Store};

async fn refused(url: &str) -> Fault {
    Store::open_current(url, NOW).await.err().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_and_foreign_pasts_are_refused() {
    let cluster = Cluster::shared();
    let (name, url) = cluster.database().await;
    Store::open_current(&url, NOW).await.unwrap();
    cluster
        .sql(&name, "INSERT INTO migrations VALUES (99, 'later', '\\x00', 1)")
        .await;
    assert!(matches!(refused(&url).await, Fault::Newer { .. }));
    cluster
        .sql(
            &name,
            "DELETE FROM migrations WHERE number = 99; UPDATE migrations SET checksum = '\\x01'",
        )
        .await;
    assert!(matches!(refused(&url).await, Fault::Damaged(_)));
}

/// The next version's nodes have added something; this one's work on until they are upgraded as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_newer_past_that_bears_with_this_program_is_served() {
    let cluster = Cluster::shared();
    let (name, url) = cluster.database().await;
    Store::open_current(&url, NOW).await.unwrap();
    cluster
        .sql(
            &name,
            "CREATE TABLE of_the_future (x INT); ALTER TABLE people ADD COLUMN of_the_future TEXT;
             INSERT INTO migrations SELECT MAX(number) + 1, 'later', '\\x00', 1 FROM migrations;
             INSERT INTO migration_floors SELECT MAX(number) + 1, MAX(number) FROM migration_floors",
        )
        .await;
    let store = Store::open_current(&url, NOW).await.unwrap();
    assert!(store.migrate(NOW).await.unwrap().is_empty());
    assert!(store.person_by_username("asha").await.unwrap().is_none());
    cluster
        .sql(&name, "UPDATE migration_floors SET oldest_node = number")
        .await;
    assert!(matches!(refused(&url).await, Fault::Newer { .. }));
}

/// A database of the first schema has no table of floors yet.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_schema_is_brought_up_to_date() {
    let cluster = Cluster::shared();
    let (name, url) = cluster.database().await;
    let store = Store::open(&url).unwrap();
    let all = store.pending().await.unwrap();
    Postgres::open(&url)
        .unwrap()
        .migrate(&all[..1], NOW)
        .await
        .unwrap();
    assert!(matches!(refused(&url).await, Fault::Outdated { found: 1, .. }));
    assert_eq!(store.migrate(NOW).await.unwrap(), all[1..]);
    let floors = cluster
        .sql(&name, "SELECT number FROM migration_floors ORDER BY 1")
        .await;
    assert_eq!(floors.len(), all.len() - 1);
    Store::open_current(&url, NOW).await.unwrap();
}

/// Ours may not be half-made: a migration that fails leaves nothing behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_migration_is_all_or_nothing() {
    let cluster = Cluster::shared();
    let (name, url) = cluster.database().await;
    // The last table of the schema is in the way, as another kind of thing.
    cluster.sql(&name, "CREATE VIEW logos AS SELECT 1 AS x").await;
    let fault = refused(&url).await.to_string();
    assert!(fault.contains("another program"), "{fault}");
    let left = cluster
        .sql(
            &name,
            "SELECT COUNT(*) FROM pg_class WHERE relname IN ('people', 'migrations')",
        )
        .await;
    assert_eq!(left, ["0"]);
    cluster.sql(&name, "DROP VIEW logos").await;
    Store::open_current(&url, NOW).await.unwrap();
}
