//! There and back, and what must not come back.

use super::*;
use aws_lc_rs::agreement::{self, ECDH_P256};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use omniport_protocol::jose::KeyUse;
use proptest::prelude::*;

fn private(algorithm: KeyManagement) -> PrivateKey {
    let algorithm = KeyAlgorithm::Decrypt(algorithm);
    PrivateKey::from_pkcs8(algorithm, &PrivateKey::generate(algorithm).unwrap()).unwrap()
}

fn to(key: &PrivateKey, content: ContentEncryption) -> Encryption {
    let KeyAlgorithm::Decrypt(algorithm) = key.algorithm() else {
        unreachable!("made for decrypting")
    };
    Encryption {
        key: key.public().clone(),
        algorithm,
        content,
    }
}

fn header(token: &str) -> Map<String, Value> {
    parse_object(&decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

#[test]
fn every_pair_of_algorithms_goes_there_and_back_and_nowhere_else() {
    for algorithm in KeyManagement::ALL {
        let (ours, other) = (private(algorithm), private(algorithm));
        assert_eq!(ours.public().usage(), Some(KeyUse::Enc));
        for content in ContentEncryption::ALL {
            let token = encrypt("a.b.c", &to(&ours, content)).unwrap();
            assert_eq!(
                decrypt(&token, [&other, &ours].into_iter()).as_deref(),
                Ok(&b"a.b.c"[..])
            );
            assert_eq!(
                decrypt(&token, [&other].into_iter()),
                Err(JoseError::Undecryptable)
            );
            assert_eq!(decrypt(&token, std::iter::empty()), Err(JoseError::Undecryptable));
            let header = header(&token);
            assert_eq!(header["cty"], "JWT");
            assert_eq!(header["alg"], algorithm.as_str());
            assert_eq!(header["enc"], content.as_str());
            assert_eq!(header["kid"], ours.public().kid().unwrap());
        }
    }
}

#[test]
fn any_changed_part_is_refused() {
    for algorithm in KeyManagement::ALL {
        let ours = private(algorithm);
        let token = encrypt("a.b.c", &to(&ours, ContentEncryption::A128CbcHs256)).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        for at in 0..5 {
            let mut changed: Vec<String> = parts.iter().map(ToString::to_string).collect();
            let mut bytes = decode(parts[at]).unwrap();
            match bytes.last_mut() {
                Some(last) => *last ^= 1,
                // ECDH-ES hands over no key: one that is there all the same is a mistake.
                None => bytes.push(1),
            }
            changed[at] = base64url(bytes);
            let refused = decrypt(&changed.join("."), [&ours].into_iter());
            let expected = if at == 0 {
                "malformed or undecryptable"
            } else {
                "undecryptable"
            };
            let malformed = matches!(refused, Err(JoseError::Malformed(_)));
            assert!(
                refused == Err(JoseError::Undecryptable) || (at == 0 && malformed),
                "{at}: {expected}"
            );
        }
    }
}

#[test]
fn headers_that_ask_for_more_are_refused() {
    let ours = private(KeyManagement::EcdhEs);
    let good = encrypt("a.b.c", &to(&ours, ContentEncryption::A128Gcm)).unwrap();
    let (_, rest) = good.split_once('.').unwrap();
    let with = |name: &str, value: Value| {
        let mut header = header(&good);
        header.insert(name.to_owned(), value);
        decrypt(
            &format!("{}.{rest}", base64url(Value::Object(header).to_string())),
            [&ours].into_iter(),
        )
    };
    assert_eq!(with("alg", "none".into()), Err(JoseError::UnknownAlgorithm));
    assert_eq!(with("alg", "dir".into()), Err(JoseError::UnknownAlgorithm));
    assert_eq!(with("alg", "RSA1_5".into()), Err(JoseError::UnknownAlgorithm));
    assert_eq!(with("enc", "A128CBC".into()), Err(JoseError::UnknownAlgorithm));
    assert_eq!(with("alg", "RSA-OAEP-256".into()), Err(JoseError::Undecryptable));
    assert_eq!(with("crit", json!([])), Err(JoseError::Critical));
    assert!(matches!(with("zip", "DEF".into()), Err(JoseError::Malformed(_))));
    assert!(matches!(with("epk", "x".into()), Err(JoseError::Malformed(_))));
    assert_eq!(
        with("epk", json!({"kty": "oct", "k": "AA"})),
        Err(JoseError::PrivateKey)
    );
    assert_eq!(with("epk", json!({"kty": "EC"})), Err(JoseError::Undecryptable));
    assert_eq!(with("kid", "another".into()), Err(JoseError::Undecryptable));
    // Tied in as additional data, so even what means nothing cannot be added.
    assert_eq!(with("x", 1.into()), Err(JoseError::Undecryptable));
    for wrong in [
        "",
        "a.b.c",
        "....",
        "a.b.c.d.e",
        &format!("{good}.x"),
        &format!("{good}="),
    ] {
        assert!(
            matches!(decrypt(wrong, [&ours].into_iter()), Err(JoseError::Malformed(_))),
            "{wrong}"
        );
    }
    let huge = format!("{good}{}", "A".repeat(70_000));
    assert_eq!(decrypt(&huge, [&ours].into_iter()), Err(JoseError::TooLarge));
}

#[test]
fn x25519_recipients_are_written_to() {
    let (private, public) = key_agreement::ephemeral(&KeyMaterial::X25519([9; 32])).unwrap();
    let recipient = Encryption {
        key: Jwk::new(None, None, None, public),
        algorithm: KeyManagement::EcdhEs,
        content: ContentEncryption::A256Gcm,
    };
    let token = encrypt("a.b.c", &recipient).unwrap();
    let jwe = Jwe::parse(&token).unwrap();
    let derive = |secret: &[u8]| key_agreement::concat_kdf(secret, jwe.content, &[], &[]);
    let key = key_agreement::agree(&private, jwe.ephemeral.as_ref().unwrap(), derive).unwrap();
    let opened = content::open(jwe.content, &key, jwe.aad.as_bytes(), &jwe.sealed).unwrap();
    assert_eq!(&opened[..], b"a.b.c");
}

/// RFC 7520 section 5.5: ECDH-ES, agreed directly, with A128CBC-HS256.
#[test]
fn the_standards_example_is_opened() {
    let secret = decode("r_kHyZ-a06rmxM3yESK84r1otSg-aQcVStkRhA-iCM8").unwrap();
    let secret = agreement::PrivateKey::from_private_key(&ECDH_P256, &secret).unwrap();
    let document: Pkcs8V1Der<'_> = secret.as_der().unwrap();
    let algorithm = KeyAlgorithm::Decrypt(KeyManagement::EcdhEs);
    let key = PrivateKey::from_pkcs8(algorithm, document.as_ref()).unwrap();
    let token = "eyJhbGciOiJFQ0RILUVTIiwia2lkIjoibWVyaWFkb2MuYnJhbmR5YnVja0BidWNrbGFuZC5leGFtcGxlIiwiZXBrIjp7Imt0\
        eSI6IkVDIiwiY3J2IjoiUC0yNTYiLCJ4IjoibVBVS1RfYkFXR0hJaGcwVHBqanFWc1AxclhXUXVfdndWT0hIdE5rZFlvQSIs\
        InkiOiI4QlFBc0ltR2VBUzQ2ZnlXdzVNaFlmR1RUMElqQnBGdzJTUzM0RHY0SXJzIn0sImVuYyI6IkExMjhDQkMtSFMyNTYi\
        fQ..yc9N8v5sYyv3iGQT926IUg.BoDlwPnTypYq-ivjmQvAYJLb5Q6l-F3LIgQomlz87yW4OPKbWE1zSTEFjDfhU9IPIOSA9\
        Bml4m7iDFwA-1ZXvHteLDtw4R1XRGMEsDIqAYtskTTmzmzNa-_q4F_evAPUmwlO-ZG45Mnq4uhM1fm_D9rBtWolqZSF3xGNN\
        kpOMQKF1Cl8i8wjzRli7-IXgyirlKQsbhhqRzkv8IcY6aHl24j03C-AR2le1r7URUhArM79BY8soZU0lzwI-sD5PZ3l4NDCC\
        ei9XkoIAfsXJWmySPoeRb2Ni5UZL4mYpvKDiwmyzGd65KqVw7MsFfI_K767G9C9Azp73gKZD0DyUn1mn0WW5LmyX_yJ-3ARO\
        q8p1WZBfG-ZyJ6195_JGG2m9Csg.WCCkNa-x4BeB9hIDIfFuhg";
    // Its kid is a name, and ours are thumbprints: so the parts are opened one by one.
    assert_eq!(decrypt(token, [&key].into_iter()), Err(JoseError::Undecryptable));
    let jwe = Jwe::parse(token).unwrap();
    assert_eq!(jwe.kid.as_deref(), Some("meriadoc.brandybuck@buckland.example"));
    let content_key = jwe.key(&key).unwrap();
    assert_eq!(
        base64url(&content_key),
        "hzHdlfQIAEehb8Hrd_mFRhKsKLEzPfshfXs9l6areCc"
    );
    let plain = content::open(jwe.content, &content_key, jwe.aad.as_bytes(), &jwe.sealed).unwrap();
    assert!(
        String::from_utf8(plain.to_vec())
            .unwrap()
            .starts_with("You can trust us to stick with you")
    );
}

/// RSA-OAEP-256 has no example in the standards: this one was made by OpenSSL 3, with a key made for it alone.
#[test]
fn what_openssl_encrypted_is_opened() {
    let document = decode(
        "MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQDqEDztbfhdqMwTipny421pPRAa3lQaWn7Oaxl8u3oauu8M\
        tVhfKyA2amMPtSWeZxbA778sr7q69sYHMDYQN4fZhFiITMkZjq6Vl78QpiuVKc-5OJxv_yBouYhpqlJt6wNCuUbfc-Ro7ja6\
        YIY_soRekYTBib8MAgDPcFOYiHtmavS1_guYVjByoO6JQOpXiIyWCX1pZKRlkbKHia8XKmMm42vOOs9GtcWV1G8uf0RThDKr\
        0zq159KKPd5Rl00jRFWeWDDJ8ghVPnw1xfPRlUOusVCpTxccRB_YeL2MSygw21BKG2v16cQf6ivv9U2WiGnLx9W7kyZmJ4rm\
        oeMkYj-TAgMBAAECggEAdNgeUjhvn_G_zpGGQKYf3EVLYN5UBcPfQZRdaNL-JZHj--gbcYbJ0eBSC2lWmjjENxR3zwr6oJLI\
        UJZUpsvR2VgkCgaq7UM5DBxwmRMa9p-kvsXv8kjeGOllm7oW5CBJxGlRZAMqpuckEu5Ulj-7rKngJ-1nncryNJvSX3big0E0\
        vrG_1nX2Z2bfMC8MEfZSO1mnKmbFBgz2c2-imJzCzxE0-1iMCPYIspBKADz_2IxOBGfKO-UKO9S8mIgQFaJXZGaIgIW3u66Z\
        0iURI7RuC1Xb013x-iIFENU4Vd_P3l5ZwSDqp5d7JwSPbSFo-vEdqvr9NDjfr6vA7rhpYcr6gQKBgQD_tJhDOAzLRhdQ-Ir6\
        H_nJ_g7TMg_FNZaLOBvppbBFDf9ol51mMnw21yM4HUnniSh_iH-f1OJaJl8kmnQeG2_AMn6CjmL7ohWclQ_378zwTTUftQzC\
        xaX_v2yxR9F-PrHPqq2OF2jByeubTqN03-5sa_XeGaCEnOUXHPb14vu_QwKBgQDqVULdIEvMa8C-yBf3iILdX4P09ZZK6hrL\
        KTIRH7oxSQeJjBUS7jX5-Q70BOpeJ9Fdzz3UwSn69yygglxtDaIW2vL2suMWVEWoUL-5RS2RAv3_Xambm2oUjqdA-7POFHsB\
        fNJ3K8QgHRgGFadvQw7boeuBo5ckzWVAt_kMyc0xcQKBgQDX53zJBQKIgF4fmDyAhY875rBN0u9N7Ll4Q6AN4EC9jdwiTCIy\
        sF4BUBYEw3YrcbwoMvDP28hjphKfrWpuIWxyNDBtvBwHrAvjcllRV8ELBaXdZ9mme4x2LQNxjNpuZjFszwhL-agSOJQfRn7t\
        qEaAdYfcSHcogfFNWr-LTmSSUQKBgQDITPbpcti3tIc9zGWIJbzOov11XpMIGBGtBNqR_o-13xm9Pespkkq7EGPyu1zl_J0e\
        1a2hdTeAGNWhoayFXvjlFmRF8WTgykn8dIFdST-Iy4j3RkVbCD5lsgZPKpdoGOOHwv1X9iYf2R6W3N2Q4j4KCN74oi_oulTJ\
        PDh68OgfUQKBgQCRstExELO90tGxZG_sfD7oCaFoghYpy1r-YySSfGZ9Ug9p09txqDFkpLvYtOx9IsW23kWGf0ElrUW_DpVb\
        s-JM2EKBOSc0ke8d5BOEPRMPQTdbwK9E8z5MnNE5-3lbFL8eKqzs_LgsZPWKWmwj7bjsqpj3HbcTPMAuCg1XxhsGcA",
    );
    let algorithm = KeyAlgorithm::Decrypt(KeyManagement::RsaOaep256);
    let key = PrivateKey::from_pkcs8(algorithm, &document.unwrap()).unwrap();
    let token = "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0.Ar10z6Av4dubmnlROskVvkvPXu3LdhcDfImmYKeUL_Cw\
        wau329BC9Ks69upto5UYg_yAOlVnmsLSw5uZdHMWz-txfbZKkvqSc8f87svUaCqLU46HXM0_fFMmS7YErm-BP-gSkh5_xois\
        bpnOejHno2Pd74QL4EddB30AF6vNICu2pdoxJNLDnnUGILHF5L7Rmxldgcc5u1rYRI6mus4OsjV3NoXaLsRXpFh7rbj2a457\
        vz8MTsM_J1uA9clx6rMHbH-xranATVLHYRxgXlpps2Ttf43PX_Gl_fU4_FZwj1nWYFv6jjydSWcuCRPMKuOXDonH3e7ztkbL\
        38vOtt-zUg.45iFijYD7F-kwLWg.U80s9WuktO7_8pqScv8.upA_RJAYowYW118hG83-UQ";
    assert_eq!(
        decrypt(token, [&key].into_iter()).as_deref(),
        Ok(&b"from elsewhere"[..])
    );
}

proptest! {
    /// Whatever comes in, reading it ends with a reason.
    #[test]
    fn reading_never_breaks(text in ".{0,200}", parts in prop::collection::vec("[A-Za-z0-9_-]{0,40}", 0..7)) {
        prop_assert!(decrypt(&text, std::iter::empty()).is_err());
        prop_assert!(decrypt(&parts.join("."), std::iter::empty()).is_err());
    }

    /// A header of ours before anything: the key is never found in it.
    #[test]
    fn nothing_random_is_opened(parts in prop::collection::vec("[A-Za-z0-9_-]{0,60}", 4)) {
        static KEY: std::sync::LazyLock<PrivateKey> = std::sync::LazyLock::new(|| private(KeyManagement::EcdhEs));
        let header = header(&encrypt("a", &to(&KEY, ContentEncryption::A256Gcm)).unwrap());
        let token = format!("{}.{}", base64url(Value::Object(header).to_string()), parts.join("."));
        prop_assert!(decrypt(&token, [&*KEY].into_iter()).is_err());
    }
}
