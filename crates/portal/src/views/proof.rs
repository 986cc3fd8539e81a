//! Whoever signed in a while ago proves once more who they are: ids `proof-password`, `proof-submit`.

use super::{Chrome, Person};
use askama::Template;

/// Asks for the password and sends a form again, with everything that was typed; POST to where it went, with `password`.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/proof.html")]
pub struct Proof {
    /// The frame.
    pub chrome: Chrome,
    /// Whose password is asked for.
    pub person: Person,
    /// What for.
    pub sentence: String,
    /// What is wrong with the password that was typed.
    pub error: Option<String>,
    /// The form's fields: names and values.
    pub fields: Vec<(String, String)>,
    /// Where the form goes: a path on this host.
    pub action: String,
    /// The page that the form stood on.
    pub back: String,
}
