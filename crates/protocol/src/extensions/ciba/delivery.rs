//! How an app learns that there is an answer (section 5).

use crate::vocabulary::{ClientId, Secret, SecretHash};
use serde::{Deserialize, Serialize};

/// How. Push mode, in which tokens are sent to the app, is not offered: no grant of the token endpoint gives them, and
/// the FAPI profile of CIBA forbids it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryMode {
    /// It is told that there is an answer, and fetches it.
    Ping,
    /// It asks until there is one.
    #[default]
    Poll,
}

impl DeliveryMode {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ping, Self::Poll];

    /// The wire's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Poll => "poll",
        }
    }
}

/// What it takes to tell an app of an answer (section 10.2): kept sealed, since nothing else here holds the text of an
/// `auth_req_id`.
#[derive(Debug, Clone)]
pub struct Ping {
    /// What the answer is fetched by.
    pub auth_req_id: Secret,
    /// By what the app knows that it is we who tell it.
    pub token: Secret,
}

impl Ping {
    /// Both as one text, to be sealed.
    pub fn to_text(&self) -> Secret {
        // Neither has a line break.
        Secret::new(format!("{}\n{}", self.auth_req_id.expose(), self.token.expose()))
    }

    /// Reads [`Self::to_text`] back.
    pub fn parse(text: &str) -> Option<Self> {
        let (auth_req_id, token) = text.split_once('\n')?;
        Some(Self {
            auth_req_id: Secret::new(auth_req_id),
            token: Secret::new(token),
        })
    }

    /// What it is sealed for: of use for no other request and no other app.
    pub fn context(client: &ClientId, code: SecretHash) -> String {
        use std::fmt::Write as _;
        let mut name = format!("client_notification_token {client} ");
        for byte in code.as_bytes() {
            // A text takes whatever is written to it.
            let _ = write!(name, "{byte:02x}");
        }
        name
    }

    /// The body of the notification.
    pub fn body(&self) -> String {
        serde_json::json!({"auth_req_id": self.auth_req_id.expose()}).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_read_back_and_is_of_one_request() {
        let ping = Ping {
            auth_req_id: Secret::new("id"),
            token: Secret::new("t=="),
        };
        let read = Ping::parse(ping.to_text().expose()).unwrap();
        assert_eq!((read.auth_req_id.expose(), read.token.expose()), ("id", "t=="));
        assert_eq!(read.body(), r#"{"auth_req_id":"id"}"#);
        assert!(Ping::parse("one line").is_none());
        let context =
            |client: &str, code: &str| Ping::context(&ClientId::parse(client).unwrap(), SecretHash::of(code));
        assert_ne!(context("a", "x"), context("a", "y"));
        assert_ne!(context("a", "x"), context("b", "x"));
    }
}
