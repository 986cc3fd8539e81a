//! `omniport keys` beside a running server, and the key that the signing keys are encrypted with.

use super::{Place, Server};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

/// The identifiers in what a server publishes.
fn published(server: &Server) -> Vec<String> {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let request = format!(
        "GET /oauth/jwks HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
        server.address
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let set: Value = serde_json::from_str(body).unwrap();
    kids(&set)
}

fn kids(set: &Value) -> Vec<String> {
    let keys = set["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Waits until a running server publishes this many keys.
fn publishes(server: &Server, count: usize) -> Vec<String> {
    for _ in 0..100 {
        let kids = published(server);
        if kids.len() == count {
            return kids;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let kids = published(server);
    assert_eq!(kids.len(), count);
    kids
}

fn standings(place: &Place) -> Vec<String> {
    let keys = place.json(&["keys", "list"], "");
    let keys = keys["keys"].as_array().unwrap().iter();
    keys.map(|key| key["standing"].as_str().unwrap().to_owned())
        .collect()
}

fn told(place: &Place, args: &[&str]) -> String {
    let output = place.run(args, "");
    assert_eq!(output.status.code(), Some(0), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// How a server that must not start ends: its one sentence.
fn refuses(place: &Place, more: &[(&str, &str)]) -> String {
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    let output = command.envs(more.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    let last = told.lines().last().unwrap().to_owned();
    assert!(last.starts_with("omniport: "), "{told}");
    last
}

#[test]
fn keys_are_made_listed_and_rotated_beside_a_running_server() {
    let place = Place::new();
    place.fill();
    assert!(told(&place, &["keys", "list"]).contains("no signing keys yet"));
    let server = place.serve(&place.url("omniport.db"), &[]);
    let first = published(&server);
    assert_eq!(kids(&place.json(&["keys", "list"], "")).len(), 6);
    assert_eq!(standings(&place), ["current"; 6]);
    let mode = std::fs::metadata(place.path("omniport.db.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let new = place.json(&["keys", "rotate"], "");
    assert_eq!(new["made"].as_array().unwrap().len(), 6);
    assert!(
        new["made"]
            .as_array()
            .unwrap()
            .iter()
            .all(|key| key["standing"] == "next")
    );
    let both = publishes(&server, 12);
    assert_eq!(both[..4], first[..4], "the old ones still sign");
    assert_eq!(place.json(&["keys", "rotate"], ""), json!({"made": []}));
    assert!(told(&place, &["keys", "rotate"]).contains("wait already"));

    let now = told(&place, &["keys", "rotate", "--now"]);
    assert!(now.contains("6 new keys sign now"), "{now}");
    let mut standings = standings(&place);
    standings.sort();
    assert_eq!(standings.concat(), "current".repeat(6) + &"retired".repeat(12));

    let listed = told(&place, &["keys", "list"]);
    assert!(
        listed.starts_with("ALGORITHM") && listed.contains(&first[0]),
        "{listed}"
    );
    let discarded = told(&place, &["keys", "rotate", "--discard-old"]);
    assert!(discarded.contains("the old ones are gone"), "{discarded}");
    let end = publishes(&server, 6);
    assert!(end.iter().all(|kid| !both.contains(kid)));
}

#[test]
fn a_wrong_or_missing_encryption_key_is_a_sentence_and_changes_nothing() {
    let place = Place::new();
    place.fill();
    let database = place.url("omniport.db");
    let file = place.path("omniport.db.key");
    place.serve(&database, &[]).stop();
    let before = place.json(&["keys", "list"], "");
    let right = std::fs::read_to_string(&file).unwrap();

    let wrong = [(
        "OMNIPORT_KEYS_ENCRYPTION_KEY",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    )];
    let refused = refuses(&place, &wrong);
    assert!(
        refused.contains("encrypted with another key") && refused.contains("--discard-old"),
        "{refused}"
    );

    std::fs::remove_file(&file).unwrap();
    for refused in [refuses(&place, &[]), place.fails(1, &["keys", "rotate", "--now"])] {
        assert!(refused.contains("omniport.db.key is not there"), "{refused}");
    }
    assert!(!file.exists(), "a new one would hide that the old one is lost");

    std::fs::write(&file, "too short").unwrap();
    let refused = refuses(&place, &[]);
    assert!(
        refused.contains("openssl rand -base64 32") && !refused.contains("too short"),
        "{refused}"
    );

    std::fs::write(&file, right.trim()).unwrap();
    place.serve(&database, &[]).stop();
    assert_eq!(place.json(&["keys", "list"], ""), before);

    // It is lost: new keys, under a new one.
    std::fs::remove_file(&file).unwrap();
    place.json(&["keys", "rotate", "--discard-old"], "");
    assert_ne!(std::fs::read_to_string(&file).unwrap(), right);
    let server = place.serve(&database, &[]);
    assert!(published(&server).iter().all(|kid| !kids(&before).contains(kid)));
}

#[test]
fn an_encryption_key_is_configured_once_and_never_shown() {
    let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let place = Place::new();
    place.fill();
    let variable = ("OMNIPORT_KEYS_ENCRYPTION_KEY", key);
    place.serve(&place.url("omniport.db"), &[variable]).stop();
    assert!(!place.path("omniport.db.key").exists());
    // The same from a file, which a file of configuration may name beside itself.
    std::fs::write(place.path("secret"), format!("{key}\n")).unwrap();
    let text = place.text("secret");
    let named = ("OMNIPORT_KEYS_ENCRYPTION_KEY_FILE", text.as_str());
    place.serve(&place.url("omniport.db"), &[named]).stop();
    assert!(refuses(&place, &[variable, named]).contains("set one of them"));

    let shown = place
        .command(&["config", "show"])
        .env(variable.0, key)
        .output()
        .unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.contains("encryption_key = \"***\"") && !shown.contains("MDEy"),
        "{shown}"
    );
    let nearly = place
        .command(&["config", "check"])
        .env(variable.0, &key[1..])
        .output()
        .unwrap();
    let nearly = String::from_utf8(nearly.stderr).unwrap();
    assert!(
        nearly.contains("keys.encryption_key is ***") && !nearly.contains("DEy"),
        "{nearly}"
    );
}

#[test]
fn postgresql_needs_an_encryption_key_and_says_how_to_make_one() {
    let place = Place::new();
    let address = "postgres://omniport:hunter2@127.0.0.1:1/omniport";
    let output = place
        .command(&["config", "check", "--database", address])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("keys.encryption_key_file") && told.contains("openssl rand -base64 32"),
        "{told}"
    );
    let file = place.text("secret");
    std::fs::write(&file, "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=").unwrap();
    let output = place
        .command(&["config", "check", "--database", address])
        .env("OMNIPORT_KEYS_ENCRYPTION_KEY_FILE", &file)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
}
