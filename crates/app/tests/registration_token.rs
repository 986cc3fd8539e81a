//! `omniport registration-token`, as an operator runs it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod binary;

use serde_json::Value;

#[test]
fn a_token_is_made_listed_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = binary::run(
            binary::omniport(folder.path(), &[&["registration-token"], args].concat()),
            "",
        );
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), said)
    };
    let (code, made) = run(&["add", "--name", "Lab", "--uses", "2", "--json"]);
    assert_eq!(code, 0, "{made}");
    let made: Value = serde_json::from_str(&made).unwrap();
    assert_eq!(made["token"].as_str().unwrap().len(), 43);
    let (code, again) = run(&["add", "--name", "Lab"]);
    assert_eq!((code, again.contains("already")), (1, true), "{again}");
    let (_, listed) = run(&["list", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["tokens"][0]["uses_left"], 2);
    assert!(!listed.to_string().contains(made["token"].as_str().unwrap()));
    assert_eq!(run(&["revoke", "Lab"]).0, 0);
    assert_eq!(run(&["revoke", "Lab"]).0, 1);
    assert_eq!(run(&["add", "--name", " "]).0, 1);
    assert_eq!(run(&["add", "--name", "x", "--uses", "0"]).0, 2);
}
