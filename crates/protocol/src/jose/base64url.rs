//! Base64url without padding (RFC 7515 section 2), read strictly: one text for one value.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The bytes of a text; none where it holds a foreign letter, padding, white space, or bits that mean nothing.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The text of some bytes.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_for_one_value() {
        assert_eq!(decode("YQ").as_deref(), Some(&b"a"[..]));
        for not_canonical in ["YQ==", "YR", "Y", "Y Q", "YQ\n", "+/8", "Y+"] {
            assert_eq!(decode(not_canonical), None, "{not_canonical:?}");
        }
        assert_eq!(encode([0xfb, 0xff]), "-_8");
    }
}
