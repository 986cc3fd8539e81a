//! `omniport setup`, `person import` and `person set-password`, as an operator uses them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod binary;

use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn run(&self, args: &[&str], input: &str) -> Output {
        binary::run(binary::omniport(self.folder.path(), args), input)
    }

    /// Runs a command that must succeed and print JSON; gives its warnings too.
    fn json(&self, args: &[&str], input: &str) -> (Value, String) {
        let output = self.run(&[args, &["--json"]].concat(), input);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {told}");
        (serde_json::from_slice(&output.stdout).unwrap(), told)
    }

    /// Runs a command that must fail, and gives what it says.
    fn fails(&self, args: &[&str], input: &str) -> String {
        let output = self.run(args, input);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {told}");
        told
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn usernames(&self) -> Vec<Value> {
        let (listed, _) = self.json(&["person", "list"], "");
        let people = listed.as_array().unwrap().iter();
        people.map(|person| person["username"].clone()).collect()
    }
}

const SETUP: &[&str] = &["setup", "--file", "-"];

fn suite() -> Value {
    json!({
        "people": [
            {"username": "asha", "password": "correct horse", "roles": ["developer"],
             "values": {"person.full_name": "Asha Rao", "student.current_year": 3}},
            {"username": "ben"},
        ],
        "clients": [
            {"owner": "asha", "approved": true, "client_id": "suite-1", "client_secret": "k3J9xQ2vT8pLm4Za",
             "client_name": "Suite", "redirect_uris": ["https://suite.example/cb"]},
            {"owner": "ASHA", "client_id": "suite-2", "client_name": "Suite 2",
             "redirect_uris": ["https://suite.example/cb2"]},
        ],
    })
}

#[test]
fn an_instance_is_set_up_from_a_file_and_again_from_the_same() {
    let place = Place::new();
    let (first, told) = place.json(SETUP, &suite().to_string());
    assert_eq!(told, "");
    let drawn = first["clients"][1]["client_secret"].as_str().unwrap();
    assert!(drawn.len() >= 27);
    assert_eq!(
        first,
        json!({
            "people": [
                {"id": 1, "username": "asha", "result": "added", "differs": []},
                {"id": 2, "username": "ben", "result": "added", "differs": []},
            ],
            "clients": [
                {"client_id": "suite-1", "client_secret": "k3J9xQ2vT8pLm4Za", "result": "added", "differs": []},
                {"client_id": "suite-2", "client_secret": drawn, "result": "added", "differs": []},
            ],
        })
    );
    let status = |id: &str| place.json(&["app", "show", id], "").0["status"].clone();
    assert_eq!(
        (status("suite-1"), status("suite-2")),
        ("approved".into(), "pending".into())
    );

    let (again, told) = place.json(SETUP, &suite().to_string());
    assert_eq!(told, "");
    for one in [
        &again["people"][0],
        &again["people"][1],
        &again["clients"][0],
        &again["clients"][1],
    ] {
        assert_eq!((&one["result"], &one["differs"]), (&"kept".into(), &json!([])));
    }
    assert_eq!(
        again["clients"][1]["client_secret"],
        Value::Null,
        "a secret is shown once"
    );
    assert_eq!(place.usernames(), ["asha", "ben"]);
}

#[test]
fn what_is_there_stays_and_is_told_where_the_file_says_otherwise() {
    let place = Place::new();
    place.json(SETUP, &suite().to_string());
    let mut other = suite();
    other["people"][0]["values"]["person.full_name"] = "Somebody Else".into();
    other["people"][1]["roles"] = json!(["maintainer"]);
    other["clients"][0]["redirect_uris"] = json!(["https://elsewhere.example/"]);
    other["clients"][1]["approved"] = true.into();
    let (kept, told) = place.json(SETUP, &other.to_string());
    assert_eq!(kept["people"][0]["differs"], json!(["values"]));
    assert_eq!(kept["people"][1]["differs"], json!(["roles"]));
    assert_eq!(kept["clients"][0]["differs"], json!(["metadata"]));
    assert_eq!(kept["clients"][1]["differs"], json!(["standing"]));
    assert_eq!(told, "", "in JSON the answer tells it");
    let output = place.run(SETUP, &other.to_string());
    let told = String::from_utf8(output.stderr).unwrap();
    for warning in [
        "asha is there already with other values",
        "ben is there already with other roles",
        "suite-1 is there already with other metadata",
        "suite-2 is there already with other standing",
    ] {
        assert!(told.contains(warning), "{warning}: {told}");
    }
    assert_eq!(place.json(&["app", "show", "suite-2"], "").0["status"], "pending");
}

#[test]
fn all_the_mistakes_are_told_and_nothing_is_written() {
    let place = Place::new();
    let bad = json!({
        "people": [
            {"username": "asha", "password": "correct horse"},
            {"username": "Asha"},
            {"username": "b n"},
            {"username": "cy", "password": "short"},
            {"username": "dee", "values": {"person.shoe": 43}},
            {"username": "eve", "password": "pbkdf2_sha256$1$a$b"},
        ],
        "clients": [
            {"owner": "asha", "client_name": "A", "redirect_uris": ["https://a.example/"]},
            {"owner": "nobody", "client_id": "b", "client_name": "B", "redirect_uris": ["https://b.example/"]},
            {"owner": "asha", "client_id": "c", "client_name": "C", "redirect_uris": ["http://c.example/"]},
            {"owner": "asha", "client_id": "d", "client_secret": "weak", "client_name": "D",
             "redirect_uris": ["https://d.example/"]},
            {"owner": "asha", "client_id": "b", "client_name": "B", "redirect_uris": ["https://b.example/"]},
        ],
    });
    let told = place.fails(SETUP, &bad.to_string());
    for mistake in [
        "person 2 (Asha): the username is in the file twice",
        "person 3 (b n): a username",
        "person 4 (cy): a password has 8",
        "person 5 (dee): there is no data point named 'person.shoe'",
        "person 6 (eve): the password is a hash of Django's",
        "client 1 (without a client_id): a client_id is needed",
        "client 2 (b): its owner 'nobody'",
        "client 3 (c): redirect_uris",
        "client 4 (d): a client_secret has",
        "client 5 (b): the client_id is in the file twice",
        "nothing was written",
    ] {
        assert!(told.contains(mistake), "{mistake}: {told}");
    }
    assert!(place.usernames().is_empty());
    for broken in [
        "",
        "{",
        "[]",
        r#"{"persons": []}"#,
        r#"{"people": [{"name": "a"}]}"#,
    ] {
        assert!(
            place.fails(SETUP, broken).contains("omniport setup --help"),
            "{broken}"
        );
    }
}

#[test]
fn people_are_imported_from_csv_and_from_json() {
    let place = Place::new();
    let csv = place.file(
        "people.csv",
        "username,password,roles,person.full_name,person.roles\r\n\
         asha,correct horse,developer maintainer,\"Rao, Asha\",\"Student, Warden\"\r\n\
         ben,,,Ben,\r\n",
    );
    let (added, _) = place.json(&["person", "import", &csv], "");
    assert_eq!(
        added,
        json!([
            {"id": 1, "username": "asha", "result": "added", "differs": []},
            {"id": 2, "username": "ben", "result": "added", "differs": []},
        ])
    );
    let (listed, _) = place.json(&["person", "list"], "");
    assert_eq!(listed[0]["name"], "Rao, Asha");
    assert_eq!(listed[0]["roles"], json!(["developer", "maintainer"]));
    let people = place.file(
        "people.json",
        r#"[{"username": "cy", "password": "correct horse"}, {"username": "asha"}]"#,
    );
    let output = place.run(&["person", "import", &people], "");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.starts_with("People: 1 added, 1 were there"), "{told}");
    let warned = String::from_utf8(output.stderr).unwrap();
    assert!(
        warned.contains("asha is there already with other roles and values"),
        "{warned}"
    );
    assert_eq!(place.usernames(), ["asha", "ben", "cy"]);
}

#[test]
fn an_import_with_a_mistake_adds_nobody() {
    let place = Place::new();
    let csv = place.file("people.csv", "username,student.current_year\nasha,3\nben,third\n");
    let told = place.fails(&["person", "import", &csv], "");
    assert!(
        told.contains("person 2 (ben): student.current_year") && told.contains("nothing was written"),
        "{told}"
    );
    assert!(place.usernames().is_empty());
    let text = place.file("people.txt", "");
    assert_eq!(place.run(&["person", "import", &text], "").status.code(), Some(2));
    let gone = place.fails(&["person", "import", "gone.csv"], "");
    assert!(
        gone.contains("gone.csv") && !Path::new("gone.csv").exists(),
        "{gone}"
    );
}

#[test]
fn a_password_is_set_by_the_operator() {
    let place = Place::new();
    place.json(SETUP, &suite().to_string());
    let set = ["person", "set-password", "BEN", "--password-stdin"];
    let (told, _) = place.json(&set, "battery staple\n");
    assert_eq!(told, json!({"id": 2, "username": "ben"}));
    assert!(place.fails(&set, "short").contains("8 to 1,024"));
    let nobody = ["person", "set-password", "nobody", "--password-stdin"];
    assert!(
        place
            .fails(&nobody, "battery staple")
            .contains("nobody has the username")
    );
}

#[test]
fn a_field_of_a_client_that_nothing_reads_is_told() {
    let place = Place::new();
    let mut file = suite();
    file["clients"][0]["datapoints"] = json!(["person.full_name"]);
    let told = place.fails(SETUP, &file.to_string());
    let why = "client 1: nothing reads the field 'datapoints' (do you mean 'data_points'?)";
    assert!(told.contains(why), "{told}");
    assert!(place.usernames().is_empty(), "nothing was written");
}

#[test]
fn a_persons_roles_and_data_are_changed() {
    let place = Place::new();
    place.json(SETUP, &suite().to_string());
    let set = |more: &[&str]| place.json(&[&["person", "set", "ASHA"], more].concat(), "").0;
    let made = set(&[
        "--add-role",
        "maintainer",
        "--set",
        "person.full_name=Asha R. Rao",
        "--unset",
        "student.current_year",
    ]);
    assert_eq!(
        made,
        json!({"id": 1, "username": "asha", "name": "Asha R. Rao", "roles": ["developer", "maintainer"], "disabled": false,
               "changed": true})
    );
    assert_eq!(set(&["--add-role", "maintainer"])["changed"], false);
    let less = set(&["--remove-role", "maintainer", "--remove-role", "developer"]);
    assert_eq!(less["roles"], json!([]));
    let again = place.run(SETUP, &suite().to_string());
    let told = String::from_utf8(again.stderr).unwrap();
    assert!(told.contains("`omniport person set` changes it"), "{told}");
    for (wrong, why) in [
        (
            &["--set", "person.shoe=1"][..],
            "there is no data point named 'person.shoe'",
        ),
        (
            &["--unset", "person.shoe"],
            "there is no data point named 'person.shoe'",
        ),
        (
            &["--set", "student.current_year=two"],
            "a whole number is expected",
        ),
        (
            &["--add-role", "developer", "--remove-role", "developer"],
            "the role developer is named twice",
        ),
        (
            &["--set", "person.full_name=A", "--unset", "person.full_name"],
            "person.full_name is named twice",
        ),
    ] {
        let told = place.fails(&[&["person", "set", "asha"], wrong].concat(), "");
        assert!(
            told.contains("nothing was changed") && told.contains(why),
            "{why}: {told}"
        );
    }
    let told = place.fails(&["person", "set", "nobody", "--add-role", "developer"], "");
    assert!(told.contains("nobody has the username 'nobody'"), "{told}");
    let said = place.run(&["person", "set", "asha", "--add-role", "developer"], "");
    assert_eq!(
        String::from_utf8(said.stdout).unwrap(),
        "asha is a developer now, with 1 fact on file.\n"
    );
    assert_eq!(
        place.run(&["person", "set", "asha"], "").status.code(),
        Some(2),
        "nothing to change"
    );
}
