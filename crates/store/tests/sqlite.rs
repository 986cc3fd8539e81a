//! What only a file can go through: opening, closing, damage, neighbours, and what its bytes give away.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "sqlite/patience.rs"]
mod patience;

use omniport_protocol::audit::{Act, Actor, Deed, Subject};
use omniport_protocol::effect::{Fresh, Load, Minted, Write};
use omniport_protocol::records::{
    GrantOf, NewAccessToken, NewCode, NewGrant, NewRefreshToken, ParkedRequest,
};
use omniport_protocol::review::{Manifest, Standing};
use omniport_protocol::vocabulary::{
    ClientId, ClientKind, GrantId, Legacy, Params, PersonId, RedirectUri, Scope, Secret, SecretHash,
    Timestamp,
};
use omniport_store::portal::{NewApp, NewPerson, NewSecret};
use omniport_store::{Fault, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Seek, SeekFrom, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinSet;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn file() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("omniport.db");
    (directory, path)
}

fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
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

async fn open(path: &Path) -> Result<Store, Fault> {
    Store::open_current(&url(path), NOW).await
}

async fn refused(path: &Path) -> Fault {
    open(path).await.err().unwrap()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
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

const SECRETS: [&str; 6] = [
    "the-clients-secret-4kQ",
    "the-code-itself-9sd8f7",
    "the-access-token-23lk4",
    "the-refresh-token-0x9d",
    "the-parked-handle-77Gh",
    "the-session-cookie-pp0",
];

/// An app with `SECRETS[0]`.
async fn app(store: &Store, creator: PersonId) -> ClientId {
    let id = ClientId::parse("c1").unwrap();
    let uris = vec![RedirectUri::parse("https://app.example/cb").unwrap()];
    let manifest = Manifest::plain("App", ClientKind::Confidential, uris, BTreeSet::new());
    let app = NewApp {
        id: id.clone(),
        creator,
        manifest,
        standing: Standing::Approved,
        legacy: Legacy::default(),
        secret: Some(NewSecret::of(&Secret::new(SECRETS[0]))),
        registration: None,
        most: None,
        at: NOW,
    };
    assert!(store.telling(deed()).insert_app(app).await.unwrap());
    id
}

/// One of everything, made with [`SECRETS`].
async fn fill(store: &Store) -> ClientId {
    let asha = person(store, "asha-in-the-clear").await;
    let id = app(store, asha).await;
    let grant = GrantId(uuid::Uuid::from_u128(7));
    let mut minted = Minted::default();
    minted.add_grant(grant);
    let kinds = [
        Fresh::Code,
        Fresh::AccessToken,
        Fresh::RefreshToken,
        Fresh::ParkedRequest,
    ];
    for (what, secret) in kinds.into_iter().zip(&SECRETS[1..5]) {
        minted.add_secret(what, Secret::new(*secret));
    }
    let writes = everything(&id, asha, grant);
    assert!(store.apply(&writes, &minted).await.unwrap().is_applied());
    let cookie = Secret::new(SECRETS[5]).hash();
    store
        .insert_session(cookie, asha, NOW, NOW.plus(600))
        .await
        .unwrap();
    id
}

fn everything(id: &ClientId, person: PersonId, grant: GrantId) -> [Write; 4] {
    let expires_at = NOW.plus(600);
    let new_grant = NewGrant {
        client: id.clone(),
        person,
        scope: Scope::read_write(),
        data_points: BTreeSet::new(),
        version: 1,
        sign_in: omniport_protocol::openid::SignIn::Here(NOW),
        session: Some(SecretHash::of("session")),
        exchange: None,
        openid: None,
        apis: omniport_protocol::apis::ApiGrant::default(),
        at: NOW,
    };
    let code = NewCode {
        redirect_uri: "https://app.example/cb".into(),
        redirect_uri_given: false,
        challenge: None,
        confirmation: None,
        expires_at,
    };
    let access = NewAccessToken {
        client: id.clone(),
        grant: Some(GrantOf::Stored(grant)),
        scope: Scope::read_write(),
        confirmation: None,
        audience: omniport_protocol::apis::TokenAudience::default(),
        is_jwt: false,
        at: NOW,
        expires_at,
    };
    let refresh = NewRefreshToken {
        grant: GrantOf::Stored(grant),
        generation: 1,
        confirmation: None,
        at: NOW,
        expires_at,
    };
    let parked = ParkedRequest {
        door: omniport_protocol::authorize::Door::Walkthrough,
        client: id.clone(),
        params: Params::from_pairs([("client_id", "c1")]),
        version: 1,
        at: NOW,
        expires_at,
        pushed: None,
        decoupled: None,
    };
    [
        Write::IssueCode(new_grant, code),
        Write::IssueAccessToken(access),
        Write::IssueRefreshToken(refresh),
        Write::ParkRequest(parked),
    ]
}

/// That everything of [`fill`] is there.
async fn assert_whole(store: &Store, id: &ClientId) {
    let of = |n: usize| Secret::new(SECRETS[n]).hash();
    let loads = [
        Load::Client(id.clone()),
        Load::Code(of(1)),
        Load::AccessToken(of(2)),
        Load::RefreshToken(of(3)),
        Load::ParkedRequest(of(4)),
        Load::Session(of(5)),
    ];
    let all = store.load(&loads).await.unwrap();
    assert!(all.client.unwrap().secrets[0].accepts(&Secret::new(SECRETS[0]), NOW));
    assert!(all.code.is_some() && all.access_token.is_some() && all.refresh_token.is_some());
    assert!(all.parked.is_some() && all.session.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_is_there_after_closing() {
    let (_keep, path) = file();
    let store = open(&path).await.unwrap();
    let id = fill(&store).await;
    assert!(beside(&path, "-wal").exists());
    drop(store);
    assert!(!beside(&path, "-wal").exists(), "the log was not folded in");
    let store = open(&path).await.unwrap();
    assert_whole(&store, &id).await;
    store.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_there_after_a_crash() {
    let (_keep, path) = file();
    let store = open(&path).await.unwrap();
    let id = fill(&store).await;
    // The files as a power cut would leave them: nothing was closed.
    let (_keep, copy) = file();
    fs::copy(&path, &copy).unwrap();
    fs::copy(beside(&path, "-wal"), beside(&copy, "-wal")).unwrap();
    let recovered = open(&copy).await.unwrap();
    assert_whole(&recovered, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_may_read_the_file() {
    let (_keep, path) = file();
    let store = open(&path).await.unwrap();
    person(&store, "asha").await;
    for suffix in ["", "-wal", "-shm"] {
        let mode = fs::metadata(beside(&path, suffix)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{suffix}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_in_the_files() {
    let (_keep, path) = file();
    let store = open(&path).await.unwrap();
    fill(&store).await;
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let mut seen_name = false;
    let mut look = |suffix: &str| {
        let bytes = fs::read(beside(&path, suffix)).unwrap();
        seen_name |= holds(&bytes, "asha-in-the-clear");
        for secret in SECRETS {
            assert!(!holds(&bytes, secret), "{secret} in {suffix}");
            // Not more of it either than the prefix that its team is shown.
            assert!(!holds(&bytes, &secret[5..]), "the end of {secret} in {suffix}");
        }
    };
    look("");
    look("-wal");
    drop(store);
    look("");
    assert!(seen_name, "the search finds nothing at all");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_are_none_are_refused() {
    for (url, words) in [
        ("omniport.db", "sqlite:PATH"),
        ("mysql://x", "sqlite:PATH"),
        ("sqlite:", "path of a file"),
        ("sqlite::memory:", "path of a file"),
        ("postgres:omniport:hunter2@db/omniport", "postgres://USER"),
        ("postgresql://omniport:hunter2@db", "no database"),
    ] {
        let fault = Store::open(url).err().unwrap();
        assert!(matches!(fault, Fault::Address(_)), "{fault}");
        assert!(fault.to_string().contains(words), "{fault}");
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
    }
    let (keep, path) = file();
    let fault = refused(keep.path()).await;
    assert!(fault.to_string().contains("is a directory"), "{fault}");
    drop(Store::open(&format!("sqlite://{}", path.display())).unwrap());
    assert!(path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_directory_is_told() {
    let (_keep, path) = file();
    let fault = refused(&path.join("deeper.db")).await;
    assert!(matches!(fault, Fault::Unavailable(_)), "{fault}");
    assert!(fault.to_string().contains("does not exist; create it"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_written_is_told() {
    // A directory where nobody, root included, can make a file.
    let fault = refused(Path::new("/proc/omniport.db")).await;
    assert!(matches!(fault, Fault::Unavailable(_)), "{fault}");
    assert!(fault.to_string().contains("cannot be created"), "{fault}");

    let (_keep, path) = file();
    drop(open(&path).await.unwrap());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    if fs::OpenOptions::new().write(true).open(&path).is_ok() {
        // Root may write it all the same.
        open(&path).await.unwrap();
    } else {
        let fault = refused(&path).await;
        assert!(fault.to_string().contains("owner or permissions"), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_database_is_refused_and_left_alone() {
    let (_keep, path) = file();
    for bytes in [&b"not a database at all, but a letter"[..], &[0; 4_096], b"x"] {
        fs::write(&path, bytes).unwrap();
        let fault = refused(&path).await;
        assert!(matches!(fault, Fault::Damaged(_)), "{fault}");
        assert!(fault.to_string().contains("is not an SQLite database"), "{fault}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_programs_database_is_refused_and_left_alone() {
    for setup in ["CREATE TABLE theirs (x)", "PRAGMA application_id = 7"] {
        let (_keep, path) = file();
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute_batch(setup)
            .unwrap();
        let before = fs::read(&path).unwrap();
        let fault = refused(&path).await;
        assert!(fault.to_string().contains("another program's"), "{fault}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_refused() {
    let (_keep, path) = file();
    let store = open(&path).await.unwrap();
    fill(&store).await;
    drop(store);
    let whole = fs::read(&path).unwrap();

    fs::write(&path, &whole[..whole.len() - 4_096]).unwrap();
    let fault = refused(&path).await;
    assert!(fault.to_string().contains("cut short"), "{fault}");

    // A page of a table, written over.
    let mut torn = whole.clone();
    torn[2 * 4_096..3 * 4_096].fill(0xa5);
    fs::write(&path, &torn).unwrap();
    let fault = refused(&path).await;
    assert!(matches!(fault, Fault::Damaged(_)), "{fault}");
    assert!(fault.to_string().contains("restore the last backup"), "{fault}");

    // The schema itself.
    let mut torn = whole;
    torn[100..4_096].fill(0xa5);
    fs::write(&path, &torn).unwrap();
    assert!(matches!(refused(&path).await, Fault::Damaged(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_while_it_runs_is_found_by_a_check() {
    let (_keep, path) = file();
    let store = open(&path).await.unwrap();
    fill(&store).await;
    drop(store);
    let store = open(&path).await.unwrap();
    let mut bytes = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let pages = bytes.metadata().unwrap().len() / 4_096;
    for page in 2..pages {
        bytes.seek(SeekFrom::Start(page * 4_096)).unwrap();
        bytes.write_all(&[0xa5; 4_096]).unwrap();
    }
    let fault = store.check().await.unwrap_err();
    assert!(matches!(&fault, Fault::Damaged(_)), "{fault}");
    let second = Store::open(&url(&path));
    assert!(matches!(second.err().unwrap(), Fault::Damaged(_)));
    let load = store.load(&[Load::Client(ClientId::parse("c1").unwrap())]).await;
    assert!(matches!(load.unwrap_err(), Fault::Damaged(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_refused() {
    let (_keep, path) = file();
    drop(open(&path).await.unwrap());
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.pragma_update(None, "user_version", 7_000).unwrap();
    drop(raw);
    let fault = refused(&path).await;
    assert!(matches!(fault, Fault::Newer { found: 7_000, .. }), "{fault}");
    assert!(fault.to_string().contains("newer omniport"), "{fault}");
}

/// The next version's nodes have added something; this one's work on until they are upgraded as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_that_bears_with_this_program_is_served() {
    let (_keep, path) = file();
    drop(open(&path).await.unwrap());
    let raw = rusqlite::Connection::open(&path).unwrap();
    let known: u32 = raw
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    let (found, floor) = (known + 1, known);
    raw.execute_batch(&format!(
        "CREATE TABLE of_the_future (x INTEGER); ALTER TABLE people ADD COLUMN of_the_future TEXT;
         INSERT INTO migrations VALUES ({found}, 'later', x'00', 1);
         INSERT INTO migration_floors VALUES ({found}, {floor}); PRAGMA user_version = {found};"
    ))
    .unwrap();
    let store = open(&path).await.unwrap();
    person(&store, "asha").await;
    assert!(store.person_by_username("asha").await.unwrap().is_some());
    assert!(store.migrate(NOW).await.unwrap().is_empty());
    drop(store);
    raw.execute_batch("UPDATE migration_floors SET oldest_node = number")
        .unwrap();
    drop(raw);
    assert_eq!(refused(&path).await, Fault::Newer { found, known });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_works_beside_a_running_server() {
    let (_keep, path) = file();
    let server = open(&path).await.unwrap();
    let command = open(&path).await.unwrap();
    let mut all = JoinSet::new();
    for n in 0..50 {
        let store = if n % 2 == 0 {
            server.clone()
        } else {
            command.clone()
        };
        all.spawn(async move { person(&store, &format!("p{n}")).await });
    }
    let ids: BTreeSet<PersonId> = all.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 50);
    drop(command);
    assert_eq!(server.people(None, 100).await.unwrap().len(), 50);
    person(&server, "later").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_may_make_the_same_file() {
    let (_keep, path) = file();
    let mut all = JoinSet::new();
    for _ in 0..4 {
        let path = path.clone();
        all.spawn(async move { open(&path).await.map(drop) });
    }
    for opened in all.join_all().await {
        opened.unwrap();
    }
}

/// Holds the file's lock as another program might.
fn lock(path: &Path) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

#[tokio::test(flavor = "multi_thread")]
async fn another_programs_lock_is_waited_for_but_not_for_ever() {
    let (_keep, path) = file();
    let store = open(&path).await.unwrap();
    let asha = person(&store, "asha").await;
    let other = lock(&path);
    let late = store.set_password_hash(asha, "later");
    let release = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        // Reading goes on meanwhile.
        assert!(store.person(asha).await.unwrap().is_some());
        drop(other);
    };
    let (late, ()) = tokio::join!(late, release);
    late.unwrap();

    let other = lock(&path);
    let fault = store.set_password_hash(asha, "never").await.unwrap_err();
    assert!(matches!(fault, Fault::Unavailable(_)), "{fault}");
    assert!(
        fault.to_string().contains("another program has held its lock"),
        "{fault}"
    );
    drop(other);
    let found = store.person(asha).await.unwrap().unwrap();
    assert_eq!(found.password_hash, "later");
    store.set_password_hash(asha, "again").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_full_refuses_and_recovers() {
    let (_keep, path) = file();
    let store = open(&path).await.unwrap();
    let asha = person(&store, "asha").await;
    let other = lock(&path);
    let mut all = JoinSet::new();
    for _ in 0..6_000 {
        let store = store.clone();
        all.spawn(async move { store.set_password_hash(asha, "x").await });
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    drop(other);
    let ends = all.join_all().await;
    let (done, refused): (Vec<_>, Vec<_>) = ends.into_iter().partition(Result::is_ok);
    assert!(
        done.len() > 4_000 && !refused.is_empty(),
        "{} {}",
        done.len(),
        refused.len()
    );
    for end in refused {
        let fault = end.unwrap_err();
        assert!(fault.to_string().contains("too slow for this load"), "{fault}");
    }
    store.set_password_hash(asha, "y").await.unwrap();
}

fn statistics(path: &Path) -> u32 {
    let plain = rusqlite::Connection::open(path).unwrap();
    let tables = "SELECT COUNT(*) FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'";
    plain.query_row(tables, [], |row| row.get(0)).unwrap()
}

/// Of a table with one person, `ANALYZE` notes that reading all of it is the shortest way to one person.
#[tokio::test]
async fn statistics_are_neither_kept_nor_made() {
    let (_directory, path) = file();
    let store = open(&path).await.unwrap();
    person(&store, "asha").await;
    drop(store);
    assert_eq!(statistics(&path), 0, "closing makes none");
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("ANALYZE")
        .unwrap();
    assert_ne!(statistics(&path), 0);
    drop(open(&path).await.unwrap());
    assert_eq!(statistics(&path), 0, "opening forgets them");
}

/// A command beside a running server tells it what it may not keep any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_heard_within_a_second() {
    let (_keep, path) = file();
    let server = open(&path).await.unwrap();
    let following = server.clone();
    let follower = tokio::spawn(async move { following.follow().await });
    let kept = omniport_store::Kept::new(omniport_store::Topic::Keys);
    let reads = std::sync::atomic::AtomicU32::new(0);
    let read = async || Ok::<_, Fault>(reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    for _ in 0..20 {
        kept.get(&server, read).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let before = *kept.get(&server, read).await.unwrap();
    assert!(before < 5, "it was kept: {before}");
    let command = open(&path).await.unwrap();
    command.announce(omniport_store::Topic::Keys).await.unwrap();
    drop(command);
    tokio::time::sleep(omniport_store::LEASE).await;
    assert!(*kept.get(&server, read).await.unwrap() > before);
    follower.abort();
}
