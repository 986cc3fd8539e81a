//! The primitives behind JOSE, all of them aws-lc's: this room only says which key goes where.

mod verify;

pub(crate) use verify::{verify, verify_hmac_sha256};
