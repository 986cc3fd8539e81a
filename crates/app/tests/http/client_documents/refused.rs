//! What is not taken for a document, and when nobody even looks.

use super::{CHALLENGE, DOOR, GRANTS, Host, PATH, SCOPE, app, ask, rule, standing};
use omniport_engine::people::PlatformRole;
use omniport_engine::registration::ClientIdDocuments;
use omniport_protocol::audit::{Act, Actor, Deed, Event, Subject};
use omniport_protocol::review::{Standing, Verdict};
use omniport_protocol::vocabulary::{ClientId, SecretHash, encode};
use omniport_store::portal::{AuditFilter, ClientDocument, NewApp};
use omniport_testkit::{Answer, Instance, TestApp};
use serde_json::{Value, json};

async fn automatic(host: &Host) -> Instance {
    host.instance(ClientIdDocuments::Automatic, SCOPE, GRANTS).await
}

/// What the page says after a site answered so.
async fn detail(host: &Host) -> String {
    let instance = automatic(host).await;
    let page = ask(&instance, DOOR, &app(host), Some("asha")).await;
    assert_eq!(page.status, 400, "{}", page.body);
    assert_eq!(page.text_of("error-code").unwrap(), "invalid_client");
    assert_eq!(standing(&instance, &app(host)).await, None, "nothing is kept");
    page.text_of("error-detail").unwrap()
}

#[tokio::test]
async fn a_document_that_breaks_a_rule_is_told_in_words() {
    let host = Host::new().await;
    for (more, says) in [
        (
            json!({"client_id": "https://other.example/c"}),
            "letter by letter",
        ),
        (json!({"client_id": null}), "letter by letter"),
        (json!({"client_secret": "s3cret"}), "client_secret"),
        (json!({"client_secret_expires_at": 0}), "client_secret_expires_at"),
        (
            json!({"token_endpoint_auth_method": "client_secret_basic"}),
            "none or private_key_jwt",
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_post"}),
            "none or private_key_jwt",
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_jwt"}),
            "none or private_key_jwt",
        ),
        (
            json!({"token_endpoint_auth_method": "private_key_jwt"}),
            "token_endpoint_auth_method",
        ),
        (
            json!({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}),
            "private key",
        ),
        (json!({"redirect_uris": []}), "redirect_uris"),
        (json!({"redirect_uris": null}), "redirect_uris"),
        (json!({"redirect_uris": ["javascript:alert(1)"]}), "redirect_uris"),
        (
            json!({"redirect_uris": ["http://app.example/cb"]}),
            "redirect_uris",
        ),
        (
            json!({"redirect_uris": ["https://app.example/cb#f"]}),
            "redirect_uris",
        ),
        (json!({"redirect_uris": 5}), "not a JSON object"),
        (json!({"client_uri": "javascript:alert(1)"}), "client_uri"),
        (json!({"logo_uri": "https://192.168.0.1/logo.png"}), "logo_uri"),
        (json!({"jwks_uri": "https://169.254.169.254/keys"}), "jwks_uri"),
        (
            json!({"data_points": ["biological_information.blood_group"]}),
            "scope",
        ),
        (json!({"grant_types": ["password"]}), "grant_types"),
        (json!({"software_statement": "e30.e30.e30"}), "software_statement"),
    ] {
        host.serve(&host.document(PATH, &more));
        let told = detail(&host).await;
        assert!(told.contains(says), "{more}: {told}");
        assert!(!told.contains("s3cret"));
    }
}

#[tokio::test]
async fn how_a_host_fails_is_not_told_to_strangers() {
    let host = Host::new().await;
    let good = host.document(PATH, &json!({})).to_string();
    let json_type = "content-type: application/json\r\n";
    let large = host
        .document(PATH, &json!({"description": "x".repeat(17_000)}))
        .to_string();
    let mut said = Vec::new();
    for (status, headers, body) in [
        ("404 Not Found", json_type, good.as_bytes()),
        ("500 Oops", json_type, good.as_bytes()),
        ("204 No Content", json_type, b""),
        ("302 Found", "location: https://127.0.0.1/other\r\n", b""),
        ("200 OK", "content-type: text/html\r\n", good.as_bytes()),
        ("200 OK", "", good.as_bytes()),
        ("200 OK", json_type, large.as_bytes()),
        ("200 OK", json_type, b"\xff\xfe"),
    ] {
        host.answer(status, headers, body);
        said.push(detail(&host).await);
    }
    // A port where nobody speaks TLS.
    let closed = Host::new().await;
    let instance = automatic(&closed).await;
    let mut nobody = app(&closed);
    nobody.id = "https://nobody.example/client.json".to_owned();
    said.push(
        ask(&instance, DOOR, &nobody, Some("asha"))
            .await
            .text_of("error-detail")
            .unwrap(),
    );
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    host.answer("200 OK", json_type, b"{");
    assert!(detail(&host).await.contains("not a JSON object"));
}

#[tokio::test]
async fn an_identifier_that_is_no_such_address_is_not_looked_up() {
    let host = Host::new().await;
    host.serve(&host.document(PATH, &json!({})));
    let instance = automatic(&host).await;
    let at = &host.authority;
    for id in [
        format!("http://{at}/client.json"),
        format!("https://{at}"),
        format!("https://{at}/a/../client.json"),
        format!("https://{at}/%2e/client.json"),
        format!("https://{at}/client.json#f"),
        format!("https://user@{at}/client.json"),
        format!("https://{at}/{}", "x".repeat(300)),
    ] {
        let mut asked = app(&host);
        asked.id = id;
        let page = ask(&instance, DOOR, &asked, Some("asha")).await;
        assert_eq!(
            page.text_of("error-code").unwrap(),
            "invalid_client",
            "{}",
            asked.id
        );
    }
    // Nor is one whose request gets a page anyway.
    for (redirect, more) in [
        ("javascript:alert(1)", String::new()),
        ("https://app.example/cb", format!("&client_id={}", encode("x"))),
        ("https://app.example/cb", format!("&state={}", "x".repeat(5_000))),
    ] {
        let query = format!(
            "client_id={}&redirect_uri={}&response_type=code&code_challenge={CHALLENGE}&code_challenge_method=S256{more}",
            encode(&host.id(PATH)),
            encode(redirect)
        );
        let page = instance.get(&format!("{DOOR}?{query}")).send().await;
        assert_eq!(page.status, 400);
    }
    // Nor is whoever sends a secret, asks by a grant that needs an earlier visit, or is asked about.
    let id = host.id(PATH);
    let forms: [(&str, &[(&str, &str)]); 5] = [
        (
            "/oauth/token",
            &[("grant_type", "client_credentials"), ("client_secret", "s")],
        ),
        (
            "/oauth/token",
            &[("grant_type", "authorization_code"), ("code", "x")],
        ),
        ("/oauth/par", &[("response_type", "code"), ("client_secret", "s")]),
        ("/oauth/introspect", &[("token", "x")]),
        ("/oauth/revoke", &[("token", "x")]),
    ];
    for (path, form) in forms {
        let form = [&[("client_id", id.as_str())][..], form].concat();
        let refused = instance.post(path).form(&form).send().await;
        assert_eq!(refused.member("error"), "invalid_client", "{path}");
    }
    assert_eq!(host.asked(), 0);
}

#[tokio::test]
async fn a_failure_is_left_alone_for_a_moment_and_not_kept() {
    let host = Host::new().await;
    host.answer("503 Busy", "", b"");
    let instance = automatic(&host).await;
    for _ in 0..5 {
        ask(&instance, DOOR, &app(&host), Some("asha")).await;
    }
    assert_eq!(host.asked(), 1);
    host.serve(&host.document(PATH, &json!({})));
    instance.clock.advance(10);
    assert!(
        ask(&instance, DOOR, &app(&host), Some("asha"))
            .await
            .redirect_param("code")
            .is_some()
    );
}

#[tokio::test]
async fn one_address_introduces_so_many_apps_and_no_more() {
    let host = Host::new().await;
    host.answer("404 Not Found", "", b"");
    let instance = automatic(&host).await;
    let ask = async |n: usize, from: &str| {
        let query = format!(
            "client_id={}&response_type=code",
            encode(&host.id(&format!("/{n}")))
        );
        let request = instance.get(&format!("{DOOR}?{query}")).from(from);
        request.send().await.status.as_u16()
    };
    for n in 0..30 {
        assert_eq!(ask(n, "192.0.2.1").await, 400);
    }
    assert_eq!(ask(30, "192.0.2.1").await, 429);
    assert_eq!(ask(31, "192.0.2.2").await, 400);
    assert_eq!(host.asked(), 31);
}

/// Asks at the door for the app at `path`, with its document served.
async fn introduce(host: &Host, instance: &Instance, path: &str) -> Answer {
    host.serve(&host.document(path, &json!({})));
    let found = TestApp {
        id: host.id(path),
        ..app(host)
    };
    ask(instance, DOOR, &found, None).await
}

#[tokio::test]
async fn one_host_has_so_many_apps_that_wait_and_a_used_one_makes_room() {
    let host = Host::new().await;
    let instance = automatic(&host).await;
    for n in 0..20 {
        assert_eq!(introduce(&host, &instance, &format!("/{n}")).await.status, 303);
    }
    let refused = introduce(&host, &instance, "/20").await;
    assert_eq!(
        (refused.status.as_u16(), host.asked()),
        (400, 20),
        "nothing is fetched"
    );
    let why = refused.text_of("error-detail").unwrap();
    assert!(why.contains("20 apps of this host wait"), "{why}");
    // One that has served somebody waits no more.
    let used = TestApp {
        id: host.id("/7"),
        ..app(&host)
    };
    let allowed = ask(&instance, DOOR, &used, Some("asha")).await;
    assert!(allowed.redirect_param("code").is_some());
    instance.clock.advance(10);
    assert_eq!(introduce(&host, &instance, "/20").await.status, 303);
}

#[tokio::test]
async fn where_too_many_wait_the_one_goes_that_was_asked_for_longest_ago() {
    let host = Host::new().await;
    let instance = automatic(&host).await;
    assert_eq!(introduce(&host, &instance, "/first").await.status, 303);
    let store = instance.engine.store();
    let first = ClientId::parse(&host.id("/first")).unwrap();
    let like = store.app(&first).await.unwrap().unwrap();
    // The audit log is told as of any app that is found.
    let others = (1..1_000).map(|n| NewApp {
        id: ClientId::parse(&format!("https://h{n}.example/c")).unwrap(),
        creator: like.creator,
        manifest: like.serving().unwrap().manifest.clone(),
        standing: Standing::Approved,
        legacy: like.legacy,
        secret: None,
        registration: None,
        most: None,
        at: instance.engine.now().plus(n),
    });
    for other in others {
        let document = ClientDocument {
            digest: SecretHash::of(other.id.as_str()),
            read_at: other.at,
            fresh_until: other.at.plus(300),
        };
        let deed = Deed {
            doer: Actor::System.into(),
            act: Act::AppRegister,
            subject: Subject::app(&other.id, "Agent"),
            before: Value::Null,
            after: Value::Null,
            at: other.at,
        };
        let telling = store.telling(deed);
        assert!(telling.insert_app_of_document(other, &document).await.unwrap());
    }
    assert_eq!(store.documents_waiting().await.unwrap(), 1_000);
    // A document that is not good moves nobody.
    host.serve(&host.document("/bad", &json!({"redirect_uris": []})));
    let bad = TestApp {
        id: host.id("/bad"),
        ..app(&host)
    };
    assert_eq!(ask(&instance, DOOR, &bad, None).await.status, 400);
    assert!(store.app(&first).await.unwrap().is_some());
    assert_eq!(introduce(&host, &instance, "/second").await.status, 303);
    assert_eq!(store.app(&first).await.unwrap(), None);
    assert_eq!(store.documents_waiting().await.unwrap(), 1_000);
    let told = store
        .audit_events(&AuditFilter::default(), None, 2)
        .await
        .unwrap();
    let told: Vec<_> = told
        .iter()
        .map(|entry| {
            let event = &entry.event;
            (
                event.act.as_str(),
                event.actor.kind.as_str(),
                event.subject.id.clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("app.register", "app", host.id("/second")),
            ("app.delete", "system", host.id("/first")),
        ]
    );
    // It comes back by itself.
    instance.clock.advance(10);
    assert_eq!(introduce(&host, &instance, "/first").await.status, 303);
}

#[tokio::test]
async fn the_log_tells_of_a_document_that_was_found_and_of_one_that_changed() {
    let host = Host::new().await;
    let instance = automatic(&host).await;
    assert_eq!(introduce(&host, &instance, PATH).await.status, 303);
    instance.clock.advance(86_400);
    host.serve(&host.document(PATH, &json!({"client_name": "Another"})));
    assert_eq!(ask(&instance, DOOR, &app(&host), None).await.status, 303);
    // Read again without a change, there is nothing to tell.
    instance.clock.advance(86_400);
    assert_eq!(ask(&instance, DOOR, &app(&host), None).await.status, 303);
    let store = instance.engine.store();
    let told = store
        .audit_events(&AuditFilter::default(), None, 10)
        .await
        .unwrap();
    let of_app: Vec<_> = told
        .iter()
        .filter(|entry| entry.event.subject.id == host.id(PATH))
        .map(|entry| &entry.event)
        .collect();
    let [changed, found] = of_app.as_slice() else {
        panic!("{of_app:?}")
    };
    for (event, act) in [(found, "app.register"), (changed, "app.manifest.edit")] {
        assert_eq!(
            (
                event.act.as_str(),
                event.actor.kind.as_str(),
                event.actor.id.as_str()
            ),
            (act, "app", host.id(PATH).as_str())
        );
        assert_eq!(event.subject.kind, "app");
    }
    let after = |event: &Event| event.after.to_string();
    assert!(after(found).contains("Agent") && !after(found).contains("Another"));
    assert!(after(changed).contains("Another") && changed.before.to_string().contains("Agent"));
}

#[tokio::test]
async fn those_who_come_at_once_share_one_fetch() {
    let host = Host::new().await;
    host.serve(&host.document(PATH, &json!({})));
    let instance = automatic(&host).await;
    let query = format!(
        "client_id={}&redirect_uri={}&response_type=code&scope=openid&code_challenge={CHALLENGE}&code_challenge_method=S256",
        encode(&host.id(PATH)),
        encode(&app(&host).redirect_uri)
    );
    let path = format!("{DOOR}?{query}");
    let one = || async { instance.get(&path).send().await.status.as_u16() };
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    assert_eq!(([a, b, c, d], host.asked()), ([303; 4], 1));
}

#[tokio::test]
async fn a_suspended_app_is_not_looked_up_and_one_of_the_operators_never() {
    let host = Host::new().await;
    host.serve(&host.document(PATH, &json!({})));
    let instance = automatic(&host).await;
    let found = app(&host);
    ask(&instance, DOOR, &found, Some("asha")).await;
    rule(&instance, &found, Verdict::Suspend).await;
    instance.clock.advance(86_400);
    let page = ask(&instance, DOOR, &found, Some("asha")).await;
    assert_eq!(page.text_of("error-code").unwrap(), "unauthorized_client");
    assert_eq!(host.asked(), 1);
    assert_eq!(standing(&instance, &found).await, Some(Standing::Suspended));
    let dev = instance.person("dev2", &[PlatformRole::Developer]).await;
    let metadata: Value = json!({"client_id": host.id("/own"), "token_endpoint_auth_method": "none"});
    let own = instance.app(dev, metadata).await;
    instance.clock.advance(86_400);
    assert!(
        ask(&instance, DOOR, &own, Some("asha"))
            .await
            .redirect_param("code")
            .is_some()
    );
    assert_eq!(host.asked(), 1);
}

#[tokio::test]
async fn without_anybody_who_answers_for_them_there_are_none() {
    let host = Host::new().await;
    host.serve(&host.document(PATH, &json!({})));
    let instance = Instance::with(|settings| {
        settings.registration.client_id_documents = ClientIdDocuments::Automatic;
        settings.registration.owner = Some("nobody".to_owned());
    })
    .await;
    instance.person("asha", &[]).await;
    let page = ask(&instance, DOOR, &app(&host), Some("asha")).await;
    assert_eq!(page.text_of("error-code").unwrap(), "invalid_client");
    assert_eq!(host.asked(), 0);
}
