//! Bearer tokens (RFC 6750): where a request carries its access token.

use crate::error::{ErrorCode, Refusal};
use crate::vocabulary::{Params, Secret};

/// The parameter's name in a form (section 2.2), and, where we refuse it, in a query (section 2.3).
const PARAMETER: &str = "access_token";

/// Reads the bearer token of a request.
#[derive(Debug, Clone, Copy)]
pub struct BearerToken;

/// Why a request carries no token that can be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BearerRefusal {
    /// None at all, or another scheme: 401 with a bare challenge, without error code (section 3.1).
    Missing,
    /// A token in a wrong way or of an impossible form.
    Refused(Refusal),
}

impl BearerToken {
    /// The one token of a request: from the `Authorization` header's value, or from a POST's form (`form` is none for
    /// any other request).
    ///
    /// # Errors
    /// - [`BearerRefusal::Missing`] where there is none;
    /// - `invalid_request` (400) for a token in the query, where logs and histories keep it, or given in two ways;
    /// - `invalid_token` (401) for one that is no `b64token` (section 2.1).
    pub fn from_request(
        authorization: Option<&str>,
        query: &Params,
        form: Option<&Params>,
    ) -> Result<Secret, BearerRefusal> {
        let header = authorization.and_then(in_header);
        let in_form = form
            .into_iter()
            .flat_map(|form| form.all(PARAMETER))
            .filter(|t| !t.is_empty());
        let in_query = query.all(PARAMETER).any(|token| !token.is_empty());
        let mut given = header.into_iter().chain(in_form);
        match (given.next(), given.next(), in_query) {
            (None, _, false) => Err(BearerRefusal::Missing),
            (Some(token), None, false) if is_b64token(token) => Ok(Secret::new(token)),
            (Some(_), None, false) => Err(refused(ErrorCode::InvalidToken, "The access token is malformed.")),
            (None, _, true) => Err(refused(
                ErrorCode::InvalidRequest,
                "An access token must not be in the URL. Send it in the Authorization header.",
            )),
            (Some(_), _, _) => Err(refused(
                ErrorCode::InvalidRequest,
                "The access token is given more than once. Send it in the Authorization header only.",
            )),
        }
    }
}

fn refused(code: ErrorCode, public: &'static str) -> BearerRefusal {
    BearerRefusal::Refused(Refusal::new(code, public))
}

/// What follows `Bearer`; none for another scheme, or for the bare word (trimmed, it has no space).
fn in_header(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim_start())
}

/// Section 2.1: letters, digits, `-._~+/`, then any number of `=`.
fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::params;

    fn read(
        header: Option<&str>,
        query: &[(&str, &str)],
        form: Option<&[(&str, &str)]>,
    ) -> Result<String, BearerRefusal> {
        let form = form.map(params);
        BearerToken::from_request(header, &params(query), form.as_ref())
            .map(|token| token.expose().to_owned())
    }

    fn code(result: Result<String, BearerRefusal>) -> (ErrorCode, u16) {
        match result {
            Err(BearerRefusal::Refused(refusal)) => (refusal.code, refusal.code.status()),
            other => panic!("refused with a code expected, not {other:?}"),
        }
    }

    const TOKEN: &[(&str, &str)] = &[("access_token", "abc")];
    const BAD_REQUEST: (ErrorCode, u16) = (ErrorCode::InvalidRequest, 400);

    #[test]
    fn reads_the_header_or_the_form() {
        assert_eq!(
            read(Some("Bearer a-._~+/9=="), &[], None),
            Ok("a-._~+/9==".into())
        );
        assert_eq!(
            read(Some("bEARER  abc "), &[("x", "1")], Some(&[])),
            Ok("abc".into())
        );
        assert_eq!(read(None, &[], Some(TOKEN)), Ok("abc".into()));
        assert_eq!(read(Some("Basic abc"), &[], Some(TOKEN)), Ok("abc".into()));
    }

    #[test]
    fn case_065_a_token_in_the_query_is_refused() {
        assert_eq!(code(read(None, TOKEN, None)), BAD_REQUEST);
    }

    #[test]
    fn case_066_two_ways_at_once_are_refused() {
        let twice: &[(&str, &str)] = &[("access_token", "abc"), ("access_token", "abc")];
        assert_eq!(code(read(Some("Bearer abc"), TOKEN, None)), BAD_REQUEST);
        assert_eq!(code(read(Some("Bearer abc"), &[], Some(TOKEN))), BAD_REQUEST);
        assert_eq!(code(read(None, TOKEN, Some(TOKEN))), BAD_REQUEST);
        assert_eq!(code(read(Some("Bearer abc"), TOKEN, Some(TOKEN))), BAD_REQUEST);
        assert_eq!(code(read(None, &[], Some(twice))), BAD_REQUEST);
    }

    #[test]
    fn case_067_a_malformed_token_is_an_invalid_one() {
        for bad in [
            "Bearer a b",
            "Bearer =",
            "Bearer a=b",
            "Bearer \"abc\"",
            "Bearer caf\u{e9}",
        ] {
            assert_eq!(
                code(read(Some(bad), &[], None)),
                (ErrorCode::InvalidToken, 401),
                "{bad}"
            );
        }
    }

    #[test]
    fn case_069_no_token_is_a_bare_challenge() {
        for header in [
            None,
            Some(""),
            Some("Bearer"),
            Some("Bearer "),
            Some("Basic abc"),
            Some("abc"),
        ] {
            assert_eq!(
                read(header, &[("access_token", "")], Some(&[])),
                Err(BearerRefusal::Missing)
            );
        }
    }
}
