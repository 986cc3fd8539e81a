//! The walls of the house, each a test: who may depend on whom, what the rules may reach, which licences and
//! sources come in, and what no source file may hold. `deny.toml` says the same to those who have cargo-deny.
#![expect(clippy::unwrap_used, reason = "a wall that cannot be read has fallen")]

mod spdx;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The rooms, and for each the rooms it may import. Imports run one way:
/// `protocol <- store <- engine <- {web, portal} <- app`; web and portal never import each other.
const ROOMS: [(&str, &[&str]); 6] = [
    ("omniport-protocol", &[]),
    ("omniport-store", &["omniport-protocol"]),
    ("omniport-engine", &["omniport-protocol", "omniport-store"]),
    (
        "omniport-web",
        &["omniport-protocol", "omniport-store", "omniport-engine"],
    ),
    (
        "omniport-portal",
        &["omniport-protocol", "omniport-store", "omniport-engine"],
    ),
    (
        "omniport",
        &[
            "omniport-protocol",
            "omniport-store",
            "omniport-engine",
            "omniport-web",
            "omniport-portal",
        ],
    ),
];

/// Stands outside the rooms: it may see all of them, and only their tests may see it.
const TESTKIT: &str = "omniport-testkit";

/// What the rules may use directly: things that compute, and touch nothing.
const PROTOCOL_USES: [&str; 13] = [
    "base64",
    "idna",
    "percent-encoding",
    "serde",
    "serde_json",
    "sha2",
    "subtle",
    "thiserror",
    "toml",
    "unicode-security",
    "url",
    "uuid",
    "zeroize",
];

/// What must not be reachable from the rules by any path.
const IO_CRATES: [&str; 30] = [
    "aws-lc-rs",
    "axum",
    "chrono",
    "crossbeam-channel",
    "deadpool",
    "fastrand",
    "futures-util",
    "getrandom",
    "http-body",
    "hyper",
    "hyper-util",
    "jiff",
    "libsqlite3-sys",
    "mio",
    "num_cpus",
    "openssl-sys",
    "rand",
    "rand_core",
    "reqwest",
    "ring",
    "rusqlite",
    "rustls",
    "signal-hook-registry",
    "socket2",
    "tempfile",
    "time",
    "tokio",
    "tokio-postgres",
    "tower",
    "tracing",
];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

const LONGEST_FILE: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn cargo(arguments: &[&str]) -> String {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "cargo {arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Every package of the lock file, ours and others'.
fn packages() -> Vec<Value> {
    let text = cargo(&["metadata", "--format-version", "1", "--locked"]);
    let metadata: Value = serde_json::from_str(&text).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn text<'a>(package: &'a Value, field: &str) -> &'a str {
    package[field].as_str().unwrap_or_default()
}

fn is_ours(package: &Value) -> bool {
    package["source"].is_null()
}

/// The names that a package depends on, for tests or not.
fn dependencies(package: &Value, for_tests: bool) -> BTreeSet<String> {
    package["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|dependency| (text(dependency, "kind") == "dev") == for_tests)
        .map(|dependency| text(dependency, "name").to_owned())
        .collect()
}

/// Our own Rust files, with their text.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 50, "the walk found too few files to be true");
    found
}

#[test]
fn every_crate_is_a_known_room() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages
        .iter()
        .filter(|package| is_ours(package))
        .map(|package| text(package, "name"))
        .collect();
    let known: BTreeSet<&str> = ROOMS.iter().map(|(room, _)| *room).chain([TESTKIT]).collect();
    assert_eq!(ours, known);
}

#[test]
fn imports_run_one_way() {
    let rooms: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    for package in packages().iter().filter(|package| is_ours(package)) {
        let Some(allowed) = rooms.get(text(package, "name")) else {
            continue;
        };
        for (for_tests, names) in [
            (false, dependencies(package, false)),
            (true, dependencies(package, true)),
        ] {
            for name in names.iter().filter(|name| name.starts_with("omniport")) {
                let fits = allowed.contains(&name.as_str()) || (for_tests && name == TESTKIT);
                assert!(fits, "{} must not depend on {name}", text(package, "name"));
            }
        }
    }
}

#[test]
fn the_rules_use_only_what_computes() {
    let packages = packages();
    let protocol = packages
        .iter()
        .find(|package| text(package, "name") == "omniport-protocol")
        .unwrap();
    for name in dependencies(protocol, false) {
        assert!(
            PROTOCOL_USES.contains(&name.as_str()),
            "omniport-protocol must not use {name}"
        );
    }
}

/// By `cargo tree`, since `cargo metadata` shows each package with the features that the whole workspace turns on.
#[test]
fn the_rules_reach_no_socket_clock_dice_or_database() {
    let tree = cargo(&[
        "tree",
        "--package=omniport-protocol",
        "--edges=normal",
        "--prefix=none",
        "--format={p}",
        "--locked",
    ]);
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains("serde"), "the tree was not read: {tree}");
    let reached: Vec<&str> = IO_CRATES
        .into_iter()
        .filter(|name| names.contains(name))
        .collect();
    assert!(reached.is_empty(), "omniport-protocol reaches {reached:?}");
}

#[test]
fn others_code_comes_from_the_registry_only() {
    for package in packages().iter().filter(|package| !is_ours(package)) {
        assert_eq!(text(package, "source"), CRATES_IO, "{}", text(package, "name"));
    }
}

#[test]
fn every_licence_is_one_we_accept() {
    for package in packages() {
        let licence = text(&package, "license");
        assert!(spdx::accepted(licence), "{}: {licence:?}", text(&package, "name"));
    }
}

#[test]
fn unsafe_code_is_forbidden_in_every_crate() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(
        manifest.contains("unsafe_code = \"forbid\""),
        "the workspace's lint is gone"
    );
    for package in packages().iter().filter(|package| is_ours(package)) {
        let manifest = std::fs::read_to_string(text(package, "manifest_path")).unwrap();
        let inherits = manifest.contains("[lints]\nworkspace = true");
        assert!(
            inherits,
            "{} does not inherit the workspace's lints",
            text(package, "name")
        );
    }
}

#[test]
fn ambient_time_and_randomness_are_banned() {
    let clippy = std::fs::read_to_string(root().join("clippy.toml")).unwrap();
    for banned in [
        "SystemTime::now",
        "std::time::Instant::now",
        "getrandom::fill",
        "Uuid::now_v7",
    ] {
        assert!(clippy.contains(banned), "clippy.toml no longer bans {banned}");
    }
}

/// Everything people read in the repository: sources, documents, scripts.
fn readable() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                let ours = !["target", "node_modules", ".venv", "artefacts", ".git"].contains(&name.as_str());
                // What the benchmark has made and installed.
                let measured = path.ends_with("bench/results");
                folders.extend((ours && !measured).then_some(path));
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 100, "the walk found too few files to be true");
    found
}

/// The names in capitals that end in `.md`, as our documents are named.
fn cited(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.match_indices(".md").map(|(at, _)| at);
    ends.filter_map(|end| {
        let before = text.get(..end)?;
        let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
        let start = before.trim_end_matches(is_name).len();
        let after = text.get(end + 3..)?.chars().next();
        let is_whole = !after.is_some_and(char::is_alphanumeric)
            && !before.get(..start)?.ends_with(char::is_alphanumeric);
        (start < end && is_whole).then(|| text.get(start..end + 3))?
    })
}

#[test]
fn every_document_that_is_cited_is_there() {
    assert_eq!(
        cited("see PLAN.md, `HOW_TO.md`, terms.md, aB.md, X.mdx").collect::<Vec<_>>(),
        ["PLAN.md", "HOW_TO.md"]
    );
    let mut seen = 0;
    for (path, text) in readable() {
        // These names are examples.
        if path.ends_with("testkit/tests/walls.rs") {
            continue;
        }
        for name in cited(&text) {
            assert!(
                root().join(name).is_file(),
                "{} cites {name}, which is not in the repository",
                path.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 5, "too few citations were found to be true: {seen}");
}

/// `review/access.rs` is asked who may be served; nobody else decides that by a standing's name.
#[test]
fn the_table_of_standings_is_asked_and_not_gone_around() {
    let mut seen = 0;
    for (path, text) in sources() {
        let name = path.to_string_lossy();
        let is_of_rules = ["/protocol/src/", "/web/src/"]
            .iter()
            .any(|room| name.contains(room));
        let may_name_them = name.contains("/protocol/src/review/")
            || name.contains("tests.rs")
            || name.contains("/testing.rs");
        if is_of_rules && !may_name_them {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            assert!(!code.contains("Standing::"), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 50, "too few files were looked at: {seen}");
}

#[test]
fn no_file_is_too_long_to_be_one_idea() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST_FILE, "{}: {lines} lines", path.display());
    }
}

/// The words are put together here so that this file passes its own wall.
#[test]
fn nothing_is_silenced_skipped_or_left_open() {
    let words = [
        concat!("#[all", "ow("),
        concat!("#![all", "ow("),
        concat!("#[ign", "ore"),
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
    ];
    for (path, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            for word in words {
                assert!(!line.contains(word), "{}:{}: {word}", path.display(), number + 1);
            }
        }
    }
}
