//! A machine that goes without a word: what was open stays open, and nobody answers.

use crate::cluster::Cluster;
use crate::scratch::NOW;
use omniport_store::{Driver, Postgres, Query, Statement, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

fn add(digest: &str) -> Statement {
    Statement::one(
        "INSERT INTO logos (digest, put_at, png) VALUES (?1, 1, ?2)",
        vec![digest.into(), vec![1_u8].into()],
    )
}

fn digests() -> Query {
    Query::list("SELECT digest FROM logos", vec![])
}

/// Carries bytes between a driver and a server, and can fall silent as a machine does that is gone: what was open stays
/// open and nobody answers; new connections find another machine.
struct Line {
    port: u16,
    silence: watch::Sender<()>,
}

impl Line {
    async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Self {
            port: listener.local_addr().unwrap().port(),
            silence: watch::Sender::default(),
        };
        let silence = line.silence.clone();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut silence = silence.subscribe();
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = silence.changed() => std::future::pending().await,
                    }
                });
            }
        });
        line
    }
}

/// One request finds out that a machine is gone; the others do not pay for it again, connection by connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_falls_silent_costs_one_deadline_only() {
    let cluster = Cluster::shared();
    let (name, url) = cluster.database().await;
    Store::open_current(&url, NOW).await.unwrap();
    let line = Line::to(cluster.port).await;
    let driver =
        Arc::new(Postgres::open(&format!("postgres://postgres@127.0.0.1:{}/{name}", line.port)).unwrap());
    let all_at_once = async |round: &str| {
        let mut all = JoinSet::new();
        for n in 0..8 {
            let (driver, digest) = (Arc::clone(&driver), format!("{round}-{n}"));
            all.spawn(async move {
                driver.read(vec![digests()]).await?;
                driver.write(vec![add(&digest)]).await
            });
        }
        all.join_all().await
    };
    for written in all_at_once("before").await {
        assert!(written.unwrap().is_applied());
    }
    line.silence.send_replace(());
    let fault = driver.read(vec![digests()]).await.unwrap_err().to_string();
    assert!(fault.contains("has not answered"), "{fault}");
    let after = timeout(Duration::from_secs(3), all_at_once("after")).await;
    for written in after.unwrap() {
        assert!(written.unwrap().is_applied());
    }
    assert_eq!(driver.read(vec![digests()]).await.unwrap()[0].len(), 16);
}

/// A request that asks several things in turn of a server that has stopped answering.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_ends_within_five_seconds_however_much_it_asks() {
    let cluster = tokio::task::spawn_blocking(|| Cluster::start(false))
        .await
        .unwrap();
    let (_, url) = cluster.database().await;
    let store = Store::open_current(&url, NOW).await.unwrap();
    store.announce(omniport_store::Topic::Keys).await.unwrap();
    store.ping().await.unwrap();
    cluster.tell("freeze");
    let request = omniport_store::patiently(async {
        let mut ends = Vec::new();
        for _ in 0..3 {
            ends.push(store.ping().await);
            ends.push(store.announce(omniport_store::Topic::Keys).await);
        }
        ends
    });
    let ends = timeout(Duration::from_secs(5), request).await.unwrap();
    for end in ends {
        assert!(
            matches!(end, Err(omniport_store::Fault::Unavailable(_))),
            "{end:?}"
        );
    }
    cluster.tell("thaw");
    assert!(crate::cluster::until(Duration::from_secs(5), async || store.ping().await.is_ok()).await);
}
