//! Ends of sessions told to apps from here (OpenID Connect Back-Channel Logout), and what ends with a session.

use crate::logout::{app, ask, hint, is_signed_in, people, sid, signed_in};
use omniport_protocol::jose::Jws;
use omniport_protocol::openid::OpenIdMetadata;
use omniport_protocol::vocabulary::ClientId;
use omniport_store::portal::LogoutHealth;
use omniport_testkit::{ISSUER, Instance};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// An app's endpoint that answers with these statuses in turn, the last one ever after, and what was posted to it.
pub(crate) struct Endpoint {
    pub(crate) address: String,
    pub(crate) posted: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    pub(crate) async fn answering(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let posted = Arc::new(Mutex::new(Vec::new()));
        let inbox = Arc::clone(&posted);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                let mut part = vec![0; 8_192];
                while !is_whole(&request) {
                    match stream.read(&mut part).await {
                        Ok(0) | Err(_) => break,
                        Ok(length) => request.extend(&part[..length]),
                    }
                }
                let text = String::from_utf8(request).unwrap();
                let nth = {
                    let mut inbox = inbox.lock().unwrap();
                    inbox.push(text);
                    inbox.len() - 1
                };
                let status = statuses[nth.min(statuses.len() - 1)];
                let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { address, posted }
    }

    fn uri(&self) -> String {
        format!("http://{}/backchannel", self.address)
    }

    /// The logout tokens that came, header and claims.
    fn tokens(&self, instance: &Instance) -> Vec<(Option<String>, Value)> {
        let posted = self.posted.lock().unwrap();
        let read = |request: &String| {
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("POST /backchannel HTTP/1.1\r\n"), "{head}");
            assert!(
                head.to_ascii_lowercase()
                    .contains("content-type: application/x-www-form-urlencoded")
            );
            let jws = Jws::parse(body.strip_prefix("logout_token=").unwrap()).unwrap();
            let claims = jws.verify_own(&*instance.engine.keys()).unwrap();
            (jws.header.typ.clone(), Value::Object(claims.as_map().clone()))
        };
        posted.iter().map(read).collect()
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.split("content-length: ").nth(1);
    let length = length.map_or(0, |rest| rest.lines().next().unwrap().trim().parse().unwrap());
    body.len() >= length
}

#[tokio::test]
async fn case_101_an_app_is_told_by_a_logout_token() {
    let endpoint = Endpoint::answering(&[200]).await;
    let instance = Instance::with_hosts(&[&endpoint.address]).await;
    let dev = people(&instance).await;
    let told = app(&instance, dev, |openid| {
        openid.backchannel_logout_uri = Some(endpoint.uri());
    })
    .await;
    let silent = app(&instance, dev, |_| ()).await;
    let cookie = instance.sign_in("asha").await;
    let first = signed_in(&instance, &told, &cookie, "openid").await;
    let second = signed_in(&instance, &told, &cookie, "openid").await;
    signed_in(&instance, &silent, &cookie, "openid").await;
    assert_eq!(sid(&instance, hint(&first)), sid(&instance, hint(&second)));
    ask(&instance, &cookie, &[("id_token_hint", hint(&first))]).await;
    instance.engine.tell_apps_of_logouts().await.unwrap();
    instance.engine.tell_apps_of_logouts().await.unwrap();
    let tokens = endpoint.tokens(&instance);
    assert_eq!(tokens.len(), 1, "once: {tokens:?}");
    let (typ, claims) = &tokens[0];
    assert_eq!(typ.as_deref(), Some("logout+jwt"));
    assert_eq!(
        (&claims["iss"], &claims["aud"], &claims["sid"]),
        (&json!(ISSUER), &json!(told.id), &sid(&instance, hint(&first)))
    );
    assert_eq!(
        claims["events"],
        json!({"http://schemas.openid.net/event/backchannel-logout": {}})
    );
    assert!(claims.get("nonce").is_none() && claims["jti"].as_str().unwrap().len() > 20);
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        120
    );
    let id = ClientId::parse(&told.id).unwrap();
    assert_eq!(
        instance.engine.store().logout_health(&id).await.unwrap(),
        LogoutHealth {
            delivered: 1,
            ..LogoutHealth::default()
        }
    );
}

#[tokio::test]
async fn an_app_that_fails_is_told_again_a_few_times() {
    let endpoint = Endpoint::answering(&[500, 503, 500, 404, 200]).await;
    let instance = Instance::with_hosts(&[&endpoint.address]).await;
    let dev = people(&instance).await;
    let told = app(&instance, dev, |openid| {
        openid.backchannel_logout_uri = Some(endpoint.uri());
    })
    .await;
    let id = ClientId::parse(&told.id).unwrap();
    let cookie = instance.sign_in("asha").await;
    let reply = signed_in(&instance, &told, &cookie, "openid").await;
    ask(&instance, &cookie, &[("id_token_hint", hint(&reply))]).await;
    for (pause, attempts) in [(0, 1), (9, 1), (1, 2), (59, 2), (1, 3), (300, 4), (100_000, 4)] {
        instance.clock.advance(pause);
        instance.engine.tell_apps_of_logouts().await.unwrap();
        assert_eq!(endpoint.posted.lock().unwrap().len(), attempts);
    }
    let tokens = endpoint.tokens(&instance);
    assert_ne!(
        tokens[0].1["jti"], tokens[1].1["jti"],
        "each attempt is a token of its own"
    );
    assert_ne!(tokens[0].1["iat"], tokens[1].1["iat"]);
    let health = instance.engine.store().logout_health(&id).await.unwrap();
    assert_eq!((health.delivered, health.given_up, health.waiting), (0, 1, 0));
    assert_eq!(
        health.last_failure.unwrap().0,
        "it answers with status 404; 200 is expected"
    );
}

#[tokio::test]
async fn an_app_that_says_no_is_not_asked_again() {
    let endpoint = Endpoint::answering(&[400]).await;
    let instance = Instance::with_hosts(&[&endpoint.address]).await;
    let dev = people(&instance).await;
    let told = app(&instance, dev, |openid| {
        openid.backchannel_logout_uri = Some(endpoint.uri());
    })
    .await;
    let cookie = instance.sign_in("dev").await;
    let reply = signed_in(&instance, &told, &cookie, "openid").await;
    ask(&instance, &cookie, &[("id_token_hint", hint(&reply))]).await;
    for _ in 0..3 {
        instance.engine.tell_apps_of_logouts().await.unwrap();
        instance.clock.advance(1_000);
    }
    assert_eq!(endpoint.tokens(&instance).len(), 1);
    let cookie = instance.sign_in("dev").await;
    let path = format!("/developer/apps/{}/requests", told.id);
    instance.engine.write_flow().await.unwrap();
    let page = instance.get(&path).cookie(&cookie).send().await;
    assert!(page.body.contains("Could not be told"), "{}", page.body);
    assert!(page.body.contains("it answers with status 400"));
    instance
        .person("mai", &[omniport_engine::people::PlatformRole::Maintainer])
        .await;
    let mai = instance.sign_in("mai").await;
    let path = format!("/maintainer/review/{}", told.id);
    let page = instance.get(&path).cookie(&mai).send().await;
    assert!(
        page.body.contains("0 told, 1 not told, 0 waiting."),
        "{}",
        page.body
    );
    assert!(page.body.contains("it answers with status 400"));
}

#[tokio::test]
async fn a_private_network_is_not_posted_into() {
    let endpoint = Endpoint::answering(&[200]).await;
    let instance = Instance::new().await;
    let dev = people(&instance).await;
    let told = app(&instance, dev, |openid| {
        openid.backchannel_logout_uri = Some(endpoint.uri());
    })
    .await;
    let cookie = instance.sign_in("asha").await;
    let reply = signed_in(&instance, &told, &cookie, "openid").await;
    ask(&instance, &cookie, &[("id_token_hint", hint(&reply))]).await;
    instance.engine.tell_apps_of_logouts().await.unwrap();
    assert!(endpoint.tokens(&instance).is_empty());
    let id = ClientId::parse(&told.id).unwrap();
    let health = instance.engine.store().logout_health(&id).await.unwrap();
    assert_eq!((health.waiting, health.last_failure.is_some()), (1, true));
}

#[tokio::test]
async fn each_delivery_is_made_by_one_of_many_that_try() {
    let endpoint = Endpoint::answering(&[204]).await;
    let instance = Instance::with_hosts(&[&endpoint.address]).await;
    let dev = people(&instance).await;
    let told = app(&instance, dev, |openid| {
        openid.backchannel_logout_uri = Some(endpoint.uri());
    })
    .await;
    for _ in 0..12 {
        let cookie = instance.sign_in("asha").await;
        let reply = signed_in(&instance, &told, &cookie, "openid").await;
        ask(&instance, &cookie, &[("id_token_hint", hint(&reply))]).await;
    }
    let node = || instance.engine.tell_apps_of_logouts();
    let (a, b, c) = tokio::join!(node(), node(), node());
    for node in [a, b, c] {
        node.unwrap();
    }
    let mut sids: Vec<String> = endpoint
        .tokens(&instance)
        .iter()
        .map(|(_, claims)| claims["sid"].to_string())
        .collect();
    assert_eq!(sids.len(), 12);
    sids.sort();
    sids.dedup();
    assert_eq!(sids.len(), 12);
}

/// An app's endpoint that takes connections and never answers.
async fn hanging() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    address
}

#[tokio::test]
async fn an_app_that_hangs_keeps_nobody_else_waiting() {
    let (endpoint, hanging) = (Endpoint::answering(&[200]).await, hanging().await);
    let instance = Instance::with_hosts(&[&endpoint.address, &hanging]).await;
    let dev = people(&instance).await;
    let backchannel =
        |uri: String| move |openid: &mut OpenIdMetadata| openid.backchannel_logout_uri = Some(uri);
    let slow = app(&instance, dev, backchannel(format!("http://{hanging}/"))).await;
    let told = app(&instance, dev, backchannel(endpoint.uri())).await;
    // More of the one that hangs than are looked at together, and all of them due earlier.
    for _ in 0..70 {
        let cookie = instance.sign_in("asha").await;
        let reply = signed_in(&instance, &slow, &cookie, "openid").await;
        ask(&instance, &cookie, &[("id_token_hint", hint(&reply))]).await;
    }
    instance.clock.advance(1);
    let cookie = instance.sign_in("asha").await;
    let reply = signed_in(&instance, &told, &cookie, "openid").await;
    ask(&instance, &cookie, &[("id_token_hint", hint(&reply))]).await;
    let heard = async {
        while endpoint.posted.lock().unwrap().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = heard => {}
        told = instance.engine.tell_apps_of_logouts() => panic!("all was told first: {told:?}"),
        () = tokio::time::sleep(std::time::Duration::from_secs(40)) => panic!("nobody was told"),
    }
}

#[tokio::test]
async fn every_way_a_session_ends_is_told() {
    let endpoint = Endpoint::answering(&[200]).await;
    let instance = Instance::with_hosts(&[&endpoint.address]).await;
    let dev = people(&instance).await;
    let told = app(&instance, dev, |openid| {
        openid.backchannel_logout_uri = Some(endpoint.uri());
    })
    .await;
    let heard = async || {
        instance.engine.tell_apps_of_logouts().await.unwrap();
        endpoint.posted.lock().unwrap().drain(..).count()
    };
    let (one, two, three) = (
        instance.sign_in("asha").await,
        instance.sign_in("asha").await,
        instance.sign_in("asha").await,
    );
    for cookie in [&one, &two, &three] {
        signed_in(&instance, &told, cookie, "openid").await;
    }
    let page = instance.get("/account").cookie(&one).send().await;
    let form = [("csrf_token", page.field("csrf_token"))];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let ended = instance
        .post("/account/sessions/end-others")
        .cookie(&one)
        .form(&form)
        .send()
        .await;
    assert_eq!(ended.status, 303);
    assert_eq!(heard().await, 2, "all others");
    assert!(is_signed_in(&instance, &one).await);
    instance.engine.set_disabled("asha", true).await.unwrap();
    assert_eq!(heard().await, 1, "disabled");
    instance.engine.set_disabled("asha", false).await.unwrap();
    let cookie = instance.sign_in("asha").await;
    signed_in(&instance, &told, &cookie, "openid").await;
    instance.clock.advance(13 * 3_600);
    ask(&instance, &cookie, &[]).await;
    assert_eq!(heard().await, 0, "one that runs out is told to nobody");
}

#[tokio::test]
async fn refresh_tokens_end_with_the_session_unless_they_were_to_outlive_it() {
    let instance = Instance::new().await;
    let dev = people(&instance).await;
    let app = app(&instance, dev, |_| ()).await;
    let cookie = instance.sign_in("asha").await;
    let tied = signed_in(&instance, &app, &cookie, "openid").await;
    let offline = [
        ("response_type", "code"),
        ("scope", "openid offline_access"),
        ("prompt", "consent"),
    ];
    let answer = instance.authorize(&app, &cookie, &offline).await;
    let offline = instance
        .redeem(&app, &answer.redirect_param("code").unwrap())
        .await
        .json();
    let plain = instance
        .redeem(&app, &instance.code(&app, "asha").await)
        .await
        .json();
    ask(&instance, &cookie, &[("id_token_hint", hint(&tied))]).await;
    for (reply, status) in [(&tied, 400), (&offline, 200), (&plain, 200)] {
        let token = reply["refresh_token"].as_str().unwrap();
        assert_eq!(
            instance.refresh(&app, token).await.status,
            status,
            "{}",
            reply["scope"]
        );
    }
    let info = instance
        .get("/oauth/userinfo")
        .bearer(tied["access_token"].as_str().unwrap());
    assert_eq!(info.send().await.status, 401);
}

#[tokio::test]
async fn a_session_keeps_its_name_when_its_person_signs_in_again() {
    use omniport_engine::sessions::{SESSION_COOKIE, SignIn};
    use omniport_protocol::vocabulary::Secret;
    let endpoint = Endpoint::answering(&[200]).await;
    let instance = Instance::with_hosts(&[&endpoint.address]).await;
    let dev = people(&instance).await;
    let told = app(&instance, dev, |openid| {
        openid.backchannel_logout_uri = Some(endpoint.uri());
    })
    .await;
    let cookie = instance.sign_in("asha").await;
    let before = signed_in(&instance, &told, &cookie, "openid").await;
    let again = async |username: &str, cookie: &str| {
        let earlier = Secret::new(cookie.split_once('=').unwrap().1).hash();
        let password = Secret::new(omniport_testkit::PASSWORD);
        match instance
            .engine
            .sign_in(username, &password, Some(earlier), None)
            .await
            .unwrap()
        {
            SignIn::Welcome(new) => format!("{SESSION_COOKIE}={}", new.expose()),
            other => panic!("{other:?}"),
        }
    };
    let renewed = again("asha", &cookie).await;
    assert!(
        !is_signed_in(&instance, &cookie).await,
        "the old cookie opens nothing"
    );
    let after = signed_in(&instance, &told, &renewed, "openid").await;
    assert_eq!(sid(&instance, hint(&before)), sid(&instance, hint(&after)));
    let bens = again("ben", &renewed).await;
    instance.engine.tell_apps_of_logouts().await.unwrap();
    let tokens = endpoint.tokens(&instance);
    assert_eq!(tokens.len(), 1, "asha's session ended when ben signed in over it");
    let theirs = signed_in(&instance, &told, &bens, "openid").await;
    assert_ne!(sid(&instance, hint(&theirs)), tokens[0].1["sid"]);
    let asked = ask(&instance, &bens, &[("id_token_hint", hint(&before))]).await;
    assert!(asked.has_id("logout-confirm"));
}
