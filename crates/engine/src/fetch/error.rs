//! Why something could not be fetched, in words for the app's team.

use super::MAX_BODY;

/// Why a URL that a client named could not be fetched. The sentence is for the app's team: it tells what to change and
/// nothing of the network that this server stands in. A host that does not exist and one that exists only inside are
/// told in the same words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Not a URL that can be fetched.
    #[error(
        "it is not an absolute URL with a host, without a user name, of at most {} characters",
        super::MAX_URL
    )]
    Url,
    /// Not `https`.
    #[error("it must be an https URL")]
    NotHttps,
    /// A port that nothing is fetched from.
    #[error(
        "nothing is fetched from this port: use 443, or one from 1024 up that is no database's or the like"
    )]
    Port,
    /// The host's name leads nowhere.
    #[error("the host has no address on the public internet")]
    Unresolved,
    /// The host has an address that is not public. The words are those of [`Self::Unresolved`], on purpose.
    #[error("the host has no address on the public internet")]
    NotPublic,
    /// Nobody takes the connection.
    #[error("the host does not take connections on this port")]
    Unreachable,
    /// The host's certificate, or what it can speak.
    #[error("the TLS connection failed: {0}")]
    Tls(&'static str),
    /// Slower than the deadline.
    #[error("the answer did not come within {0} seconds")]
    TimedOut(u64),
    /// More is being fetched already than may be at a time.
    #[error("too much is being fetched already; try again in a moment")]
    Busy,
    /// The connection broke, or it does not speak HTTP/1.1.
    #[error("the answer is not one of HTTP/1.1, or it was cut short")]
    Broken,
    /// A redirect, which is never followed: where it leads was not registered.
    #[error("it answers with a redirect ({0}), which is not followed: give the URL that it leads to")]
    Redirect(u16),
    /// Another status than 200.
    #[error("it answers with status {0}; 200 is expected")]
    Status(u16),
    /// More than [`MAX_BODY`] bytes.
    #[error("the answer is larger than {} KiB", MAX_BODY / 1_024)]
    TooLarge,
    /// Compressed, though we say that we take nothing compressed.
    #[error("the answer is compressed (it has a Content-Encoding); send it as it is")]
    Encoded,
    /// Not UTF-8.
    #[error("the answer is not UTF-8 text")]
    NotText,
}

#[cfg(test)]
mod tests {
    use super::FetchError;

    #[test]
    fn an_inner_name_is_not_told_from_one_that_does_not_exist() {
        assert_eq!(
            FetchError::NotPublic.to_string(),
            FetchError::Unresolved.to_string()
        );
        assert_eq!(
            FetchError::TooLarge.to_string(),
            "the answer is larger than 64 KiB"
        );
    }
}
