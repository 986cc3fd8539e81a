//! The built binary, as whoever looks after the database uses it: backup, restore, move, sweep, beside a real server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod binary;
#[path = "operations/keys.rs"]
mod keys;

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A folder of its own for a test, with a database in it.
struct Place {
    folder: TempDir,
}

/// An app: its identifier and its secret.
struct App(String, String);

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn url(&self, name: &str) -> String {
        format!("sqlite:{}", self.text(name))
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = binary::omniport(self.folder.path(), args);
        command.env("OMNIPORT_LOG_FORMAT", "json");
        command
    }

    fn run(&self, args: &[&str], input: &str) -> Output {
        binary::run(self.command(args), input)
    }

    fn json(&self, args: &[&str], input: &str) -> Value {
        let output = self.run(&[args, &["--json"]].concat(), input);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {told}");
        assert_eq!(told, "", "nothing but the result");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command that must fail with this code, and gives its one sentence.
    fn fails(&self, expected: i32, args: &[&str]) -> String {
        let output = self.run(args, "");
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(expected), "{args:?}: {told}");
        assert!(
            told.starts_with("omniport: ") && told.lines().count() == 1,
            "{told}"
        );
        assert!(!told.contains("hunter2"), "{told}");
        told
    }

    /// A person, and an app that may speak for itself.
    fn fill(&self) -> App {
        let add = ["person", "add", "--username", "asha", "--password-stdin"];
        self.json(&add, "correct horse battery");
        let metadata = r#"{"client_name": "Bus times", "redirect_uris": ["https://bus.example/cb"],
            "grant_types": ["authorization_code", "client_credentials"]}"#;
        let add = ["app", "add", "--owner", "asha", "--file", "-", "--approved"];
        let added = self.json(&add, metadata);
        let text = |key: &str| added[key].as_str().unwrap().to_owned();
        App(text("client_id"), text("client_secret"))
    }

    fn serve(&self, database: &str, more: &[(&str, &str)]) -> Server {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--database", database]);
        let mut child = command
            .envs(more.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("\"ready\"") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the server did not start");
        }
        let ready: Value = serde_json::from_str(&line).unwrap();
        let address = ready["address"].as_str().unwrap().to_owned();
        // Read on, so that the server never waits for somebody to.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Server { child, address }
    }
}

/// A server that is ended with the test.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn post(&self, path: &str, form: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (
            head[9..12].parse().unwrap(),
            serde_json::from_str(body).unwrap_or_default(),
        )
    }

    fn ask(&self, app: &App, path: &str, more: &str) -> (u16, Value) {
        self.post(
            path,
            &format!("client_id={}&client_secret={}&{more}", app.0, app.1),
        )
    }

    fn token(&self, app: &App) -> String {
        let (status, body) = self.ask(app, "/oauth/token", "grant_type=client_credentials");
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().unwrap().to_owned()
    }

    fn is_active(&self, app: &App, token: &str) -> bool {
        let (status, body) = self.ask(app, "/oauth/introspect", &format!("token={token}"));
        assert_eq!(status, 200, "{body}");
        body["active"].as_bool().unwrap()
    }

    fn stop(mut self) {
        let kill = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

#[test]
fn what_was_revoked_after_the_backup_stays_dead_after_a_restore() {
    let place = Place::new();
    let app = place.fill();
    let server = place.serve(&place.url("omniport.db"), &[]);
    let (revoked, kept) = (server.token(&app), server.token(&app));
    let made = place.json(&["backup", &place.text("copy.db")], "");
    assert_eq!(made["tables"]["access_tokens"], 2);
    assert!(made["schema"].as_u64().unwrap() > 0, "{made}");
    let (status, _) = server.ask(&app, "/oauth/revoke", &format!("token={revoked}"));
    assert_eq!(status, 200);
    assert!(!server.is_active(&app, &revoked) && server.is_active(&app, &kept));
    let late = server.token(&app);
    server.stop();

    let (copy, sum) = (place.text("copy.db"), made["sha256"].as_str().unwrap());
    let told = place.fails(1, &["restore", &copy]);
    assert!(told.contains("never overwritten"), "{told}");
    let new = place.url("new.db");
    let restored = place.json(&["restore", &copy, "--database", &new, "--sha256", sum], "");
    assert_eq!(
        restored["ended"],
        json!({"grants": 0, "client_tokens": 2, "sessions": 0, "parked_requests": 0})
    );
    assert_eq!(restored["tables"]["people"], 1);
    assert_eq!(restored["migrated"], json!([]));

    let server = place.serve(&new, &[]);
    for token in [&revoked, &kept, &late] {
        assert!(!server.is_active(&app, token), "a token of before lives");
    }
    // The app and its secret are as they were.
    assert!(server.is_active(&app, &server.token(&app)));
}

#[test]
fn backups_that_will_not_do_are_refused_in_one_sentence() {
    let place = Place::new();
    place.fill();
    let copy = place.text("copy.db");
    let text = place.run(&["backup", &copy], "");
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("copy.db: ") && text.contains("SHA-256 "), "{text}");
    let told = place.fails(1, &["backup", &copy]);
    assert!(told.contains("never overwritten"), "{told}");
    let new = place.url("new.db");
    let restore = ["restore", copy.as_str(), "--database", new.as_str()];
    let told = place.fails(1, &[&restore[..], &["--sha256", "00"]].concat());
    assert!(told.contains("not the file of that SHA-256"), "{told}");

    let whole = std::fs::read(&copy).unwrap();
    // SQLite's header keeps the schema's number at offset 60, in big-endian (fileformat.html section 1.3).
    let mut newer = whole.clone();
    newer[60..64].copy_from_slice(&999_u32.to_be_bytes());
    let mut torn = whole.clone();
    torn[2 * 4_096..3 * 4_096].fill(0xa5);
    for (bytes, words) in [
        (&whole[..whole.len() / 2], "cut short"),
        (&newer[..], "schema 999"),
        (&torn[..], "does not hold together"),
        (b"a letter", "no SQLite database"),
        (b"", "is empty"),
    ] {
        std::fs::write(&copy, bytes).unwrap();
        let told = place.fails(1, &restore);
        assert!(told.contains(words), "{words}: {told}");
        assert!(!place.path("new.db").exists());
    }
    std::fs::write(&copy, whole).unwrap();
    let text = place.run(&restore, "").stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("rows restored") && text.contains("sign in again"),
        "{text}"
    );
    assert!(
        place
            .fails(
                1,
                &["backup", &place.text("x.db"), "--database", "sqlite:nothing.db"]
            )
            .contains("there is no database")
    );
    assert!(!place.path("nothing.db").exists());
}

#[test]
fn a_server_is_backed_up_with_its_own_tools() {
    let place = Place::new();
    let server = "postgres://omniport:hunter2@127.0.0.1:1/omniport";
    for command in ["backup", "restore"] {
        let told = place.fails(1, &[command, "copy.db", "--database", server]);
        assert!(
            told.contains("pgBackRest") && told.contains("docs/operations.md"),
            "{told}"
        );
    }
}

#[test]
fn a_move_takes_everything_along_and_tokens_live_on() {
    let place = Place::new();
    let app = place.fill();
    let server = place.serve(&place.url("omniport.db"), &[]);
    let token = server.token(&app);
    let to = place.url("moved.db");
    let told = place.fails(1, &["db", "move", "--to", &to]);
    assert!(told.contains("is in use: stop the server first"), "{told}");
    assert!(!place.path("moved.db").exists(), "nothing is begun");
    server.stop();

    let moved = place.json(&["db", "move", "--to", &to], "");
    let tables = moved["tables"].as_array().unwrap();
    assert!(tables.len() >= 18, "{tables:?}");
    let rows = |name: &str| tables.iter().find(|one| one["table"] == name).unwrap()["rows"].clone();
    assert_eq!((rows("people"), rows("access_tokens")), (json!(1), json!(1)));
    assert!(
        tables
            .iter()
            .all(|one| one["sha256"].as_str().unwrap().len() == 64)
    );
    let server = place.serve(&to, &[]);
    assert!(server.is_active(&app, &token));
    assert_eq!(rows("signing_keys"), json!(6));
    server.stop();

    // The address may come from standard input; the old database is as it was.
    let again = place.json(&["db", "move", "--to", "-"], &(place.url("again.db") + "\n"));
    assert_eq!(again, moved);
    let text = place
        .run(&["db", "move", "--to", &place.url("third.db")], "")
        .stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("people") && text.contains("Moved "), "{text}");
}

#[test]
fn a_move_that_cannot_be_is_refused() {
    let place = Place::new();
    place.fill();
    let own = place.url("omniport.db");
    let told = place.fails(2, &["db", "move", "--to", &own]);
    assert!(told.contains("the same"), "{told}");
    let told = place.fails(2, &["db", "move", "--to", "mysql://omniport:hunter2@db/x"]);
    assert!(told.contains("--to: ") && told.contains("postgres://"), "{told}");
    let nothing = [
        "db",
        "move",
        "--database",
        "sqlite:nothing.db",
        "--to",
        "sqlite:new.db",
    ];
    let told = place.fails(1, &nothing);
    assert!(told.contains("there is no database"), "{told}");
    assert!(!place.path("nothing.db").exists() && !place.path("new.db").exists());
    place.json(&["db", "move", "--to", "sqlite:new.db"], "");
    let told = place.fails(1, &["db", "move", "--to", "sqlite:new.db"]);
    assert!(told.contains("the target is not empty"), "{told}");
    // Another name for the same file is not empty either.
    let other_name = format!("sqlite:{}/./omniport.db", place.folder.path().display());
    let told = place.fails(1, &["db", "move", "--to", &other_name]);
    assert!(told.contains("the target is not empty"), "{told}");
    let unreachable = "postgres://omniport:hunter2@127.0.0.1:1/omniport";
    let told = place.fails(1, &["db", "move", "--to", unreachable]);
    assert!(told.contains("cannot be reached"), "{told}");
}

#[test]
fn a_sweep_by_hand_beside_a_server_says_how_many_rows_went() {
    let place = Place::new();
    let app = place.fill();
    assert_eq!(place.json(&["db", "sweep"], ""), json!({"rows": 0}));
    let text = String::from_utf8(place.run(&["db", "sweep"], "").stdout).unwrap();
    assert_eq!(text, "Nothing had expired.\n");
    let server = place.serve(
        &place.url("omniport.db"),
        &[("OMNIPORT_TOKENS_ACCESS_TOKEN_SECONDS", "60")],
    );
    server.token(&app);
    assert_eq!(place.json(&["db", "sweep"], ""), json!({"rows": 0}));
    server.stop();
    let server = place.serve(
        &place.url("omniport.db"),
        &[("OMNIPORT_TOKENS_ACCESS_TOKEN_SECONDS", "1")],
    );
    for _ in 0..3 {
        server.token(&app);
    }
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(place.json(&["db", "sweep"], ""), json!({"rows": 3}));
    assert_eq!(place.json(&["db", "sweep"], ""), json!({"rows": 0}));
}

#[test]
fn what_serve_refuses_the_check_refuses_before() {
    let place = Place::new();
    std::fs::write(place.path("broken.toml"), "[[issuer]]\nshoe = 1\n").unwrap();
    for (text, why) in [
        ("[grants]\ntrusted_issuers = \"none.toml\"\n", "none.toml"),
        ("[grants]\ntrusted_issuers = \"broken.toml\"\n", "broken.toml"),
        ("[registration]\npolicy = \"open\"\n", "registration.owner"),
        (
            "[registration]\nclient_id_documents = \"automatic\"\n",
            "registration.owner",
        ),
        (
            "[server]\nlisten = \"127.0.0.1:18231\"\n[metrics]\nlisten = \"127.0.0.1:18231\"\n",
            "metrics.listen is 127.0.0.1:18231, where server.listen listens already",
        ),
    ] {
        std::fs::write(place.path("omniport.toml"), text).unwrap();
        for command in [&["config", "check"][..], &["serve"]] {
            let args = [command, &["--config", "omniport.toml"]].concat();
            let told = place.fails(1, &args);
            assert!(told.contains(why), "{args:?}: {told}");
        }
    }
    std::fs::write(place.path("omniport.toml"), "database = \"sqlite:x.db\"\n").unwrap();
    let told = place.fails(1, &["config", "check", "--config", "omniport.toml"]);
    assert!(
        told.contains("it is a section: write [database] on a line of its own"),
        "{told}"
    );
}

#[test]
fn serve_does_not_start_where_nobody_answers_for_registrations() {
    let place = Place::new();
    place.fill();
    let text = "[registration]\npolicy = \"open\"\nowner = \"nobody\"\nscope = \"openid proflie\"\n";
    std::fs::write(place.path("omniport.toml"), text).unwrap();
    let serve = ["serve", "--config", "omniport.toml", "--listen", "127.0.0.1:0"];
    let output = place.run(&serve, "");
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("registration.owner is 'nobody', which is nobody's username"),
        "{told}"
    );
    let there = [
        ("OMNIPORT_REGISTRATION_POLICY", "open"),
        ("OMNIPORT_REGISTRATION_OWNER", "asha"),
    ];
    place.serve(&place.url("omniport.db"), &there);
}
