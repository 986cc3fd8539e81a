//! The flow as commands to copy, with the app's client ID filled in and never its secret.

use super::ClientType;

/// What the commands need.
#[derive(Debug, Clone)]
pub struct Snippets {
    /// The complete address that starts the flow, with `client_id`, `redirect_uri` and `state`.
    pub authorise_url: String,
    /// `https://HOST/open_auth/token/`.
    pub token_url: String,
    /// `https://HOST/open_auth/get_user_data/`.
    pub user_data_url: String,
    /// `https://HOST/open_auth/revoke_token/`.
    pub revoke_url: String,
    /// The client ID.
    pub client_id: String,
    /// The first redirect URL.
    pub redirect_uri: String,
    /// Whether a secret goes along.
    pub client_type: ClientType,
}

impl Snippets {
    /// The verifier of RFC 7636's appendix B, for a public app's first try; an app draws its own for each sign-in.
    pub const CODE_VERIFIER: &'static str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    /// Its challenge, for [`Self::authorise_url`] of a public app.
    pub const CODE_CHALLENGE: &'static str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    /// Exchanges the code for a token pair.
    pub fn token(&self) -> String {
        let mut own = vec![
            ("grant_type", "authorization_code"),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("code", "CODE_FROM_THE_REDIRECT"),
        ];
        if !self.client_type.is_confidential() {
            own.push(("code_verifier", Self::CODE_VERIFIER));
        }
        self.post(&self.token_url, &own)
    }

    /// Reads what the person allowed.
    pub fn user_data(&self) -> String {
        format!(
            "curl {} \\\n  --header 'Authorization: Bearer ACCESS_TOKEN'",
            quoted(&self.user_data_url)
        )
    }

    /// Gets a new pair.
    pub fn refresh(&self) -> String {
        self.post(
            &self.token_url,
            &[
                ("grant_type", "refresh_token"),
                ("refresh_token", "REFRESH_TOKEN"),
            ],
        )
    }

    /// Ends a token.
    pub fn revoke(&self) -> String {
        self.post(
            &self.revoke_url,
            &[("token", "REFRESH_TOKEN"), ("token_type_hint", "refresh_token")],
        )
    }

    fn post(&self, url: &str, own: &[(&str, &str)]) -> String {
        let mut fields = vec![("client_id", self.client_id.as_str())];
        if self.client_type.is_confidential() {
            fields.push(("client_secret", "YOUR_CLIENT_SECRET"));
        }
        fields.extend_from_slice(own);
        let mut out = format!("curl {}", quoted(url));
        for (name, value) in fields {
            out.push_str(" \\\n  --data-urlencode ");
            out.push_str(&quoted(&format!("{name}={value}")));
        }
        out
    }
}

/// `text` as one word of a POSIX shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snippets(client_type: ClientType) -> Snippets {
        Snippets {
            authorise_url: "https://id.example.edu/oauth/authorise?client_id=abc".into(),
            token_url: "https://id.example.edu/open_auth/token/".into(),
            user_data_url: "https://id.example.edu/open_auth/get_user_data/".into(),
            revoke_url: "https://id.example.edu/open_auth/revoke_token/".into(),
            client_id: "abc".into(),
            redirect_uri: "https://app.example/it's?a=1".into(),
            client_type,
        }
    }

    #[test]
    fn a_quote_cannot_leave_its_word() {
        assert!(
            snippets(ClientType::Confidential)
                .token()
                .contains(r"'redirect_uri=https://app.example/it'\''s?a=1'")
        );
    }

    #[test]
    fn only_a_confidential_app_sends_a_secret() {
        assert!(
            snippets(ClientType::Confidential)
                .refresh()
                .contains("client_secret=YOUR_CLIENT_SECRET")
        );
        assert!(!snippets(ClientType::Public).refresh().contains("client_secret"));
    }
}
