//! What only a server can go through: stopping, hanging, refusing, encrypting, and a bouncer in between.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cluster;

use cluster::{Cluster, as_server_user, free_port, until};
use omniport_protocol::vocabulary::Timestamp;
use omniport_store::{Driver, Fault, Postgres, Query, Statement, Store, Written};
use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn add(digest: &str) -> Statement {
    Statement::one(
        "INSERT INTO logos (digest, put_at, png) VALUES (?1, 1, ?2)",
        vec![digest.into(), vec![1_u8].into()],
    )
}

fn remove(digest: &str) -> Statement {
    Statement::one("DELETE FROM logos WHERE digest = ?1", vec![digest.into()])
}

fn digests() -> Query {
    Query::list("SELECT digest FROM logos", vec![])
}

/// A migrated database and a node on it.
async fn node(cluster: &Cluster, parameters: &str) -> (String, Postgres) {
    let (name, url) = cluster.database().await;
    Store::open_current(&url, NOW).await.unwrap();
    (name, Postgres::open(&format!("{url}{parameters}")).unwrap())
}

async fn logos(driver: &Postgres) -> BTreeSet<String> {
    let mut answers = driver.read(vec![digests()]).await.unwrap();
    let rows = answers.remove(0);
    rows.into_iter().map(|mut row| row.text().unwrap()).collect()
}

async fn refused(url: &str) -> Fault {
    let fault = Store::open_current(url, NOW).await.err().unwrap();
    assert!(!fault.to_string().contains("hunter2"), "{fault}");
    fault
}

/// Runs `work` and says how long it took, in milliseconds.
async fn timed<T>(work: impl Future<Output = T>) -> (T, u128) {
    #[expect(clippy::disallowed_methods, reason = "how long it took is what is tested")]
    let begin = std::time::Instant::now();
    let done = work.await;
    (done, begin.elapsed().as_millis())
}

fn says(fault: &Fault, words: &str) {
    assert!(fault.to_string().contains(words), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_with_what_to_do() {
    let cluster = Cluster::shared();
    let (name, url) = cluster.database().await;
    cluster
        .sql(
            "postgres",
            "CREATE ROLE locked LOGIN PASSWORD 'right'; CREATE ROLE guest LOGIN",
        )
        .await;
    let at = |user: &str| format!("postgres://{user}@127.0.0.1:{}/{name}", cluster.port);
    says(&refused(&at("locked:hunter2")).await, "user or password");
    Store::open(&at("locked:right")).unwrap().ping().await.unwrap();
    says(&refused(&at("locked")).await, "password");
    says(&refused(&at("nobody:hunter2")).await, "user or password");
    says(&refused(&cluster.url("nowhere")).await, "createdb");
    says(&refused(&at("guest")).await, "OWNER");
    let port = free_port();
    let gone = refused(&format!("postgres://u:hunter2@127.0.0.1:{port}/o")).await;
    assert!(matches!(gone, Fault::Unavailable(_)), "{gone}");
    says(&gone, "check that it runs");
    says(
        &refused("postgres://u:hunter2@nowhere.invalid/o").await,
        "its host and port",
    );
    says(&refused(&format!("{url}?sslmode=require")).await, "TLS");

    cluster
        .sql(
            "postgres",
            "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0",
        )
        .await;
    says(&refused(&cluster.url("ascii")).await, "--encoding UTF8");

    cluster.sql(&name, "CREATE TABLE theirs (x INT)").await;
    let fault = refused(&url).await;
    assert!(matches!(fault, Fault::Damaged(_)), "{fault}");
    says(&fault, "`theirs`");
    // A schema of its own beside them will do.
    cluster.sql(&name, "CREATE SCHEMA mine").await;
    let mine = format!("{url}?options=-csearch_path%3Dmine");
    Store::open_current(&mine, NOW)
        .await
        .unwrap()
        .check()
        .await
        .unwrap();
    let (name, url) = cluster.database().await;
    cluster
        .sql(&name, "CREATE TABLE migrations (id INT, batch INT)")
        .await;
    says(&refused(&url).await, "another program");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_is_told_within_five_seconds_and_used_again() {
    let cluster = Cluster::start(false);
    let (_, driver) = node(&cluster, "").await;
    let driver = Arc::new(driver);
    assert!(driver.write(vec![add("before")]).await.unwrap().is_applied());
    driver.read(vec![digests(), digests()]).await.unwrap();
    cluster.tell("freeze");
    let mut all = JoinSet::new();
    for n in 0..5_000 {
        let driver = Arc::clone(&driver);
        all.spawn(async move {
            let write = async { driver.write(vec![add(&format!("{n}"))]).await.map(drop) };
            let read = async { driver.read(vec![digests()]).await.map(drop) };
            if n % 10 == 0 {
                timed(read).await
            } else {
                timed(write).await
            }
        });
    }
    let mut full = 0;
    for (end, took) in all.join_all().await {
        let fault = end.unwrap_err();
        assert!(matches!(fault, Fault::Unavailable(_)), "{fault}");
        assert!(took < 6_500, "{took} ms: {fault}");
        full += usize::from(fault.to_string().contains("too slow for this load"));
    }
    assert!((1..1_000).contains(&full), "{full}");
    cluster.tell("thaw");
    let back = until(Duration::from_secs(2), async || {
        driver.write(vec![add("after")]).await.is_ok() && driver.read(vec![digests()]).await.is_ok()
    });
    assert!(back.await);
    assert!(logos(&driver).await.contains("before"));
}

/// What a client has been told, in its own book.
#[derive(Default)]
struct Ledger {
    added: Mutex<BTreeSet<String>>,
    removed: Mutex<BTreeSet<String>>,
    /// Nobody knows about these.
    unknown: Mutex<BTreeSet<String>>,
    attempts: AtomicUsize,
    faults: AtomicUsize,
}

impl Ledger {
    /// Adds and now and then removes again, until `stop`.
    async fn keep(&self, driver: &Postgres, client: usize, stop: &AtomicBool) {
        for n in 0_u32.. {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let digest = format!("{client}-{n}");
            if !self.write(driver, add(&digest), &self.added, &digest).await {
                continue;
            }
            if n % 3 == 0 {
                self.write(driver, remove(&digest), &self.removed, &digest).await;
            }
        }
    }

    async fn write(
        &self,
        driver: &Postgres,
        statement: Statement,
        book: &Mutex<BTreeSet<String>>,
        digest: &str,
    ) -> bool {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        match driver.write(vec![statement]).await {
            Ok(Written::Applied) => {
                book.lock().unwrap().insert(digest.to_owned());
                true
            }
            Ok(Written::Conflict { .. }) => unreachable!("{digest} is nobody else's"),
            Err(fault) => {
                assert!(matches!(fault, Fault::Unavailable(_)), "{fault}");
                self.faults.fetch_add(1, Ordering::Relaxed);
                self.unknown.lock().unwrap().insert(digest.to_owned());
                tokio::time::sleep(Duration::from_millis(5)).await;
                false
            }
        }
    }

    fn acknowledged(&self) -> usize {
        self.added.lock().unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_restarted_under_load_loses_nothing_acknowledged() {
    let cluster = Cluster::start(true);
    let (name, first) = node(&cluster, "").await;
    let second = Postgres::open(&cluster.url(&name)).unwrap();
    let nodes = [Arc::new(first), Arc::new(second)];
    let ledger = Arc::new(Ledger::default());
    let stop = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for client in 0..32 {
        let (driver, ledger, stop) = (
            Arc::clone(&nodes[client % 2]),
            Arc::clone(&ledger),
            Arc::clone(&stop),
        );
        clients.spawn(async move { ledger.keep(&driver, client, &stop).await });
    }
    for how in ["crash", "fast", "crash"] {
        tokio::time::sleep(Duration::from_millis(400)).await;
        let cluster = &cluster;
        tokio::task::block_in_place(|| cluster.tell(how));
        tokio::time::sleep(Duration::from_millis(200)).await;
        let before = ledger.acknowledged();
        tokio::task::block_in_place(|| cluster.tell("start"));
        let back = until(Duration::from_secs(2), async || {
            ledger.acknowledged() > before + 50
        });
        assert!(back.await, "not back 2 s after {how}: {before}");
    }
    stop.store(true, Ordering::Relaxed);
    clients.join_all().await;

    let there = logos(&nodes[0]).await;
    let (added, removed) = (ledger.added.lock().unwrap(), ledger.removed.lock().unwrap());
    let unknown = ledger.unknown.lock().unwrap();
    let lost: Vec<_> = added
        .iter()
        .filter(|one| !there.contains(*one) && !removed.contains(*one) && !unknown.contains(*one))
        .collect();
    let risen: Vec<_> = removed.iter().filter(|one| there.contains(*one)).collect();
    let invented: Vec<_> = there
        .iter()
        .filter(|one| !added.contains(*one) && !unknown.contains(*one))
        .collect();
    let (attempts, faults) = (&ledger.attempts, &ledger.faults);
    println!(
        "attempts {attempts:?}, added {}, removed {}, refused or unknown {faults:?}, lost {}, risen {}",
        added.len(),
        removed.len(),
        lost.len(),
        risen.len()
    );
    assert!(
        lost.is_empty() && risen.is_empty() && invented.is_empty(),
        "{lost:?} {risen:?} {invented:?}"
    );
    assert!(added.len() > 500 && !removed.is_empty() && faults.load(Ordering::Relaxed) > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_programs_lock_stops_only_what_needs_the_row() {
    let cluster = Cluster::shared();
    let (name, driver) = node(cluster, "?connections=5").await;
    for digest in ["held", "free"] {
        assert!(driver.write(vec![add(digest)]).await.unwrap().is_applied());
    }
    let config = format!("host=127.0.0.1 port={} user=postgres dbname={name}", cluster.port);
    let (other, connection) = tokio_postgres::connect(&config, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    other
        .batch_execute("BEGIN; UPDATE logos SET put_at = 2 WHERE digest = 'held'")
        .await
        .unwrap();
    let (held, free) = tokio::join!(
        timed(driver.write(vec![remove("held")])),
        driver.write(vec![add("new"), remove("free")])
    );
    says(&held.0.unwrap_err(), "holds a lock");
    assert!(held.1 < 5_000, "{}", held.1);
    assert_eq!(free.unwrap(), Written::Applied);
    other.batch_execute("COMMIT").await.unwrap();
    assert_eq!(
        driver.write(vec![remove("held")]).await.unwrap(),
        Written::Applied
    );
    assert_eq!(logos(&driver).await, BTreeSet::from(["new".to_owned()]));
}

/// Of many that are sent at once, those that fail are undone alone, wherever they stand and however.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_is_its_own() {
    let (_, driver) = node(Cluster::shared(), "?connections=2").await;
    let driver = Arc::new(driver);
    assert!(driver.write(vec![add("taken")]).await.unwrap().is_applied());
    let mut all = JoinSet::new();
    for n in 0..600_usize {
        let driver = Arc::clone(&driver);
        let own = add(&format!("{n:03}"));
        let wrong = Statement::any(
            "INSERT INTO logos (digest, put_at, png) VALUES (?1, 1, NULL)",
            vec!["x".into()],
        );
        let unknown = Statement::any("INSERT INTO nowhere VALUES (1)", vec![]);
        let part = match n % 7 {
            0 => vec![own, add("taken")],
            1 => vec![own, remove("none")],
            2 if n % 2 == 0 => vec![own, wrong],
            2 => vec![own, unknown],
            _ => vec![own],
        };
        all.spawn(async move { (n, driver.write(part).await) });
    }
    let mut wanted = BTreeSet::from(["taken".to_owned()]);
    for (n, end) in all.join_all().await {
        match n % 7 {
            0 | 1 => assert_eq!(end.unwrap(), Written::Conflict { statement: 1 }),
            2 => assert!(matches!(end.unwrap_err(), Fault::Bug(_))),
            _ => {
                assert_eq!(end.unwrap(), Written::Applied);
                wanted.insert(format!("{n:03}"));
            }
        }
    }
    assert_eq!(logos(&driver).await, wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_no_standby_has_is_not_called_written() {
    let cluster = Cluster::start(false);
    let (_, driver) = node(&cluster, "").await;
    assert!(driver.write(vec![add("a")]).await.unwrap().is_applied());
    cluster
        .sql(
            "postgres",
            "ALTER SYSTEM SET synchronous_standby_names = 'nobody'",
        )
        .await;
    cluster.sql("postgres", "SELECT pg_reload_conf()").await;
    let waits = until(Duration::from_secs(5), async || {
        cluster.sql("postgres", "SHOW synchronous_standby_names").await == ["nobody"]
    });
    assert!(waits.await);
    // Somebody ends the server's waiting: it warns, and says that it committed.
    let impatient = until(Duration::from_secs(4), async || {
        let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        cluster.sql("postgres", cancel).await == ["t"]
    });
    let (fault, cancelled) = tokio::join!(driver.write(vec![add("b")]), impatient);
    assert!(cancelled);
    let fault = fault.unwrap_err();
    assert!(matches!(fault, Fault::Unavailable(_)), "{fault}");
    says(&fault, "not known");
    says(&fault, "standbys");
    cluster
        .sql("postgres", "ALTER SYSTEM RESET synchronous_standby_names")
        .await;
    cluster.sql("postgres", "SELECT pg_reload_conf()").await;
    let back = until(Duration::from_secs(5), async || {
        driver.write(vec![add("c")]).await.is_ok_and(Written::is_applied)
    });
    assert!(back.await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_questions_end_and_lists_leave_room() {
    let cluster = Cluster::shared();
    let (name, driver) = node(cluster, "?connections=6").await;
    let driver = Arc::new(driver);
    let mut slow = JoinSet::new();
    for _ in 0..6 {
        let driver = Arc::clone(&driver);
        let query = Query::list("SELECT LENGTH(pg_sleep(60)::text)", vec![]);
        slow.spawn(async move { timed(driver.read(vec![query])).await });
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (found, took) = timed(driver.read(vec![Query::key("SELECT 1", vec![])])).await;
    found.unwrap();
    assert!(took < 1_000, "{took}");
    for (end, took) in slow.join_all().await {
        assert!(matches!(end.unwrap_err(), Fault::Unavailable(_)));
        assert!(took < 5_800, "{took}");
    }
    // Readers that give up leave neither open transactions nor more connections than agreed.
    for _ in 0..200 {
        let query = Query::key("SELECT COUNT(*) FROM logos", vec![]);
        let read = driver.read(vec![query.clone(), query]);
        let _ = tokio::time::timeout(Duration::from_micros(200), read).await;
    }
    driver.read(vec![digests(), digests()]).await.unwrap();
    let count = format!("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '{name}'");
    let open: u32 = cluster.sql("postgres", &count).await[0].parse().unwrap();
    assert!((1..=6).contains(&open), "{open}");
    let idle = format!("{count} AND state LIKE 'idle in transaction%'");
    let ended = until(Duration::from_secs(1), async || {
        cluster.sql("postgres", &idle).await == ["0"]
    });
    assert!(ended.await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_server_is_told() {
    let cluster = Cluster::start(false);
    let (name, driver) = node(&cluster, "").await;
    assert!(driver.write(vec![add("a")]).await.unwrap().is_applied());
    let read_only = |to: &str| format!("ALTER DATABASE {name} SET default_transaction_read_only = {to}");
    cluster.sql("postgres", &read_only("on")).await;
    // As after a change of the primary: a connection that is open notices, and so does a new one.
    let fault = Store::open(&cluster.url(&name))
        .unwrap()
        .ping()
        .await
        .unwrap_err();
    assert!(matches!(fault, Fault::Unavailable(_)), "{fault}");
    cluster.sql("postgres", &read_only("off")).await;
    assert!(driver.write(vec![add("b")]).await.unwrap().is_applied());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn encryption_is_as_strict_as_it_is_asked_to_be() {
    let cluster = Cluster::make(false);
    cluster.tell("tls");
    cluster.tell("start");
    let strangers = Cluster::make(false);
    strangers.tell("tls");
    cluster.sql("postgres", "CREATE ROLE tls_only LOGIN").await;
    let url = |host: &str, parameters: &str| {
        format!(
            "postgres://tls_only@{host}:{}/postgres?{parameters}",
            cluster.port
        )
    };
    let ask = async |url: String| Store::open(&url).unwrap().ping().await;
    let ours = cluster.folder.join("ca.pem").display().to_string();
    let theirs = strangers.folder.join("ca.pem").display().to_string();
    let verify = |pem: &str| format!("sslmode=verify-full&sslrootcert={pem}");
    for parameters in ["", "sslmode=prefer", "sslmode=require"] {
        ask(url("127.0.0.1", parameters)).await.unwrap();
    }
    ask(url("localhost", &verify(&ours))).await.unwrap();
    for refused in [
        url("localhost", "sslmode=disable"),
        url("localhost", &verify(&theirs)),
        url("localhost", &verify("system")),
        url("127.0.0.1", &verify(&ours)),
    ] {
        let fault = ask(refused.clone()).await.unwrap_err();
        assert!(matches!(fault, Fault::Unavailable(_)), "{refused}: {fault}");
    }
    let garbage = cluster.folder.join("postmaster.pid");
    let none = Store::open(&url("localhost", &verify(&garbage.display().to_string())));
    assert!(matches!(none.err().unwrap(), Fault::Address(_)));
}

/// A `PgBouncer` in transaction mode with fewer connections than clients; it ends when this is dropped.
struct Bouncer {
    child: std::process::Child,
    port: u16,
}

impl Bouncer {
    async fn start(cluster: &Cluster) -> Self {
        let port = free_port();
        let file = format!("/tmp/omniport-pgbouncer.{port}.ini");
        let settings = format!(
            "[databases]\n* = user=postgres host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 3\n",
            cluster.port
        );
        std::fs::write(&file, settings).unwrap();
        assert!(
            Command::new("pgbouncer").arg("-V").output().is_ok(),
            "PgBouncer is not installed; as root: apt-get install -y --no-install-recommends pgbouncer"
        );
        let child = as_server_user("pgbouncer").args(["-q", &file]).spawn().unwrap();
        let bouncer = Self { child, port };
        let up = until(Duration::from_secs(5), async || {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        });
        assert!(up.await);
        std::fs::remove_file(file).unwrap();
        bouncer
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bouncer_in_transaction_mode_may_stand_between() {
    let cluster = Cluster::shared();
    let bouncer = Bouncer::start(cluster).await;
    let (name, _) = cluster.database().await;
    let url = format!("postgres://postgres@127.0.0.1:{}/{name}", bouncer.port);
    says(&refused(&url).await, "prepare=off");
    let url = format!("{url}?prepare=off");
    let mut nodes = JoinSet::new();
    for _ in 0..4 {
        let url = url.clone();
        nodes.spawn(async move { Store::open_current(&url, NOW).await.map(drop) });
    }
    for opened in nodes.join_all().await {
        opened.unwrap();
    }
    let nodes = [1, 2].map(|_| Arc::new(Postgres::open(&url).unwrap()));
    for driver in &nodes {
        driver.check().await.unwrap();
    }
    let mut all = JoinSet::new();
    for n in 0..400_usize {
        let driver = Arc::clone(&nodes[n % 2]);
        all.spawn(async move {
            // Two of a kind: one of the two nodes wins, and what stood beside it goes with the loser.
            let part = vec![add(&format!("beside-{n}")), add(&format!("raced-{}", n / 2))];
            let written = driver.write(part).await.unwrap();
            let count = Query::key("SELECT COUNT(*) FROM logos", vec![]);
            let mut answers = driver
                .read(vec![count.clone(), count.clone(), count])
                .await
                .unwrap();
            let counts: Vec<i64> = answers.iter_mut().map(|rows| rows[0].int().unwrap()).collect();
            assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
            written.is_applied()
        });
    }
    let won = all.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!((won, logos(&nodes[0]).await.len()), (200, 400));
}
