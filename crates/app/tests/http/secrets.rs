//! Nothing secret lies in the database's files, or in the log.

use crate::{pair, world};
use omniport_testkit::PASSWORD;
use std::io;
use std::sync::{Arc, Mutex};
use tracing::level_filters::LevelFilter;

#[tokio::test]
async fn no_secret_in_the_database_files() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("asha").await;
    let code = instance.code(&app, "asha").await;
    let (access, refresh) = pair(&instance.redeem(&app, &code).await);
    let session = cookie.split_once('=').unwrap().1;
    let mut read = 0;
    for entry in std::fs::read_dir(instance.folder()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        read += bytes.len();
        for secret in [&app.secret, &code, &access, &refresh, session, PASSWORD] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "a secret lies in the clear");
        }
    }
    assert!(read > 4_096, "the files were read");
}

/// A log that is kept in memory.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_in_a_log() {
    let log = Kept::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // While there is one subscriber only, tracing asks the thread that meets a callsite first whether anybody listens,
    // and that may be another test's, where nobody does; it remembers that for all. With a second one it asks every one.
    let _second = tracing::Dispatch::new(tracing_subscriber::fmt().with_writer(io::sink).finish());
    let _here = tracing::subscriber::set_default(subscriber);
    let (instance, app) = world().await;
    let cookie = instance.sign_in("asha").await;
    let code = instance.code(&app, "asha").await;
    let (access, refresh) = pair(&instance.redeem(&app, &code).await);
    instance.user_data(&access).await;
    let (_, next) = pair(&instance.refresh(&app, &refresh).await);
    // Refusals, whose reasons are logged: a used code, a wrong secret, a token in the query, a dead token.
    instance.redeem(&app, &code).await;
    let guess = "a-guess-that-is-almost-right";
    let mut wrong = app.clone();
    guess.clone_into(&mut wrong.secret);
    instance.refresh(&wrong, &next).await;
    instance
        .get(&format!("/open_auth/get_user_data/?access_token={access}"))
        .send()
        .await;
    instance.user_data(&access).await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for reason in [
        "the code was redeemed before",
        "the client_secret is wrong",
        &app.id,
    ] {
        assert!(text.contains(reason), "the log lacks {reason}: {text}");
    }
    let session = cookie.split_once('=').unwrap().1;
    for secret in [
        &app.secret,
        &code,
        &access,
        &refresh,
        &next,
        session,
        PASSWORD,
        guess,
    ] {
        assert!(!text.contains(secret), "a secret was logged: {text}");
    }
}
