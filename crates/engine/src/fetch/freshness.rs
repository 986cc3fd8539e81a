//! For how long an answer may be kept, as its host says (RFC 9111 section 4.2).

use http::HeaderMap;
use http::header::{AGE, CACHE_CONTROL, DATE, EXPIRES};

/// The seconds for which an answer with these headers is fresh; none where nothing is said that can be understood. What
/// must not be kept, or not without asking again, is fresh for none.
pub(super) fn told(headers: &HeaderMap) -> Option<i64> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let directives: Vec<String> = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase())
        .collect();
    let forbidden = |directive: &String| matches!(directive.as_str(), "no-store" | "no-cache");
    if directives.iter().any(forbidden) {
        return Some(0);
    }
    let max_age = directives.iter().find_map(|directive| {
        let seconds = directive.strip_prefix("max-age=")?.trim_matches('"');
        seconds_of(seconds)
    });
    if let Some(max_age) = max_age {
        let age = text(AGE).and_then(seconds_of).unwrap_or(0);
        return Some(max_age.saturating_sub(age).max(0));
    }
    let moment = |text: &str| httpdate::parse_http_date(text).ok();
    // One that cannot be read has passed (section 5.3).
    let expires = moment(text(EXPIRES)?);
    let left = expires.and_then(|expires| expires.duration_since(moment(text(DATE)?)?).ok());
    Some(left.map_or(0, |left| i64::try_from(left.as_secs()).unwrap_or(i64::MAX)))
}

/// A number of seconds; one that is too large counts as the largest (section 1.2.2).
fn seconds_of(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(i64::from(i32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn of(pairs: &[(&'static str, &'static str)]) -> Option<i64> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        told(&headers)
    }

    #[test]
    fn what_the_host_says_is_understood() {
        let control = |value| of(&[("cache-control", value)]);
        assert_eq!(of(&[]), None);
        assert_eq!(control("max-age=600"), Some(600));
        assert_eq!(control("Public, Max-Age=\"600\""), Some(600));
        assert_eq!(control("public"), None);
        assert_eq!(control("max-age=soon"), None);
        assert_eq!(control("max-age=99999999999999999999"), Some(i64::from(i32::MAX)));
        assert_eq!(control("max-age=600, no-cache"), Some(0));
        assert_eq!(control("no-store"), Some(0));
        let aged = [("cache-control", "max-age=600"), ("age", "590")];
        assert_eq!(of(&aged), Some(10));
        assert_eq!(of(&[("cache-control", "max-age=600"), ("age", "700")]), Some(0));
        let (date, expires) = ("Tue, 01 Dec 2026 07:00:00 GMT", "Tue, 01 Dec 2026 07:05:00 GMT");
        assert_eq!(of(&[("date", date), ("expires", expires)]), Some(300));
        assert_eq!(of(&[("date", expires), ("expires", date)]), Some(0));
        assert_eq!(of(&[("date", date), ("expires", "0")]), Some(0));
        assert_eq!(of(&[("expires", expires)]), Some(0));
    }
}
