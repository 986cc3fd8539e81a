//! The binary under kills, a full disk, a file that may not be written and a database whose primary is lost: what it
//! acknowledged holds.
//!
//! `cargo test -p omniport --test faults -- --nocapture` prints the ledgers, and `./test faults` does it at length. The
//! tools that starve the server (`prlimit`, `setpriv`, `unshare`, `/proc`) are Linux's.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]
#![expect(clippy::print_stdout, reason = "the ledgers are for whoever runs this")]

mod cluster;
mod failover;
mod ledger;
mod server;

use ledger::{Ledger, Outcome};
use server::{DATABASE, Door, Place, Server, finish, now};
use std::fs::{File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long the load goes on before the kill, and how many requests there are at most until then.
const LOADED: Duration = Duration::from_millis(1_500);
const SENT: usize = 6_000;
/// Longest until the disk must have been found full.
const FILLED: Duration = Duration::from_secs(15);

/// Whether everything is to be done at length: `./test faults`.
fn long() -> bool {
    std::env::var_os("FAULTS").is_some_and(|how| how == "long")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_under_load_loses_nothing_acknowledged() {
    let place = Place::new();
    let ledger = Ledger::default();
    for round in 1..=if long() { 20 } else { 2 } {
        let mut server = Server::start(place.serve()).await;
        let (process, go_on) = (server.process(), AtomicBool::new(false));
        let already = ledger.attempts();
        let killer = async {
            let began = now();
            while began.elapsed() < LOADED && ledger.attempts() < already + SENT {
                sleep(Duration::from_millis(1)).await;
            }
            let kill = Command::new("kill")
                .args(["-KILL", &process.to_string()])
                .status();
            assert!(kill.unwrap().success());
        };
        let unknown = ledger.unknown();
        tokio::join!(ledger.load(&server.door, &place, &go_on), killer);
        // Waits until it is gone.
        server.kill();
        assert!(
            ledger.unknown() > unknown,
            "the kill came while requests were on their way"
        );
        let server = Server::start(place.serve()).await;
        println!("kill -9, round {round}: ready again in {:?}", server.ready_in);
        ledger
            .judge(&server.door, &place, &format!("kill -9, round {round}"))
            .await;
    }
    assert_eq!(ledger.refused(), 0, "nothing was wrong with the disk");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_at_its_limit_is_503_and_recovers_alone() {
    let place = Place::new();
    // The soft limit of a file's size, in KiB: the log soon reaches it. Writing beyond it is then an error and no
    // signal, as on a full disk.
    let script = "trap '' XFSZ; ulimit -S -f 1024; exec \"$0\" serve";
    let mut command = place.command("bash");
    command.args(["-c", script, env!("CARGO_BIN_EXE_omniport")]);
    let mut server = Server::start(command).await;
    let ledger = Ledger::default();
    full(&ledger, &server.door, &place).await;
    let lift = [
        "--pid",
        &server.process().to_string(),
        "--fsize=unlimited:unlimited",
    ];
    assert!(Command::new("prlimit").args(lift).status().unwrap().success());
    recovered(&ledger, &mut server, &place, "file at its limit").await;
    server.kill();
    let server = Server::start(place.serve()).await;
    ledger
        .judge(&server.door, &place, "file at its limit, after kill -9")
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_503_and_recovers_alone() {
    let place = Place::new();
    let disk = place.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let mut command = on_a_small_disk(&place, &disk).expect(
        "a small disk cannot be mounted: run the tests as root, or allow user namespaces to this user",
    );
    command.envs(place.settings(&format!("disk/{DATABASE}")));
    let mut server = Server::start(command).await;
    // The mount is the server's alone: it is seen through the process, and gone with it.
    let seen =
        PathBuf::from(format!("/proc/{}/root", server.process())).join(disk.strip_prefix("/").unwrap());
    fill(&seen.join("filler"));
    let ledger = Ledger::default();
    full(&ledger, &server.door, &place).await;
    let told = server.complaints().join("\n");
    assert!(told.contains("the disk is full; make room"), "{told}");
    std::fs::remove_file(seen.join("filler")).unwrap();
    recovered(&ledger, &mut server, &place, "full disk").await;
    // What is on the small disk now, as a kill would leave it.
    for suffix in ["", "-wal", ".key"] {
        let name = format!("{DATABASE}{suffix}");
        std::fs::copy(seen.join(&name), place.path(&name)).unwrap();
    }
    server.kill();
    let server = Server::start(place.serve()).await;
    ledger
        .judge(&server.door, &place, "full disk, after kill -9")
        .await;
}

/// A server whose database lies on a file system of 4 MiB; none where this user may not mount one.
fn on_a_small_disk(place: &Place, disk: &Path) -> Option<Command> {
    let mount = "mount -t tmpfs -o size=4m tmpfs \"$1\"";
    let unshared = |flags: &str, script: &str| {
        let mut command = place.command("unshare");
        command
            .args([flags, "bash", "-c", script, env!("CARGO_BIN_EXE_omniport")])
            .arg(disk);
        command
    };
    let may = |flags: &&str| {
        unshared(flags, mount)
            .output()
            .is_ok_and(|tried| tried.status.success())
    };
    let flags = ["-m", "-Urm"].into_iter().find(may)?;
    let script = format!("{mount} && cp {DATABASE} \"$1\" && exec \"$0\" serve");
    Some(unshared(flags, &script))
}

/// Leaves half a MiB of the disk.
fn fill(filler: &Path) {
    let mut file = File::create(filler).unwrap();
    while file.write_all(&[0; 4_096]).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length - (512 << 10)).unwrap();
}

/// Load until there is no room; then what was given works, and what is asked for is refused.
async fn full(ledger: &Ledger, door: &Door, place: &Place) {
    let enough = AtomicBool::new(false);
    let watch = async {
        while ledger.refused() < 20 {
            sleep(Duration::from_millis(5)).await;
        }
        enough.store(true, Ordering::Relaxed);
    };
    let filled = async { tokio::join!(ledger.load(door, place, &enough), watch) };
    timeout(FILLED, filled).await.expect("the disk was never full");
    // One change alone is smaller than eight at once and may still have found room; soon none does.
    let mut in_a_row = 0;
    for _ in 0..200 {
        match ledger.ask(door, place).await {
            Outcome::Refused => in_a_row += 1,
            Outcome::Given(_) => in_a_row = 0,
            Outcome::Unknown => panic!("a request hung"),
        }
        if in_a_row == 10 {
            break;
        }
    }
    assert_eq!(in_a_row, 10, "the disk does not stay full");
    // A revocation changes less than a token does, so that a few may still have found room.
    let refused = ledger.refused();
    for _ in 0..20 {
        let answered = ledger.revoke(door, place, &ledger.given()).await;
        assert!(answered, "a request hung");
        if ledger.refused() > refused {
            break;
        }
    }
    assert_eq!(ledger.refused(), refused + 1, "every revocation was acknowledged");
    ledger.judge(door, place, "while full").await;
}

/// There is room again: the same process gives and revokes tokens as before.
async fn recovered(ledger: &Ledger, server: &mut Server, place: &Place, when: &str) {
    let refused = ledger.refused();
    for turn in 0..30 {
        let Outcome::Given(token) = ledger.ask(&server.door, place).await else {
            panic!("still refused: {:?}", server.complaints().last());
        };
        if turn % 3 == 0 {
            ledger.revoke(&server.door, place, &token).await;
        }
    }
    assert_eq!((ledger.refused(), ledger.unknown()), (refused, 0));
    ledger
        .judge(&server.door, place, &format!("{when}, room again"))
        .await;
    assert!(server.lives(), "the same process all along");
}

#[test]
fn what_may_not_be_written_is_refused_with_words() {
    let place = Place::new();
    let (file, folder) = (place.path(DATABASE), place.path(""));
    let before = std::fs::read(&file).unwrap();
    let refused = |path: &Path, mode: u32, words: &str| {
        let usual = std::fs::metadata(path).unwrap().permissions();
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        let output = finish(serve_bound_by_permissions(&place, path), "");
        std::fs::set_permissions(path, usual).unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.starts_with("omniport: ") && told.contains(words), "{told}");
        println!("{}", told.trim_end());
    };
    refused(
        &file,
        0o400,
        "may not be read and written by this user; change its owner",
    );
    refused(&folder, 0o500, "directory");
    assert_eq!(
        std::fs::read(&file).unwrap(),
        before,
        "the file is left as it was"
    );
}

/// `omniport serve`, which must end by itself and is killed where it does not; for root without the privilege to pass
/// over permissions.
fn serve_bound_by_permissions(place: &Place, path: &Path) -> Command {
    let (program, probe) = (env!("CARGO_BIN_EXE_omniport"), place.path("probe"));
    let tried = if path.is_dir() { &probe } else { path };
    let root = File::options().append(true).create(true).open(tried).is_ok();
    let _ = std::fs::remove_file(probe);
    let mut command = place.command("timeout");
    command.args(["--signal=KILL", "10"]);
    if root {
        let less = ["--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"];
        command.arg("setpriv").args(less);
    }
    command.args([program, "serve"]);
    command
}
