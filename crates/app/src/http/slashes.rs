//! Every path answers with and without its trailing slash, without a redirect: existing apps POST to both.

use http::Uri;
use http::uri::PathAndQuery;

/// The same URI with one slash less at the path's end; none where there is nothing to take. `/` stays.
pub(super) fn without_trailing_slash(uri: &Uri) -> Option<Uri> {
    let path = uri.path().strip_suffix('/').filter(|path| !path.is_empty())?;
    let text = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_goes_and_all_else_stays() {
        let strip = |uri: &str| without_trailing_slash(&uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(strip("/open_auth/token/").as_deref(), Some("/open_auth/token"));
        assert_eq!(strip("/login/?a=%2F&b=/").as_deref(), Some("/login?a=%2F&b=/"));
        assert_eq!(
            strip("http://h.example/a/?b").as_deref(),
            Some("http://h.example/a?b")
        );
        assert_eq!(strip("/a//").as_deref(), Some("/a/"));
        for kept in ["/", "/?a=b/", "/a", "/a?b/", "*"] {
            assert_eq!(strip(kept), None, "{kept}");
        }
    }
}
