//! The matrix: every grant of the registry x every client authentication x {plain, DPoP, certificate} x {opaque, JWT}.
//!
//! It is made from the registry and from [`AuthMethod::ALL`]: a grant or a method that is added fails here until it is
//! described.

use crate::apis::{api, claims};
use crate::{ciba, device_rfc8628};
use omniport_engine::people::PlatformRole;
use omniport_protocol::apis::ResourceDraft;
use omniport_protocol::jose::JwkSet;
use omniport_protocol::jose::encode;
use omniport_protocol::token::{GrantSettings, IssuerKeys, SubjectIs, TrustedIssuer, registry};
use omniport_protocol::vocabulary::{AuthMethod, ClientId, GrantType, PersonId, Scope, sha256};
use omniport_testkit::{Answer, ClientKey, ISSUER, Instance, PASSWORD, TestApp, sign_with_secret};
use serde_json::{Value, json};
use std::cell::Cell;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Who vouches for people, of JWT bearer assertions.
const PARTNER: &str = "https://partner.example/";
/// The app's identifier, which the operator's settings name.
const APP: &str = "corner";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// To whom a token is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Plain,
    Dpop,
    Certificate,
}

/// One app of one method, and all it has to prove itself with.
struct Corner {
    instance: Instance,
    app: TestApp,
    method: AuthMethod,
    bound: Bound,
    key: ClientKey,
    certificate: Vec<u8>,
    partner: ClientKey,
    drawn: Cell<u32>,
}

/// What an operator has to open: passwords, and the assertions of one issuer.
fn opened(partner: &ClientKey) -> GrantSettings {
    let keys = JwkSet::parse(&json!({"keys": [partner.public()]}).to_string()).unwrap();
    GrantSettings {
        password: true,
        trusted_issuers: vec![TrustedIssuer {
            issuer: PARTNER.into(),
            keys: IssuerKeys::These(keys),
            clients: [ClientId::parse(APP).unwrap()].into(),
            subject: SubjectIs::Username,
            scope: Scope::of(["openid", "opaque.read", "jwt.read"]),
            longest_seconds: 300,
            tells_sign_in: false,
        }],
    }
}

/// Whether an app that proves itself so may have the grant at all: those on the app's own word are for apps that can
/// prove themselves.
fn may_have(method: AuthMethod, grant: &str) -> bool {
    match grant {
        GrantType::AUTHORIZATION_CODE
        | GrantType::REFRESH_TOKEN
        | GrantType::DEVICE_CODE
        | GrantType::JWT_BEARER
        | GrantType::PASSWORD => true,
        GrantType::CLIENT_CREDENTIALS | GrantType::TOKEN_EXCHANGE | GrantType::CIBA => {
            method != AuthMethod::None
        }
        other => panic!("describe the grant {other} in the matrix"),
    }
}

/// What says that a token with a person behind it is for our own endpoints and for the API of its scope.
fn for_both(scope: &str) -> [(&'static str, String); 2] {
    let api = scope.trim_start_matches("openid ").trim_end_matches(".read");
    [
        ("resource", ISSUER.to_owned()),
        ("resource", format!("https://{api}.example/")),
    ]
}

impl Corner {
    async fn new(method: AuthMethod, bound: Bound) -> Self {
        let partner = ClientKey::new("p1");
        let grants = opened(&partner);
        let instance = Instance::with(|settings| settings.grants = grants).await;
        let dev = instance.person("dev", &[PlatformRole::Developer]).await;
        instance.person("asha", &[]).await;
        for (name, format) in [("opaque", "opaque"), ("jwt", "jwt")] {
            let draft = ResourceDraft {
                uri: format!("https://{name}.example/"),
                name: name.into(),
                description: name.into(),
                scopes: format!("{name}.read Read it"),
                format: format.into(),
                open: true,
                ..ResourceDraft::default()
            };
            api(&instance, PersonId(dev.0), draft).await;
        }
        let key = ClientKey::new("k1");
        let made = rcgen::generate_simple_self_signed(vec!["app.example.org".to_owned()]).unwrap();
        let certificate = made.cert.der().to_vec();
        let grants: Vec<&str> = registry().iter().map(|grant| grant.grant_type()).collect();
        let grants: Vec<&str> = grants
            .into_iter()
            .filter(|grant| may_have(method, grant))
            .collect();
        let mut metadata = json!({
            "client_id": APP,
            "grant_types": grants,
            "legacy_password": true,
            "token_endpoint_auth_method": method.as_str(),
            "scope": "openid opaque.read jwt.read",
            "tls_client_certificate_bound_access_tokens": bound == Bound::Certificate,
        });
        let mut more = |name: &str, value: Value| metadata[name] = value;
        match method {
            AuthMethod::PrivateKeyJwt => more("jwks", json!({"keys": [key.public()]})),
            AuthMethod::TlsClientAuth => more("tls_client_auth_san_dns", json!("app.example.org")),
            AuthMethod::SelfSignedTlsClientAuth => {
                use base64::Engine as _;
                let mut public = key.public();
                public["x5c"] = json!([base64::engine::general_purpose::STANDARD.encode(&certificate)]);
                more("jwks", json!({"keys": [public]}));
            }
            AuthMethod::ClientSecretBasic
            | AuthMethod::ClientSecretPost
            | AuthMethod::ClientSecretJwt
            | AuthMethod::None => {}
        }
        let app = instance.app(dev, metadata).await;
        Self {
            instance,
            app,
            method,
            bound,
            key,
            certificate,
            partner,
            drawn: Cell::new(0),
        }
    }

    fn fresh(&self) -> String {
        self.drawn.set(self.drawn.get() + 1);
        format!("jti-{}", self.drawn.get())
    }

    fn proof(&self, method: &str, path: &str, token: Option<&str>) -> String {
        let mut public = self.key.public();
        public.as_object_mut().unwrap().remove("kid");
        let now = self.instance.engine.now();
        let mut claims =
            json!({"htm": method, "htu": format!("{ISSUER}{path}"), "iat": now, "jti": self.fresh()});
        if let Some(token) = token {
            claims["ath"] = encode(sha256(token.as_bytes())).into();
        }
        self.key.sign(&json!({"typ": "dpop+jwt", "jwk": public}), &claims)
    }

    /// A request to the token endpoint, by the app's method where `proven`, else by the method with something wrong.
    async fn token(&self, form: &[(&str, &str)], proven: bool) -> Answer {
        self.send("/oauth/token", form, proven).await
    }

    /// A request to an endpoint that clients prove themselves at, likewise.
    async fn send(&self, path: &str, form: &[(&str, &str)], proven: bool) -> Answer {
        let mut form: Vec<(String, String)> = form
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let mut add = |name: &str, value: &str| form.push((name.to_owned(), value.to_owned()));
        let secret = if proven {
            self.app.secret.clone()
        } else {
            "wrong".to_owned()
        };
        let mut request = self.instance.post(path);
        let now = self.instance.engine.now();
        let claims = json!({
            "iss": self.app.id, "sub": self.app.id, "aud": ISSUER, "jti": self.fresh(), "iat": now,
            "exp": now.plus(60),
        });
        let mut shows = self.bound == Bound::Certificate;
        match self.method {
            AuthMethod::ClientSecretBasic => request = request.basic(&self.app.id, &secret),
            AuthMethod::ClientSecretPost => {
                add("client_id", &self.app.id);
                add("client_secret", &secret);
            }
            AuthMethod::ClientSecretJwt => {
                add("client_assertion_type", ASSERTION_TYPE);
                add("client_assertion", &sign_with_secret(&secret, &claims));
            }
            AuthMethod::PrivateKeyJwt => {
                let other = ClientKey::new("k1");
                let key = if proven { &self.key } else { &other };
                add("client_assertion_type", ASSERTION_TYPE);
                add("client_assertion", &key.sign(&json!({}), &claims));
            }
            AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth => {
                add("client_id", &self.app.id);
                shows = proven;
            }
            AuthMethod::None => add("client_id", if proven { &self.app.id } else { "nobody" }),
        }
        if self.bound == Bound::Dpop {
            request = request.header("DPoP", &self.proof("POST", path, None));
        }
        if shows {
            request = request.certificate(&self.certificate, true);
        }
        let form: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        request.form(&form).send().await
    }

    async fn code(&self, scope: &str) -> String {
        let cookie = self.instance.sign_in("asha").await;
        let params = [
            ("response_type", "code"),
            ("scope", scope),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let answer = self.instance.authorize(&self.app, &cookie, &params).await;
        answer
            .redirect_param("code")
            .unwrap_or_else(|| panic!("{:?}", answer.location()))
    }

    async fn by_code(&self, scope: &str) -> Answer {
        let code = self.code(scope).await;
        let resources = for_both(scope);
        let mut form = self.redeeming(&code).to_vec();
        form.extend(resources.iter().map(|(name, value)| (*name, value.as_str())));
        self.token(&form, true).await
    }

    fn redeeming<'a>(&'a self, code: &'a str) -> [(&'a str, &'a str); 4] {
        [
            ("grant_type", GrantType::AUTHORIZATION_CODE),
            ("code", code),
            ("redirect_uri", &self.app.redirect_uri),
            ("code_verifier", VERIFIER),
        ]
    }

    /// What the grant is asked with, for a token of this scope.
    async fn form(&self, grant: &'static str, scope: &str) -> Vec<(&'static str, String)> {
        let mut form = vec![("grant_type", grant.to_owned())];
        match grant {
            GrantType::AUTHORIZATION_CODE => {
                let code = self.code(scope).await;
                form.extend([
                    ("code", code),
                    ("redirect_uri", self.app.redirect_uri.clone()),
                    ("code_verifier", VERIFIER.to_owned()),
                ]);
            }
            GrantType::REFRESH_TOKEN => {
                let refresh = self.by_code(scope).await.member("refresh_token");
                form.push(("refresh_token", refresh));
            }
            GrantType::DEVICE_CODE => {
                let begun = self
                    .send("/oauth/device_authorization", &[("scope", scope)], true)
                    .await;
                let done = device_rfc8628::answer(&self.instance, &begun.member("user_code"), "allow").await;
                assert_eq!(done.location(), Some("/device/done?answer=allowed"));
                form.push(("device_code", begun.member("device_code")));
            }
            GrantType::CIBA => {
                let asked = [("scope", scope), ("login_hint", "asha")];
                let begun = self.send(ciba::ENDPOINT, &asked, true).await;
                let id = begun.member("auth_req_id");
                let done = ciba::answer(&self.instance, &id, "allow").await;
                assert_eq!(done.location(), Some("/?saved=allowed"));
                form.push(("auth_req_id", id));
            }
            GrantType::CLIENT_CREDENTIALS => form.push(("scope", scope.replace("openid ", ""))),
            GrantType::TOKEN_EXCHANGE => {
                let subject = self.by_code(scope).await.member("access_token");
                form.extend([
                    ("subject_token", subject),
                    ("subject_token_type", ACCESS_TOKEN.to_owned()),
                ]);
            }
            GrantType::JWT_BEARER => {
                // It asks nobody: it gives what the person allowed the app before.
                self.code(scope).await;
                let now = self.instance.engine.now();
                let claims = json!({
                    "iss": PARTNER, "sub": "asha", "aud": ISSUER, "jti": self.fresh(), "iat": now,
                    "exp": now.plus(60),
                });
                let assertion = self.partner.sign(&json!({}), &claims);
                form.extend([("assertion", assertion), ("scope", scope.to_owned())]);
            }
            GrantType::PASSWORD => {
                self.code(scope).await;
                form.extend([
                    ("username", "asha".to_owned()),
                    ("password", PASSWORD.to_owned()),
                    ("scope", scope.to_owned()),
                ]);
            }
            other => panic!("describe the grant {other} in the matrix"),
        }
        form
    }

    /// A request for the claims behind a token, as its holder sends it, or as somebody else would.
    async fn userinfo(&self, token: &str, by_holder: bool) -> Answer {
        let path = "/oauth/userinfo";
        let as_bearer = format!("Bearer {token}");
        let request = self.instance.get(path);
        match (self.bound, by_holder) {
            (Bound::Plain, true) | (Bound::Dpop | Bound::Certificate, false) => {
                request.header("Authorization", &as_bearer).send().await
            }
            (Bound::Plain, false) => {
                request
                    .header("Authorization", &format!("DPoP {token}"))
                    .send()
                    .await
            }
            (Bound::Dpop, true) => {
                let request = request.header("Authorization", &format!("DPoP {token}"));
                request
                    .header("DPoP", &self.proof("GET", path, Some(token)))
                    .send()
                    .await
            }
            (Bound::Certificate, true) => {
                request
                    .header("Authorization", &as_bearer)
                    .certificate(&self.certificate, true)
                    .send()
                    .await
            }
        }
    }

    async fn check(&self, grant: &'static str, format: &str) {
        let at = format!("{grant} by {} ({:?}, {format})", self.method.as_str(), self.bound);
        let scope = format!("openid {format}.read");
        if !may_have(self.method, grant) {
            let refused = self.token(&[("grant_type", grant)], true).await;
            assert_eq!(refused.member("error"), "unauthorized_client", "{at}");
            return;
        }
        let mut form = self.form(grant, &scope).await;
        if grant != GrantType::CLIENT_CREDENTIALS {
            form.extend(for_both(&scope));
        }
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = self.token(&form, false).await;
        assert_eq!(
            (refused.status.as_u16(), refused.member("error").as_str()),
            (401, "invalid_client"),
            "{at}"
        );
        let answer = self.token(&form, true).await;
        assert_eq!(answer.status, 200, "{at}: {}", answer.body);
        let kind = if self.bound == Bound::Dpop {
            "DPoP"
        } else {
            "Bearer"
        };
        assert_eq!(answer.member("token_type"), kind, "{at}");
        let token = answer.member("access_token");
        assert_eq!(token.contains('.'), format == "jwt", "{at}");
        if format == "jwt" {
            let (jws, told) = claims(&token);
            assert!(jws.verify_own(&*self.instance.engine.keys()).is_ok(), "{at}");
            assert_eq!(told.get("cnf").is_some(), self.bound != Bound::Plain, "{at}");
            assert_eq!(told["client_id"], self.app.id, "{at}");
        }
        let (own, others) = (
            self.userinfo(&token, true).await,
            self.userinfo(&token, false).await,
        );
        let expected = if grant == GrantType::CLIENT_CREDENTIALS {
            401
        } else {
            200
        };
        assert_eq!(own.status, expected, "{at}: {}", own.body);
        assert_eq!(others.status, 401, "{at}: {}", others.body);
    }
}

async fn row(bound: Bound) {
    for method in AuthMethod::ALL {
        let cell = Corner::new(method, bound).await;
        for grant in registry().iter().map(|grant| grant.grant_type()) {
            for format in ["opaque", "jwt"] {
                cell.check(grant, format).await;
            }
        }
    }
}

#[tokio::test]
async fn every_grant_by_every_method_plain() {
    row(Bound::Plain).await;
}

#[tokio::test]
async fn every_grant_by_every_method_bound_to_a_key() {
    row(Bound::Dpop).await;
}

#[tokio::test]
async fn every_grant_by_every_method_bound_to_a_certificate() {
    row(Bound::Certificate).await;
}
