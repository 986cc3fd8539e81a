//! The review from the command line: `omniport app request-changes`, `comment`, `list --status`, `show`.
#![expect(clippy::unwrap_used, reason = "tests")]

mod binary;

use serde_json::{Value, json};

/// Runs a command on the folder's database: its exit code, and all that it said.
fn omniport(folder: &std::path::Path, args: &[&str], input: &str) -> (i32, String) {
    let output = binary::run(binary::omniport(folder, args), input);
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said)
}

/// A database with a developer `dev` and an app of theirs that waits: its client ID.
fn pending(folder: &std::path::Path) -> String {
    let person = [
        "person",
        "add",
        "--username",
        "dev",
        "--password-stdin",
        "--role",
        "developer",
    ];
    assert_eq!(omniport(folder, &person, "correct horse battery").0, 0);
    let metadata = json!({
        "client_name": "Bus times",
        "redirect_uris": ["https://bus.example.org/callback"],
        "data_points": ["person.full_name", "biological_information.sex"],
        "optional_data_points": ["biological_information.sex"],
        "purposes": {"person.full_name": "To greet you."},
        "contacts": ["bus@example.org"],
        "client_uri": "https://bus.example.org/",
    });
    let add = ["app", "add", "--owner", "dev", "--file", "-", "--json"];
    let added = read(folder, &add, &metadata.to_string());
    added["client_id"].as_str().unwrap().to_owned()
}

/// The JSON that a command prints.
fn read(folder: &std::path::Path, args: &[&str], input: &str) -> Value {
    let (code, said) = omniport(folder, args, input);
    assert_eq!(code, 0, "{said}");
    serde_json::from_str(&said).unwrap()
}

#[test]
fn an_app_is_sent_back_and_written_about() {
    let folder = tempfile::tempdir().unwrap();
    let id = pending(folder.path());
    let run = |args: &[&str]| omniport(folder.path(), args, "").0;
    let read = |args: &[&str]| read(folder.path(), args, "");
    assert_eq!(run(&["app", "request-changes", &id]), 2, "a comment is required");
    let back = read(&[
        "app",
        "request-changes",
        &id,
        "--comment",
        "Say what sex is for.",
        "--json",
    ]);
    assert_eq!(back["status"], "changes_requested");
    let written = read(&[
        "app",
        "comment",
        &id,
        "--text",
        "Asked the registrar.",
        "--note",
        "--json",
    ]);
    assert_eq!(written["readers"], "maintainers");
    assert_eq!(run(&["app", "comment", &id, "--text", " "]), 1);
    assert_eq!(run(&["app", "comment", "nobody", "--text", "x"]), 1);
    let shown = read(&["app", "show", &id, "--json"]);
    let what: Vec<_> = shown["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["what"])
        .collect();
    assert_eq!(what, ["noted", "changes_requested", "submitted"]);
}

#[test]
fn apps_are_found_by_where_they_stand_and_shown_with_their_checks() {
    let folder = tempfile::tempdir().unwrap();
    let id = pending(folder.path());
    let read = |args: &[&str]| read(folder.path(), args, "");
    for (status, count) in [
        ("pending", 1),
        ("draft", 0),
        ("changes_requested", 0),
        ("approved", 0),
    ] {
        let listed = read(&["app", "list", "--status", status, "--json"]);
        assert_eq!(listed.as_array().unwrap().len(), count, "{status}");
    }
    assert_eq!(
        omniport(folder.path(), &["app", "list", "--status", "odd"], "").0,
        2
    );
    let shown = read(&["app", "show", &id, "--json"]);
    let manifest = &shown["proposed"]["manifest"];
    assert_eq!(manifest["optional"], json!(["biological_information.sex"]));
    let check = |what: &str| {
        let mut checks = shown["checks"].as_array().unwrap().iter();
        checks.find(|check| check["what"] == what).unwrap()["fine"] == true
    };
    assert!(check("publisher") && !check("purposes"));
}

#[test]
fn a_review_is_claimed_for_a_maintainer_found_and_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let id = pending(folder.path());
    let person = ["person", "add", "--username", "mai", "--password-stdin"];
    let maintainer = [&person[..], &["--role", "maintainer"]].concat();
    assert_eq!(omniport(folder.path(), &maintainer, "correct horse battery").0, 0);
    let run = |args: &[&str]| omniport(folder.path(), args, "");
    let read = |args: &[&str]| read(folder.path(), args, "");
    let found = |args: &[&str]| {
        let all = [&["app", "list", "--json"], args].concat();
        read(&all).as_array().unwrap().len()
    };
    for refused in [
        &["app", "claim", &id, "--maintainer", "dev"][..],
        &["app", "claim", &id, "--maintainer", "nobody"],
        &["app", "claim", "nobody", "--maintainer", "mai"],
        &["app", "release", &id],
        &["app", "list", "--claimed-by", "dev"],
    ] {
        assert_eq!(run(refused).0, 1, "{refused:?}");
    }
    assert_eq!(run(&["app", "list", "--unclaimed", "--claimed-by", "mai"]).0, 2);
    assert_eq!((found(&["--unclaimed"]), found(&["--claimed-by", "mai"])), (1, 0));
    let claimed = read(&["app", "claim", &id, "--maintainer", "mai", "--json"]);
    assert_eq!(claimed["claimed_by"], "mai");
    assert_eq!((found(&["--unclaimed"]), found(&["--claimed-by", "mai"])), (0, 1));
    assert_eq!(read(&["app", "show", &id, "--json"])["claimed_by"], "mai");
    assert_eq!(
        read(&["app", "release", &id, "--json"])["claimed_by"],
        Value::Null
    );
    assert_eq!((found(&["--waiting"]), found(&["--overdue"])), (1, 0));
    assert_eq!(
        (found(&["--search", "BUS"]), found(&["--search", "train"])),
        (1, 0)
    );
}

#[test]
fn an_app_is_marked_in_the_name_of_a_maintainer_who_is_not_on_its_team() {
    let folder = tempfile::tempdir().unwrap();
    let id = pending(folder.path());
    let person = ["person", "add", "--username", "mai", "--password-stdin"];
    let maintainer = [&person[..], &["--role", "maintainer"]].concat();
    assert_eq!(omniport(folder.path(), &maintainer, "correct horse battery").0, 0);
    let mark = ["app", "mark", &id, "--maintainer", "mai", "--json"];
    let read = |more: &[&str]| read(folder.path(), &[&mark[..], more].concat(), "");
    let all = ["--allow", "legacy_implicit", "--allow", "legacy_plain_pkce"];
    assert_eq!(
        read(&all)["marks"],
        json!(["legacy_plain_pkce", "legacy_implicit"])
    );
    assert_eq!(
        read(&["--forbid", "legacy_implicit"])["marks"],
        json!(["legacy_plain_pkce"])
    );
    let dev = ["app", "mark", &id, "--maintainer", "dev"];
    assert_eq!(omniport(folder.path(), &dev, "").0, 1, "no maintainer");
    let odd = [&mark[..], &["--allow", "legacy_anything"]].concat();
    assert_eq!(omniport(folder.path(), &odd, "").0, 2);
}

#[test]
fn what_waits_is_shown_beside_what_lives_with_the_difference_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let id = pending(folder.path());
    let read = |args: &[&str]| read(folder.path(), args, "");
    assert_eq!(read(&["app", "approve", &id, "--json"])["status"], "approved");
    let shown = read(&["app", "show", &id, "--json"]);
    assert_eq!(shown["differences"], json!([]));
    let secret = &shown["secrets"][0];
    assert_eq!(secret["prefix"].as_str().unwrap().len(), 4);
    assert!(secret["created_at"].is_i64() && secret["last_used_at"].is_null());
    assert_eq!(
        (&shown["overdue"], &shown["registered_itself"]),
        (&json!(false), &json!(false))
    );
    let (code, plain) = omniport(folder.path(), &["app", "show", &id], "");
    assert!(code == 0 && plain.contains("submitted_at: ") && !plain.contains("submitted_at: 1"));
}

#[test]
fn an_app_with_what_would_be_left_out_unsaid_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    pending(folder);
    let add = |more: Value| {
        let mut metadata = json!({"client_name": "A", "redirect_uris": ["https://a.example/"]});
        for (name, value) in more.as_object().unwrap() {
            metadata[name] = value.clone();
        }
        let args = ["app", "add", "--owner", "dev", "--approved", "--file", "-"];
        omniport(folder, &args, &metadata.to_string())
    };
    for (more, why) in [
        (
            json!({"datapoints": ["person.full_name"]}),
            "nothing reads the field 'datapoints' (do you mean 'data_points'?)",
        ),
        (
            json!({"shoe": 1, "hat": 2}),
            "nothing reads the fields 'hat', 'shoe'",
        ),
        (
            json!({"scope": "openid loans.read"}),
            "'loans.read' is no data point",
        ),
        (
            json!({"authorization_details_types": ["renewal"]}),
            "'renewal' is no data point",
        ),
        (
            json!({"optional_data_points": ["person.full_name"]}),
            "optional_data_points: 'person.full_name' is not among what the app asks for",
        ),
        (
            json!({"purposes": {"person.full_name": "To greet you."}}),
            "purposes: 'person.full_name' is not among what the app asks for",
        ),
    ] {
        let (code, said) = add(more);
        assert!(code == 1 && said.contains(why), "{why}: {said}");
    }
    let good = json!({"client_name#ja": "B", "software_id": "b", "optional_data_points": ["person.full_name"],
        "scope": "person.full_name"});
    assert_eq!(add(good).0, 0);
}

#[test]
fn an_app_that_the_instances_profile_would_turn_away_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    pending(folder);
    let config = folder.join("omniport.toml");
    std::fs::write(&config, "[profile]\nname = \"fapi2\"\n").unwrap();
    let config = config.display().to_string();
    let args = [
        "app",
        "add",
        "--owner",
        "dev",
        "--approved",
        "--file",
        "-",
        "--config",
        &config,
    ];
    let metadata = json!({"client_name": "A", "redirect_uris": ["https://a.example/"]});
    let (code, said) = omniport(folder, &args, &metadata.to_string());
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("this instance holds every app to fapi2") && said.contains("private_key_jwt"),
        "{said}"
    );
}

#[test]
fn an_answer_of_an_api_names_who_and_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let app = pending(folder);
    let uri = "https://library.example/api";
    let add = [
        "api",
        "add",
        "--owner",
        "dev",
        "--uri",
        uri,
        "--name",
        "Library",
        "--scope",
        "loans.read=See your loans",
    ];
    let (code, said) = omniport(folder, &add, "");
    assert!(
        code == 0 && said.contains("the address that is printed is a guess"),
        "{said}"
    );
    let told = |args: &[&str]| {
        let (code, said) = omniport(folder, args, "");
        assert_eq!(code, 1, "{said}");
        said
    };
    let said = told(&["api", "approve", uri, "--app", "nobody"]);
    assert!(said.contains("there is no app 'nobody'"), "{said}");
    let said = told(&["api", "approve", uri, "--app", &app, "--scope", "loans.rad"]);
    assert!(
        said.contains("no scope or type 'loans.rad'") && said.contains("loans.read"),
        "{said}"
    );
    let said = told(&["api", "decline", uri, "--app", &app, "--scope", "loans.read"]);
    assert!(said.contains("the app does not ask for 'loans.read'"), "{said}");
    let said = told(&["api", "approve", uri, "--app", &app]);
    assert!(said.contains("asks for nothing"), "{said}");
    let show = ["api", "show", uri, "--issuer", "https://id.example"];
    let (_, said) = omniport(folder, &show, "");
    assert!(
        said.contains("https://id.example/") && !said.contains("guess"),
        "{said}"
    );
}
