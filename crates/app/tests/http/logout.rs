//! Signing out: asked for by an app (OpenID Connect RP-Initiated Logout), and told to apps in the browser (Front-Channel
//! Logout).

use omniport_engine::apps::AddApp;
use omniport_engine::people::PlatformRole;
use omniport_protocol::jose::Jws;
use omniport_protocol::openid::OpenIdMetadata;
use omniport_protocol::review::ClientMetadata;
use omniport_protocol::token::registry;
use omniport_protocol::vocabulary::{Legacy, PersonId, encode};
use omniport_testkit::{Answer, ISSUER, Instance, TestApp};
use serde_json::{Value, json};

const BYE: &str = "https://app.example/bye";
const DONE: &str = "/logout/done";

pub(crate) async fn people(instance: &Instance) -> PersonId {
    let dev = instance.person("dev", &[PlatformRole::Developer]).await;
    instance.person("asha", &[]).await;
    instance.person("ben", &[]).await;
    dev
}

pub(crate) async fn app(
    instance: &Instance,
    owner: PersonId,
    change: impl FnOnce(&mut OpenIdMetadata),
) -> TestApp {
    app_with(
        instance,
        owner,
        &json!(["authorization_code", "refresh_token"]),
        change,
    )
    .await
}

/// The same, with these grants.
pub(crate) async fn app_with(
    instance: &Instance,
    owner: PersonId,
    grants: &Value,
    change: impl FnOnce(&mut OpenIdMetadata),
) -> TestApp {
    let metadata: ClientMetadata = serde_json::from_value(json!({
        "client_name": "Bus times", "redirect_uris": ["https://app.example/callback"],
        "data_points": ["person.full_name"], "grant_types": grants,
    }))
    .unwrap();
    let grants: Vec<&str> = registry().iter().map(|grant| grant.grant_type()).collect();
    let mut manifest = metadata
        .check(&instance.engine.settings().catalogue, &grants)
        .unwrap();
    manifest.openid.post_logout_redirect_uris = vec![BYE.to_owned()];
    change(&mut manifest.openid);
    let app = AddApp {
        owner,
        manifest,
        client_id: None,
        client_secret: None,
        approved: true,
        legacy: Legacy::default(),
        registration: None,
    };
    let registered = instance.engine.add_app(app).await.unwrap().unwrap();
    TestApp {
        id: registered.client_id.to_string(),
        secret: registered.client_secret.unwrap().expose().to_owned(),
        redirect_uri: "https://app.example/callback".to_owned(),
    }
}

/// The token answer of an OpenID sign-in in the browser of this cookie.
pub(crate) async fn signed_in(instance: &Instance, app: &TestApp, cookie: &str, scope: &str) -> Value {
    let params = [("response_type", "code"), ("scope", scope), ("nonce", "n-1")];
    let answer = instance.authorize(app, cookie, &params).await;
    instance
        .redeem(app, &answer.redirect_param("code").unwrap())
        .await
        .json()
}

pub(crate) fn hint(reply: &Value) -> &str {
    reply["id_token"].as_str().unwrap()
}

pub(crate) fn sid(instance: &Instance, token: &str) -> Value {
    let jws = Jws::parse(token).unwrap();
    let claims = jws.verify_own(&*instance.engine.keys()).unwrap();
    claims.get("sid").unwrap().clone()
}

pub(crate) async fn ask(instance: &Instance, cookie: &str, params: &[(&str, &str)]) -> Answer {
    let query: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    let path = format!("/logout?{}", query.join("&"));
    instance.get(&path).cookie(cookie).send().await
}

/// Presses the button of the page that was asked for.
async fn press(instance: &Instance, cookie: &str, page: &Answer, names: &[&str]) -> Answer {
    assert!(page.has_id("logout-confirm"), "{}", page.body);
    let fields: Vec<(&str, String)> = ["csrf_token"]
        .iter()
        .chain(names)
        .map(|name| (*name, page.field(name)))
        .collect();
    let form: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    instance.post("/logout").cookie(cookie).form(&form).send().await
}

pub(crate) async fn is_signed_in(instance: &Instance, cookie: &str) -> bool {
    instance.get("/account").cookie(cookie).send().await.status == 200
}

#[tokio::test]
async fn an_app_signs_its_person_out_and_has_them_back() {
    let instance = Instance::new().await;
    let dev = people(&instance).await;
    let app = app(&instance, dev, |_| ()).await;
    let cookie = instance.sign_in("asha").await;
    let reply = signed_in(&instance, &app, &cookie, "openid").await;
    let state = "s".repeat(128);
    instance.clock.advance(7_200);
    let asked = [
        ("id_token_hint", hint(&reply)),
        ("post_logout_redirect_uri", BYE),
        ("state", &state),
    ];
    let answer = ask(&instance, &cookie, &asked).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.location(), Some(format!("{BYE}?state={state}").as_str()));
    assert!(
        answer
            .set_cookie("__Host-omniport-session")
            .unwrap()
            .contains("Max-Age=0")
    );
    assert!(!is_signed_in(&instance, &cookie).await);
    let again = ask(&instance, &cookie, &asked).await;
    assert_eq!(again.location(), answer.location(), "nobody is there any more");
    let silent = [("response_type", "code"), ("scope", "openid"), ("prompt", "none")];
    let answer = instance.authorize(&app, &cookie, &silent).await;
    assert_eq!(answer.redirect_param("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn case_098_without_a_hint_the_person_is_asked() {
    let instance = Instance::new().await;
    let dev = people(&instance).await;
    let app = app(&instance, dev, |_| ()).await;
    let cookie = instance.sign_in("asha").await;
    let asked = [
        ("client_id", app.id.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "a\"b<c> d"),
    ];
    let page = ask(&instance, &cookie, &asked).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Bus times") && !page.body.contains("b<c>"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.ends_with("form-action 'self' https:"), "{policy}");
    assert!(is_signed_in(&instance, &cookie).await);
    let names = ["client_id", "post_logout_redirect_uri"];
    let answer = press(&instance, &cookie, &page, &names).await;
    assert_eq!(answer.location(), Some(BYE));
    assert!(!is_signed_in(&instance, &cookie).await);
    let cookie = instance.sign_in("asha").await;
    let page = ask(&instance, &cookie, &[]).await;
    assert_eq!(press(&instance, &cookie, &page, &[]).await.location(), Some(DONE));
}

#[tokio::test]
async fn case_099_an_unregistered_address_is_a_page_and_no_redirect() {
    let instance = Instance::new().await;
    let dev = people(&instance).await;
    let app = app(&instance, dev, |_| ()).await;
    let cookie = instance.sign_in("asha").await;
    let reply = signed_in(&instance, &app, &cookie, "openid").await;
    for uri in [
        "https://evil.example/",
        "https://app.example/bye/",
        "https://app.example/bye?x=1",
    ] {
        for by in [("id_token_hint", hint(&reply)), ("client_id", app.id.as_str())] {
            let answer = ask(&instance, &cookie, &[by, ("post_logout_redirect_uri", uri)]).await;
            assert_eq!((answer.status.as_u16(), answer.location()), (400, None));
            assert_eq!(answer.text_of("error-code").as_deref(), Some("invalid_request"));
            assert!(!answer.body.contains("evil"));
        }
    }
    assert!(is_signed_in(&instance, &cookie).await);
    let page = ask(
        &instance,
        &cookie,
        &[("post_logout_redirect_uri", "https://evil.example/")],
    )
    .await;
    let answer = press(&instance, &cookie, &page, &["post_logout_redirect_uri"]).await;
    assert_eq!(answer.location(), Some(DONE), "no app vouches for it");
}

#[tokio::test]
async fn a_bad_hint_or_another_apps_is_a_page_and_nobody_is_signed_out() {
    let instance = Instance::new().await;
    let dev = people(&instance).await;
    let first = app(&instance, dev, |_| ()).await;
    let other = app(&instance, dev, |_| ()).await;
    let cookie = instance.sign_in("asha").await;
    let reply = signed_in(&instance, &first, &cookie, "openid").await;
    let mut changed = hint(&reply).to_owned();
    changed.insert(40, 'x');
    for (asked, code) in [
        (vec![("id_token_hint", "junk")], "invalid_request"),
        (vec![("id_token_hint", &changed)], "invalid_request"),
        (
            vec![("id_token_hint", hint(&reply)), ("client_id", &other.id)],
            "invalid_request",
        ),
        (vec![("client_id", "nobody")], "invalid_client"),
        (
            vec![("client_id", &first.id), ("client_id", &first.id)],
            "invalid_request",
        ),
    ] {
        let answer = ask(&instance, &cookie, &asked).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (400, None),
            "{asked:?}"
        );
        assert_eq!(answer.text_of("error-code").as_deref(), Some(code), "{asked:?}");
    }
    assert!(is_signed_in(&instance, &cookie).await);
}

#[tokio::test]
async fn case_100_a_cross_site_request_cannot_end_a_session() {
    let instance = Instance::new().await;
    let dev = people(&instance).await;
    let app = app(&instance, dev, |_| ()).await;
    let (asha, ben) = (instance.sign_in("asha").await, instance.sign_in("ben").await);
    let elsewhere = instance.sign_in("asha").await;
    let reply = signed_in(&instance, &app, &asha, "openid").await;
    // The token of another session, even of the same person, only asks.
    for cookie in [&ben, &elsewhere] {
        assert!(
            ask(&instance, cookie, &[("id_token_hint", hint(&reply))])
                .await
                .has_id("logout-confirm")
        );
        assert!(is_signed_in(&instance, cookie).await);
    }
    // A form from another site, as browsers send it: without the cookie, and even with it.
    for (cookie, form) in [
        ("", vec![("client_id", app.id.as_str())]),
        (asha.as_str(), vec![("client_id", app.id.as_str())]),
        (
            asha.as_str(),
            vec![("csrf_token", "x"), ("client_id", app.id.as_str())],
        ),
        (asha.as_str(), vec![]),
    ] {
        let post = instance
            .post("/logout")
            .header("origin", "https://evil.example")
            .header("sec-fetch-site", "cross-site")
            .cookie(cookie);
        let answer = post.form(&form).send().await;
        assert!(
            answer.status == 403 || answer.location() == Some(&format!("/logout?client_id={}", app.id)),
            "{form:?}: {} {:?}",
            answer.status,
            answer.location()
        );
    }
    assert!(is_signed_in(&instance, &asha).await);
    let form = [("id_token_hint", hint(&reply)), ("post_logout_redirect_uri", BYE)];
    let post = instance.post("/logout").header("origin", "https://app.example");
    let sent_on = post
        .header("sec-fetch-site", "cross-site")
        .form(&form)
        .send()
        .await;
    let path = sent_on.location().unwrap();
    assert_eq!(
        instance.get(path).cookie(&asha).send().await.location(),
        Some(BYE)
    );
}

#[tokio::test]
async fn apps_with_frames_hear_of_it_in_the_browser() {
    let instance = Instance::new().await;
    let dev = people(&instance).await;
    let framed = app(&instance, dev, |openid| {
        openid.frontchannel_logout_uri = Some("https://app.example:8443/out?a=1".to_owned());
    })
    .await;
    let cookie = instance.sign_in("asha").await;
    let reply = signed_in(&instance, &framed, &cookie, "openid").await;
    let asked = [
        ("id_token_hint", hint(&reply)),
        ("post_logout_redirect_uri", BYE),
        ("state", "x y"),
    ];
    let page = ask(&instance, &cookie, &asked).await;
    assert_eq!(page.status, 200);
    let session = sid(&instance, hint(&reply));
    let frame = format!(
        "src=\"https://app.example:8443/out?a=1&#38;iss={}&#38;sid={}\"",
        encode(ISSUER),
        session.as_str().unwrap()
    );
    assert!(page.body.contains(&frame), "{frame} in {}", page.body);
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.ends_with("; frame-src https://app.example:8443"),
        "{policy}"
    );
    let without_scripts =
        format!("<noscript><meta http-equiv=\"refresh\" content=\"30; url={BYE}?state=x%20y\"></noscript>");
    assert!(page.body.contains(&without_scripts), "{}", page.body);
    assert!(
        page.has_id("logout-continue")
            && page.has_id("logout-stay")
            && page.body.contains(&format!("{BYE}?state=x%20y"))
    );
    assert!(
        page.set_cookie("__Host-omniport-session")
            .unwrap()
            .contains("Max-Age=0")
    );
    assert!(!is_signed_in(&instance, &cookie).await);
}
