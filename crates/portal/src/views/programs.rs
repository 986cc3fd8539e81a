//! The flow as a whole program to begin with, in seven languages, with the app's client ID filled in and never its
//! secret: that comes from the environment.

use super::{ClientType, Snippets};
use askama::Template;

/// A language to begin in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// A shell script around curl.
    Curl,
    /// JavaScript, on Node.
    JavaScript,
    /// Python.
    Python,
    /// Go.
    Go,
    /// PHP.
    Php,
    /// Java.
    Java,
    /// Rust.
    Rust,
}

impl Language {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::Curl,
        Self::JavaScript,
        Self::Python,
        Self::Go,
        Self::Php,
        Self::Java,
        Self::Rust,
    ];

    /// Its word in an address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::JavaScript => "javascript",
            Self::Python => "python",
            Self::Go => "go",
            Self::Php => "php",
            Self::Java => "java",
            Self::Rust => "rust",
        }
    }

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
            Self::Go => "Go",
            Self::Php => "PHP",
            Self::Java => "Java",
            Self::Rust => "Rust",
        }
    }

    /// `text` as one literal of the language, whatever printable ASCII is in it.
    fn quoted(self, text: &str) -> String {
        match self {
            Self::Curl => format!("'{}'", text.replace('\'', r"'\''")),
            // Within double quotes PHP would read `$name`.
            Self::Php => format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'")),
            _ => format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\"")),
        }
    }

    /// The program.
    ///
    /// # Errors
    /// [`askama::Error`] where a template cannot be rendered.
    pub fn program(self, values: &Snippets) -> Result<String, askama::Error> {
        let quoted = |text: &str| self.quoted(text);
        let q = Quoted {
            client_id: quoted(&values.client_id),
            redirect_uri: quoted(&values.redirect_uri),
            authorise_url: quoted(&values.authorise_url),
            token_url: quoted(&values.token_url),
            user_data_url: quoted(&values.user_data_url),
            verifier: quoted(Snippets::CODE_VERIFIER),
        };
        let confidential = values.client_type == ClientType::Confidential;
        match self {
            Self::Curl => Curl { q, confidential }.render(),
            Self::JavaScript => JavaScript { q, confidential }.render(),
            Self::Python => Python { q, confidential }.render(),
            Self::Go => Go { q, confidential }.render(),
            Self::Php => Php { q, confidential }.render(),
            Self::Java => Java { q, confidential }.render(),
            Self::Rust => Rust { q, confidential }.render(),
        }
    }
}

/// What a program needs to know, each as a literal of its language.
#[derive(Debug, Clone)]
struct Quoted {
    client_id: String,
    redirect_uri: String,
    authorise_url: String,
    token_url: String,
    user_data_url: String,
    verifier: String,
}

/// A program's template. Its values are literals already, and its text is escaped where it is shown.
macro_rules! programs {
    ($($name:ident: $path:literal),+) => {$(
        #[derive(Template)]
        #[template(path = $path, escape = "none", whitespace = "preserve")]
        struct $name {
            q: Quoted,
            confidential: bool,
        }
    )+};
}

programs! {
    Curl: "snippets/shell.txt",
    JavaScript: "snippets/javascript.txt",
    Python: "snippets/python.txt",
    Go: "snippets/go.txt",
    Php: "snippets/php.txt",
    Java: "snippets/java.txt",
    Rust: "snippets/rust.txt"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(client_type: ClientType) -> Snippets {
        Snippets {
            authorise_url: "https://id.example.edu/oauth/authorise?client_id=abc".into(),
            token_url: "https://id.example.edu/open_auth/token/".into(),
            user_data_url: "https://id.example.edu/open_auth/get_user_data/".into(),
            revoke_url: "https://id.example.edu/open_auth/revoke_token/".into(),
            client_id: r#"a"b\c'd$e"#.into(),
            redirect_uri: "https://app.example/callback".into(),
            client_type,
            flow: crate::views::Flow::Code,
            issuer: "https://id.example.edu".into(),
        }
    }

    #[test]
    fn a_strange_client_id_stays_one_literal() {
        let literals = [
            r#"'a"b\c'\''d$e'"#,
            r#""a\"b\\c'd$e""#,
            r#""a\"b\\c'd$e""#,
            r#""a\"b\\c'd$e""#,
            r#"'a"b\\c\'d$e'"#,
            r#""a\"b\\c'd$e""#,
            r#""a\"b\\c'd$e""#,
        ];
        for (language, literal) in Language::ALL.into_iter().zip(literals) {
            let program = language.program(&values(ClientType::Confidential)).unwrap();
            assert!(program.contains(literal), "{}: {program}", language.word());
        }
    }

    #[test]
    fn the_secret_comes_from_the_environment_and_a_public_app_has_none() {
        for language in Language::ALL {
            let confidential = language.program(&values(ClientType::Confidential)).unwrap();
            let public = language.program(&values(ClientType::Public)).unwrap();
            assert!(confidential.contains("OMNIPORT_CLIENT_SECRET"), "{confidential}");
            assert!(!confidential.contains("code_verifier"), "{confidential}");
            assert!(
                !public.contains("SECRET") && public.contains(Snippets::CODE_VERIFIER),
                "{public}"
            );
        }
    }
}
