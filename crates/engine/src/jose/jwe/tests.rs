//! There and back, and what must not come back.

use super::*;
use omniport_protocol::jose::KeyUse;

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
