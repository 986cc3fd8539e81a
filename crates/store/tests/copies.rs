//! Copies of a file: made while others write, looked through, and back in service.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use omniport_protocol::audit::{Act, Actor, Deed, Subject};
use omniport_protocol::vocabulary::{PersonId, SecretHash, Timestamp};
use omniport_store::portal::NewPerson;
use omniport_store::{Fault, Store, backup, refuse_served, restore};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// A folder, the database in it, and where a copy goes.
struct Place {
    folder: TempDir,
    database: PathBuf,
    copy: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (database, copy) = (folder.path().join("omniport.db"), folder.path().join("copy.db"));
        Self {
            folder,
            database,
            copy,
        }
    }

    async fn open(&self) -> Store {
        open(&self.database).await
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A backup of a database with `asha`, signed in once.
    async fn with_backup() -> Self {
        let place = Self::new();
        let store = place.open().await;
        let asha = person(&store, "asha").await;
        session(&store, "cookie", asha).await;
        backup(&place.database, &place.copy).unwrap();
        place
    }

    async fn restored(&self, name: &str) -> Result<PathBuf, Fault> {
        let to = self.folder.path().join(name);
        restore(&self.copy, &to, None, NOW).await.map(|_| to)
    }

    /// Restoring must fail with these words, leave no trace, and leave the backup alone.
    async fn refused(&self, words: &str) {
        let (before, bytes) = (self.files(), fs::read(&self.copy).unwrap());
        let fault = self.restored("new.db").await.unwrap_err();
        assert!(fault.to_string().contains(words), "{words}: {fault}");
        assert!(!fault.to_string().contains("stop omniport"), "{fault}");
        assert_eq!((self.files(), fs::read(&self.copy).unwrap()), (before, bytes));
    }
}

/// What is told of whatever is done here.
fn deed() -> Deed {
    Deed {
        doer: Actor::Operator.into(),
        act: Act::PersonAdd,
        subject: Subject::instance(),
        before: serde_json::Value::Null,
        after: serde_json::Value::Null,
        at: NOW,
    }
}

async fn open(path: &Path) -> Store {
    let url = format!("sqlite:{}", path.display());
    Store::open_current(&url, NOW).await.unwrap()
}

async fn person(store: &Store, username: &str) -> PersonId {
    let person = NewPerson {
        username: username.into(),
        password_hash: "$argon2id$x".into(),
        is_maintainer: false,
        is_developer: true,
        data: BTreeMap::new(),
        test_of: None,
        at: NOW,
    };
    store
        .telling(deed())
        .insert_person(person)
        .await
        .unwrap()
        .unwrap()
}

async fn session(store: &Store, cookie: &str, person: PersonId) {
    let hash = SecretHash::of(cookie);
    store
        .insert_session(hash, person, NOW, NOW.plus(600))
        .await
        .unwrap();
}

/// The newest schema, which every database here has.
fn schema(path: &Path) -> u32 {
    u32::try_from(ask(path, "PRAGMA user_version")).unwrap()
}

fn ask(path: &Path, sql: &str) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn change(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_one_private_whole_file() {
    let place = Place::new();
    let store = place.open().await;
    let asha = person(&store, "asha").await;
    session(&store, "cookie", asha).await;
    let made = backup(&place.database, &place.copy).unwrap();
    let metadata = fs::metadata(&place.copy).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(
        (made.bytes, made.schema),
        (metadata.len(), schema(&place.database))
    );
    assert_eq!(made.tables["people"], 1);
    assert_eq!(made.tables["sessions"], 1);
    let tables = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    assert_eq!(
        made.tables.len().to_string(),
        ask(&place.database, tables).to_string()
    );
    // Bytes 18 and 19 of the header: 1, so that it is read without a log beside it, also from a disk that is read-only.
    assert_eq!(fs::read(&place.copy).unwrap()[18..20], [1, 1]);
    let left: Vec<String> = place.files();
    assert_eq!(
        left,
        ["copy.db", "omniport.db", "omniport.db-shm", "omniport.db-wal"]
    );
    // The server goes on.
    person(&store, "ben").await;
    assert_eq!(ask(&place.copy, "SELECT COUNT(*) FROM people"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_backup_is_of_one_moment_while_a_writer_hammers() {
    let place = Place::new();
    let store = place.open().await;
    person(&store, "first").await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..2 {
        let (store, stop) = (store.clone(), Arc::clone(&stop));
        writers.spawn(async move {
            let mut n = 0;
            while !stop.load(Ordering::Relaxed) {
                // A person and their session, one after the other: a moment never has more sessions than people.
                let id = person(&store, &format!("p{writer}-{n}")).await;
                session(&store, &format!("{writer}-{n}"), id).await;
                n += 1;
            }
            n
        });
    }
    let mut seen = Vec::new();
    for n in 0..8 {
        let (from, to) = (
            place.database.clone(),
            place.folder.path().join(format!("copy-{n}.db")),
        );
        let made = tokio::task::spawn_blocking(move || backup(&from, &to))
            .await
            .unwrap()
            .unwrap();
        assert!(
            made.tables["people"] > made.tables["sessions"],
            "{:?}",
            made.tables
        );
        assert!(
            made.tables["people"] - made.tables["sessions"] <= 3,
            "{:?}",
            made.tables
        );
        seen.push(made.tables["people"]);
    }
    stop.store(true, Ordering::Relaxed);
    let written: i64 = writers.join_all().await.into_iter().sum();
    assert!(written > 16, "the writers wrote {written} only");
    assert!(
        seen.is_sorted() && seen.first() < seen.last(),
        "nothing was written meanwhile: {seen:?}"
    );
    assert_eq!(ask(&place.database, "SELECT COUNT(*) FROM people"), written + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_overwrites_nothing_and_invents_nothing() {
    let place = Place::new();
    let fault = backup(&place.database, &place.copy).unwrap_err();
    assert!(fault.to_string().contains("there is no database"), "{fault}");
    assert!(place.files().is_empty(), "no database is made by asking for one");
    let store = place.open().await;
    fs::write(&place.copy, "mine").unwrap();
    let fault = backup(&place.database, &place.copy).unwrap_err();
    assert!(matches!(fault, Fault::Refused(_)), "{fault}");
    assert!(fault.to_string().contains("never overwritten"), "{fault}");
    assert_eq!(fs::read(&place.copy).unwrap(), b"mine");
    // Nor the database itself, nor a name that leads nowhere.
    assert!(backup(&place.database, &place.database).is_err());
    let link = place.folder.path().join("link.db");
    std::os::unix::fs::symlink("/no/such/file", &link).unwrap();
    assert!(backup(&place.database, &link).is_err());
    let fault = backup(&place.database, Path::new("/no/such/folder/copy.db")).unwrap_err();
    assert!(fault.to_string().contains("does not exist; create it"), "{fault}");
    let fault = backup(&place.database, Path::new("/proc/copy.db")).unwrap_err();
    assert!(matches!(fault, Fault::Unavailable(_)), "{fault}");
    person(&store, "asha").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_or_broken_is_not_backed_up() {
    let place = Place::new();
    fs::write(&place.database, "a letter, and not a database at all").unwrap();
    assert!(matches!(
        backup(&place.database, &place.copy),
        Err(Fault::Damaged(_))
    ));
    let place = Place::new();
    change(&place.database, "CREATE TABLE theirs (x)");
    let fault = backup(&place.database, &place.copy).unwrap_err();
    assert!(fault.to_string().contains("another program's"), "{fault}");
    let place = Place::new();
    drop(place.open().await);
    change(&place.database, "PRAGMA user_version = 9999");
    assert!(matches!(
        backup(&place.database, &place.copy),
        Err(Fault::Newer { found: 9_999, .. })
    ));
    // A table's page, written over: the copy is looked through, and does not get its name.
    let place = Place::new();
    drop(place.open().await);
    let mut bytes = fs::read(&place.database).unwrap();
    bytes[3 * 4_096..4 * 4_096].fill(0xa5);
    fs::write(&place.database, bytes).unwrap();
    let fault = backup(&place.database, &place.copy).unwrap_err();
    assert!(matches!(fault, Fault::Damaged(_)), "{fault}");
    assert!(
        !place
            .files()
            .iter()
            .any(|name| name.contains("copy") || name.contains("partial"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_has_people_and_no_sessions() {
    let place = Place::with_backup().await;
    let to = place.folder.path().join("new.db");
    let before = fs::read(&place.copy).unwrap();
    let restored = restore(&place.copy, &to, None, NOW).await.unwrap();
    assert_eq!((restored.schema, restored.tables["people"]), (schema(&to), 1));
    assert_eq!((restored.ended.sessions, restored.migrated.len()), (1, 0));
    let mode = fs::metadata(&to).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read(&place.copy).unwrap(), before);
    let store = open(&to).await;
    assert!(store.person_by_username("asha").await.unwrap().is_some());
    drop(store);
    assert_eq!(ask(&to, "SELECT COUNT(*) FROM sessions"), 0);
    assert!(!place.files().iter().any(|name| name.contains("partial")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_copied_while_nobody_had_it_open_is_as_good() {
    let place = Place::new();
    let store = place.open().await;
    person(&store, "asha").await;
    drop(store);
    fs::copy(&place.database, &place.copy).unwrap();
    let to = place.restored("new.db").await.unwrap();
    assert_eq!(ask(&to, "SELECT COUNT(*) FROM people"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn restoring_overwrites_nothing() {
    let place = Place::with_backup().await;
    for taken in ["new.db", "new.db-wal", "new.db-shm", "new.db-journal"] {
        let path = place.folder.path().join(taken);
        fs::write(&path, "").unwrap();
        place.refused("never overwritten").await;
        fs::remove_file(path).unwrap();
    }
    assert!(restore(&place.copy, &place.database, None, NOW).await.is_err());
    assert!(restore(&place.copy, &place.copy, None, NOW).await.is_err());
    place.restored("new.db").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_cut_short_or_torn_is_refused() {
    let place = Place::with_backup().await;
    let whole = fs::read(&place.copy).unwrap();
    for length in [1, 99, 4_096, whole.len() / 2, whole.len() - 1] {
        fs::write(&place.copy, &whole[..length]).unwrap();
        place.refused("cannot be restored").await;
    }
    fs::write(&place.copy, "").unwrap();
    place.refused("is empty").await;
    for page in 1..whole.len() / 4_096 {
        let mut torn = whole.clone();
        torn[page * 4_096..(page + 1) * 4_096].fill(0xa5);
        fs::write(&place.copy, &torn).unwrap();
        place.refused("cannot be restored").await;
    }
    fs::write(&place.copy, &whole).unwrap();
    place.restored("new.db").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_somebody_changed_is_refused() {
    for (sql, words) in [
        ("PRAGMA user_version = 9999", "schema 9999"),
        ("PRAGMA user_version = 0", "holds no tables"),
        ("PRAGMA application_id = 7", "another program's"),
        ("DROP INDEX sessions_expiry", "not those that omniport made"),
        (
            "CREATE TRIGGER undead AFTER UPDATE ON grants BEGIN UPDATE grants SET revoked_at = NULL; END",
            "not those that omniport made",
        ),
        ("CREATE TABLE theirs (x)", "not those that omniport made"),
        (
            "PRAGMA foreign_keys = OFF; DELETE FROM people",
            "refer to rows which are not there",
        ),
        (
            "UPDATE migrations SET checksum = x'00'",
            "applied with another text",
        ),
    ] {
        let place = Place::with_backup().await;
        change(&place.copy, sql);
        place.refused(words).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_noted_the_checksum_notices_any_change() {
    let place = Place::new();
    let store = place.open().await;
    person(&store, "asha").await;
    let made = backup(&place.database, &place.copy).unwrap();
    let to = place.folder.path().join("new.db");
    // A value: nothing else would tell.
    let whole = fs::read(&place.copy).unwrap();
    change(&place.copy, "UPDATE people SET is_maintainer = 1");
    let fault = restore(&place.copy, &to, Some(&made.sha256), NOW)
        .await
        .unwrap_err();
    assert!(
        fault.to_string().contains("not the file of that SHA-256"),
        "{fault}"
    );
    fs::write(&place.copy, whole).unwrap();
    let written = made.sha256.to_uppercase() + "\n";
    restore(&place.copy, &to, Some(&written), NOW).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_use_is_no_backup_and_does_not_move() {
    let place = Place::new();
    let store = place.open().await;
    person(&store, "asha").await;
    let to = place.folder.path().join("new.db");
    let fault = restore(&place.database, &to, None, NOW).await.unwrap_err();
    assert!(fault.to_string().contains("in use, not a backup"), "{fault}");
    let fault = refuse_served(&place.database).unwrap_err();
    assert!(fault.to_string().contains("stop the server"), "{fault}");
    drop(store);
    refuse_served(&place.database).unwrap();
    refuse_served(&place.database).unwrap();
    person(&place.open().await, "ben").await;
    assert!(matches!(refuse_served(&to), Err(Fault::Refused(_))));
    assert!(!to.exists());
}
