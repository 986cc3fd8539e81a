//! The built binary, as an operator uses it: results, sentences, exit codes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod binary;

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A folder of its own for a test, with a database in it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn database(&self) -> String {
        format!("sqlite:{}", self.path("omniport.db").display())
    }

    fn command(&self, args: &[&str]) -> Command {
        binary::omniport(self.folder.path(), args)
    }

    /// Runs a command with `input` on its standard input.
    fn run(&self, args: &[&str], input: &str) -> Output {
        binary::run(self.command(args), input)
    }

    /// Runs a command that must succeed and print JSON.
    fn json(&self, args: &[&str], input: &str) -> Value {
        let output = self.run(args, input);
        assert_eq!(code(&output), 0, "{args:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command that must fail, and gives its sentence.
    fn fails(&self, args: &[&str], input: &str) -> String {
        let output = self.run(args, input);
        let told = stderr(&output);
        assert_eq!(code(&output), 1, "{args:?}: {told}");
        assert!(
            told.starts_with("omniport: ") && told.lines().count() == 1,
            "one sentence: {told}"
        );
        told
    }

    fn add_asha(&self) {
        let args = [
            "person",
            "add",
            "--username",
            "asha",
            "--password-stdin",
            "--role",
            "developer",
            "--json",
        ];
        self.json(&args, "correct horse\n");
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A process that is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn terminate(child: &Child) {
    let status = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn people_are_added_and_listed() {
    let place = Place::new();
    let args = [
        "person",
        "add",
        "--username",
        "asha",
        "--password-stdin",
        "--role",
        "developer",
        "--role",
        "maintainer",
        "--set",
        "person.full_name=Asha Rao",
        "--set",
        "person.roles=Student, Warden",
        "--json",
    ];
    let added = place.json(&args, "correct horse\r\n");
    assert_eq!(added, serde_json::json!({"id": 1, "username": "asha"}));
    let listed = place.json(&["person", "list", "--json"], "");
    assert_eq!(listed[0]["name"], "Asha Rao");
    assert_eq!(listed[0]["roles"], serde_json::json!(["developer", "maintainer"]));
    assert!(!listed.to_string().contains("argon2"), "no hash is listed");
    let table = place.run(&["person", "list"], "");
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(
        table.contains("Asha Rao") && table.contains("developer, maintainer"),
        "{table}"
    );
}

#[test]
fn a_person_who_cannot_be_added_is_told_why() {
    let place = Place::new();
    place.add_asha();
    let add = |more: &[&str], password: &str| {
        let args = [&["person", "add", "--password-stdin"][..], more].concat();
        place.fails(&args, password)
    };
    assert!(add(&["--username", "ASHA"], "correct horse").contains("'ASHA' is taken"));
    assert!(add(&["--username", "ben"], "short\n").contains("8 to 1,024"));
    assert!(add(&["--username", "ben"], &"x".repeat(10_000)).contains("larger than"));
    assert!(add(&["--username", "b n"], "correct horse").contains("without spaces"));
    for (name, told) in [
        ("as\u{202e}ha", "U+202E"),
        ("asha\u{200b}", "U+200B"),
        ("asha\u{200d}", "U+200D"),
    ] {
        let refused = add(&["--username", name], "correct horse");
        assert!(
            refused.contains("invisible or direction-changing") && refused.contains(told),
            "{refused}"
        );
    }
    assert!(add(&["--username", "ben", "--set", "person.shoe=43"], "correct horse").contains("person.shoe"));
    assert!(
        add(
            &["--username", "ben", "--set", "student.current_year=third"],
            "correct horse"
        )
        .contains("whole number")
    );
}

#[test]
fn people_are_disabled_and_enabled() {
    let place = Place::new();
    place.add_asha();
    let disabled = || place.json(&["person", "list", "--json"], "")[0]["disabled"].clone();
    let switch = |what: &str, disabled: bool| {
        assert_eq!(
            place.json(&["person", what, "ASHA", "--json"], ""),
            serde_json::json!({"id": 1, "username": "asha", "disabled": disabled})
        );
    };
    assert_eq!(disabled(), false);
    switch("disable", true);
    switch("disable", true);
    assert_eq!(disabled(), true);
    switch("enable", false);
    assert_eq!(disabled(), false);
    let told = String::from_utf8(place.run(&["person", "disable", "asha"], "").stdout).unwrap();
    assert_eq!(told, "asha is disabled and signed out everywhere.\n");
    for what in ["disable", "enable"] {
        let told = place.fails(&["person", what, "nobody"], "");
        assert!(told.contains("nobody has the username 'nobody'"), "{told}");
    }
}

#[test]
fn a_database_that_is_not_there_is_not_made_by_looking() {
    let place = Place::new();
    let path = place.path("omniport.db");
    for args in [
        &["person", "list"][..],
        &["person", "disable", "asha"],
        &["person", "enable", "asha"],
        &["app", "list"],
        &["app", "show", "id"],
        &["app", "approve", "id"],
        &["app", "reject", "id", "--comment", "no"],
        &["app", "suspend", "id", "--comment", "no"],
        &["app", "resume", "id"],
    ] {
        let told = place.fails(args, "");
        let expected = format!("there is no database at {}", path.display());
        assert!(told.contains(&expected), "{args:?}: {told}");
        assert!(!path.exists(), "{args:?} made one");
    }
    place.add_asha();
    assert!(path.exists(), "`person add` may be the first command");
}

#[test]
fn apps_are_added_decided_listed_and_shown() {
    let place = Place::new();
    place.add_asha();
    let metadata = place.file(
        "app.json",
        r#"{"client_name": "Bus times", "redirect_uris": ["https://bus.example/cb"], "data_points": ["person.full_name"]}"#,
    );
    let added = place.json(
        &["app", "add", "--owner", "asha", "--file", &metadata, "--json"],
        "",
    );
    let id = added["client_id"].as_str().unwrap();
    assert!(added["client_secret"].as_str().unwrap().len() >= 27);
    assert_eq!(added["status"], "pending");
    let status = |args: &[&str]| place.json(&[args, &["--json"]].concat(), "")["status"].clone();
    assert_eq!(
        status(&["app", "approve", id, "--comment", "Welcome."]),
        "approved"
    );
    assert_eq!(
        status(&["app", "suspend", id, "--comment", "Leaked."]),
        "suspended"
    );
    assert_eq!(status(&["app", "resume", id]), "approved");
    assert!(place.fails(&["app", "resume", id], "").contains("not suspended"));
    assert!(
        place
            .fails(&["app", "approve", "nobody"], "")
            .contains("no such app")
    );

    let listed = place.json(&["app", "list", "--status", "approved", "--json"], "");
    assert_eq!(
        (&listed[0]["client_name"], &listed[0]["owner"]),
        (&"Bus times".into(), &"asha".into())
    );
    assert_eq!(
        place.json(&["app", "list", "--status", "rejected", "--json"], ""),
        serde_json::json!([])
    );
    let shown = place.json(&["app", "show", id, "--json"], "");
    assert_eq!(shown["team"], serde_json::json!(["asha"]));
    assert_eq!(
        shown["live"]["manifest"]["redirect_uris"][0],
        "https://bus.example/cb"
    );
    assert_eq!(shown["history"][0]["what"], "resumed");
    assert!(
        !shown
            .to_string()
            .contains(added["client_secret"].as_str().unwrap())
    );
    let text = String::from_utf8(place.run(&["app", "show", id], "").stdout).unwrap();
    assert!(
        text.contains("status: approved") && text.contains("comment: Leaked."),
        "{text}"
    );
    let (seconds, date) = (&shown["history"][0]["at"], text.find(" UTC"));
    assert!(seconds.is_i64() && date.is_some(), "{seconds} {text}");
    assert!(!text.contains(&seconds.to_string()), "people read dates: {text}");
}

#[test]
fn an_app_keeps_the_credentials_it_brings_along() {
    let place = Place::new();
    place.add_asha();
    let metadata = r#"{"client_name": "Old", "redirect_uris": ["https://old.example/cb"],
        "client_id": "old-id", "client_secret": "k3J9xQ2vT8pLm4Za"}"#;
    let args = [
        "app",
        "add",
        "--owner",
        "asha",
        "--file",
        "-",
        "--approved",
        "--json",
    ];
    let added = place.json(&args, metadata);
    assert_eq!(
        added,
        serde_json::json!({"client_id": "old-id", "client_secret": "k3J9xQ2vT8pLm4Za", "status": "approved"})
    );
    assert!(place.fails(&args, metadata).contains("'old-id' is taken"));
}

#[test]
fn an_app_that_cannot_be_added_is_told_why() {
    let place = Place::new();
    place.add_asha();
    let add =
        |owner: &str, metadata: &str| place.fails(&["app", "add", "--owner", owner, "--file", "-"], metadata);
    let good = r#"{"client_name": "A", "redirect_uris": ["https://a.example/"]}"#;
    assert!(add("nobody", good).contains("nobody has the username 'nobody'"));
    assert!(add("asha", "{").contains("RFC 7591"));
    let told = add("asha", r#"{"redirect_uris": ["http://a.example/"]}"#);
    assert!(
        told.contains("client_name: ") && told.contains("redirect_uris: "),
        "{told}"
    );
    assert!(add("asha", &" ".repeat(65 * 1_024)).contains("larger than 65536 bytes"));
    assert!(
        place
            .fails(&["app", "add", "--owner", "asha", "--file", "/no/such"], "")
            .contains("/no/such")
    );
}

#[test]
fn wrong_use_is_2() {
    let place = Place::new();
    for wrong in [
        &["person", "add"][..],
        &["app", "reject", "id"],
        &["serve", "extra"],
        &["nothing"],
    ] {
        let output = place.run(wrong, "");
        assert_eq!(code(&output), 2, "{wrong:?}");
        assert!(stderr(&output).contains("Usage"), "{wrong:?}");
    }
}

#[test]
fn the_configuration_is_checked_and_shown() {
    let place = Place::new();
    let file = place.file(
        "omniport.toml",
        "[institution]\nname = \"IIT Roorkee\"\n[tokens]\ncode_seconds = 30\n",
    );
    let shown = place.json(&["config", "show", "--config", &file, "--json"], "");
    assert_eq!(
        (&shown["institution"]["name"], &shown["tokens"]["code_seconds"]),
        (&"IIT Roorkee".into(), &30.into())
    );
    assert_eq!(shown["database"]["url"], place.database());
    assert_eq!(
        place.json(&["config", "check", "--config", &file, "--json"], "")["ok"],
        true
    );
    let typo = place.file("typo.toml", "[tokens]\ncode_second = 30\n");
    assert!(
        place
            .fails(&["config", "check", "--config", &typo], "")
            .contains("tokens.code_second")
    );
    let gone = place.file("gone.toml", "[institution]\ncatalogue = \"/no/such.toml\"\n");
    assert!(
        place
            .fails(&["config", "check", "--config", &gone], "")
            .contains("/no/such.toml")
    );
    let open = place.fails(&["config", "check", "--listen", "0.0.0.0:8000"], "");
    assert!(open.contains("--issuer"), "{open}");
}

#[test]
fn the_configurations_mistakes_are_told_at_once_each_on_a_line() {
    let place = Place::new();
    place.file("own.toml", "[[category]]\nname = \"person\"\nlabel = 1\n");
    let file = place.file(
        "omniport.toml",
        "[institution]\ncatalogue = \"own.toml\"\ndeveloper_terms = \"no.md\"\n",
    );
    let args = [
        "config",
        "check",
        "--config",
        &file,
        "--listen",
        "0.0.0.0:1",
        "--database",
        "sqlite:/no/such/a.db",
    ];
    let output = place.run(&args, "");
    let told = stderr(&output);
    assert_eq!(code(&output), 1, "{told}");
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 4, "{told}");
    let whole = |line: &&str| line.starts_with("omniport: ") && !line.contains('?');
    assert!(lines.iter().all(whole), "{told}");
    let catalogue = format!("{}: ", place.path("own.toml").display());
    for expected in [&catalogue, "line 3", "no.md", "--issuer", "the folder /no/such "] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

#[test]
fn a_variable_that_is_no_setting_is_warned_of() {
    let place = Place::new();
    let mut command = place.command(&["config", "show", "--json"]);
    command
        .env("OMNIPORT_LISTNE", "127.0.0.1:1")
        .env("OMNIPORT_SERVICE_PORT", "80");
    let output = command.output().unwrap();
    let told = stderr(&output);
    assert_eq!(code(&output), 0, "{told}");
    assert!(
        told.contains("warning") && told.contains("OMNIPORT_LISTNE"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 1, "{told}");
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shown["origins"]["database.url"], "from OMNIPORT_DATABASE");
}

#[test]
fn a_new_database_is_migrated_once() {
    let place = Place::new();
    let applied = place.json(&["db", "migrate", "--json"], "");
    assert_eq!(applied["applied"][0]["number"], 1);
    assert_eq!(
        place.json(&["db", "migrate", "--json"], "")["applied"],
        serde_json::json!([])
    );
}

#[test]
fn serve_refuses_a_damaged_database() {
    let place = Place::new();
    place.file("omniport.db", &"this is not a database ".repeat(500));
    let told = place.fails(&["serve", "--listen", "127.0.0.1:0"], "");
    assert!(told.contains("damaged or is not Omniport's"), "{told}");
    let text = std::fs::read_to_string(place.path("omniport.db")).unwrap();
    assert!(
        text.starts_with("this is not a database"),
        "the file is left as it was"
    );
}

#[test]
fn serve_refuses_a_database_that_was_cut_short() {
    let place = Place::new();
    place.add_asha();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(place.path("omniport.db"))
        .unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    for beside in ["omniport.db-wal", "omniport.db-shm"] {
        let _ = std::fs::remove_file(place.path(beside));
    }
    let told = place.fails(&["serve", "--listen", "127.0.0.1:0"], "");
    assert!(told.contains("damaged"), "{told}");
}

#[test]
fn serve_refuses_a_newer_database() {
    let place = Place::new();
    place.json(&["db", "migrate", "--json"], "");
    raise_schema(&place.path("omniport.db"));
    let told = place.fails(&["serve", "--listen", "127.0.0.1:0"], "");
    assert!(told.contains("newer"), "{told}");
}

/// Makes the database look like one of a later version: SQLite's header keeps the schema's number (`user_version`) at
/// offset 60, in big-endian (<https://www.sqlite.org/fileformat.html> section 1.3).
fn raise_schema(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[60..64].copy_from_slice(&999_u32.to_be_bytes());
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_port_in_use_is_told() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for command in ["serve", "demo"] {
        let told = place.fails(&[command, "--listen", &address], "");
        assert!(told.contains("is in use") && told.contains("--listen"), "{told}");
    }
}

#[test]
fn the_demo_is_for_this_machine_alone_and_keeps_what_is_there() {
    let place = Place::new();
    assert!(
        place
            .fails(&["demo", "--listen", "0.0.0.0:0"], "")
            .contains("this machine alone")
    );
    place.file("omniport.db", "something");
    let told = place.fails(&["demo", "--listen", "127.0.0.1:0", "--data", "."], "");
    assert!(
        told.contains("is there already") && told.contains("omniport serve"),
        "{told}"
    );
    assert_eq!(
        std::fs::read_to_string(place.path("omniport.db")).unwrap(),
        "something"
    );
}

#[test]
fn the_demo_tells_scripts_what_it_is_and_ends_quietly() {
    let place = Place::new();
    let mut demo = Running(
        place
            .command(&["demo", "--listen", "127.0.0.1:0", "--data", "data", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut line = String::new();
    BufReader::new(demo.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    assert!(told["issuer"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(
        told["sample_app"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );
    assert!(told["client_id"].is_string() && told["client_secret"].is_string());
    let people = told["people"].as_array().unwrap();
    assert_eq!(people.len(), 7);
    assert!(people.iter().all(|one| {
        ["username", "password", "name", "kind"]
            .iter()
            .all(|key| one[key].is_string())
    }));
    // The commands work beside the running server.
    let database = format!("sqlite:{}", place.path("data/omniport.db").display());
    let listed = place.json(&["person", "list", "--database", &database, "--json"], "");
    assert_eq!(listed.as_array().unwrap().len(), 7);
    terminate(&demo.0);
    assert_eq!(demo.0.wait().unwrap().code(), Some(0));
    assert!(place.path("data/omniport.db").exists());
}

#[test]
fn the_walkthrough_holds() {
    let place = Place::new();
    let output = place.run(&["demo", "--walkthrough"], "");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(code(&output), 0, "{text}\n{}", stderr(&output));
    let steps: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    assert_eq!(steps.len(), 10, "{steps:?}");
    assert!(text.ends_with("All ten steps held.\n"));
    assert_eq!(stderr(&output), "", "nothing to complain of");
}
