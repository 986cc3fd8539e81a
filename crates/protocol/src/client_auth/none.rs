//! `none`: a public client only says who it is (RFC 6749 sections 2.1 and 3.2.1).

use super::{Credentials, Presented, authenticate, parse_client_id};
use crate::error::Refusal;
use crate::extensions::sender::Sender;
use crate::vocabulary::{AuthMethod, Params};

/// The client that the form names.
///
/// # Errors
/// `invalid_client` where it names none: "no client authentication included" (section 5.2).
pub(super) fn read(params: &Params) -> Result<Credentials, Refusal> {
    let id = params
        .get("client_id")
        .ok_or_else(|| authenticate::failed("the request names no client at all"))?;
    Ok(Credentials {
        client_id: parse_client_id(id)?,
        method: AuthMethod::None,
        presented: Presented::Nothing,
        sender: Sender::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::testing::params;

    #[test]
    fn reads_the_client_and_no_secret() {
        let found = read(&params(&[("client_id", "a")])).unwrap();
        assert_eq!((found.client_id.as_str(), found.method), ("a", AuthMethod::None));
        assert!(matches!(found.presented, Presented::Nothing));
    }

    #[test]
    fn no_client_is_refused() {
        assert_eq!(read(&params(&[])).unwrap_err().code, ErrorCode::InvalidClient);
    }
}
