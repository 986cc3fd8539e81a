//! Client authentication, one method a file (RFC 6749 section 2.3).
