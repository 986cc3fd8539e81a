//! The audit log from the command line: every command that does something leaves an event; `omniport audit`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod binary;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// Runs a command on the folder's database: its exit code, what it printed and what it complained of.
fn omniport(folder: &Path, args: &[&str], input: &str) -> (i32, String, String) {
    let output = binary::run(binary::omniport(folder, args), input);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// What a command prints that must succeed.
fn run(folder: &Path, args: &[&str], input: &str) -> String {
    let (code, printed, told) = omniport(folder, args, input);
    assert_eq!(code, 0, "{args:?}: {told}");
    printed
}

fn read(folder: &Path, args: &[&str], input: &str) -> Value {
    serde_json::from_str(&run(folder, args, input)).unwrap()
}

fn newest(folder: &Path) -> Value {
    read(folder, &["audit", "list", "--limit", "1", "--json"], "")["events"][0].clone()
}

/// Every command, as the help names them: `person add`.
fn commands(folder: &Path) -> BTreeSet<String> {
    let names = |help: &str| -> Vec<String> {
        let (_, list) = help.split_once("Commands:\n").unwrap_or_default();
        let lines = list.lines().take_while(|line| !line.is_empty());
        let named = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        named
            .map(|line| line.split_whitespace().next().unwrap().to_owned())
            .collect()
    };
    let mut found = BTreeSet::new();
    for command in names(&run(folder, &["--help"], "")) {
        let below = names(&run(folder, &[&command, "--help"], ""));
        if below.is_empty() {
            found.insert(command);
        } else {
            found.extend(below.into_iter().map(|leaf| format!("{command} {leaf}")));
        }
    }
    found
}

/// Commands that leave no event of their own, and why.
const UNTOLD: [(&str, &str); 20] = [
    ("serve", "what is done while it runs is told as such"),
    ("demo", "an instance of its own"),
    (
        "setup",
        "people and apps, told as `person add` and `app add` tell them",
    ),
    ("person import", "people, told as `person add` tells them"),
    ("person list", "looks"),
    ("app list", "looks"),
    ("app show", "looks"),
    ("api list", "looks"),
    ("api show", "looks"),
    ("config check", "looks"),
    ("config show", "looks"),
    ("keys list", "looks"),
    ("registration-token list", "looks"),
    ("audit list", "looks"),
    ("audit verify", "looks"),
    ("audit export", "looks"),
    ("db migrate", "the schema, which `migrations` tells"),
    ("db move", "copies: the log as it is"),
    (
        "db sweep",
        "what time has ended; of this log itself it tells by a checkpoint",
    ),
    ("backup", "copies"),
];

/// The API's identifier.
const LIBRARY: &str = "https://library.example/api";

/// Runs commands one after another, and looks what the log tells of each.
struct Walk<'a> {
    folder: &'a Path,
    walked: BTreeSet<String>,
}

impl Walk<'_> {
    /// Runs a command, which must be told as `act`; says what it printed.
    fn does(&mut self, command: &str, more: &[&str], input: &str, act: &str) -> String {
        let args: Vec<&str> = command.split(' ').chain(more.iter().copied()).collect();
        let printed = run(self.folder, &args, input);
        let event = self.newest();
        assert_eq!(event["act"], act, "{command}: {event}");
        assert_eq!(event["actor"]["kind"], "command line", "{command}");
        self.walked.insert(command.to_owned());
        printed
    }

    fn newest(&self) -> Value {
        newest(self.folder)
    }

    fn people(&mut self) {
        let dev = ["--username", "dev", "--password-stdin", "--role", "developer"];
        self.does("person add", &dev, "correct horse battery", "person.add");
        let added = self.newest();
        assert_eq!(
            added["subject"],
            json!({"kind": "person", "id": "1", "name": "dev"})
        );
        assert!(!added.to_string().contains("argon2"), "{added}");
        let new = ["dev", "--password-stdin"];
        self.does(
            "person set-password",
            &new,
            "another horse battery",
            "person.password",
        );
        let set = [
            "dev",
            "--add-role",
            "maintainer",
            "--set",
            "person.full_name=Dev Rao",
        ];
        self.does("person set", &set, "", "person.set");
        let told = self.newest();
        assert_eq!(told["before"], json!({"is_maintainer": false, "on_file": []}));
        assert_eq!(
            told["after"],
            json!({"is_maintainer": true, "on_file": ["person.full_name"]})
        );
        assert!(!told.to_string().contains("Dev Rao"), "values are named only");
        let back = ["dev", "--remove-role", "maintainer"];
        self.does("person set", &back, "", "person.set");
        self.does("person disable", &["dev"], "", "person.disable");
        assert_eq!(self.newest()["after"], json!({"disabled": true}));
        self.does("person enable", &["dev"], "", "person.enable");
        let mai = ["--username", "mai", "--password-stdin", "--role", "maintainer"];
        self.does("person add", &mai, "correct horse battery", "person.add");
    }

    fn api(&mut self) {
        let api = [
            "--owner",
            "dev",
            "--uri",
            LIBRARY,
            "--name",
            "Library",
            "--scope",
            "library.read=Read",
        ];
        self.does("api add", &api, "", "api.add");
    }

    fn app(&mut self) {
        let metadata = json!({
            "client_name": "Bus times",
            "client_id": "bus",
            "redirect_uris": ["https://bus.example.org/callback"],
            "data_points": ["person.full_name"],
            "scope": "library.read",
        });
        let add = ["--owner", "dev", "--file", "-", "--json"];
        let added = self.does("app add", &add, &metadata.to_string(), "app.register");
        let added: Value = serde_json::from_str(&added).unwrap();
        let secret = added["client_secret"].as_str().unwrap();
        assert!(!self.newest().to_string().contains(secret));
    }

    fn review(&mut self) {
        let because = ["bus", "--comment", "Because."];
        let note = ["bus", "--text", "Hm.", "--note"];
        self.does("app comment", &note, "", "app.note");
        self.does("app request-changes", &because, "", "app.request_changes");
        assert_eq!(
            self.newest()["after"],
            json!({"comment": "Because.", "stage": "returned", "standing": "changes_requested"})
        );
        self.does("app reject", &because, "", "app.reject");
        let for_mai = ["bus", "--maintainer", "mai"];
        self.does("app claim", &for_mai, "", "app.claim");
        let actor = json!({"kind": "command line", "id": "2", "name": "mai"});
        assert_eq!(self.newest()["actor"], actor);
        self.does("app release", &["bus"], "", "app.release");
        let mark = ["bus", "--maintainer", "mai", "--allow", "legacy_implicit"];
        self.does("app mark", &mark, "", "app.mark");
        assert_eq!(self.newest()["after"], json!({"legacy_implicit": true}));
        self.does("app approve", &["bus"], "", "app.approve");
        self.does("app suspend", &because, "", "app.suspend");
        self.does("app resume", &["bus"], "", "app.resume");
    }

    fn apis_and_keys(&mut self) {
        let to = [LIBRARY, "--app", "bus"];
        let long = "x".repeat(10_001);
        let too_long = [&["api", "approve"], &to[..], &["--comment", &long]].concat();
        let (code, _, told) = omniport(self.folder, &too_long, "");
        assert_eq!(code, 1, "{told}");
        assert!(
            told.contains("longer than 10000 characters; shorten it"),
            "{told}"
        );
        self.does("api approve", &to, "", "api.scope.approve");
        assert_eq!(self.newest()["after"]["scopes"]["library.read"], true);
        self.does("api decline", &to, "", "api.scope.refuse");
        self.does("api remove", &[LIBRARY], "", "api.remove");
        self.does("keys rotate", &["--now"], "", "keys.rotate");
        let lab = ["--name", "lab"];
        self.does("registration-token add", &lab, "", "registration_token.add");
        self.does(
            "registration-token revoke",
            &["lab"],
            "",
            "registration_token.revoke",
        );
    }

    fn restore(&mut self) {
        run(self.folder, &["backup", "copy.db"], "");
        let restored = ["--database", "sqlite:restored.db"];
        let on_it = |args: &[&'static str]| -> Vec<&str> { args.iter().copied().chain(restored).collect() };
        run(self.folder, &on_it(&["restore", "copy.db"]), "");
        let listed = read(self.folder, &on_it(&["audit", "list", "--json"]), "");
        assert_eq!(listed["events"][0]["act"], "instance.restore");
        run(self.folder, &on_it(&["audit", "verify"]), "");
        self.walked.insert("restore".to_owned());
    }
}

#[test]
fn every_command_that_does_something_leaves_an_event() {
    let folder = tempfile::tempdir().unwrap();
    let mut walk = Walk {
        folder: folder.path(),
        walked: BTreeSet::new(),
    };
    walk.people();
    walk.api();
    walk.app();
    walk.review();
    walk.apis_and_keys();
    walk.restore();
    let untold = UNTOLD.map(|(command, _)| command.to_owned());
    let known: BTreeSet<String> = walk.walked.into_iter().chain(untold).collect();
    assert_eq!(
        commands(folder.path()),
        known,
        "a command leaves an event, or it is said why not"
    );
}

fn person(folder: &Path, username: &str) {
    let add = ["person", "add", "--username", username, "--password-stdin"];
    run(folder, &add, "correct horse battery");
}

#[test]
fn a_log_is_verified_and_what_was_changed_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for username in ["asha", "ben", "cy"] {
        person(folder, username);
    }
    let whole = read(folder, &["audit", "verify", "--json"], "");
    assert_eq!(
        (&whole["whole"], &whole["events"], &whole["first"]),
        (&json!(true), &json!(3), &json!(1))
    );
    let head = whole["head"].as_str().unwrap();
    assert!(head.starts_with("3:"));
    person(folder, "dee");
    let (_, hash) = head.split_once(':').unwrap();
    for noted in [head, hash] {
        let said = run(folder, &["audit", "verify", "--head", noted], "");
        assert!(said.starts_with("The audit log is whole: 4 events."), "{said}");
    }
    let unknown = format!("9:{hash}");
    assert_eq!(
        omniport(folder, &["audit", "verify", "--head", &unknown], "").0,
        1
    );
    let rewritten = format!("2:{hash}");
    let (code, _, told) = omniport(folder, &["audit", "verify", "--head", &rewritten], "");
    assert!(code == 1 && told.contains("event 2: you gave the hash"), "{told}");
    assert_eq!(omniport(folder, &["audit", "verify", "--head", "x"], "").0, 2);
    let database = rusqlite::Connection::open(folder.join("omniport.db")).unwrap();
    let change = "UPDATE audit_events SET actor_name = 'eve' WHERE number = 2";
    assert_eq!(database.execute(change, []).unwrap(), 1);
    let (code, _, told) = omniport(folder, &["audit", "verify"], "");
    assert!(
        code == 1 && told.contains("event 2: what it says is not what was written"),
        "{told}"
    );
    let (code, printed, _) = omniport(folder, &["audit", "verify", "--json"], "");
    let broken: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(
        (code, &broken["whole"], &broken["event"]),
        (1, &json!(false), &json!(2))
    );
}

#[test]
fn a_log_that_was_moved_is_the_same_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for username in ["asha", "ben", "cy"] {
        person(folder, username);
    }
    let verified = |database: &str| read(folder, &["audit", "verify", "--json", "--database", database], "");
    let exported = |database: &str| run(folder, &["audit", "export", "--database", database], "");
    let (old, new) = ("sqlite:omniport.db", "sqlite:moved.db");
    let head = verified(old)["head"].as_str().unwrap().to_owned();
    run(folder, &["db", "move", "--to", new, "--json"], "");
    assert_eq!(verified(new), verified(old));
    assert_eq!(exported(new), exported(old));
    // What is done there hangs from what was done here, and the head that somebody noted is found again.
    let add = [
        "person",
        "add",
        "--username",
        "dee",
        "--password-stdin",
        "--database",
        new,
    ];
    run(folder, &add, "correct horse battery");
    let whole = verified(new);
    assert_eq!((&whole["whole"], &whole["events"]), (&json!(true), &json!(4)));
    run(
        folder,
        &["audit", "verify", "--head", &head, "--database", new],
        "",
    );
    // Nor does the move hide what was changed before it.
    let database = rusqlite::Connection::open(folder.join("omniport.db")).unwrap();
    let change = "UPDATE audit_events SET actor_name = 'eve' WHERE number = 2";
    assert_eq!(database.execute(change, []).unwrap(), 1);
    drop(database);
    run(folder, &["db", "move", "--to", "sqlite:again.db", "--json"], "");
    let (code, _, told) = omniport(folder, &["audit", "verify", "--database", "sqlite:again.db"], "");
    assert!(code == 1 && told.contains("event 2"), "{told}");
}

#[test]
fn an_export_is_verified_without_its_database() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for username in ["asha", "ben", "cy"] {
        person(folder, username);
    }
    let lines = run(folder, &["audit", "export"], "");
    assert_eq!(lines.lines().count(), 3);
    run(folder, &["audit", "export", "--output", "audit.jsonl"], "");
    assert_eq!(
        std::fs::read_to_string(folder.join("audit.jsonl")).unwrap(),
        lines
    );
    assert_eq!(
        omniport(folder, &["audit", "export", "--output", "audit.jsonl"], "").0,
        1
    );
    let head = read(folder, &["audit", "verify", "--json"], "")["head"]
        .as_str()
        .unwrap()
        .to_owned();
    let elsewhere = tempfile::tempdir().unwrap();
    let elsewhere = elsewhere.path();
    let verify = |text: &str, head: Option<&str>| {
        std::fs::write(elsewhere.join("e.jsonl"), text).unwrap();
        let mut args = vec!["audit", "verify", "--file", "e.jsonl"];
        args.extend(head.into_iter().flat_map(|head| ["--head", head]));
        omniport(elsewhere, &args, "")
    };
    assert_eq!(verify(&lines, Some(&head)).0, 0);
    assert!(!elsewhere.join("omniport.db").exists());
    let two: String = lines.split_inclusive('\n').take(2).collect();
    assert_eq!(verify(&two, None).0, 0, "a shorter log is whole");
    let (code, _, told) = verify(&two, Some(&head));
    assert!(code == 1 && told.contains("event 2: the log ends here"), "{told}");
    for (text, says) in [
        (lines.replacen("\"ben\"", "\"eve\"", 1), "event 2: what it says"),
        (
            lines.replacen("{\"act\"", "{ \"act\"", 1),
            "line 1: it is not written as an export writes it",
        ),
        (format!("{lines}{{}}\n"), "line 4: it is not an event"),
        (lines.trim_end().to_owned(), "line 3: it is no line of an export"),
        ("x".repeat(2_000_000), "line 1: it is no line of an export"),
        (
            lines.split_inclusive('\n').skip(1).collect(),
            "event 2: the events before it are missing",
        ),
    ] {
        let (code, _, told) = verify(&text, None);
        assert!(code == 1 && told.contains(says), "{says}: {told}");
    }
    assert_eq!(
        omniport(elsewhere, &["audit", "verify", "--file", "none"], "").0,
        1
    );
    assert_eq!(verify("", None).0, 0, "a log in which nothing was told yet");
}

#[test]
fn the_log_is_listed_filtered_and_in_pages() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(
        omniport(folder, &["audit", "list"], "").0,
        1,
        "there is no database yet"
    );
    for username in ["asha", "ben", "cy"] {
        person(folder, username);
    }
    run(folder, &["person", "disable", "ben"], "");
    let numbers = |args: &[&str]| -> (Vec<u64>, Value) {
        let all: Vec<&str> = ["audit", "list", "--json"].iter().chain(args).copied().collect();
        let found = read(folder, &all, "");
        let events = found["events"].as_array().unwrap().iter();
        (
            events.map(|event| event["number"].as_u64().unwrap()).collect(),
            found["next"].clone(),
        )
    };
    assert_eq!(numbers(&["--limit", "3"]), (vec![4, 3, 2], json!(2)));
    assert_eq!(
        numbers(&["--limit", "3", "--before", "2"]),
        (vec![1], Value::Null)
    );
    assert_eq!(numbers(&["--person", "BEN"]).0, [4, 2]);
    assert_eq!(numbers(&["--act", "person.disable"]).0, [4]);
    assert_eq!(numbers(&["--since", "9999-01-01"]).0, [0; 0]);
    assert_eq!(numbers(&["--app", "none"]).0, [0; 0]);
    let shown = run(folder, &["audit", "list"], "");
    assert!(
        shown.starts_with("NUMBER") && shown.contains("command line") && shown.contains("person.disable")
    );
    assert_eq!(
        omniport(folder, &["audit", "list", "--person", "nobody"], "").0,
        1
    );
    for wrong in [
        ["--act", "app.melt"],
        ["--since", "yesterday"],
        ["--app", "\u{e9}"],
    ] {
        assert_eq!(
            omniport(folder, &[&["audit", "list"], &wrong[..]].concat(), "").0,
            2
        );
    }
}
