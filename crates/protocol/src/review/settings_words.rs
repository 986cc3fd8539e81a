//! What a team may edit of the protocol's side of its app, and the words in which a form asks: a member that is to be
//! offered is a line of [`SETTINGS`], a grant one of [`registry`].

use crate::extensions::ciba::DeliveryMode;
use crate::jose::{MacAlgorithm, SigningAlgorithm};
use crate::openid::SubjectType;
use crate::token::registry;
use crate::vocabulary::{AuthMethod, Profile};
use SettingGroup::{Elsewhere, Proof, Sessions, Tokens};
use SettingKind::{Flag, Json, Lines, Text, Url, Urls, Word};

/// The member that is no [`Setting`]: a list of ticked grants.
pub const GRANT_TYPES: &str = "grant_types";
/// The member whose words depend on whether the app can keep a secret.
pub const AUTH_METHOD: &str = "token_endpoint_auth_method";

/// How a setting is typed.
#[derive(Debug, Clone, Copy)]
pub enum SettingKind {
    /// Ticked or not.
    Flag,
    /// One URL.
    Url,
    /// URLs, one a line.
    Urls,
    /// Texts, one a line.
    Lines,
    /// One line.
    Text,
    /// A JSON object.
    Json,
    /// One of the wire's words, or none of them: what that means is in the hint.
    Word(fn() -> Vec<&'static str>),
}

/// The parts in which a form shows the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingGroup {
    /// How the app proves itself.
    Proof,
    /// Signing in and out.
    Sessions,
    /// Asking people on their own page.
    Elsewhere,
    /// Tokens and requests.
    Tokens,
}

impl SettingGroup {
    /// Every group, in the order of the form.
    pub const ALL: [Self; 4] = [Self::Proof, Self::Sessions, Self::Elsewhere, Self::Tokens];

    /// Its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Proof => "How the app proves itself",
            Self::Sessions => "Signing in and out",
            Self::Elsewhere => "Sign-in elsewhere (CIBA)",
            Self::Tokens => "Tokens and requests",
        }
    }
}

/// A member of the client metadata that a team may edit.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The member's registered name, which is also the form's.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What it does, and what leaving it out means.
    pub hint: &'static str,
    /// How it is typed.
    pub kind: SettingKind,
    /// Where it stands.
    pub group: SettingGroup,
}

const fn setting(
    group: SettingGroup,
    name: &'static str,
    kind: SettingKind,
    label: &'static str,
    hint: &'static str,
) -> Setting {
    Setting {
        name,
        label,
        hint,
        kind,
        group,
    }
}

fn auth_methods() -> Vec<&'static str> {
    let with_proof = AuthMethod::ALL
        .iter()
        .filter(|method| **method != AuthMethod::None);
    with_proof.map(|method| method.as_str()).collect()
}

fn delivery_modes() -> Vec<&'static str> {
    DeliveryMode::ALL.map(DeliveryMode::as_str).into()
}

fn signing() -> Vec<&'static str> {
    SigningAlgorithm::ALL.map(SigningAlgorithm::as_str).into()
}

fn assertions() -> Vec<&'static str> {
    let shared = MacAlgorithm::ALL.map(MacAlgorithm::as_str);
    signing().into_iter().chain(shared).collect()
}

fn profiles() -> Vec<&'static str> {
    Profile::ALL.map(Profile::as_str).into()
}

fn subject_types() -> Vec<&'static str> {
    SubjectType::ALL.map(SubjectType::as_str).into()
}

/// Every setting, in the order of the form.
pub const SETTINGS: &[Setting] = &[
    setting(
        Proof,
        AUTH_METHOD,
        Word(auth_methods),
        "Client authentication",
        "How the app proves itself at the token endpoint. None chosen: by its secret, in the header or in the form. After a \
         change to client_secret_jwt, rotate the secret once.",
    ),
    setting(
        Proof,
        "jwks_uri",
        Url,
        "Address of the app’s keys",
        "Where the app publishes its public keys (a JWK Set), fetched when they are needed. Give this or the keys themselves.",
    ),
    setting(
        Proof,
        "jwks",
        Json,
        "The app’s keys",
        "Its public keys, as a JWK Set: {\"keys\": [...]}. Never a private key.",
    ),
    setting(
        Proof,
        "token_endpoint_auth_signing_alg",
        Word(assertions),
        "Signature of its assertions",
        "For client_secret_jwt and private_key_jwt. None chosen: any that fits the method.",
    ),
    setting(
        Proof,
        "tls_client_auth_subject_dn",
        Text,
        "Subject of its certificate",
        "For tls_client_auth: the distinguished name, as RFC 4514 writes it. Give this or one of the names below.",
    ),
    setting(
        Proof,
        "tls_client_auth_san_dns",
        Text,
        "Host of its certificate",
        "For tls_client_auth: a host that the certificate names.",
    ),
    setting(
        Proof,
        "tls_client_auth_san_uri",
        Text,
        "URI of its certificate",
        "For tls_client_auth: a URI that the certificate names, such as spiffe://example.org/app.",
    ),
    setting(
        Proof,
        "tls_client_auth_san_ip",
        Text,
        "IP address of its certificate",
        "For tls_client_auth: an address that the certificate names.",
    ),
    setting(
        Proof,
        "tls_client_auth_san_email",
        Text,
        "Mail address of its certificate",
        "For tls_client_auth: an address of mail that the certificate names.",
    ),
    setting(
        Sessions,
        "post_logout_redirect_uris",
        Urls,
        "After signing out",
        "Where the app may have people back after it signed them out, one URL a line.",
    ),
    setting(
        Sessions,
        "backchannel_logout_uri",
        Url,
        "Back-channel logout",
        "We tell this address with a signed token when a session that the app knows has ended.",
    ),
    setting(
        Sessions,
        "frontchannel_logout_uri",
        Url,
        "Front-channel logout",
        "The browser opens this address in a hidden frame when a session has ended. Most browsers keep cookies from it: prefer \
         the back channel.",
    ),
    setting(
        Sessions,
        "initiate_login_uri",
        Url,
        "Start of a sign-in",
        "Where a sign-in begins that starts here: people who connected the app find a link to it on their home page.",
    ),
    setting(
        Elsewhere,
        "backchannel_token_delivery_mode",
        Word(delivery_modes),
        "How the app learns of an answer",
        "poll: it asks until there is one. ping: we tell it that there is one, and it fetches it. None chosen: poll.",
    ),
    setting(
        Elsewhere,
        "backchannel_client_notification_endpoint",
        Url,
        "Where the app is told",
        "For ping: an https address, which we call with the token that the app sent along with its request.",
    ),
    setting(
        Elsewhere,
        "backchannel_authentication_request_signing_alg",
        Word(signing),
        "Signature of what it asks",
        "Once chosen, every such request must come signed, with this algorithm. None chosen: they are not signed.",
    ),
    setting(
        Tokens,
        "response_types",
        Lines,
        "Response types",
        "What the authorisation endpoint answers with, one a line. Any other than code needs a maintainer\u{2019}s mark.",
    ),
    setting(
        Tokens,
        "id_token_signed_response_alg",
        Word(signing),
        "Signature of ID tokens",
        "None chosen: RS256.",
    ),
    setting(
        Tokens,
        "userinfo_signed_response_alg",
        Word(signing),
        "Signature of userinfo",
        "None chosen: userinfo is plain JSON.",
    ),
    setting(
        Tokens,
        "subject_type",
        Word(subject_types),
        "Who a person is to the app",
        "public: the number that every app knows. pairwise: one that only this app knows. None chosen: public.",
    ),
    setting(
        Tokens,
        "sector_identifier_uri",
        Url,
        "Sector",
        "For pairwise numbers that several hosts share: a JSON list of all their redirect URLs.",
    ),
    setting(
        Tokens,
        "request_object_signing_alg",
        Word(signing),
        "Signature of request objects",
        "The only one that is taken. None chosen: any.",
    ),
    setting(
        Tokens,
        "request_uris",
        Urls,
        "Request objects by reference",
        "The only addresses from which request objects are fetched, one a line.",
    ),
    setting(
        Tokens,
        "dpop_bound_access_tokens",
        Flag,
        "Tokens bound to a key (DPoP)",
        "Every token request must come with a DPoP proof, and a token works only with its key.",
    ),
    setting(
        Tokens,
        "dpop_require_nonce",
        Flag,
        "DPoP proofs with a nonce",
        "Each proof must hold a nonce that we gave out, so that none can be made ahead.",
    ),
    setting(
        Tokens,
        "tls_client_certificate_bound_access_tokens",
        Flag,
        "Tokens bound to a certificate",
        "Tokens work only over TLS with the certificate that they were asked for with.",
    ),
    setting(
        Tokens,
        "require_pushed_authorization_requests",
        Flag,
        "Requests must be pushed",
        "Refuse every authorisation request that was not pushed first (PAR).",
    ),
    setting(
        Tokens,
        "require_signed_request_object",
        Flag,
        "Requests must be signed",
        "Refuse every authorisation request that is no request object (JAR).",
    ),
    setting(
        Tokens,
        "authorization_signed_response_alg",
        Word(signing),
        "Signature of answers",
        "Of answers that the app asks for by response_mode=jwt (JARM). None chosen: RS256.",
    ),
    setting(
        Tokens,
        "authorization_details_types",
        Lines,
        "Types of authorization_details",
        "What the app asks of APIs in more words than a scope has (RAR), one type a line. The API\u{2019}s owner approves each.",
    ),
    setting(
        Tokens,
        "token_exchange",
        Json,
        "Whose tokens it exchanges",
        "For token exchange: {\"from\": [\"CLIENT_ID\"], \"delegation\": true}. from: the apps, beside its own tokens; delegation: \
         whether it may say who acts for the person. Left out: its own tokens alone.",
    ),
    setting(
        Tokens,
        "profile",
        Word(profiles),
        "Profile",
        "fapi2: the FAPI 2.0 Security Profile, which needs private_key_jwt or a certificate, pushed requests, PKCE and bound \
         tokens, and no RS256. fapi2-message-signing: signed requests and answers too. None chosen: what is set here.",
    ),
];

/// What a person should know of a grant before they tick it.
#[derive(Debug, Clone, Copy)]
pub struct GrantWords {
    /// Its `grant_type`.
    pub grant_type: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// A sentence.
    pub sentence: &'static str,
    /// Whether it is known to be unsafe, and so for a maintainer to allow.
    pub legacy: bool,
}

const fn words(grant_type: &'static str, label: &'static str, sentence: &'static str) -> GrantWords {
    GrantWords {
        grant_type,
        label,
        sentence,
        legacy: false,
    }
}

/// The words of the grants that are known; the form offers those of [`registry`].
const WORDS: [GrantWords; 9] = [
    words(
        "authorization_code",
        "Authorisation code",
        "People sign in and consent in their browser. What almost every app needs.",
    ),
    words(
        "refresh_token",
        "Refresh token",
        "The app stays connected without asking again, until the person withdraws or it is not used.",
    ),
    words(
        "client_credentials",
        "Client credentials",
        "The app acts for itself, without a person: for services that call each other.",
    ),
    words(
        "urn:ietf:params:oauth:grant-type:device_code",
        "Device code",
        "A television, a terminal or a kiosk shows a code, and the person allows it on their phone.",
    ),
    words(
        "urn:openid:params:grant-type:ciba",
        "Sign-in elsewhere (CIBA)",
        "The app asks for a person by name, and they allow it on a page of their own, without a browser at the app.",
    ),
    words(
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "Token exchange",
        "A service exchanges a person’s token for one of its own, to call the next service.",
    ),
    words(
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "JWT assertion",
        "A signed statement of an issuer that the institution trusts stands for the person’s sign-in.",
    ),
    words(
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "SAML assertion",
        "A signed SAML assertion of an issuer that the institution trusts stands for the person’s consent.",
    ),
    GrantWords {
        legacy: true,
        ..words(
            "password",
            "Password",
            "The app asks people for their password itself. Unsafe; only for an app that cannot be changed.",
        )
    },
];

/// The grants that a form offers, in the registry's order.
pub fn grant_words() -> impl Iterator<Item = GrantWords> {
    registry().iter().map(|grant| {
        let name = grant.grant_type();
        let known = WORDS.into_iter().find(|known| known.grant_type == name);
        known.unwrap_or_else(|| words(name, name, ""))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_grant_of_the_registry_has_its_words() {
        for grant in grant_words() {
            assert!(!grant.sentence.is_empty(), "{}", grant.grant_type);
        }
    }
}
