//! Our keys over HTTP: published, signing, rotating, on one node and on two.

use http::StatusCode;
use omniport_engine::keys::rotation::{JWKS_SECONDS, PUBLISH_AHEAD_SECONDS, keep_seconds};
use omniport_engine::keys::{KeyAlgorithm, KeysError, RotateHow};
use omniport_engine::{Engine, Fault};
use omniport_protocol::audit::{Act, Actor, Deed, Subject};
use omniport_protocol::ctx::Policy;
use omniport_protocol::effect::{Fresh, Minted};
use omniport_protocol::jose::{
    ContentEncryption, Encryption, JoseError, JwkSet, Jws, KeyManagement, SigningAlgorithm, TokenHash,
    TokenHashOf, UnsignedJwt, half_hash, is_encrypted,
};
use omniport_protocol::vocabulary::Secret;
use omniport_testkit::{Instance, key_settings};
use serde_json::{Value, json};

fn unsigned(algorithm: SigningAlgorithm) -> UnsignedJwt {
    UnsignedJwt {
        algorithm,
        typ: None,
        claims: json!({"iss": "https://omniport.example", "sub": "7"})
            .as_object()
            .cloned()
            .unwrap(),
        hashes: Vec::new(),
        encryption: None,
    }
}

fn sign(engine: &Engine, jwt: &UnsignedJwt) -> String {
    engine.sign(jwt, &Minted::default()).unwrap()
}

/// What an app sees: the set that it fetches.
async fn published(instance: &Instance) -> JwkSet {
    let answer = instance.get("/oauth/jwks").send().await;
    assert_eq!(answer.status, StatusCode::OK);
    JwkSet::parse(&answer.body).unwrap()
}

fn verify(token: &str, keys: &JwkSet, engine: &Engine) -> Result<(), JoseError> {
    let jws = Jws::parse(token)?;
    jws.verify(keys, &SigningAlgorithm::ALL, &*engine.keys())
        .map(drop)
}

fn kid(token: &str) -> String {
    Jws::parse(token).unwrap().header.kid.unwrap()
}

#[tokio::test]
async fn the_set_is_for_everybody_and_holds_one_key_of_each_kind() {
    let instance = Instance::new().await;
    let answer = instance.get("/oauth/jwks").send().await;
    for (header, value) in [
        ("content-type", "application/jwk-set+json"),
        ("cache-control", "public, max-age=3600"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(answer.header(header), Some(value), "{header}");
    }
    let set: Value = serde_json::from_str(&answer.body).unwrap();
    let keys = set["keys"].as_array().unwrap();
    let member = |name: &str| -> Vec<String> {
        keys.iter()
            .map(|key| key[name].as_str().unwrap_or("").to_owned())
            .collect()
    };
    assert_eq!(member("alg"), KeyAlgorithm::ALL.map(KeyAlgorithm::as_str));
    assert_eq!(member("use"), ["sig", "sig", "sig", "sig", "enc", "enc"]);
    let private = ["d", "p", "q", "dp", "dq", "qi", "k"];
    assert!(
        keys.iter()
            .all(|key| private.iter().all(|name| key.get(name).is_none()))
    );
    for key in published(&instance).await.keys {
        assert_eq!(key.kid(), Some(key.thumbprint().as_str()));
    }
    let keys = instance.engine.keys();
    let sealed = keys.sealer().unwrap().seal(b"secret", "a test").unwrap();
    let again = key_settings().sealer.open(&sealed, "a test").unwrap();
    assert_eq!(
        &again[..],
        b"secret",
        "what the configuration says seals other secrets too"
    );
    let posted = instance.post("/oauth/jwks").send().await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn what_is_signed_is_verified_with_the_published_set() {
    let instance = Instance::new().await;
    let keys = published(&instance).await;
    for algorithm in SigningAlgorithm::ALL {
        let token = sign(&instance.engine, &unsigned(algorithm));
        let jws = Jws::parse(&token).unwrap();
        let crypto = instance.engine.keys();
        let claims = jws.verify(&keys, &[algorithm], &*crypto).unwrap();
        assert_eq!(claims.sub(), Some("7"));
        assert!(jws.verify_own(&*crypto).is_ok() && jws.header.typ.is_none());
        let (body, _) = token.rsplit_once('.').unwrap();
        assert_eq!(
            verify(&format!("{body}.AAAA"), &keys, &instance.engine),
            Err(JoseError::BadSignature)
        );
    }
}

#[tokio::test]
async fn hashes_are_of_the_tokens_that_the_decision_made() {
    let instance = Instance::new().await;
    let hash = |claim, of| TokenHash { claim, of };
    let jwt = UnsignedJwt {
        typ: Some("at+jwt"),
        hashes: vec![
            hash("at_hash", TokenHashOf::Minted(Fresh::AccessToken)),
            hash("s_hash", TokenHashOf::Known("state".into())),
        ],
        ..unsigned(SigningAlgorithm::Rs256)
    };
    let mut minted = Minted::default();
    minted.add_secret(Fresh::AccessToken, Secret::new("the-token"));
    let token = Jws::parse(&instance.engine.sign(&jwt, &minted).unwrap()).unwrap();
    let claim = |name: &str| token.claims_unverified().text(name).map(ToOwned::to_owned);
    assert!(token.header.is_typ("at+jwt"));
    assert_eq!(
        claim("at_hash"),
        Some(half_hash(SigningAlgorithm::Rs256, "the-token"))
    );
    assert_eq!(claim("s_hash"), Some(half_hash(SigningAlgorithm::Rs256, "state")));
    let lacking = instance.engine.sign(&jwt, &Minted::default());
    assert!(matches!(lacking, Err(Fault::Keys(KeysError::NotMinted))));
}

#[tokio::test]
async fn what_is_encrypted_to_us_is_opened_and_what_is_changed_is_not() {
    let instance = Instance::new().await;
    let keys = published(&instance).await;
    for algorithm in KeyManagement::ALL {
        for content in ContentEncryption::ALL {
            let to = Encryption::to(keys.for_encryption(), algorithm, content).unwrap();
            let jwt = UnsignedJwt {
                encryption: Some(to),
                ..unsigned(SigningAlgorithm::Es256)
            };
            let token = sign(&instance.engine, &jwt);
            assert!(is_encrypted(&token));
            let crypto = instance.engine.ctx().crypto;
            let inner = String::from_utf8(crypto.decrypt(&token).unwrap()).unwrap();
            verify(&inner, &keys, &instance.engine).unwrap();
            let changed = format!("{}AAAA", &token[..token.len() - 4]);
            assert_eq!(crypto.decrypt(&changed), Err(JoseError::Undecryptable));
        }
    }
}

#[tokio::test]
async fn keys_rotate_on_their_day_published_ahead_and_kept_afterwards() {
    let instance = Instance::new().await;
    let (engine, clock) = (&instance.engine, &instance.clock);
    let settings = key_settings();
    engine.open_keys(&settings).await.unwrap();
    let jwt = unsigned(SigningAlgorithm::Rs256);
    let old = sign(engine, &jwt);
    let first = published(&instance).await;

    clock.advance(settings.rotate_seconds - PUBLISH_AHEAD_SECONDS - 1);
    engine.open_keys(&key_settings()).await.unwrap();
    assert_eq!(published(&instance).await, first);

    // The second key of a maker that has made the first ones.
    let maker = key_settings();
    for algorithm in KeyAlgorithm::ALL {
        maker.maker.make(algorithm).unwrap();
    }
    clock.advance(1);
    engine.open_keys(&maker).await.unwrap();
    let ahead = published(&instance).await;
    assert_eq!(ahead.keys.len(), 12);
    assert_eq!(
        kid(&sign(engine, &jwt)),
        kid(&old),
        "the next is published and does not sign"
    );
    assert_eq!(ahead.keys[..4], first.keys[..4], "what signs stands first");

    clock.advance(PUBLISH_AHEAD_SECONDS - 1);
    assert_eq!(kid(&sign(engine, &jwt)), kid(&old));
    clock.advance(1);
    let new = sign(engine, &jwt);
    assert_ne!(
        kid(&new),
        kid(&old),
        "to the second, without reading anything again"
    );
    verify(&new, &ahead, engine).unwrap();

    engine.open_keys(&maker).await.unwrap();
    let after = published(&instance).await;
    assert_eq!(
        after.keys.len(),
        10,
        "nobody shall encrypt to a key on its way out"
    );
    verify(&old, &after, engine).unwrap();

    clock.advance(keep_seconds(&Policy::default()));
    engine.open_keys(&maker).await.unwrap();
    let end = published(&instance).await;
    assert_eq!(end.keys.len(), 6);
    assert_eq!(verify(&old, &end, engine), Err(JoseError::UnknownKey));
    assert_eq!(engine.store().signing_keys().await.unwrap().len(), 12);
    engine.sweep().await.unwrap();
    assert_eq!(engine.store().signing_keys().await.unwrap().len(), 6);
}

#[tokio::test]
async fn an_operator_rotates_ahead_at_once_or_for_good() {
    let instance = Instance::new().await;
    let engine = &instance.engine;
    let settings = key_settings();
    for algorithm in KeyAlgorithm::ALL {
        settings.maker.make(algorithm).unwrap();
    }
    let jwt = unsigned(SigningAlgorithm::EdDsa);
    let first = sign(engine, &jwt);
    let ahead = engine.rotate_keys(&settings, RotateHow::Ahead).await.unwrap();
    assert_eq!(ahead.made.len(), 6);
    assert!(ahead.made[0].active_at >= engine.now().plus(JWKS_SECONDS));
    assert_eq!(
        engine
            .rotate_keys(&settings, RotateHow::Ahead)
            .await
            .unwrap()
            .made,
        []
    );

    engine.rotate_keys(&settings, RotateHow::Now).await.unwrap();
    engine.open_keys(&settings).await.unwrap();
    let second = sign(engine, &jwt);
    assert_ne!(kid(&second), kid(&first));
    verify(&first, &published(&instance).await, engine).unwrap();

    engine
        .rotate_keys(&settings, RotateHow::DiscardOld)
        .await
        .unwrap();
    engine.open_keys(&settings).await.unwrap();
    let keys = published(&instance).await;
    assert_eq!(keys.keys.len(), 6);
    for gone in [&first, &second] {
        assert_eq!(verify(gone, &keys, engine), Err(JoseError::UnknownKey));
    }
    verify(&sign(engine, &jwt), &keys, engine).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_rotate_once_and_know_each_others_keys() {
    let instance = Instance::new().await;
    let first = &instance.engine;
    let second = instance.another_node();
    // One maker for both, which gives each of them other keys: so a race is one.
    let settings = key_settings();
    for algorithm in KeyAlgorithm::ALL {
        settings.maker.make(algorithm).unwrap();
    }
    second.open_keys(&settings).await.unwrap();
    let jwt = unsigned(SigningAlgorithm::Es256);
    assert_eq!(kid(&sign(first, &jwt)), kid(&sign(&second, &jwt)));

    instance.clock.advance(settings.rotate_seconds);
    let (one, two) = tokio::join!(first.open_keys(&settings), second.open_keys(&settings));
    assert!(one.is_ok() && two.is_ok());
    let keys = first.store().signing_keys().await.unwrap();
    assert_eq!(keys.len(), 12, "one new key for each, whoever was faster");
    instance.clock.advance(PUBLISH_AHEAD_SECONDS);
    for (signs, checks) in [(&**first, &second), (&second, first)] {
        let token = Jws::parse(&sign(signs, &jwt)).unwrap();
        assert!(token.verify_own(&*checks.keys()).is_ok());
    }
    assert_eq!(kid(&sign(first, &jwt)), kid(&sign(&second, &jwt)));
    assert_eq!(
        keys.iter()
            .filter(|key| key.kid == kid(&sign(first, &jwt)) && key.generation == 2)
            .count(),
        1
    );
}

#[tokio::test]
async fn a_key_of_an_algorithm_that_only_a_newer_node_knows_is_left_alone() {
    let instance = Instance::new().await;
    let mut newer = instance.engine.store().signing_keys().await.unwrap().remove(0);
    "ML-DSA-44".clone_into(&mut newer.algorithm);
    "newer".clone_into(&mut newer.kid);
    let store = instance.engine.store().telling(Deed {
        doer: Actor::System.into(),
        act: Act::KeysMake,
        subject: Subject::keys(),
        before: serde_json::Value::Null,
        after: serde_json::Value::Null,
        at: instance.engine.now(),
    });
    assert!(store.add_signing_keys(&[newer], 60).await.unwrap());
    instance.engine.open_keys(&key_settings()).await.unwrap();
    assert_eq!(published(&instance).await.keys.len(), 6);
    assert_eq!(instance.engine.store().signing_keys().await.unwrap().len(), 7);
}
