//! Addresses of databases.

use crate::Fault;
use std::path::Path;

/// Where a database is, as far as it can be said without a secret: a server's address may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address<'a> {
    /// `sqlite:PATH`.
    File(&'a Path),
    /// `postgres://...`; its driver reads it.
    Server,
}

impl<'a> Address<'a> {
    /// Reads the scheme, and a file's path.
    ///
    /// # Errors
    /// [`Fault::Address`]; it never repeats the address.
    pub fn parse(database_url: &'a str) -> Result<Self, Fault> {
        let told = |words: &str| Err(Fault::Address(words.into()));
        let Some((scheme, path)) = database_url.split_once(':') else {
            return told("write it as sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE");
        };
        match scheme {
            "sqlite" => {}
            "postgres" | "postgresql" => return Ok(Self::Server),
            _ => {
                return told(
                    "its scheme is unknown; write it as sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE",
                );
            }
        }
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.starts_with(':') {
            return told("sqlite: must be followed by the path of a file");
        }
        Ok(Self::File(Path::new(path)))
    }
}
