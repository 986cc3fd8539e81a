//! `client_secret_basic`: the secret in the `Authorization` header (RFC 6749 section 2.3.1, RFC 7617).

use super::{Credentials, Presented, authenticate, parse_client_id};
use crate::error::{ErrorCode, Refusal};
use crate::extensions::sender::Sender;
use crate::vocabulary::{AuthMethod, Params, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

/// Reads the header's value. `params` may repeat the `client_id`, and must then agree.
///
/// # Errors
/// `invalid_client` for another scheme (section 5.2: "unsupported authentication method"); `invalid_request` for a
/// value that is not Basic's, or a `client_id` in the form that differs.
pub(super) fn read(authorization: &str, params: &Params) -> Result<Credentials, Refusal> {
    let (scheme, rest) = authorization
        .trim()
        .split_once(' ')
        .unwrap_or((authorization.trim(), ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(authenticate::failed(
            "the Authorization header's scheme is not Basic, the only one for clients",
        ));
    }
    let decoded = STANDARD
        .decode(rest.trim())
        .map(Zeroizing::new)
        .map_err(|_| malformed("it is not base64"))?;
    let text = std::str::from_utf8(&decoded).map_err(|_| malformed("it is not UTF-8"))?;
    let (id, secret) = text
        .split_once(':')
        .ok_or_else(|| malformed("there is no colon between client_id and client_secret"))?;
    let client_id = parse_client_id(&form_decode(id)?)?;
    if params
        .get("client_id")
        .is_some_and(|form| form != client_id.as_str())
    {
        return Err(Refusal::new(
            ErrorCode::InvalidRequest,
            "The client_id in the form is not the one in the Authorization header.",
        ));
    }
    Ok(Credentials {
        client_id,
        method: AuthMethod::ClientSecretBasic,
        presented: Presented::Secret(Secret::new(form_decode(secret)?.as_str())),
        sender: Sender::default(),
    })
}

/// Undoes `application/x-www-form-urlencoded`, in which both parts are written before they are joined.
fn form_decode(text: &str) -> Result<Zeroizing<String>, Refusal> {
    let spaced = Zeroizing::new(text.replace('+', " "));
    let decoded = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| malformed("it is not UTF-8"))?;
    Ok(Zeroizing::new(decoded.into_owned()))
}

fn malformed(why: &'static str) -> Refusal {
    Refusal::new(
        ErrorCode::InvalidRequest,
        "The Authorization header is malformed. Send Basic and the base64 of client_id:client_secret, both form-encoded.",
    )
    .because(format!("the Authorization header is malformed: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::params;
    use proptest::prelude::*;

    fn parts(header: &str) -> Result<(String, String), ErrorCode> {
        let found = read(header, &params(&[])).map_err(|refusal| refusal.code)?;
        let Presented::Secret(secret) = found.presented else {
            panic!("{found:?}")
        };
        Ok((found.client_id.as_str().to_owned(), secret.expose().to_owned()))
    }

    #[test]
    fn reads_the_rfcs_example() {
        let read = parts("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW").unwrap();
        assert_eq!(read, ("s6BhdRkqt3".into(), "gX1fBat3bV".into()));
    }

    #[test]
    fn both_parts_are_form_decoded() {
        let header = format!("bAsIc  {}", STANDARD.encode("app%3A1:a+b%2B%25:%C3%A9"));
        assert_eq!(parts(&header), Ok(("app:1".into(), "a b+%:\u{e9}".into())));
    }

    #[test]
    fn another_scheme_fails_authentication() {
        for header in ["Bearer abc", "Digest x", "", "Basicx y"] {
            assert_eq!(parts(header), Err(ErrorCode::InvalidClient), "{header}");
        }
    }

    #[test]
    fn a_malformed_header_is_a_bad_request() {
        let without_colon = format!("Basic {}", STANDARD.encode("app"));
        let not_utf8 = format!("Basic {}", STANDARD.encode(b"app:\xff"));
        let not_utf8_inside = format!("Basic {}", STANDARD.encode("app:%ff"));
        for header in [
            "Basic",
            "Basic !",
            "Basic YTpi YTpi",
            &without_colon,
            &not_utf8,
            &not_utf8_inside,
        ] {
            assert_eq!(parts(header), Err(ErrorCode::InvalidRequest), "{header}");
        }
    }

    #[test]
    fn an_impossible_client_id_is_an_unknown_one() {
        let header = format!("Basic {}", STANDARD.encode(":secret"));
        assert_eq!(parts(&header), Err(ErrorCode::InvalidClient));
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused(header in "\\PC{0,80}", inner in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = parts(&header);
            let _ = parts(&format!("Basic {}", STANDARD.encode(inner)));
        }
    }
}
