//! The example of `deploy/cluster/` as it stands, and its primary killed under load: nothing acknowledged is lost.

use crate::cluster::Cluster;
use crate::ledger::Ledger;
use crate::server::{Door, Place, Server, now};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long the load goes on before the primary goes.
const LOADED: Duration = Duration::from_secs(2);
/// Longest until a standby must have been promoted: the example's `ttl`, and time to look around on a busy machine.
const PROMOTED: Duration = Duration::from_mins(1);
/// Longest from there until both nodes acknowledge changes again.
const BACK: Duration = Duration::from_secs(5);
/// How long the load goes on after that.
const AFTER: Duration = Duration::from_secs(1);
/// Longest until all machines are in step again.
const HEALED: Duration = Duration::from_mins(2);

/// What happens to the machine of the primary.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// PostgreSQL and all its processes get SIGKILL; Patroni sees it.
    Crash,
    /// Patroni gets SIGKILL as well: the others find out.
    Loss,
    /// Everything on it stops without closing a connection, and goes on once another is primary.
    Silence,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_primary_loses_nothing_acknowledged() {
    let long = crate::long();
    let faults: &[Fault] = if long {
        &[
            Fault::Crash,
            Fault::Loss,
            Fault::Silence,
            Fault::Crash,
            Fault::Loss,
            Fault::Silence,
        ]
    } else {
        &[Fault::Crash]
    };
    let mut cluster = Cluster::start().await;
    let nodes = [start(&cluster, "a").await, start(&cluster, "b").await];
    let place = Place::on(cluster.database("a"));
    let page = cluster.encrypted("b", "/health/live");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    // One app, through the proxy on the one hand, straight to the other node on the other.
    let doors = [&cluster.door("a"), &nodes[1].door];
    let ledgers = [Ledger::persistent(), Ledger::persistent()];
    for (round, fault) in faults.iter().enumerate() {
        let when = format!("round {}, {fault:?}", round + 1);
        let round = Round {
            doors,
            ledgers: &ledgers,
            place: &place,
        };
        round.run(&mut cluster, *fault, &when).await;
        // What the one node gave, the other knows.
        ledgers[0]
            .judge(doors[1], &place, &format!("{when}, through HAProxy"))
            .await;
        ledgers[1]
            .judge(doors[0], &place, &format!("{when}, to node b"))
            .await;
        let healed = async {
            while !cluster.is_whole().await {
                sleep(Duration::from_millis(100)).await;
            }
        };
        let began = now();
        assert!(timeout(HEALED, healed).await.is_ok(), "{}", cluster.told());
        println!("{when}: three machines in step again after {:?}", began.elapsed());
    }
}

/// omniport on a machine, with the example's settings.
async fn start(cluster: &Cluster, machine: &str) -> Server {
    let omniport = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_omniport"));
        command.args(args).envs(cluster.omniport(machine));
        command
    };
    // The cluster may be whole a moment before the proxy's checks have seen its primary, and the standby in step.
    let (began, mut in_a_row) = (now(), 0);
    while in_a_row < 5 {
        let reached = omniport(&["db", "migrate"]).output().unwrap().status.success();
        in_a_row = if reached { in_a_row + 1 } else { 0 };
        assert!(
            began.elapsed() < HEALED,
            "no way to the primary: {}",
            cluster.told()
        );
        sleep(Duration::from_millis(300)).await;
    }
    Server::start(omniport(&["serve"])).await
}

struct Round<'a> {
    doors: [&'a Door; 2],
    ledgers: &'a [Ledger; 2],
    place: &'a Place,
}

impl Round<'_> {
    /// Load, the fault in its midst, and the load goes on until both nodes serve again.
    async fn run(&self, cluster: &mut Cluster, fault: Fault, when: &str) {
        let enough = AtomicBool::new(false);
        let [one, other] = self.ledgers;
        let load = async {
            tokio::join!(
                one.load(self.doors[0], self.place, &enough),
                other.load(self.doors[1], self.place, &enough)
            )
        };
        let strike = async {
            sleep(LOADED).await;
            self.strike(cluster, fault, when).await;
            sleep(AFTER).await;
            enough.store(true, Ordering::Relaxed);
        };
        tokio::join!(load, strike);
    }

    async fn strike(&self, cluster: &mut Cluster, fault: Fault, when: &str) {
        let Some((primary, _)) = cluster.primary().await else {
            panic!("no primary: {}", cluster.told());
        };
        let promotions = cluster.promotions();
        let struck = now();
        match fault {
            Fault::Crash => cluster.crash(primary, "KILL"),
            Fault::Loss => cluster.signal(primary, "KILL"),
            Fault::Silence => cluster.signal(primary, "STOP"),
        }
        while cluster.promotions() == promotions {
            assert!(
                struck.elapsed() < PROMOTED,
                "{when}: nobody was promoted: {}",
                cluster.told()
            );
            sleep(Duration::from_millis(10)).await;
        }
        let (promoted, already) = (now(), self.acknowledged());
        while self
            .acknowledged()
            .iter()
            .zip(already)
            .any(|(now, before)| *now <= before)
        {
            assert!(
                promoted.elapsed() < PROMOTED,
                "{when}: not back: {}",
                cluster.told()
            );
            sleep(Duration::from_millis(5)).await;
        }
        let back = promoted.elapsed();
        println!(
            "{when}: {primary} gone, another promoted after {:?}, both nodes back {back:?} later; slowest answer {:?}",
            promoted - struck,
            self.ledgers[0].slowest().max(self.ledgers[1].slowest()),
        );
        match fault {
            Fault::Crash => {}
            Fault::Loss => cluster.revive(primary),
            Fault::Silence => cluster.signal(primary, "CONT"),
        }
        assert!(
            back <= BACK,
            "{when}: back only after {back:?}: {}",
            cluster.told()
        );
    }

    fn acknowledged(&self) -> [usize; 2] {
        [self.ledgers[0].acknowledged(), self.ledgers[1].acknowledged()]
    }
}
