//! The files that pages link to, inside the binary, under names that change with their content.
//!
//! A page asks [`url`] for an address such as `/assets/omniport.1f0c9a27.css`; the handler of `/assets/{file}`
//! asks [`find`] and answers with `Cache-Control: public, max-age=31536000, immutable`.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Where the files live.
pub const PREFIX: &str = "/assets/";

/// The files there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// The stylesheet: tokens, base, components and pages in one.
    Stylesheet,
    /// The module that counts words, checks redirect URLs and copies. Every page works without it.
    Script,
    /// The script of the pages that lead on by themselves.
    Onward,
    /// Omniport's mark as an icon for tabs.
    Favicon,
}

/// A file ready to be sent.
#[derive(Debug)]
pub struct Asset {
    /// Its address on this host: [`PREFIX`] and the fingerprinted name.
    pub url: String,
    /// What `Content-Type` says.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
}

const STYLESHEET: &str = concat!(
    include_str!("../assets/tokens.css"),
    include_str!("../assets/base.css"),
    include_str!("../assets/components.css"),
    include_str!("../assets/pages.css"),
    include_str!("../assets/review.css"),
);

static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    [
        asset(
            "omniport",
            "css",
            "text/css; charset=utf-8",
            STYLESHEET.as_bytes(),
        ),
        asset(
            "omniport",
            "js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/omniport.js"),
        ),
        asset(
            "onward",
            "js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/onward.js"),
        ),
        asset(
            "mark",
            "svg",
            "image/svg+xml",
            include_bytes!("../assets/mark.svg"),
        ),
    ]
});

/// The address of a file, for a page.
pub fn url(name: Name) -> &'static str {
    &get(name).url
}

/// A file by its name.
pub fn get(name: Name) -> &'static Asset {
    match name {
        Name::Stylesheet => &ASSETS[0],
        Name::Script => &ASSETS[1],
        Name::Onward => &ASSETS[2],
        Name::Favicon => &ASSETS[3],
    }
}

/// The file that a browser asks for under `/assets/`, by its fingerprinted name alone (`omniport.1f0c9a27.css`).
/// None for any other name, an outdated fingerprint included.
pub fn find(file: &str) -> Option<&'static Asset> {
    ASSETS
        .iter()
        .find(|asset| asset.url.strip_prefix(PREFIX) == Some(file))
}

fn asset(stem: &str, extension: &str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let mut fingerprint = String::with_capacity(8);
    for byte in Sha256::digest(bytes).iter().take(4) {
        // Writing to a String cannot fail.
        let _ = write!(fingerprint, "{byte:02x}");
    }
    Asset {
        url: format!("{PREFIX}{stem}.{fingerprint}.{extension}"),
        content_type,
        bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_finds_its_file() {
        for name in [Name::Stylesheet, Name::Script, Name::Onward, Name::Favicon] {
            let asset = get(name);
            let file = asset.url.strip_prefix(PREFIX).unwrap();
            assert_eq!(find(file).unwrap().bytes, asset.bytes);
            assert_eq!(file.split('.').nth(1).unwrap().len(), 8);
        }
        let type_of = |name| get(name).content_type;
        assert_eq!(type_of(Name::Stylesheet), "text/css; charset=utf-8");
        assert_eq!(type_of(Name::Script), "text/javascript; charset=utf-8");
        assert_eq!(type_of(Name::Onward), "text/javascript; charset=utf-8");
        assert_eq!(type_of(Name::Favicon), "image/svg+xml");
    }

    #[test]
    fn nothing_else_is_found() {
        for file in [
            "",
            "omniport.css",
            "omniport.00000000.css",
            "../Cargo.toml",
            "/etc/passwd",
        ] {
            assert!(find(file).is_none(), "{file}");
        }
    }

    #[test]
    fn the_stylesheet_reaches_for_nothing_outside() {
        assert!(!STYLESHEET.contains("url("));
        assert!(!STYLESHEET.contains("@import"));
    }
}
