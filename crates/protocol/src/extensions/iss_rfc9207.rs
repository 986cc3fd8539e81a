//! The issuer in the authorisation answer (RFC 9207), against mix-up attacks.

/// The parameter that every answer of the authorisation endpoint carries (section 2).
pub const PARAMETER: &str = "iss";
