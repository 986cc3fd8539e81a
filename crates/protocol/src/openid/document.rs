//! OpenID's part of a client metadata document (Registration section 2, the logout specifications), checked member by member.

use super::{ApplicationType, CibaDocument, OpenIdMetadata, ResponseEncryption, SenderDocument, SubjectType};
use crate::authorize::ResponseType;
use crate::extensions::fapi2;
use crate::jose::{ContentEncryption, JwkSet, KeyManagement, MacAlgorithm, SigningAlgorithm};
use crate::review::FieldError;
use crate::vocabulary::{Profile, RedirectUri};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use url::Url;

/// Longest URL that a client may register, in bytes.
const MAX_URL: usize = 2_048;
/// Most entries of a list.
const MAX_LIST: usize = 20;
/// Longest text that is no URL, in bytes.
const MAX_TEXT: usize = 256;

/// The members as they came. What is not here is not read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    clippy::struct_excessive_bools,
    reason = "each is registered under its own name, and OpenIdMetadata says what it means"
)]
pub struct OpenIdDocument {
    pub jwks: Option<Map<String, Value>>,
    pub jwks_uri: Option<String>,
    pub response_types: Option<Vec<String>>,
    pub application_type: Option<String>,
    pub logo_uri: Option<String>,
    pub sector_identifier_uri: Option<String>,
    pub subject_type: Option<String>,
    pub id_token_signed_response_alg: Option<String>,
    pub id_token_encrypted_response_alg: Option<String>,
    pub id_token_encrypted_response_enc: Option<String>,
    pub userinfo_signed_response_alg: Option<String>,
    pub introspection_signed_response_alg: Option<String>,
    pub userinfo_encrypted_response_alg: Option<String>,
    pub userinfo_encrypted_response_enc: Option<String>,
    pub request_object_signing_alg: Option<String>,
    pub token_endpoint_auth_signing_alg: Option<String>,
    pub default_max_age: Option<i64>,
    pub require_auth_time: bool,
    pub default_acr_values: Vec<String>,
    pub initiate_login_uri: Option<String>,
    pub request_uris: Vec<String>,
    pub require_pushed_authorization_requests: bool,
    pub require_signed_request_object: bool,
    pub authorization_signed_response_alg: Option<String>,
    pub profile: Option<String>,
    #[serde(flatten)]
    pub sender: SenderDocument,
    #[serde(flatten)]
    pub ciba: CibaDocument,
    pub post_logout_redirect_uris: Vec<String>,
    pub frontchannel_logout_uri: Option<String>,
    pub frontchannel_logout_session_required: bool,
    pub backchannel_logout_uri: Option<String>,
    pub backchannel_logout_session_required: bool,
}

/// Collects mistakes, each under its member's name.
#[derive(Default)]
struct Mistakes(Vec<FieldError>);

impl Mistakes {
    fn add(&mut self, field: &'static str, message: impl Into<String>) {
        self.0.push(FieldError {
            field,
            message: message.into(),
        });
    }

    /// A URL of a page or an endpoint: `https`, or `http` on loopback; no user, no fragment.
    fn url(&mut self, field: &'static str, text: Option<&String>) -> Option<String> {
        let text = text?;
        if is_web_url(text) {
            return Some(text.clone());
        }
        self.add(
            field,
            "It must be an absolute https URL without user or fragment.",
        );
        None
    }

    fn urls(&mut self, field: &'static str, list: &[String], fits: fn(&str) -> bool) -> Vec<String> {
        if list.len() > MAX_LIST {
            self.add(field, format!("There are more than {MAX_LIST} entries."));
            return Vec::new();
        }
        if list.iter().any(|text| !fits(text)) {
            self.add(
                field,
                "Every entry must be an absolute https URL that may be used here.",
            );
        }
        list.to_vec()
    }

    fn texts(&mut self, field: &'static str, list: &[String]) -> Vec<String> {
        if list.len() > MAX_LIST || list.iter().any(|text| text.is_empty() || text.len() > MAX_TEXT) {
            self.add(
                field,
                format!("At most {MAX_LIST} texts of at most {MAX_TEXT} bytes."),
            );
        }
        list.to_vec()
    }

    /// A word of a list of known ones.
    fn word<T: Copy>(
        &mut self,
        field: &'static str,
        text: Option<&String>,
        all: &[T],
        as_str: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = text?;
        let known = all.iter().copied().find(|one| as_str(*one) == text);
        if known.is_none() {
            let words: Vec<&str> = all.iter().map(|one| as_str(*one)).collect();
            self.add(field, format!("It is one of {}.", words.join(", ")));
        }
        known
    }

    fn signing(&mut self, field: &'static str, text: Option<&String>) -> Option<SigningAlgorithm> {
        self.word(field, text, &SigningAlgorithm::ALL, SigningAlgorithm::as_str)
    }

    /// `alg` and `enc` of an encrypted answer: `enc` never without `alg` (Registration section 2).
    fn encryption(
        &mut self,
        (alg_field, enc_field): (&'static str, &'static str),
        alg: Option<&String>,
        enc: Option<&String>,
    ) -> Option<ResponseEncryption> {
        if alg.is_none() && enc.is_some() {
            self.add(enc_field, format!("It needs {alg_field} beside it."));
        }
        let alg = self.word(alg_field, alg, &KeyManagement::ALL, KeyManagement::as_str)?;
        let known = self.word(enc_field, enc, &ContentEncryption::ALL, ContentEncryption::as_str);
        Some(ResponseEncryption {
            alg,
            enc: known.unwrap_or(ContentEncryption::A128CbcHs256),
        })
    }
}

fn is_web_url(text: &str) -> bool {
    let on_loopback = |url: &Url| matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    // A parser of URLs mends a good deal; what is kept and compared is the text as it was given.
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let has_host = |scheme: &str| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    text.len() <= MAX_URL
        && is_plain
        && (has_host("https://") || has_host("http://"))
        && Url::parse(text).is_ok_and(|url| {
            let scheme = url.scheme() == "https" || (url.scheme() == "http" && on_loopback(&url));
            scheme
                && url.host_str().is_some()
                && url.username().is_empty()
                && url.password().is_none()
                && url.fragment().is_none()
        })
}

/// As [`is_web_url`], and never in the clear: what is sent there is a secret, from here.
pub(super) fn is_https_url(text: &str) -> bool {
    is_web_url(text)
        && text
            .get(..8)
            .is_some_and(|start| start.eq_ignore_ascii_case("https://"))
}

/// As [`is_web_url`], but a fragment may carry the document's hash (Core section 6.2).
fn is_request_uri(text: &str) -> bool {
    let bare = text.split('#').next().unwrap_or_default();
    text.len() <= MAX_URL && is_web_url(bare)
}

/// A redirect URL's rules hold for where a browser goes after it signed out.
fn is_redirect(text: &str) -> bool {
    RedirectUri::parse(text).is_ok()
}

impl OpenIdDocument {
    /// Checks every member; `redirect_uris` are the client's, valid already.
    ///
    /// The sector identifier's document is not fetched here: who fetches it checks it with [`check_sector`].
    ///
    /// # Errors
    /// Every mistake, under its member's name.
    pub fn check(&self, redirect_uris: &[RedirectUri]) -> Result<OpenIdMetadata, Vec<FieldError>> {
        let mut wrong = Mistakes::default();
        let application_type = self.application_type(redirect_uris, &mut wrong);
        let subject_type = self.subject_type(redirect_uris, &mut wrong);
        let profile = wrong.word("profile", self.profile.as_ref(), &Profile::ALL, Profile::as_str);
        self.profile_algorithms(profile, &mut wrong);
        let default_alg = match profile {
            Some(_) => SigningAlgorithm::Ps256,
            None => SigningAlgorithm::Rs256,
        };
        let metadata = OpenIdMetadata {
            jwks: self.jwks(&mut wrong),
            jwks_uri: wrong.url("jwks_uri", self.jwks_uri.as_ref()),
            response_types: self.response_types(&mut wrong),
            application_type,
            logo_uri: wrong.url("logo_uri", self.logo_uri.as_ref()),
            sector_identifier_uri: wrong.url("sector_identifier_uri", self.sector_identifier_uri.as_ref()),
            sector: self.sector_identifier_uri.as_deref().and_then(host),
            subject_type,
            id_token_signed_response_alg: wrong
                .signing(
                    "id_token_signed_response_alg",
                    self.id_token_signed_response_alg.as_ref(),
                )
                .unwrap_or(default_alg),
            id_token_encryption: wrong.encryption(
                (
                    "id_token_encrypted_response_alg",
                    "id_token_encrypted_response_enc",
                ),
                self.id_token_encrypted_response_alg.as_ref(),
                self.id_token_encrypted_response_enc.as_ref(),
            ),
            introspection_signed_response_alg: self.introspection_alg(&mut wrong),
            userinfo_signed_response_alg: wrong.signing(
                "userinfo_signed_response_alg",
                self.userinfo_signed_response_alg.as_ref(),
            ),
            userinfo_encryption: wrong.encryption(
                (
                    "userinfo_encrypted_response_alg",
                    "userinfo_encrypted_response_enc",
                ),
                self.userinfo_encrypted_response_alg.as_ref(),
                self.userinfo_encrypted_response_enc.as_ref(),
            ),
            request_object_signing_alg: self.request_object_alg(&mut wrong),
            token_endpoint_auth_signing_alg: self.assertion_alg(&mut wrong),
            default_max_age: self.default_max_age(&mut wrong),
            require_auth_time: self.require_auth_time,
            default_acr_values: wrong.texts("default_acr_values", &self.default_acr_values),
            initiate_login_uri: self.initiate_login_uri(&mut wrong),
            require_signed_request_object: self.require_signed_request_object,
            authorization_signed_response_alg: wrong
                .signing(
                    "authorization_signed_response_alg",
                    self.authorization_signed_response_alg.as_ref(),
                )
                .unwrap_or(default_alg),
            profile,
            sender: self.sender.check(&mut |field, message| wrong.add(field, message)),
            ciba: self.ciba.check(&mut |field, message| wrong.add(field, message)),
            request_uris: wrong.urls("request_uris", &self.request_uris, is_request_uri),
            require_pushed_authorization_requests: self.require_pushed_authorization_requests,
            post_logout_redirect_uris: wrong.urls(
                "post_logout_redirect_uris",
                &self.post_logout_redirect_uris,
                is_redirect,
            ),
            frontchannel_logout_uri: self.frontchannel_logout_uri(redirect_uris, &mut wrong),
            frontchannel_logout_session_required: self.frontchannel_logout_session_required,
            backchannel_logout_uri: wrong.url("backchannel_logout_uri", self.backchannel_logout_uri.as_ref()),
            backchannel_logout_session_required: self.backchannel_logout_session_required,
        };
        if wrong.0.is_empty() {
            Ok(metadata)
        } else {
            Err(wrong.0)
        }
    }

    /// Registration section 2: by `https`, on loopback too.
    fn initiate_login_uri(&self, wrong: &mut Mistakes) -> Option<String> {
        let uri = wrong.url("initiate_login_uri", self.initiate_login_uri.as_ref())?;
        if Url::parse(&uri).is_ok_and(|url| url.scheme() != "https") {
            wrong.add("initiate_login_uri", "It must be an https URL.");
        }
        Some(uri)
    }

    /// Front-Channel Logout section 2: it is opened in people's browsers, so it is on a site of the app's own.
    fn frontchannel_logout_uri(&self, redirect_uris: &[RedirectUri], wrong: &mut Mistakes) -> Option<String> {
        let uri = wrong.url("frontchannel_logout_uri", self.frontchannel_logout_uri.as_ref())?;
        let origin = RedirectUri::origin_of(&uri);
        let is_own = |own: &RedirectUri| RedirectUri::origin_of(own.as_str()) == origin;
        if !redirect_uris.iter().any(is_own) {
            wrong.add(
                "frontchannel_logout_uri",
                "Its scheme, host and port must be those of a redirect URL.",
            );
        }
        Some(uri)
    }

    /// Core section 8.1: several hosts are one sector only where a document of one of them says so.
    fn subject_type(&self, redirect_uris: &[RedirectUri], wrong: &mut Mistakes) -> SubjectType {
        let subject_type = wrong.word(
            "subject_type",
            self.subject_type.as_ref(),
            &SubjectType::ALL,
            SubjectType::as_str,
        );
        let subject_type = subject_type.unwrap_or_default();
        // What goes to an app on a device has no host that could vouch for it.
        let hosts: BTreeSet<Option<String>> = redirect_uris.iter().map(RedirectUri::site).collect();
        if subject_type == SubjectType::Pairwise && hosts.len() > 1 && self.sector_identifier_uri.is_none() {
            wrong.add(
                "sector_identifier_uri",
                "Pairwise subjects for redirect URLs on several hosts need it (OpenID Connect Core section 8.1).",
            );
        }
        subject_type
    }

    /// FAPI 2.0 section 5.4.1: no RS256.
    fn profile_algorithms(&self, profile: Option<Profile>, wrong: &mut Mistakes) {
        for (field, given) in [
            ("id_token_signed_response_alg", &self.id_token_signed_response_alg),
            ("userinfo_signed_response_alg", &self.userinfo_signed_response_alg),
            ("request_object_signing_alg", &self.request_object_signing_alg),
            (
                "authorization_signed_response_alg",
                &self.authorization_signed_response_alg,
            ),
            (
                "token_endpoint_auth_signing_alg",
                &self.token_endpoint_auth_signing_alg,
            ),
            (
                "backchannel_authentication_request_signing_alg",
                &self.ciba.backchannel_authentication_request_signing_alg,
            ),
            (
                "introspection_signed_response_alg",
                &self.introspection_signed_response_alg,
            ),
        ] {
            let algorithm = given.as_deref().and_then(SigningAlgorithm::parse);
            if profile.is_some() && algorithm.is_some_and(|algorithm| !fapi2::allows(algorithm)) {
                wrong.add(field, "The profile leaves PS256, ES256 and EdDSA.");
            }
        }
    }

    fn request_object_alg(&self, wrong: &mut Mistakes) -> Option<SigningAlgorithm> {
        let given = self.request_object_signing_alg.as_ref();
        wrong.signing("request_object_signing_alg", given)
    }

    fn introspection_alg(&self, wrong: &mut Mistakes) -> Option<SigningAlgorithm> {
        let given = self.introspection_signed_response_alg.as_ref();
        wrong.signing("introspection_signed_response_alg", given)
    }

    /// RFC 7591 section 2: never by value and by reference.
    fn jwks(&self, wrong: &mut Mistakes) -> Option<JwkSet> {
        let given = self.jwks.as_ref()?;
        if self.jwks_uri.is_some() {
            wrong.add("jwks", "Give jwks or jwks_uri, not both.");
        }
        match JwkSet::from_object(given) {
            Ok(keys) => Some(keys),
            Err(why) => {
                wrong.add("jwks", format!("The key set cannot be used: {why}."));
                None
            }
        }
    }

    fn response_types(&self, wrong: &mut Mistakes) -> BTreeSet<ResponseType> {
        let Some(words) = &self.response_types else {
            return OpenIdMetadata::default().response_types;
        };
        let known: BTreeSet<ResponseType> = words
            .iter()
            .filter_map(|word| ResponseType::parse(word))
            .collect();
        if words.len() > MAX_LIST || words.iter().any(|word| ResponseType::parse(word).is_none()) {
            let all = ResponseType::ALL.map(ResponseType::as_str).join(", ");
            wrong.add("response_types", format!("The response types are {all}."));
        }
        known
    }

    /// Registration section 2: a site answers at `https`, a native app at its own scheme or on loopback.
    fn application_type(&self, redirect_uris: &[RedirectUri], wrong: &mut Mistakes) -> ApplicationType {
        let kind = match self.application_type.as_deref() {
            None | Some("web") => ApplicationType::Web,
            Some("native") => ApplicationType::Native,
            Some(_) => {
                wrong.add("application_type", "It is one of web, native.");
                return ApplicationType::Web;
            }
        };
        // Where nothing is said, what the redirect URLs may be is for their own rules to say.
        let is_said = self.application_type.is_some();
        let of_a_site = |uri: &RedirectUri| uri.as_str().starts_with("https:");
        match kind {
            ApplicationType::Web if is_said && redirect_uris.iter().any(RedirectUri::is_private_use) => {
                wrong.add(
                    "redirect_uris",
                    "A web client has https redirect URLs (application_type).",
                );
            }
            ApplicationType::Native if redirect_uris.iter().any(of_a_site) => {
                wrong.add(
                    "redirect_uris",
                    "A native client has redirect URLs of its own scheme or on loopback (application_type).",
                );
            }
            _ => {}
        }
        kind
    }

    fn assertion_alg(&self, wrong: &mut Mistakes) -> Option<String> {
        let given = self.token_endpoint_auth_signing_alg.as_ref()?;
        let known = SigningAlgorithm::parse(given).is_some() || MacAlgorithm::parse(given).is_some();
        if !known {
            wrong.add(
                "token_endpoint_auth_signing_alg",
                "It is one of RS256, PS256, ES256, EdDSA, or HS256 for client_secret_jwt.",
            );
        }
        Some(given.clone())
    }

    fn default_max_age(&self, wrong: &mut Mistakes) -> Option<i64> {
        let seconds = self.default_max_age?;
        if seconds < 0 {
            wrong.add("default_max_age", "It is a whole number of seconds.");
        }
        Some(seconds)
    }
}

fn host(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(ToOwned::to_owned)
}

/// Whether the document at `sector_identifier_uri` lists every redirect URL (OpenID Connect Registration section 5).
///
/// # Errors
/// A sentence.
pub fn check_sector(document: &str, redirect_uris: &[RedirectUri]) -> Result<(), &'static str> {
    let listed: Vec<String> =
        serde_json::from_str(document).map_err(|_| "The document is not a JSON array of URLs.")?;
    let missing = redirect_uris
        .iter()
        .any(|uri| !listed.iter().any(|known| known == uri.as_str()));
    if missing {
        Err("The document does not list every redirect URL.")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn check(document: &Value, uris: &[&str]) -> Result<OpenIdMetadata, Vec<&'static str>> {
        let document: OpenIdDocument = serde_json::from_value(document.clone()).unwrap();
        let uris: Vec<RedirectUri> = uris.iter().map(|uri| RedirectUri::parse(uri).unwrap()).collect();
        document
            .check(&uris)
            .map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    const WEB: [&str; 1] = ["https://app.example/cb"];

    #[test]
    fn an_empty_document_has_the_specifications_defaults() {
        assert_eq!(check(&json!({}), &WEB), Ok(OpenIdMetadata::default()));
    }

    #[test]
    fn a_full_document_is_read() {
        let metadata = check(
            &json!({
                "jwks_uri": "https://app.example/jwks", "response_types": ["code", "token id_token code"],
                "application_type": "web",
                "subject_type": "pairwise", "sector_identifier_uri": "https://sector.example/uris.json",
                "id_token_signed_response_alg": "ES256", "id_token_encrypted_response_alg": "ECDH-ES",
                "userinfo_signed_response_alg": "RS256", "request_object_signing_alg": "PS256",
                "token_endpoint_auth_signing_alg": "EdDSA", "default_max_age": 600, "require_auth_time": true,
                "default_acr_values": ["x"], "initiate_login_uri": "https://app.example/start",
                "request_uris": ["https://app.example/r.jwt#hash"], "post_logout_redirect_uris": ["https://app.example/bye"],
                "backchannel_logout_uri": "https://app.example/bcl", "frontchannel_logout_uri": "https://app.example/fcl",
            }),
            &WEB,
        )
        .unwrap();
        assert_eq!(metadata.sector.as_deref(), Some("sector.example"));
        assert_eq!(metadata.response_types.len(), 2);
        assert_eq!(
            metadata.id_token_encryption.unwrap().enc,
            ContentEncryption::A128CbcHs256
        );
        let stored = serde_json::to_string(&metadata).unwrap();
        assert_eq!(serde_json::from_str::<OpenIdMetadata>(&stored).unwrap(), metadata);
    }

    #[test]
    fn case_094_keys_come_by_value_or_by_reference() {
        let both = json!({"jwks": {"keys": []}, "jwks_uri": "https://app.example/jwks"});
        assert_eq!(check(&both, &WEB), Err(vec!["jwks"]));
    }

    #[test]
    fn every_mistake_bears_its_members_name() {
        for (member, bad) in [
            (
                "jwks",
                json!({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQAB"}]}),
            ),
            ("jwks_uri", json!("http://app.example/jwks")),
            ("response_types", json!(["magic"])),
            ("application_type", json!("desktop")),
            ("logo_uri", json!("https://user:pw@app.example/")),
            ("logo_uri", json!("data:image/png,x")),
            ("sector_identifier_uri", json!("https://app.example/#x")),
            ("subject_type", json!("secret")),
            ("id_token_signed_response_alg", json!("none")),
            ("id_token_encrypted_response_alg", json!("RSA1_5")),
            ("id_token_encrypted_response_enc", json!("A128GCM")),
            ("userinfo_signed_response_alg", json!("HS256")),
            ("userinfo_encrypted_response_alg", json!("dir")),
            ("request_object_signing_alg", json!("none")),
            ("token_endpoint_auth_signing_alg", json!("none")),
            ("default_max_age", json!(-1)),
            ("default_acr_values", json!([""])),
            ("initiate_login_uri", json!("http://app.example/")),
            ("request_uris", json!(["http://app.example/"])),
            ("post_logout_redirect_uris", json!(["https://app.example/#f"])),
            ("frontchannel_logout_uri", json!("ftp://app.example/")),
            ("frontchannel_logout_uri", json!("https://other.example/")),
            ("frontchannel_logout_uri", json!("https://app.example:8443/")),
            (
                "initiate_login_uri",
                json!("https://app.example/\r\nSet-Cookie: a=b"),
            ),
            ("backchannel_logout_uri", json!(" https://app.example/")),
            ("jwks_uri", json!("https:app.example")),
            ("logo_uri", json!("https:\\\\app.example\\")),
            ("request_uris", json!(["https://app.example/\n"])),
            ("backchannel_logout_uri", json!("app.example")),
        ] {
            let errors = check(&json!({member: bad}), &WEB).unwrap_err();
            assert!(errors.contains(&member), "{member}: {errors:?}");
        }
    }

    #[test]
    fn what_an_application_is_says_where_its_answers_go() {
        let native = json!({"application_type": "native"});
        assert!(check(&native, &["org.example.app:/cb", "http://127.0.0.1/cb"]).is_ok());
        assert_eq!(check(&native, &WEB), Err(vec!["redirect_uris"]));
        let web = json!({"application_type": "web"});
        assert_eq!(check(&web, &["org.example.app:/cb"]), Err(vec!["redirect_uris"]));
    }

    #[test]
    fn pairwise_subjects_on_several_hosts_need_a_sector() {
        let several = ["https://a.example/cb", "https://b.example/cb"];
        let pairwise = json!({"subject_type": "pairwise"});
        assert_eq!(check(&pairwise, &several), Err(vec!["sector_identifier_uri"]));
        assert!(check(&pairwise, &WEB).is_ok());
        // Of apps on devices nobody has a sector beside their own; but one beside a site is no part of the site's.
        assert!(check(&pairwise, &["org.example.app:/cb", "http://127.0.0.1/cb"]).is_ok());
        let both = ["https://a.example/cb", "org.example.app:/cb"];
        assert_eq!(check(&pairwise, &both), Err(vec!["sector_identifier_uri"]));
        let uris = several.map(|uri| RedirectUri::parse(uri).unwrap());
        assert!(check_sector(r#"["https://b.example/cb", "https://a.example/cb", "x"]"#, &uris).is_ok());
        for bad in [r#"["https://a.example/cb"]"#, "{}", "", "[1]"] {
            assert!(check_sector(bad, &uris).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(url in "\\PC{0,60}", word in "\\PC{0,20}") {
            let document = json!({"jwks_uri": url, "request_uris": [url], "subject_type": word, "response_types": [word]});
            let _ = check(&document, &WEB);
        }
    }
}
