//! What the authorisation endpoint itself answers with (OAuth 2.0 Multiple Response Types).

use serde::{Deserialize, Serialize};
use std::fmt;

/// A value of `response_type`, in whatever order its words came: `code`, or with an ID token or an access token in the
/// front channel, which only apps that a maintainer marks as legacy may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ResponseType {
    /// A code (RFC 6749 section 3.1.1): the default, and the only one of an app that is not marked legacy.
    #[serde(rename = "code")]
    Code,
    /// An ID token alone (OpenID Connect Core section 3.2).
    #[serde(rename = "id_token")]
    IdToken,
    /// An ID token and an access token (OpenID Connect Core section 3.2).
    #[serde(rename = "id_token token")]
    IdTokenToken,
    /// An access token alone (RFC 6749 section 4.2).
    #[serde(rename = "token")]
    Token,
    /// The hybrids (OpenID Connect Core section 3.3): a code and an ID token.
    #[serde(rename = "code id_token")]
    CodeIdToken,
    /// A code and an access token.
    #[serde(rename = "code token")]
    CodeToken,
    /// All three.
    #[serde(rename = "code id_token token")]
    CodeIdTokenToken,
}

impl ResponseType {
    /// Every one, the one to use first.
    pub const ALL: [Self; 7] = [
        Self::Code,
        Self::IdToken,
        Self::IdTokenToken,
        Self::Token,
        Self::CodeIdToken,
        Self::CodeToken,
        Self::CodeIdTokenToken,
    ];

    /// The wire's words, in the order in which specifications write them.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::IdToken => "id_token",
            Self::IdTokenToken => "id_token token",
            Self::Token => "token",
            Self::CodeIdToken => "code id_token",
            Self::CodeToken => "code token",
            Self::CodeIdTokenToken => "code id_token token",
        }
    }

    /// Reads the wire's words; their order does not matter (RFC 6749 section 3.1.1).
    pub fn parse(text: &str) -> Option<Self> {
        // No value has more than three words, so nothing long is sorted.
        let sorted = |text: &str| {
            let mut words: Vec<String> = text.split(' ').take(4).map(ToOwned::to_owned).collect();
            words.sort_unstable();
            words
        };
        let given = sorted(text);
        Self::ALL
            .into_iter()
            .find(|known| sorted(known.as_str()) == given)
    }

    /// Whether it holds a code.
    pub const fn has_code(self) -> bool {
        matches!(
            self,
            Self::Code | Self::CodeIdToken | Self::CodeToken | Self::CodeIdTokenToken
        )
    }

    /// Whether it holds an ID token.
    pub const fn has_id_token(self) -> bool {
        matches!(
            self,
            Self::IdToken | Self::IdTokenToken | Self::CodeIdToken | Self::CodeIdTokenToken
        )
    }

    /// Whether it holds an access token.
    pub const fn has_token(self) -> bool {
        matches!(
            self,
            Self::Token | Self::IdTokenToken | Self::CodeToken | Self::CodeIdTokenToken
        )
    }

    /// Whether tokens come by the front channel: then the app must be marked legacy (RFC 9700 section 2.1.2).
    pub const fn is_legacy(self) -> bool {
        self.has_id_token() || self.has_token()
    }
}

impl fmt::Display for ResponseType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How an answer travels (`response_mode`, OAuth 2.0 Multiple Response Types section 2.1 and Form Post Response Mode).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the redirect URL's query.
    Query,
    /// In its fragment.
    Fragment,
    /// In a form that the browser posts to it.
    FormPost,
    /// Signed (JARM section 2.3), in the query.
    QueryJwt,
    /// Signed, in the fragment.
    FragmentJwt,
    /// Signed, in a form.
    FormPostJwt,
    /// Signed, and where the response type's answer would be anyway.
    Jwt,
}

impl ResponseMode {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Query,
        Self::Fragment,
        Self::FormPost,
        Self::QueryJwt,
        Self::FragmentJwt,
        Self::FormPostJwt,
        Self::Jwt,
    ];

    /// The wire's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
            Self::QueryJwt => "query.jwt",
            Self::FragmentJwt => "fragment.jwt",
            Self::FormPostJwt => "form_post.jwt",
            Self::Jwt => "jwt",
        }
    }

    /// Reads the wire's word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }

    /// Whether the answer is signed.
    pub const fn is_signed(self) -> bool {
        matches!(
            self,
            Self::QueryJwt | Self::FragmentJwt | Self::FormPostJwt | Self::Jwt
        )
    }

    /// The same, signed.
    const fn signed(self) -> Self {
        match self {
            Self::Fragment => Self::FragmentJwt,
            Self::FormPost => Self::FormPostJwt,
            _ => Self::QueryJwt,
        }
    }

    /// The mode of a response type for which none is named.
    pub const fn default_of(response_type: ResponseType) -> Self {
        if response_type.is_legacy() {
            Self::Fragment
        } else {
            Self::Query
        }
    }

    /// How a request wants to be answered, also when the answer is that it cannot be: the mode that it names, as far as
    /// that may carry what it asks for, else the default of what it asks for.
    pub(super) fn of_request(mode: Option<&str>, response_type: Option<&str>) -> Self {
        let default = response_type
            .and_then(ResponseType::parse)
            .map_or(Self::Query, Self::default_of);
        match mode.and_then(Self::parse) {
            // Multiple Response Types section 3: tokens never stand in a query, where logs and histories keep them.
            Some(Self::Query) | None => default,
            Some(Self::QueryJwt | Self::Jwt) => default.signed(),
            Some(mode) => mode,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_words_does_not_matter() {
        assert_eq!(
            ResponseType::parse("token code id_token"),
            Some(ResponseType::CodeIdTokenToken)
        );
        for known in ResponseType::ALL {
            assert_eq!(ResponseType::parse(known.as_str()), Some(known));
            assert_eq!(known.is_legacy(), known != ResponseType::Code);
        }
        for bad in [
            "",
            "none",
            "code code",
            "code  token",
            "Code",
            "code id_token token x",
        ] {
            assert_eq!(ResponseType::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn tokens_never_travel_in_a_query() {
        for known in ResponseType::ALL {
            for mode in [None, Some("query"), Some("no such mode")] {
                let used = ResponseMode::of_request(mode, Some(known.as_str()));
                assert_eq!(used == ResponseMode::Query, known == ResponseType::Code);
            }
            assert_eq!(
                ResponseMode::of_request(Some("form_post"), Some(known.as_str())),
                ResponseMode::FormPost
            );
        }
        assert_eq!(ResponseMode::of_request(None, None), ResponseMode::Query);
    }
}
