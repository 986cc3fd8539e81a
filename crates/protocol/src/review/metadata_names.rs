//! The names of the members of client metadata: for whoever writes a document by hand, and is told of a name that nothing
//! reads. A document that comes over HTTP may hold others (RFC 7591 section 2).

/// Every member that [`ClientMetadata`](super::ClientMetadata) reads.
const KNOWN: [&str; 65] = [
    "application_type",
    "authorization_details_types",
    "authorization_signed_response_alg",
    "backchannel_authentication_request_signing_alg",
    "backchannel_client_notification_endpoint",
    "backchannel_logout_session_required",
    "backchannel_logout_uri",
    "backchannel_token_delivery_mode",
    "backchannel_user_code_parameter",
    "client_id",
    "client_name",
    "client_secret",
    "client_uri",
    "contacts",
    "data_points",
    "default_acr_values",
    "default_max_age",
    "description",
    "dpop_bound_access_tokens",
    "dpop_require_nonce",
    "frontchannel_logout_session_required",
    "frontchannel_logout_uri",
    "grant_types",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "id_token_signed_response_alg",
    "initiate_login_uri",
    "introspection_signed_response_alg",
    "jwks",
    "jwks_uri",
    "legacy_implicit",
    "legacy_password",
    "legacy_plain_pkce",
    "logo_uri",
    "optional_data_points",
    "policy_uri",
    "post_logout_redirect_uris",
    "profile",
    "purposes",
    "redirect_uris",
    "request_object_signing_alg",
    "request_uris",
    "require_auth_time",
    "require_pushed_authorization_requests",
    "require_signed_request_object",
    "response_types",
    "scope",
    "sector_identifier_uri",
    "software_statement",
    "subject_type",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_email",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_uri",
    "tls_client_auth_subject_dn",
    "tls_client_certificate_bound_access_tokens",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "token_exchange",
    "tos_uri",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "userinfo_signed_response_alg",
    // They only describe an app (RFC 7591 section 2), so that ignoring them does no harm.
    "software_id",
    "software_version",
];

/// Whether a member of client metadata means something here. A name may have a language behind it (RFC 7591 section 2.2).
pub fn is_known_member(name: &str) -> bool {
    let bare = name.split('#').next().unwrap_or(name);
    KNOWN.contains(&bare)
}

/// The known name that a mistyped one is nearest to, where one is near: `data_points` for `datapoints`.
pub fn nearest_member(name: &str) -> Option<&'static str> {
    let plain = |text: &str| text.replace(['_', '-', ' '], "").to_lowercase();
    let meant = plain(name);
    let is_near = |known: &&&str| {
        let known = plain(known);
        known == meant || known.strip_suffix('s') == Some(&meant) || meant.strip_suffix('s') == Some(&known)
    };
    KNOWN.iter().find(is_near).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::ClientMetadata;
    use std::collections::BTreeSet;

    #[test]
    fn the_names_are_those_of_the_fields() {
        let shown = format!("{:?}", ClientMetadata::default());
        let parts: Vec<&str> = shown.split([' ', ',', '{', '}']).collect();
        let fields = parts.iter().filter_map(|part| part.strip_suffix(':'));
        let groups = ["openid", "sender", "ciba"];
        let fields: BTreeSet<&str> = fields.filter(|name| !groups.contains(name)).collect();
        let known: BTreeSet<&str> = KNOWN
            .into_iter()
            .filter(|name| !name.starts_with("software_i") && *name != "software_version")
            .collect();
        assert_eq!(fields, known);
    }

    #[test]
    fn a_mistyped_name_leads_to_the_one_that_was_meant() {
        for (typed, meant) in [
            ("datapoints", "data_points"),
            ("DataPoints", "data_points"),
            ("redirect_uri", "redirect_uris"),
            ("contact", "contacts"),
        ] {
            assert!(!is_known_member(typed));
            assert_eq!(nearest_member(typed), Some(meant));
        }
        assert_eq!(nearest_member("shoe"), None);
        assert!(is_known_member("client_name#ja") && is_known_member("software_id"));
    }
}
