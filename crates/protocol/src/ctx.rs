//! What comes in from the world with every decision: the time, the policy, our own name.

use crate::data_points::Catalogue;
use crate::extensions::sender::SenderPolicy;
use crate::jose::Crypto;
use crate::token::GrantSettings;
use crate::vocabulary::Timestamp;
use serde::{Deserialize, Serialize};

/// Everything a rule may ask beside what it loaded.
#[derive(Debug, Clone, Copy)]
pub struct Ctx<'a> {
    /// The moment of the decision.
    pub now: Timestamp,
    /// Lifetimes and limits.
    pub policy: &'a Policy,
    /// Which grants the operator opened, and for whom.
    pub grants: &'a GrantSettings,
    /// Our issuer identifier (RFC 8414 section 2): an absolute URL without trailing slash.
    pub issuer: &'a str,
    /// What is demanded of senders, and can be seen of them.
    pub sender: &'a SenderPolicy,
    /// The data points that exist here.
    pub catalogue: &'a Catalogue,
    /// What checks signatures, and our own public keys.
    pub crypto: &'a dyn Crypto,
}

/// Lifetimes, all in seconds: the section `[tokens]` of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// An authorisation code's life. The walkthrough promises 60 s; RFC 6749 section 4.1.2 allows 600 s at most.
    pub code_seconds: i64,
    /// An access token's life: `expires_in`.
    pub access_token_seconds: i64,
    /// An ID token's life.
    pub id_token_seconds: i64,
    /// How long a refresh token may lie unused.
    pub refresh_idle_seconds: i64,
    /// How long a grant may be refreshed at all, counted from the consent.
    pub refresh_absolute_seconds: i64,
    /// How long a rotated-out refresh token is honoured again while its successor is unused (a lost answer).
    pub refresh_grace_seconds: i64,
    /// How long a pushed request may be used (RFC 9126 section 2.2: 5 to 600).
    pub pushed_request_seconds: i64,
    /// How long a person may take over sign-in and consent.
    pub request_seconds: i64,
    /// How long a device's code lives: so long the person may take to type it in and to answer (RFC 8628 section 3.2).
    pub device_code_seconds: i64,
    /// How long a device or an app waits between two questions whether the person has answered (RFC 8628 section 3.2).
    pub poll_seconds: i64,
    /// How long a browser stays signed in, counted from the sign-in.
    pub session_seconds: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            code_seconds: 60,
            access_token_seconds: 36_000,
            id_token_seconds: 3_600,
            refresh_idle_seconds: 90 * 86_400,
            refresh_absolute_seconds: 365 * 86_400,
            refresh_grace_seconds: 30,
            pushed_request_seconds: 90,
            request_seconds: 1_800,
            device_code_seconds: 600,
            poll_seconds: 5,
            session_seconds: 12 * 3_600,
        }
    }
}
