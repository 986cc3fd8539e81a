//! How often strangers may make the server work.

use super::{world, world_with};
use omniport_engine::limits::Limits;
use omniport_testkit::{Answer, Instance, PASSWORD, TestApp};
use serde_json::json;

/// Signs in from an address as a browser does.
async fn sign_in(instance: &Instance, address: &str, username: &str, password: &str) -> Answer {
    let page = instance.get("/login").send().await;
    let cookie = page.headers["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let token = page.field("csrf_token");
    let fields = [
        ("username", username),
        ("password", password),
        ("csrf_token", token.as_str()),
    ];
    let request = instance.post("/login").from(address).cookie(cookie).form(&fields);
    request.send().await
}

async fn park(instance: &Instance, app: &TestApp, address: &str) -> Answer {
    let path = format!("/oauth/authorise?client_id={}", app.id);
    instance.get(&path).from(address).send().await
}

fn limited(limits: Limits) -> impl Fn(&mut omniport_engine::Settings) {
    move |settings| settings.limits = limits
}

#[tokio::test]
async fn a_guesser_elsewhere_does_not_lock_a_person_out() {
    let (instance, _) = world().await;
    for _ in 0..10 {
        assert_eq!(
            sign_in(&instance, "192.0.2.66", "asha", "not this one")
                .await
                .status,
            401
        );
    }
    let told = sign_in(&instance, "192.0.2.66", "asha", PASSWORD).await;
    assert_eq!(
        (told.status.as_u16(), told.header("retry-after")),
        (429, Some("30"))
    );
    // Another name from there, and the person herself from elsewhere.
    assert_eq!(
        sign_in(&instance, "192.0.2.66", "dev", PASSWORD).await.status,
        303
    );
    assert_eq!(
        sign_in(&instance, "192.0.2.1", "asha", PASSWORD).await.status,
        303
    );
    // Half a minute for each further try, not five for whoever comes.
    instance.clock.advance(30);
    assert_eq!(
        sign_in(&instance, "192.0.2.66", "asha", "not this one")
            .await
            .status,
        401
    );
    assert_eq!(
        sign_in(&instance, "192.0.2.66", "asha", PASSWORD).await.status,
        429
    );
}

#[tokio::test]
async fn many_machines_guessing_at_one_person_are_slowed_together() {
    let (instance, _) = world().await;
    for n in 0..100 {
        let address = format!("2001:db8:0:{n:x}::1");
        assert_eq!(
            sign_in(&instance, &address, "asha", "not this one").await.status,
            401
        );
    }
    assert_eq!(
        sign_in(&instance, "2001:db8:1::1", "asha", "not this one")
            .await
            .status,
        429
    );
}

#[tokio::test]
async fn one_machine_guessing_at_many_people_is_slowed() {
    let (instance, _) = world().await;
    for n in 0..100 {
        let name = format!("nobody-{n}");
        assert_eq!(
            sign_in(&instance, "192.0.2.66", &name, "not this one")
                .await
                .status,
            401
        );
    }
    assert_eq!(
        sign_in(&instance, "192.0.2.66", "dev", PASSWORD).await.status,
        429
    );
    assert_eq!(sign_in(&instance, "192.0.2.1", "dev", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn signing_in_rightly_is_never_too_often() {
    let (instance, _) = world().await;
    for _ in 0..150 {
        assert_eq!(
            sign_in(&instance, "192.0.2.1", "asha", PASSWORD).await.status,
            303
        );
    }
}

#[tokio::test]
async fn an_address_parks_so_many_requests() {
    let instance = Instance::with(limited(Limits {
        requests_per_minute: 5,
        ..Limits::default()
    }))
    .await;
    let dev = instance.person("dev", &[]).await;
    let app = instance.app(dev, json!({})).await;
    for _ in 0..10 {
        assert_eq!(park(&instance, &app, "192.0.2.66").await.status, 303);
    }
    let told = park(&instance, &app, "192.0.2.66").await;
    assert_eq!(
        (told.status.as_u16(), told.header("retry-after")),
        (429, Some("12"))
    );
    assert_eq!(
        told.text_of("error-code").as_deref(),
        Some("temporarily_unavailable")
    );
    assert_eq!(told.header("cache-control"), Some("no-store"));
    assert_eq!(park(&instance, &app, "192.0.2.1").await.status, 303);
    instance.clock.advance(12);
    assert_eq!(park(&instance, &app, "192.0.2.66").await.status, 303);
    assert_eq!(park(&instance, &app, "192.0.2.66").await.status, 429);
}

/// Pushes a request from an address, with the secret where the app has to prove itself.
async fn push(instance: &Instance, app: &TestApp, address: &str, secret: Option<&str>) -> Answer {
    let form = [
        ("client_id", app.id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("scope", "read"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    let request = instance.post("/oauth/par").from(address);
    let request = match secret {
        Some(secret) => request.basic(&app.id, secret),
        None => request,
    };
    request.form(&form).send().await
}

#[tokio::test]
async fn who_has_proved_nothing_pushes_so_many_requests() {
    let instance = Instance::with(limited(Limits {
        requests_per_minute: 5,
        ..Limits::default()
    }))
    .await;
    let dev = instance.person("dev", &[]).await;
    let public = instance
        .app(dev, json!({"token_endpoint_auth_method": "none"}))
        .await;
    let confidential = instance.app(dev, json!({})).await;
    for _ in 0..10 {
        let pushed = push(&instance, &public, "192.0.2.66", None).await;
        assert_eq!(pushed.status, 201, "{}", pushed.body);
    }
    let told = push(&instance, &public, "192.0.2.66", None).await;
    assert_eq!(
        (told.status.as_u16(), told.header("retry-after")),
        (429, Some("12"))
    );
    assert_eq!(told.member("error"), "temporarily_unavailable");
    assert_eq!(told.header("cache-control"), Some("no-store"));
    // Somebody elsewhere, what waits for a person here, and an app's own server.
    assert_eq!(push(&instance, &public, "192.0.2.1", None).await.status, 201);
    assert_eq!(park(&instance, &confidential, "192.0.2.66").await.status, 303);
    for _ in 0..11 {
        let pushed = push(&instance, &confidential, "192.0.2.66", Some(&confidential.secret)).await;
        assert_eq!(pushed.status, 201, "{}", pushed.body);
    }
}

#[tokio::test]
async fn what_is_switched_off_is_not_counted() {
    let instance = Instance::with(limited(Limits {
        enabled: false,
        requests_per_minute: 1,
    }))
    .await;
    let dev = instance.person("dev", &[]).await;
    let app = instance.app(dev, json!({})).await;
    let public = instance
        .app(dev, json!({"token_endpoint_auth_method": "none"}))
        .await;
    for _ in 0..20 {
        assert_eq!(push(&instance, &public, "192.0.2.66", None).await.status, 201);
        assert_eq!(park(&instance, &app, "192.0.2.66").await.status, 303);
        assert_eq!(
            sign_in(&instance, "192.0.2.66", "dev", "not this one")
                .await
                .status,
            401
        );
    }
    let (counted, app) = world_with(json!({})).await;
    assert_eq!(park(&counted, &app, "192.0.2.66").await.status, 303);
}

#[tokio::test]
async fn what_is_fetched_because_a_link_is_opened_is_counted() {
    let limits = Limits {
        requests_per_minute: 1,
        ..Limits::default()
    };
    let instance = Instance::with(limited(limits)).await;
    let dev = instance.person("dev", &[]).await;
    let uri = "https://app.example/request.jwt";
    let app = instance.app(dev, json!({"request_uris": [uri]})).await;
    let open = async |address: &str| {
        let path = format!("/oauth/authorize?client_id={}&request_uri={uri}", app.id);
        instance.get(&path).from(address).send().await.status.as_u16()
    };
    assert_eq!([open("192.0.2.1").await, open("192.0.2.1").await], [303, 303]);
    assert_eq!(open("192.0.2.1").await, 429);
    assert_eq!(open("192.0.2.2").await, 303);
}

#[tokio::test]
async fn codes_that_nobody_is_asked_about_are_counted_by_person() {
    let limits = Limits {
        requests_per_minute: 1,
        ..Limits::default()
    };
    let strict = Instance::with(limited(limits)).await;
    let dev = strict.person("dev", &[]).await;
    for name in ["asha", "ben"] {
        strict.person(name, &[]).await;
    }
    let app = strict.app(dev, json!({})).await;
    let [asha, ben] = [strict.sign_in("asha").await, strict.sign_in("ben").await];
    let params = [("response_type", "code"), ("scope", "read")];
    let issue = async |cookie: &str| strict.authorize(&app, cookie, &params).await.status.as_u16();
    // The first is asked, and its request waits meanwhile.
    assert_eq!([issue(&asha).await, issue(&ben).await], [303, 303]);
    assert_eq!([issue(&asha).await, issue(&asha).await], [303, 303]);
    assert_eq!(issue(&asha).await, 429);
    assert_eq!(issue(&ben).await, 303);
}

#[tokio::test]
async fn a_loop_of_forms_in_the_developers_area_ends_for_a_while() {
    let (instance, app) = world().await;
    let dev = instance.sign_in("dev").await;
    let dashboard = format!("/developer/apps/{}", app.id);
    let page = instance.get(&dashboard).cookie(&dev).send().await;
    let token = page.field("csrf_token");
    let hours = [("csrf_token", token.as_str()), ("username", "nobody-here")];
    let team = format!("{dashboard}/team");
    let send = async || instance.post(&team).cookie(&dev).form(&hours).send().await;
    for _ in 0..200 {
        assert_eq!(send().await.status, 422);
    }
    let told = send().await;
    assert_eq!(
        (told.status.as_u16(), told.header("retry-after")),
        (429, Some("300"))
    );
    assert!(
        told.body.contains("Wait 5 minutes, then go back"),
        "{}",
        told.body
    );
    // Reading goes on, other people's forms too, and theirs after a while.
    assert_eq!(instance.get(&dashboard).cookie(&dev).send().await.status, 200);
    let asha = instance.sign_in("asha").await;
    let other = instance.post(&team).cookie(&asha).form(&hours).send().await;
    assert_eq!(other.status, 404);
    instance.clock.advance(300);
    assert_eq!(send().await.status, 422);
}
