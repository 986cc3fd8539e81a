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

/// RFC 7515 appendices A.2 and A.3, RFC 8037 appendix A.4 (twice: the key without and with its use).
const EXAMPLES: [Example; 4] = [
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
