//! The protocol's side of an app, edited by its team.

use crate::browser::Site;
use http::StatusCode;
use omniport_protocol::review::{SETTINGS, Standing};
use omniport_protocol::vocabulary::{AuthMethod, ClientId, encode};

fn path(app: &ClientId) -> String {
    format!("/developer/apps/{}/protocol", encode(app.as_str()))
}

/// The form of an app that changes nothing, with these fields beside it.
fn form<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("grant_types", "authorization_code"),
        ("grant_types", "refresh_token"),
    ];
    fields.extend(more);
    fields
}

#[tokio::test]
async fn every_setting_and_grant_is_offered_with_its_words() {
    let site = Site::new().await;
    let app = site.app("Course Planner", true).await;
    let page = site.signed_in("dev").await.get(&path(&app)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for setting in SETTINGS {
        assert!(
            page.body.contains(&format!("name=\"{}\"", setting.name)),
            "{}",
            setting.name
        );
    }
    assert!(page.body.contains("value=\"authorization_code\" checked"));
    assert!(page.body.contains("value=\"client_credentials\">"));
    let stranger = site.signed_in("asha").await.get(&path(&app)).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_asks_for_no_more_trust_is_in_effect_at_once() {
    let site = Site::new().await;
    let app = site.app("Course Planner", true).await;
    let mut dev = site.signed_in("dev").await;
    let saved = dev
        .post(
            &path(&app),
            &form(&[
                ("post_logout_redirect_uris", "https://app.example.org/bye"),
                ("id_token_signed_response_alg", "ES256"),
                ("require_pushed_authorization_requests", "on"),
            ]),
        )
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert!(saved.location().starts_with(&path(&app)), "{}", saved.location());
    let stored = site.engine.store().app(&app).await.unwrap().unwrap();
    let live = &stored.live.as_ref().unwrap().manifest;
    assert_eq!(stored.proposed, None);
    assert_eq!(
        live.openid.post_logout_redirect_uris,
        ["https://app.example.org/bye"]
    );
    assert_eq!(live.openid.id_token_signed_response_alg.as_str(), "ES256");
    assert!(live.openid.require_pushed_authorization_requests);
    let page = dev.get(&path(&app)).await;
    assert!(page.body.contains("https://app.example.org/bye"));
    assert!(page.body.contains("<option value=\"ES256\" selected>"));
    let same = dev
        .post(
            &path(&app),
            &form(&[
                ("post_logout_redirect_uris", "https://app.example.org/bye"),
                ("id_token_signed_response_alg", "ES256"),
                ("require_pushed_authorization_requests", "on"),
            ]),
        )
        .await;
    assert!(same.location().contains("saved=same"), "{}", same.location());
}

#[tokio::test]
async fn another_grant_and_another_proof_go_to_review_and_show_as_a_difference() {
    let site = Site::new().await;
    let app = site.app("Course Planner", true).await;
    let mut dev = site.signed_in("dev").await;
    let sent = dev
        .post(
            &path(&app),
            &form(&[
                ("grant_types", "client_credentials"),
                ("token_endpoint_auth_method", "client_secret_post"),
            ]),
        )
        .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let stored = site.engine.store().app(&app).await.unwrap().unwrap();
    assert_eq!(stored.standing, Standing::Approved);
    assert_eq!(stored.live.unwrap().manifest.auth_methods.len(), 2);
    let proposed = stored.proposed.unwrap().manifest;
    assert_eq!(proposed.auth_methods, [AuthMethod::ClientSecretPost].into());
    let review = format!("/maintainer/review/{}", encode(app.as_str()));
    let page = site.signed_in("meera").await.get(&review).await;
    for shown in ["client_credentials", "client_secret_basic"] {
        let row = format!("<span class=\"difference-text\">{shown}</span>");
        assert!(page.body.contains(&row), "{shown}: {}", page.body);
    }
}

#[tokio::test]
async fn mistakes_stand_beside_their_fields_and_nothing_typed_is_lost() {
    let site = Site::new().await;
    let app = site.app("Course Planner", true).await;
    let mut dev = site.signed_in("dev").await;
    for (name, value, told) in [
        (
            "jwks_uri",
            "http://app.example.org/jwks",
            "It must be an absolute https URL",
        ),
        (
            "jwks_uri",
            "https://127.0.0.1/jwks",
            "It leads to no public host.",
        ),
        ("jwks", "{\"keys\": 1}", "The key set cannot be used"),
        ("jwks", "[", "This is not a JSON object"),
        (
            "backchannel_logout_uri",
            "https://[::1]/",
            "It leads to no public host.",
        ),
        ("subject_type", "odd", "It is one of public, pairwise."),
        ("token_endpoint_auth_method", "private_key_jwt", "needs the app"),
        (
            "token_endpoint_auth_method",
            "none",
            "is chosen when it is registered",
        ),
    ] {
        let answer = dev.post(&path(&app), &form(&[(name, value)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {value}");
        assert!(answer.body.contains(told), "{name} {value}: {}", answer.body);
        assert!(answer.body.contains(&format!("id=\"{name}-error\"")), "{name}");
        let summary = answer.body.find("class=\"notice summary\"");
        let link = answer.body.find(&format!("<a href=\"#{name}\">"));
        assert!(summary.is_some() && link > summary, "{name}");
    }
    let unknown = dev.post(&path(&app), &form(&[("grant_types", "magic")])).await;
    assert!(unknown.body.contains("There is no grant") && unknown.body.contains("id=\"grant_types-error\""));
    let stored = site.engine.store().app(&app).await.unwrap().unwrap();
    assert_eq!((stored.last_version, stored.proposed), (1, None));
}

#[tokio::test]
async fn a_maintainer_marks_an_app_and_its_team_may_then_use_it() {
    let site = Site::new().await;
    let app = site.app("Course Planner", true).await;
    let review = format!("/maintainer/review/{}", encode(app.as_str()));
    let (mut dev, mut meera) = (site.signed_in("dev").await, site.signed_in("meera").await);
    let asked = form(&[("response_types", "code\r\ncode id_token")]);
    let refused = dev.post(&path(&app), &asked).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("id=\"response_types-error\""),
        "{}",
        refused.body
    );
    let marks = [("decision", "mark"), ("legacy_implicit", "on")];
    assert_eq!(dev.post(&review, &marks).await.status, StatusCode::FORBIDDEN);
    assert!(meera.get(&review).await.body.contains("name=\"legacy_implicit\""));
    let marked = meera.post(&review, &marks).await;
    assert_eq!(marked.status, StatusCode::SEE_OTHER, "{}", marked.body);
    let stored = site.engine.store().app(&app).await.unwrap().unwrap();
    assert!(stored.legacy.implicit && !stored.legacy.plain_pkce);
    let dashboard = format!("/developer/apps/{}", encode(app.as_str()));
    let told = dev.get(&dashboard).await;
    assert!(
        told.body
            .contains("Allowed as legacy: Tokens in the front channel."),
        "{}",
        told.body
    );
    assert_eq!(dev.post(&path(&app), &asked).await.status, StatusCode::SEE_OTHER);
    let taken = meera.post(&review, &[("decision", "mark")]).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER);
    let stored = site.engine.store().app(&app).await.unwrap().unwrap();
    assert!(!stored.legacy.implicit);
}

#[tokio::test]
async fn pairwise_numbers_on_several_hosts_need_a_sector() {
    let site = Site::new().await;
    let app = site.app("Course Planner", true).await;
    let mut dev = site.signed_in("dev").await;
    let pairwise = dev
        .post(&path(&app), &form(&[("subject_type", "pairwise")]))
        .await;
    assert_eq!(pairwise.status, StatusCode::SEE_OTHER, "{}", pairwise.body);
    let redirects = format!("/developer/apps/{}/redirect-uris", encode(app.as_str()));
    let two = [(
        "redirect_uris",
        "https://other.example.org/cb\r\nhttps://app.example.org/callback",
    )];
    let refused = dev.post(&redirects, &two).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused
            .body
            .contains("sector_identifier_uri under Protocol first"),
        "{}",
        refused.body
    );
    let one = [(
        "redirect_uris",
        "https://app.example.org/callback\r\nhttps://app.example.org/b",
    )];
    assert_eq!(dev.post(&redirects, &one).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_whole_team_is_told_of_other_keys_and_redirect_urls() {
    let site = Site::new().await;
    let app = site.app("Course Planner", true).await;
    let asha = site.id_of("asha").await;
    let by = site.id_of("dev").await;
    site.acting()
        .add_member(&app, asha, by, site.engine.now())
        .await
        .unwrap();
    let (mut dev, mut asha) = (site.signed_in("dev").await, site.signed_in("asha").await);
    let told = "changed the keys or the client authentication of";
    let harmless = form(&[
        ("default_max_age", "60"),
        ("initiate_login_uri", "https://app.example.org/go"),
    ]);
    assert_eq!(
        dev.post(&path(&app), &harmless).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(!asha.get("/").await.body.contains(told));
    let keys = form(&[("jwks_uri", "https://app.example.org/jwks")]);
    assert_eq!(dev.post(&path(&app), &keys).await.status, StatusCode::SEE_OTHER);
    for browser in [&mut asha, &mut dev] {
        let home = browser.get("/").await;
        assert!(
            home.body.contains(&format!("<bdi>dev</bdi> {told}")),
            "{}",
            home.body
        );
    }
    let redirects = format!("/developer/apps/{}/redirect-uris", encode(app.as_str()));
    let elsewhere = [("redirect_uris", "https://app.example.org/elsewhere")];
    assert_eq!(
        dev.post(&redirects, &elsewhere).await.status,
        StatusCode::SEE_OTHER
    );
    let home = asha.get("/").await;
    assert!(
        home.body.contains("<bdi>dev</bdi> changed the redirect URLs of"),
        "{}",
        home.body
    );
}
