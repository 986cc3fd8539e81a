//! Nothing secret lies in the database's files.

use crate::{pair, world};
use omniport_testkit::PASSWORD;

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
