//! Several nodes on one PostgreSQL database.

use crate::cluster::{Cluster, until};
use crate::scratch::{NOW, Scratch, access_token, refresh_token};
use omniport_protocol::effect::Write;
use omniport_protocol::review::Standing;
use omniport_protocol::vocabulary::GrantId;
use omniport_store::{Fault, Statement, Store, Topic, Written};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_migrate_once() {
    let (name, url) = Cluster::shared().database().await;
    let mut all = JoinSet::new();
    for _ in 0..8 {
        let url = url.clone();
        all.spawn(async move { Store::open_current(&url, NOW).await.map(drop) });
    }
    for opened in all.join_all().await {
        opened.unwrap();
    }
    let applied = Cluster::shared()
        .sql(&name, "SELECT COUNT(*) FROM migrations")
        .await;
    assert_eq!(
        applied,
        [Scratch::node(&url, 1).driver.migrations().len().to_string()]
    );
}

/// Sixteen racers on two nodes for each of many codes, all at once: each code has exactly one winner.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_sixteen_redeems_each_code() {
    let at_length = std::env::var_os("FAULTS").is_some_and(|how| how == "long");
    let many = if at_length { 1_000 } else { 100 };
    let (_, url) = Cluster::shared().database().await;
    Store::open_current(&url, NOW).await.unwrap();
    let nodes = [1, 2].map(|number| Arc::new(Scratch::node(&url, number)));
    let asha = nodes[0].person("asha").await;
    let id = nodes[0].app("c1", asha, Standing::Pending).await;
    let mut codes = Vec::new();
    for _ in 0..many {
        codes.push(nodes[0].code(&id, asha).await);
    }
    let (mut won, mut attempts) = (vec![0; codes.len()], 0);
    // As many codes at a time as fit into the queues of two nodes.
    for (part, some) in codes.chunks(100).enumerate() {
        let mut racers = JoinSet::new();
        for racer in 0..16 {
            for (n, (grant, code)) in some.iter().copied().enumerate() {
                let (s, id) = (Arc::clone(&nodes[(racer + n) % 2]), id.clone());
                racers.spawn(async move {
                    let writes = [
                        Write::RedeemCode { code, at: NOW },
                        access_token(&id, Some(grant), 60),
                        refresh_token(grant, 1, 60),
                    ];
                    (n, patient(&s, &writes).await)
                });
            }
        }
        for (n, end) in racers.join_all().await {
            assert!(
                matches!(end, Written::Applied | Written::Conflict { statement: 0 }),
                "{end:?}"
            );
            won[part * 100 + n] += u32::from(end.is_applied());
            attempts += 1;
        }
    }
    println!(
        "two nodes, 16 racers on each of {many} codes: {attempts} attempts, {} won",
        won.iter().sum::<u32>()
    );
    assert_eq!(attempts, 16 * many);
    assert!(won.iter().all(|winners| *winners == 1), "{won:?}");
    assert_eq!(nodes[1].rows_of("access_tokens").await, i64::from(many));
    assert_eq!(nodes[1].rows_of("refresh_tokens").await, i64::from(many));
}

/// What came of the writes. Where a node says that it cannot do them at present (503 over HTTP: a lock was waited for longer
/// than it waits, on a machine that is busy with other tests), the racer tries again, as an app would.
async fn patient(s: &Scratch, writes: &[Write]) -> Written {
    for _ in 0..20 {
        match s.store.apply(writes, &s.minted()).await {
            Err(Fault::Unavailable(_)) => {}
            end => return end.unwrap(),
        }
    }
    panic!("twenty times unavailable");
}

/// Acts on two nodes at once: one chain, without a gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_add_to_the_audit_log_one_after_another() {
    let (_, url) = Cluster::shared().database().await;
    Store::open_current(&url, NOW).await.unwrap();
    let nodes = [1, 2].map(|number| Arc::new(Scratch::node(&url, number)));
    let mut all = JoinSet::new();
    for n in 0..60 {
        let s = Arc::clone(&nodes[n % 2]);
        all.spawn(async move {
            for _ in 0..20 {
                let person = crate::scratch::new_person(&format!("p{n}"));
                match s.store.insert_person(person).await {
                    Err(Fault::Unavailable(_)) => {}
                    end => return end.unwrap().is_some(),
                }
            }
            false
        });
    }
    assert!(all.join_all().await.into_iter().all(|added| added));
    let whole = crate::audit::verified(&nodes[0].store).await.unwrap();
    assert_eq!((whole.events, whole.first, whole.head.number), (60, Some(1), 60));
}

/// What one node was told is done, every node sees.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_wrote_another_reads_at_once() {
    let (_, url) = Cluster::shared().database().await;
    Store::open_current(&url, NOW).await.unwrap();
    let nodes = [1, 2].map(|number| Scratch::node(&url, number));
    let asha = nodes[0].person("asha").await;
    let id = nodes[0].app("c1", asha, Standing::Approved).await;
    for n in 0..50 {
        let (writer, reader) = (&nodes[n % 2], &nodes[(n + 1) % 2]);
        let (grant, code) = writer.code(&id, asha).await;
        let load = [
            omniport_protocol::effect::Load::Code(code),
            omniport_protocol::effect::Load::Client(id.clone()),
        ];
        let found = reader.store.load(&load).await.unwrap();
        assert!(!found.code.unwrap().grant.revoked && found.client.is_some());
        writer.apply(&[Write::RevokeGrant { grant, at: NOW }]).await;
        let found = reader.store.load(&load).await.unwrap();
        assert!(found.code.unwrap().grant.revoked);
    }
}

/// Two nodes that lock the same rows in opposite orders: the server ends one, which decides again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_a_conflict() {
    let (_, url) = Cluster::shared().database().await;
    Store::open_current(&url, NOW).await.unwrap();
    let nodes = [1, 2].map(|number| Arc::new(Scratch::node(&url, number)));
    let asha = nodes[0].person("asha").await;
    let id = nodes[0].app("c1", asha, Standing::Approved).await;
    let (a, _) = nodes[0].code(&id, asha).await;
    let (b, _) = nodes[0].code(&id, asha).await;
    let expect = |grant: GrantId| Write::ExpectGeneration { grant, generation: 1 };
    let mut all = JoinSet::new();
    for n in 0..40 {
        let s = Arc::clone(&nodes[n % 2]);
        let writes = if n % 2 == 0 {
            [expect(a), expect(b)]
        } else {
            [expect(b), expect(a)]
        };
        all.spawn(async move {
            for _ in 0..8 {
                if s.store.apply(&writes, &s.minted()).await.unwrap().is_applied() {
                    return true;
                }
            }
            false
        });
    }
    assert!(all.join_all().await.into_iter().all(|applied| applied));
}

/// A call arrives long before the next look, also after the connection that listens was lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_nodes_change_is_called_out() {
    let (name, url) = Cluster::shared().database().await;
    Store::open_current(&url, NOW).await.unwrap();
    let nodes = [1, 2].map(|number| Scratch::node(&url, number));
    let listening =
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let is_listening = async || Cluster::shared().sql(&name, listening).await == ["1"];
    let called = async || {
        let called = nodes[0].driver.called();
        tokio::time::timeout(Duration::from_millis(250), called)
            .await
            .is_ok()
    };
    // Starts the listener; the first call says that it listens.
    for _ in 0..2 {
        called().await;
        assert!(until(Duration::from_secs(5), &is_listening).await);
        while called().await {}
        nodes[1].store.announce(Topic::Keys).await.unwrap();
        assert!(called().await);
        assert!(!called().await, "once");
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
             AND query LIKE 'LISTEN%'";
        Cluster::shared().sql(&name, end).await;
        assert!(
            until(Duration::from_secs(5), async || !is_listening().await
                || called().await)
            .await
        );
    }
    // What is rolled back is never told.
    while called().await {}
    let refused = vec![
        Statement::any("SELECT pg_notify('omniport', 'keys')", Vec::new()),
        Statement::one("DELETE FROM people WHERE id = -1", Vec::new()),
    ];
    assert!(until(Duration::from_secs(5), &is_listening).await);
    while called().await {}
    assert!(!nodes[1].driver.write(refused).await.unwrap().is_applied());
    assert!(!called().await);
}
