//! Tokens that lie about themselves, each refused.

use super::*;
use crate::jose::{decode, encode, is_encrypted};
use crate::testing::jose::{FakeCrypto, key, signed, signed_with_secret, unsigned};
use proptest::prelude::*;
use serde_json::{Value, json};

const ES: SigningAlgorithm = SigningAlgorithm::Es256;
const RS: SigningAlgorithm = SigningAlgorithm::Rs256;

fn set(keys: &[&Jwk]) -> JwkSet {
    JwkSet {
        keys: keys.iter().map(|key| (*key).clone()).collect(),
    }
}

fn check(token: &str, keys: &[&Jwk], allowed: &[SigningAlgorithm]) -> Result<Claims, JoseError> {
    let jws = Jws::parse(token)?;
    jws.verify(&set(keys), allowed, &FakeCrypto::default()).cloned()
}

#[test]
fn the_key_is_the_named_one_or_one_without_a_name_or_any_that_fits() {
    let (a, b) = (key("a", ES, 1), key("b", ES, 2));
    let nameless = Jwk::new(None, None, None, a.material().clone());
    let token = signed(&a, ES, &json!({}), &json!({"sub": "x"}));
    assert_eq!(check(&token, &[&b, &a], &[ES]).unwrap().sub(), Some("x"));
    assert!(check(&token, &[&b, &nameless], &[ES]).is_ok());
    assert_eq!(check(&token, &[&b], &[ES]), Err(JoseError::UnknownKey));
    assert_eq!(check(&token, &[], &[ES]), Err(JoseError::UnknownKey));
    let without_kid = signed(&nameless, ES, &json!({}), &json!({}));
    assert!(check(&without_kid, &[&b, &a], &[ES]).is_ok());
    assert_eq!(check(&without_kid, &[&b], &[ES]), Err(JoseError::UnknownKey));
    // The named key is there and did not sign it: no other key is asked.
    let other_a = key("a", ES, 3);
    assert_eq!(
        check(&token, &[&other_a, &b], &[ES]),
        Err(JoseError::BadSignature)
    );
}

#[test]
fn a_key_for_encryption_or_another_algorithm_never_counts() {
    let plain = key("a", ES, 1);
    let token = signed(&plain, ES, &json!({}), &json!({}));
    let with = |usage, alg: Option<&str>| {
        Jwk::new(
            Some("a".into()),
            usage,
            alg.map(Into::into),
            plain.material().clone(),
        )
    };
    let enc = with(Some(crate::jose::KeyUse::Enc), None);
    assert_eq!(check(&token, &[&enc], &[ES]), Err(JoseError::BadSignature));
    assert_eq!(
        check(&token, &[&with(None, Some("ECDH-ES"))], &[ES]),
        Err(JoseError::BadSignature)
    );
    assert!(
        check(
            &token,
            &[&with(Some(crate::jose::KeyUse::Sig), Some("ES256"))],
            &[ES]
        )
        .is_ok()
    );
}

#[test]
fn only_the_allowed_algorithms_count() {
    let rsa = key("a", RS, 1);
    let token = signed(&rsa, RS, &json!({}), &json!({}));
    assert_eq!(check(&token, &[&rsa], &[ES]), Err(JoseError::AlgorithmNotAllowed));
    assert_eq!(check(&token, &[&rsa], &[]), Err(JoseError::AlgorithmNotAllowed));
    // A public key as the secret of an HMAC.
    let public = serde_json::to_string(&rsa).unwrap();
    let confused = signed_with_secret(&public, &json!({"kid": "a"}), &json!({}));
    assert_eq!(
        check(&confused, &[&rsa], &SigningAlgorithm::ALL),
        Err(JoseError::AlgorithmNotAllowed)
    );
}

#[test]
fn a_shared_secret_proves_only_what_it_signed() {
    let crypto = FakeCrypto::default();
    let token = signed_with_secret("secret", &json!({}), &json!({"jti": "1"}));
    let jws = Jws::parse(&token).unwrap();
    assert_eq!(jws.verify_mac(b"secret", &crypto).unwrap().jti(), Some("1"));
    assert_eq!(jws.verify_mac(b"Secret", &crypto), Err(JoseError::BadSignature));
    let rsa = key("a", RS, 1);
    let other = Jws::parse(&signed(&rsa, RS, &json!({}), &json!({}))).unwrap();
    assert_eq!(
        other.verify_mac(b"secret", &crypto),
        Err(JoseError::AlgorithmNotAllowed)
    );
}

#[test]
fn a_key_that_the_token_brings_proves_only_itself() {
    let (registered, own) = (key("a", ES, 1), key("a", ES, 9));
    let embedded =
        json!({"jwk": own, "jku": "https://evil.example/", "x5u": "https://evil.example/", "x5c": []});
    let token = signed(&own, ES, &embedded, &json!({"htm": "POST"}));
    assert_eq!(check(&token, &[&registered], &[ES]), Err(JoseError::BadSignature));
    let jws = Jws::parse(&token).unwrap();
    let (claims, proved) = jws.verify_embedded(&[ES], &FakeCrypto::default()).unwrap();
    assert_eq!(
        (claims.text("htm"), proved.thumbprint()),
        (Some("POST"), own.thumbprint())
    );
    let swapped = signed(&own, ES, &json!({"jwk": registered}), &json!({}));
    let swapped = Jws::parse(&swapped).unwrap();
    assert_eq!(
        swapped.verify_embedded(&[ES], &FakeCrypto::default()),
        Err(JoseError::BadSignature)
    );
    let bare = Jws::parse(&signed(&own, ES, &json!({}), &json!({}))).unwrap();
    assert!(matches!(
        bare.verify_embedded(&[ES], &FakeCrypto::default()),
        Err(JoseError::Malformed(_))
    ));
    let private = signed(
        &own,
        ES,
        &json!({"jwk": {"kty": "EC", "crv": "P-256", "d": "AA"}}),
        &json!({}),
    );
    assert_eq!(Jws::parse(&private), Err(JoseError::PrivateKey));
}

#[test]
fn our_own_tokens_are_known() {
    let ours = key("ours", RS, 1);
    let crypto = FakeCrypto {
        own: set(&[&ours]).into(),
    };
    let good = Jws::parse(&signed(&ours, RS, &json!({}), &json!({}))).unwrap();
    assert!(good.verify_own(&crypto).is_ok());
    let newer = Jws::parse(&signed(&key("newer", RS, 2), RS, &json!({}), &json!({}))).unwrap();
    assert_eq!(newer.verify_own(&crypto), Err(JoseError::UnknownKey));
}

#[test]
fn headers_that_lie_are_refused() {
    let parse = |header: Value| {
        let mut header = header;
        let token = format!("{}.", unsigned(&mut header, &json!({}), &json!({})));
        Jws::parse(&token).map(drop)
    };
    assert_eq!(parse(json!({"alg": "ES256"})), Ok(()));
    assert_eq!(parse(json!({"alg": "none"})), Err(JoseError::Unsigned));
    for unknown in ["None", "NONE", "nOnE", "ES384", "es256", "HS384", ""] {
        assert_eq!(
            parse(json!({"alg": unknown})),
            Err(JoseError::UnknownAlgorithm),
            "{unknown}"
        );
    }
    for crit in [json!(["exp"]), json!(["b64"]), json!([]), json!("x"), json!(null)] {
        let header = json!({"alg": "ES256", "crit": crit, "b64": true});
        assert_eq!(parse(header), Err(JoseError::Critical), "{crit}");
    }
    for malformed in [
        json!({}),
        json!({"alg": null}),
        json!({"alg": ["ES256"]}),
        json!({"alg": "ES256", "b64": false}),
        json!({"alg": "ES256", "b64": "false"}),
        json!({"alg": "ES256", "zip": "DEF"}),
        json!({"alg": "ES256", "kid": 1}),
        json!({"alg": "ES256", "typ": []}),
        json!({"alg": "ES256", "jwk": "key"}),
    ] {
        assert!(
            matches!(parse(malformed.clone()), Err(JoseError::Malformed(_))),
            "{malformed}"
        );
    }
}

#[test]
fn media_types_are_compared_as_the_standard_says() {
    let typ = |typ: &str| {
        let token = signed(&key("a", ES, 1), ES, &json!({"typ": typ}), &json!({}));
        Jws::parse(&token).unwrap().header
    };
    for same in [
        "dpop+jwt",
        "DPoP+JWT",
        "application/dpop+jwt",
        "Application/dpop+jwt",
    ] {
        assert!(typ(same).is_typ("dpop+jwt"), "{same}");
    }
    for other in [
        "jwt",
        "",
        "application/jwt",
        "text/dpop+jwt",
        "\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}\u{e4}",
    ] {
        assert!(!typ(other).is_typ("dpop+jwt"), "{other}");
    }
}

#[test]
fn a_token_has_three_strict_parts() {
    let good = signed(&key("a", ES, 1), ES, &json!({}), &json!({"a": 1}));
    assert!(Jws::parse(&good).is_ok() && !is_encrypted(&good) && is_encrypted("a.b.c.d.e"));
    let parts: Vec<&str> = good.split('.').collect();
    let twice = encode(r#"{"alg":"none","alg":"ES256"}"#);
    for wrong in [
        String::new(),
        "..".into(),
        format!("{good}."),
        format!("{good}="),
        format!("{good}\n"),
        format!(" {good}"),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}=.{}.{}", parts[0], parts[1], parts[2]),
        format!("{twice}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], encode(r#"{"sub":"a","sub":"b"}"#), parts[2]),
        format!("{}.{}.{}", parts[0], encode("[]"), parts[2]),
        format!("{}..{}", parts[0], parts[2]),
    ] {
        assert!(
            matches!(Jws::parse(&wrong), Err(JoseError::Malformed(_))),
            "{wrong:?}"
        );
    }
    let huge = format!("{}.{}.{}", parts[0], "A".repeat(70_000), parts[2]);
    assert_eq!(Jws::parse(&huge), Err(JoseError::TooLarge));
}

proptest! {
    /// Whatever comes in, reading it ends with a token or a reason.
    #[test]
    fn reading_never_breaks(text in ".{0,200}", parts in prop::collection::vec("[A-Za-z0-9_-]{0,40}", 0..6)) {
        let _ = Jws::parse(&text);
        let _ = Jws::parse(&parts.join("."));
        let _ = JwkSet::parse(&text);
    }

    /// Change any letter of a signed token, and it is refused.
    #[test]
    fn no_letter_can_be_changed(at in 0_usize..150, letter in "[A-Za-z0-9_.=-]") {
        let signer = key("a", ES, 1);
        let good = signed(&signer, ES, &json!({"typ": "JWT"}), &json!({"sub": "x", "exp": 12}));
        let at = at % good.len();
        let mut changed = good.clone();
        changed.replace_range(at..=at, &letter);
        prop_assume!(changed != good);
        prop_assert!(check(&changed, &[&signer], &SigningAlgorithm::ALL).is_err(), "{changed}");
    }

    /// One text for one value, both ways.
    #[test]
    fn base64url_goes_both_ways(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
    }
}
