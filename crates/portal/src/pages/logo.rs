//! `/logo/DIGEST.png`: an app's logo, as we drew it anew.

use super::assets::FOR_GOOD;
use crate::problem::Problem;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use omniport_engine::Engine;
use std::sync::Arc;

/// GET `/logo/{file}`. The name is the picture's digest, so what is behind it never changes.
pub(crate) async fn show(
    State(engine): State<Arc<Engine>>,
    file: Option<Path<String>>,
) -> Result<Response, Problem> {
    let name = file.map(|Path(name)| name).unwrap_or_default();
    let digest = digest(&name).ok_or_else(Problem::not_found)?;
    let png = engine
        .store()
        .logo(digest)
        .await?
        .ok_or_else(Problem::not_found)?;
    let headers = [
        (CONTENT_TYPE, "image/png"),
        (CACHE_CONTROL, FOR_GOOD),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    Ok((headers, png).into_response())
}

/// The digest in a file's name: 64 lower-case hexadecimal digits before `.png`.
fn digest(file: &str) -> Option<&str> {
    let digest = file.strip_suffix(".png")?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (digest.len() == 64 && digest.bytes().all(is_digit)).then_some(digest)
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn only_a_digest_names_a_logo() {
        let good = "0af9".repeat(16);
        assert_eq!(digest(&format!("{good}.png")), Some(good.as_str()));
        for bad in [
            good.clone(),
            format!("{}.png", "0AF9".repeat(16)),
            format!("{good}0.png"),
            "../x.png".into(),
        ] {
            assert_eq!(digest(&bad), None, "{bad}");
        }
    }
}
