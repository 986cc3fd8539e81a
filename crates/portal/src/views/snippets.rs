//! The flow as commands to copy, with the app's client ID filled in and never its secret.

use super::ClientType;
use omniport_protocol::authorize::Door;
use omniport_protocol::endpoints::discovery::TOKEN_PATH;
use omniport_protocol::vocabulary::GrantType;

/// Which flow an app begins with: what its grants and redirect URLs leave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The authorisation-code grant, which most have.
    Code,
    /// On a device without a browser (RFC 8628).
    Device,
    /// On its own behalf (RFC 6749 section 4.4).
    OwnBehalf,
    /// Another, for which there is nothing to copy.
    Another,
}

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
    /// The flow.
    pub flow: Flow,
    /// `https://HOST`.
    pub issuer: String,
}

/// One command, with its id on the page and what it does.
pub type Step = (&'static str, String, String);

impl Snippets {
    /// The verifier of RFC 7636's appendix B, for a public app's first try; an app draws its own for each sign-in.
    pub const CODE_VERIFIER: &'static str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    /// Its challenge, for [`Self::authorise_url`] of a public app.
    pub const CODE_CHALLENGE: &'static str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    /// The flow, command by command, numbered; nothing where there is none to show.
    pub fn steps(&self) -> Vec<Step> {
        let commands = self.commands().into_iter().enumerate();
        commands
            .map(|(at, (id, what, command))| (id, format!("{}. {what}", at + 1), command))
            .collect()
    }

    fn commands(&self) -> Vec<(&'static str, &'static str, String)> {
        let end = ("snippet-revoke", "End it", self.revoke());
        let read = (
            "snippet-user-data",
            "Read what the person allowed",
            self.user_data(),
        );
        let again = ("snippet-refresh", "Get a new pair of tokens", self.refresh());
        match self.flow {
            Flow::Code => vec![
                (
                    "snippet-authorise",
                    "Open this in a browser, sign in and allow",
                    self.authorise_url.clone(),
                ),
                (
                    "snippet-token",
                    "Exchange the code, within a minute",
                    self.token(),
                ),
                read,
                again,
                end,
            ],
            Flow::Device => vec![
                (
                    "snippet-device",
                    "Get the code that the device shows, and the address to open",
                    self.post(&format!("{}{}", self.issuer, Door::Device.path()), &[]),
                ),
                (
                    "snippet-token",
                    "Ask until the person has answered, 5 seconds apart",
                    self.post(
                        &self.standard_token_url(),
                        &[
                            ("grant_type", GrantType::DEVICE_CODE),
                            ("device_code", "DEVICE_CODE"),
                        ],
                    ),
                ),
                read,
                again,
                end,
            ],
            Flow::OwnBehalf => vec![
                (
                    "snippet-token",
                    "Get a token",
                    self.post(
                        &self.standard_token_url(),
                        &[("grant_type", "client_credentials")],
                    ),
                ),
                (
                    "snippet-revoke",
                    "End it",
                    self.post(
                        &self.revoke_url,
                        &[("token", "ACCESS_TOKEN"), ("token_type_hint", "access_token")],
                    ),
                ),
            ],
            Flow::Another => Vec::new(),
        }
    }

    /// Whether the flow is also offered as a whole program.
    pub fn has_program(&self) -> bool {
        self.flow == Flow::Code
    }

    fn standard_token_url(&self) -> String {
        format!("{}{TOKEN_PATH}", self.issuer)
    }

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
            flow: Flow::Code,
            issuer: "https://id.example.edu".into(),
        }
    }

    #[test]
    fn a_flow_is_shown_that_the_app_has() {
        let of = |flow| {
            let values = Snippets {
                flow,
                ..snippets(ClientType::Confidential)
            };
            let steps = values.steps();
            let text: Vec<String> = steps.into_iter().map(|(_, _, text)| text).collect();
            text.join("\n")
        };
        assert!(of(Flow::Code).contains("authorization_code"));
        let own = of(Flow::OwnBehalf);
        assert!(
            own.contains("grant_type=client_credentials") && !own.contains("redirect_uri"),
            "{own}"
        );
        let device = of(Flow::Device);
        assert!(
            device.contains("/oauth/device_authorization") && !device.contains("redirect_uri"),
            "{device}"
        );
        assert_eq!(of(Flow::Another), "");
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
