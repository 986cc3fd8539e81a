//! The examples of the standards, and what must not pass for them.

use super::*;
use omniport_protocol::jose::{JoseError, decode, encode};

/// A signature's example: key, algorithm, what is signed, signature.
struct Example {
    key: &'static str,
    algorithm: SigningAlgorithm,
    input: &'static str,
    signature: &'static str,
}

/// RFC 7515 appendices A.2 and A.3, RFC 8037 appendix A.4 (twice: the key without and with its use); RFC 7520 has no
/// PS256, so that one was made by OpenSSL 3.
const EXAMPLES: [Example; 5] = [
    Example {
        key: r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#,
        algorithm: SigningAlgorithm::Rs256,
        input: "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
        signature: "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
    },
    Example {
        key: r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
        algorithm: SigningAlgorithm::Es256,
        input: "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
        signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    },
    Example {
        key: r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        algorithm: SigningAlgorithm::EdDsa,
        input: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        signature: "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    },
    Example {
        key: r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","alg":"EdDSA","use":"sig"}"#,
        algorithm: SigningAlgorithm::EdDsa,
        input: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        signature: "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    },
    Example {
        key: r#"{"kty":"RSA","n":"6hA87W34XajME4qZ8uNtaT0QGt5UGlp-zmsZfLt6GrrvDLVYXysgNmpjD7UlnmcWwO-_LK-6uvbGBzA2EDeH2YRYiEzJGY6ulZe_EKYrlSnPuTicb_8gaLmIaapSbesDQrlG33PkaO42umCGP7KEXpGEwYm_DAIAz3BTmIh7Zmr0tf4LmFYwcqDuiUDqV4iMlgl9aWSkZZGyh4mvFypjJuNrzjrPRrXFldRvLn9EU4Qyq9M6tefSij3eUZdNI0RVnlgwyfIIVT58NcXz0ZVDrrFQqU8XHEQf2Hi9jEsoMNtQShtr9enEH-or7_VNlohpy8fVu5MmZieK5qHjJGI_kw","e":"AQAB"}"#,
        algorithm: SigningAlgorithm::Ps256,
        input: "eyJhbGciOiAiUFMyNTYifQ.eyJpc3MiOiJvcGVuc3NsIn0",
        signature: "bIpldaHkRM7n1o2UJ8y0fXgT4wKveUWRGZhKgs4Z9RbM7oJGIHsTCCvm7tL-T1At0z86PL9OgICIPI_LB5i0acPgp-RPwYEkvcFhS6ISvsQ-HL4E-8NYy4QynLqxVgEaMZ-BZfUZAugC8o9uiDqvhZYnCBpDtK8oSobXc0g0F4Yp4XdU7AvZZJeCR_5TJN400CCmGqVN6WiKiopUAsBGJNl9ezvx7vf-fBy18ewYtimHuNQ2smqY09qI7Y2NKOGwVdL3QoyWyMlA5NneNcKE8s45mU2lQbfJj--dABh6g8KFbbJ8sKPec7tcd5FmbBlZxzzXx5BorgkNn-k7nmKSNQ",
    },
];

fn key(text: &str) -> Jwk {
    text.parse().unwrap()
}

#[test]
fn the_standards_examples_are_verified() {
    for example in &EXAMPLES {
        let signature = decode(example.signature).unwrap();
        let input = example.input.as_bytes();
        assert!(
            verify(example.algorithm, &key(example.key), input, &signature),
            "{}",
            example.key
        );
    }
}

#[test]
fn a_changed_signature_text_algorithm_or_key_does_not_pass() {
    for example in &EXAMPLES {
        let (key, input) = (key(example.key), example.input.as_bytes());
        let good = decode(example.signature).unwrap();
        let refused = |signature: &[u8]| assert!(!verify(example.algorithm, &key, input, signature));
        for at in [0, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            refused(&bad);
        }
        refused(&[]);
        refused(&good[1..]);
        refused(&[&good[..], &[0]].concat());
        refused(&[&[0], &good[..]].concat());
        refused(&vec![0; good.len()]);
        refused(&vec![0xff; good.len()]);
        let longer = format!("{} ", example.input);
        assert!(!verify(example.algorithm, &key, longer.as_bytes(), &good));
        for other in SigningAlgorithm::ALL
            .into_iter()
            .filter(|other| *other != example.algorithm)
        {
            assert!(!verify(other, &key, input, &good), "{other:?}");
        }
    }
}

/// ECDSA's (r, s) of 0 passed for any text in Java once (CVE-2022-21449), and so did r = s = n.
#[test]
fn es256_knows_no_psychic_signatures() {
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&order[at * 2..at * 2 + 2], 16).unwrap())
        .collect();
    let es256 = key(EXAMPLES[1].key);
    let zero = vec![0; 32];
    for (r, s) in [(&zero, &zero), (&order, &order), (&zero, &order), (&order, &zero)] {
        let signature = [&r[..], &s[..]].concat();
        assert!(!verify(SigningAlgorithm::Es256, &es256, b"x", &signature));
    }
    // The DER form is not the JWS form (RFC 7518 section 3.4).
    let raw = decode(EXAMPLES[1].signature).unwrap();
    let der = [&[0x30, 0x44, 2, 32][..], &raw[..32], &[2, 32], &raw[32..]].concat();
    assert!(!verify(
        SigningAlgorithm::Es256,
        &es256,
        EXAMPLES[1].input.as_bytes(),
        &der
    ));
}

#[test]
fn a_point_off_the_curve_verifies_nothing() {
    let off = format!(
        r#"{{"kty":"EC","crv":"P-256","x":"{0}","y":"{0}"}}"#,
        encode([7; 32])
    );
    let signature = decode(EXAMPLES[1].signature).unwrap();
    assert!(!verify(
        SigningAlgorithm::Es256,
        &key(&off),
        EXAMPLES[1].input.as_bytes(),
        &signature
    ));
}

/// RFC 7515 appendix A.1.
#[test]
fn the_hmac_example_is_verified_and_nothing_like_it() {
    let secret =
        decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
    let input = b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let good = decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
    assert!(verify_hmac_sha256(&secret, input, &good));
    for bad in [&good[..31], &[], &[&good[..], &[0]].concat()] {
        assert!(!verify_hmac_sha256(&secret, input, bad));
    }
    assert!(!verify_hmac_sha256(&secret[1..], input, &good));
}

/// Everything that passes through the whole: text, header, key, signature.
#[test]
fn a_whole_token_of_the_standard_is_read_and_verified() {
    use omniport_protocol::jose::{JwkSet, Jws};
    let example = &EXAMPLES[1];
    let token = format!("{}.{}", example.input, example.signature);
    let jws = Jws::parse(&token).unwrap();
    let set = JwkSet::parse(&format!(r#"{{"keys":[{},{}]}}"#, EXAMPLES[0].key, example.key)).unwrap();
    let ring = crate::keys::KeyRing::default();
    let claims = jws.verify(&set, &SigningAlgorithm::ALL, &ring).unwrap();
    assert_eq!(claims.iss(), Some("joe"));
    let other = jws.verify(&set, &[SigningAlgorithm::Rs256], &ring);
    assert_eq!(other, Err(JoseError::AlgorithmNotAllowed));
}

/// RFC 7518 section 3.5: the salt has the length of the hash. This one has 20 bytes.
#[test]
fn ps256_with_a_salt_of_another_length_does_not_pass() {
    let short = "ORpKxzuNf3XzMv-QDhHiifN4aWGPJ2eCF1wTzDkbbgkv4Y2RMGnc3oQaKQE9VTcFFdTG3MsmCoxt0DJiIYhu4M6TVQbe-VtWOwrOUj58hvtYLJvb1eGG1ZrHpUzfmjhzBab8lO2mIbExo0kCdeM059K1O4GYxdO8Ri_OLxf9r4Q8vvMrnMtARnDqL7Fw9xfi1TMwwqq5QRCBThsvR1gmw7t87RtiouqbVeXkiOiXOcxEFNrJ1GqcSQDOkaG8x9zGP1zjbqFkJJbTpIej7djFUJYei0zaEzYYb0VW5N8FyN7zRIZSi99EVA1w1-kE392d2Tp-795iluTw0mJMsWpkVA";
    let example = &EXAMPLES[4];
    let short = decode(short).unwrap();
    assert!(!verify(
        SigningAlgorithm::Ps256,
        &key(example.key),
        example.input.as_bytes(),
        &short
    ));
}
