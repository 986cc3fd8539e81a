//! How long one request waits for another program.

use super::{file, open};
use omniport_store::Fault;
use std::time::Duration;

/// A request that changes several things in turn, while another program holds the file.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_waits_for_another_program_once_and_not_beyond_five_seconds() {
    let (_keep, path) = file();
    let store = open(&path).await.unwrap();
    let holder = rusqlite::Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let request = omniport_store::patiently(async {
        let mut ends = Vec::new();
        for _ in 0..3 {
            ends.push(store.announce(omniport_store::Topic::Settings).await);
            // Reading goes on.
            store.ping().await.unwrap();
        }
        ends
    });
    let ends = tokio::time::timeout(Duration::from_secs(5), request)
        .await
        .unwrap();
    for end in &ends {
        assert!(matches!(end, Err(Fault::Unavailable(_))), "{end:?}");
    }
    assert!(
        ends[0]
            .as_ref()
            .unwrap_err()
            .to_string()
            .contains("another program")
    );
    // What was given up before its turn does not happen later, behind the back of whoever was told that it failed.
    holder.execute_batch("ROLLBACK").unwrap();
    store.announce(omniport_store::Topic::Keys).await.unwrap();
    let told: i64 = holder
        .query_row(
            "SELECT COUNT(*) FROM changes WHERE topic = 'settings'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert!(told <= 1, "only the one at which the writer was may happen");
}
