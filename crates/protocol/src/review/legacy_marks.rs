//! What a maintainer may let one app do that is unsafe for a new one: a line each, for the page and the store alike.

use crate::vocabulary::Legacy;

/// One such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegacyMark {
    /// PKCE's method `plain`.
    PlainPkce,
    /// Tokens from the authorisation endpoint.
    Implicit,
    /// The password grant.
    Password,
}

impl LegacyMark {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 3] = [Self::PlainPkce, Self::Implicit, Self::Password];

    /// Its name: in client metadata, in forms, and in the table of apps.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PlainPkce => "legacy_plain_pkce",
            Self::Implicit => "legacy_implicit",
            Self::Password => "legacy_password",
        }
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::PlainPkce => "Plain PKCE",
            Self::Implicit => "Tokens in the front channel",
            Self::Password => "Asking for passwords",
        }
    }

    /// What it lets an app do, and why a new one may not.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::PlainPkce => {
                "The method plain, or none at all: whoever sees the request can redeem its code (RFC 7636 section 7.2)."
            }
            Self::Implicit => {
                "The response types id_token and token, alone or beside a code: tokens pass through the browser's address \
                 and its history (RFC 9700 section 2.1.2)."
            }
            Self::Password => {
                "The password grant, where the operator has turned it on: the app itself sees the person's password \
                 (RFC 9700 section 2.4)."
            }
        }
    }

    /// Whether an app has it.
    pub const fn is_set(self, legacy: Legacy) -> bool {
        match self {
            Self::PlainPkce => legacy.plain_pkce,
            Self::Implicit => legacy.implicit,
            Self::Password => legacy.password,
        }
    }

    /// What happened, for an app's history.
    pub fn told(self, set: bool) -> String {
        let what = if set {
            "Allowed as legacy"
        } else {
            "No longer allowed"
        };
        format!("{what}: {}.", self.label())
    }
}
