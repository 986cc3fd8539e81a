//! Resource indicators (RFC 8707): a request says for which APIs its tokens are to be.
//!
//! Several may be named at the authorisation endpoint, and fewer of them at the token endpoint. Where none is named, a
//! token is for the one API whose scopes it holds, or else for our own endpoints (the issuer): see `token/audience.rs`.

use crate::apis::Apis;
use crate::endpoints::user_data::USER_DATA;
use crate::endpoints::userinfo::USERINFO;
use crate::error::{ErrorCode, Refusal, shown};
use crate::vocabulary::{Client, Params};

/// The parameter's name.
pub const PARAMETER: &str = "resource";
/// Most resources of one request.
const MAX_RESOURCES: usize = 10;
/// The paths of our own protected resources; the issuer itself stands for them all.
pub const OWN_PATHS: [&str; 2] = [USERINFO, USER_DATA];

/// Whether `uri` names our own endpoints: the issuer or one of [`OWN_PATHS`] under it, with or without the last slash.
pub fn is_ours(uri: &str, issuer: &str) -> bool {
    let path = uri
        .trim_end_matches('/')
        .strip_prefix(issuer.trim_end_matches('/'));
    path.is_some_and(|path| path.is_empty() || OWN_PATHS.contains(&path))
}

/// The resources that a request names, each once and as it is registered; ours as the issuer.
///
/// # Errors
/// `invalid_target` for one that is unknown, or that `client` may not use.
pub fn named(params: &Params, client: &Client, apis: &Apis, issuer: &str) -> Result<Vec<String>, Refusal> {
    let mut found: Vec<String> = Vec::new();
    for (n, uri) in params.all(PARAMETER).filter(|uri| !uri.is_empty()).enumerate() {
        if n == MAX_RESOURCES {
            return Err(invalid_target("There are more than 10 resources."));
        }
        let name = if is_ours(uri, issuer) {
            issuer
        } else {
            let resource = apis
                .of_uri(uri)
                .ok_or_else(|| unknown().because(format!("no API is registered as {}", shown(uri))))?;
            let name = resource.uri.as_str();
            apis.usable(client, name)
                .map_err(|why| unknown().because(why.why(name)))?;
            name
        };
        if !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    }
    Ok(found)
}

/// The same sentence whether there is no such resource or this client may not use it.
fn unknown() -> Refusal {
    invalid_target("The resource is not known here, or this app may not use it.")
}

/// `invalid_target` with this sentence.
pub(crate) fn invalid_target(public: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidTarget, public)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ISSUER, api_client, apis, client, params};

    const LIBRARY: &str = "https://library.example/api";

    #[test]
    fn what_is_named_is_registered_and_approved() {
        let apis = apis();
        let of = |uris: &[&str]| {
            let pairs: Vec<_> = uris.iter().map(|uri| (PARAMETER, *uri)).collect();
            named(&params(&pairs), &api_client(), &apis, ISSUER)
        };
        assert_eq!(of(&[]).unwrap(), Vec::<String>::new());
        assert_eq!(of(&[LIBRARY, LIBRARY]).unwrap(), [LIBRARY]);
        let userinfo = format!("{ISSUER}/oauth/userinfo/");
        assert_eq!(of(&[&userinfo, LIBRARY, ISSUER]).unwrap(), [ISSUER, LIBRARY]);
        for bad in [
            "library",
            "https://library.example/api#x",
            "https://other.example/",
            "https://closed.example/",
        ] {
            let refusal = of(&[LIBRARY, bad]).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::InvalidTarget, "{bad}");
            assert_eq!(refusal.public, unknown().public);
        }
        let many: Vec<_> = (0..11).map(|_| LIBRARY).collect();
        assert!(of(&many).is_err());
        let stranger = named(&params(&[(PARAMETER, LIBRARY)]), &client(), &apis, ISSUER);
        assert_eq!(stranger.unwrap_err().code, ErrorCode::InvalidTarget);
    }

    #[test]
    fn our_own_endpoints_have_three_names() {
        for ours in [
            ISSUER,
            &format!("{ISSUER}/"),
            &format!("{ISSUER}/open_auth/get_user_data/"),
        ] {
            assert!(is_ours(ours, ISSUER), "{ours}");
        }
        for other in [
            &format!("{ISSUER}/oauth/token"),
            &format!("{ISSUER}.evil.example"),
            "",
            "https://x.example",
        ] {
            assert!(!is_ours(other, ISSUER), "{other}");
        }
    }
}
