//! Black-box tests over HTTP, in process: one file an endpoint, each test named after its case (listed in
//! `crates/testkit/tests/cases.rs`).
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod any_endpoint;
mod apis;
mod apis_more;
mod authorize;
mod ciba;
mod ciba_ping;
mod client_auth;
mod client_documents;
mod device_rfc8628;
mod disabled;
mod dpop_rfc9449;
mod every_route;
mod fapi2;
mod fetch;
mod flow;
mod fresh_sign_in;
mod hostile_sizes;
mod introspect_rfc7662;
mod jwks;
mod jwt_bearer_rfc7523;
mod limits;
mod logout;
mod logout_notices;
mod matrix;
mod mtls_rfc8705;
mod new_epoch;
mod openid;
mod par_rfc9126;
mod passwords;
mod patience;
mod portal;
mod races;
mod refresh;
mod registration_rfc7591;
mod review;
mod review_desk;
mod revoke_rfc7009;
mod secrets;
mod standings;
mod suite;
mod sweep;
mod token;
mod token_exchange_rfc8693;
mod user_data;
mod widening;

use omniport_engine::people::PlatformRole;
use omniport_testkit::{Instance, TestApp};
use serde_json::json;

/// An instance with a developer `dev`, a maintainer `mai`, a person `asha`, and an approved app of the developer's.
async fn world() -> (Instance, TestApp) {
    world_with(json!({})).await
}

/// The same, with metadata of one's own for the app.
async fn world_with(metadata: serde_json::Value) -> (Instance, TestApp) {
    let instance = Instance::new().await;
    let dev = instance.person("dev", &[PlatformRole::Developer]).await;
    instance.person("mai", &[PlatformRole::Maintainer]).await;
    instance.person("asha", &[]).await;
    let app = instance.app(dev, metadata).await;
    (instance, app)
}

/// The pair of tokens in a token answer.
fn pair(answer: &omniport_testkit::Answer) -> (String, String) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    (answer.member("access_token"), answer.member("refresh_token"))
}

/// Asserts an error of the token endpoint: its status and code, and that no cache keeps it.
fn assert_error(answer: &omniport_testkit::Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.member("error").as_str()),
        (status, code),
        "{}",
        answer.body
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

/// Another approved app of the developer's.
async fn another_app(instance: &Instance) -> TestApp {
    let dev = instance
        .engine
        .store()
        .person_by_username("dev")
        .await
        .unwrap()
        .unwrap()
        .id;
    instance.app(dev, json!({"client_name": "Other"})).await
}
