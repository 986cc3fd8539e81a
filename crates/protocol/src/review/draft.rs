//! What a developer typed, and what is wrong with it: field by field, so that nothing typed is lost.

use super::names::{imitates_omniport, is_bidi_control, is_invisible};
use super::{Asked, DESCRIPTION_WORDS, Manifest, Publisher, count_words};
use crate::data_points::{Catalogue, DataPointName, DataPoints};
use crate::vocabulary::{AuthMethod, ClientKind, GrantType, RedirectUri};
use std::collections::BTreeSet;

/// Longest app name, in characters.
pub const MAX_NAME_CHARS: usize = 100;
/// Most redirect URLs of one app.
pub const MAX_REDIRECT_URIS: usize = 20;
/// Longest description, in characters: 511 words fit many times over.
pub(super) const MAX_DESCRIPTION_CHARS: usize = 20_000;

/// One field's mistake, in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name on the form.
    pub field: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

/// Every mistake of a form, in the form's order.
pub type FieldErrors = Vec<FieldError>;

/// A registration form as typed, nothing parsed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// Field `name`.
    pub name: String,
    /// Field `redirect_uris`: one a line, or separated by spaces.
    pub redirect_uris: String,
    /// Field `client_type`: `confidential` (the default) or `public`.
    pub client_type: String,
    /// Field `description`.
    pub description: String,
    /// Field `data_points`: the ticked names.
    pub data_points: Vec<String>,
    /// Field `optional`: the ticked names of those that a person may leave out.
    pub optional: Vec<String>,
    /// Fields `purpose.NAME`: what each data point is for.
    pub purposes: Vec<(String, String)>,
    /// Field `contact`.
    pub contact: String,
    /// Field `home_url`.
    pub home_url: String,
    /// Field `privacy_url`.
    pub privacy_url: String,
    /// Field `terms_url`.
    pub terms_url: String,
    /// Field `agrees_to_terms`.
    pub agrees_to_terms: bool,
}

impl Draft {
    /// Checks every field and makes the first manifest of it.
    ///
    /// # Errors
    /// All the mistakes at once.
    pub fn check(&self, catalogue: &Catalogue) -> Result<Manifest, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = note(check_own_name(&self.name), &mut errors);
        let redirect_uris = note(check_redirect_uris(&self.redirect_uris), &mut errors);
        let kind = note(check_client_type(&self.client_type), &mut errors);
        let description = note(check_description(&self.description), &mut errors);
        let asked = Asked::check(&self.data_points, &self.optional, &self.purposes, catalogue);
        let asked = note(asked, &mut errors);
        let publisher = Publisher::check(&self.contact, &self.home_url, &self.privacy_url, &self.terms_url);
        let publisher = publisher.unwrap_or_else(|mistakes| {
            errors.extend(mistakes);
            Publisher::default()
        });
        if !self.agrees_to_terms {
            errors.push(error(
                "agrees_to_terms",
                "Agree to the developer terms of use to register an app.",
            ));
        }
        match (name, redirect_uris, kind, description, asked) {
            (Some(name), Some(redirect_uris), Some(kind), Some(description), Some(asked))
                if errors.is_empty() =>
            {
                Ok(Manifest {
                    description,
                    optional: asked.optional,
                    purposes: asked.purposes,
                    publisher,
                    ..Manifest::plain(&name, kind, redirect_uris, asked.points)
                })
            }
            _ => Err(errors),
        }
    }
}

/// The methods of an app that does not name one: a confidential app may send its secret either way.
pub fn default_auth_methods(kind: ClientKind) -> BTreeSet<AuthMethod> {
    match kind {
        ClientKind::Confidential => [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost].into(),
        ClientKind::Public => [AuthMethod::None].into(),
    }
}

/// The grants of an app that does not name any: the walkthrough's.
pub fn default_grant_types() -> BTreeSet<GrantType> {
    [GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN]
        .map(|g| GrantType(g.to_owned()))
        .into()
}

/// Checks the field `name`.
///
/// # Errors
/// What is wrong with it.
pub fn check_name(typed: &str) -> Result<String, FieldError> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars = name.chars().count();
    if chars == 0 {
        Err(error("name", "Give the app a name."))
    } else if chars > MAX_NAME_CHARS {
        let message = format!("The name has {chars} characters; {MAX_NAME_CHARS} is the most.");
        Err(FieldError {
            field: "name",
            message,
        })
    } else if name
        .chars()
        .any(|c| c.is_control() || is_bidi_control(c) || is_invisible(c))
    {
        Err(error(
            "name",
            "The name holds invisible, control or direction-changing characters; leave them out.",
        ))
    } else if !name.chars().any(char::is_alphanumeric) {
        Err(error("name", "The name needs at least one letter or digit."))
    } else {
        Ok(name)
    }
}

/// Checks the field `name` as a team gives it: as [`check_name`], and it must not be taken for Omniport's own.
///
/// # Errors
/// What is wrong with it.
pub fn check_own_name(typed: &str) -> Result<String, FieldError> {
    let name = check_name(typed)?;
    if imitates_omniport(&name) {
        Err(error(
            "name",
            "People could take this name for Omniport's own. Choose another one.",
        ))
    } else {
        Ok(name)
    }
}

/// Checks the field `redirect_uris`: one to 20 URLs, one a line or separated by spaces.
///
/// # Errors
/// What is wrong with the first bad one.
pub fn check_redirect_uris(typed: &str) -> Result<Vec<RedirectUri>, FieldError> {
    let field = "redirect_uris";
    let mut uris: Vec<RedirectUri> = Vec::new();
    for text in typed.split_whitespace() {
        match RedirectUri::parse(text) {
            Ok(uri) if uris.contains(&uri) => {}
            Ok(uri) => uris.push(uri),
            Err(why) => {
                let message = format!("{} {why}.", start_of(text));
                return Err(FieldError { field, message });
            }
        }
    }
    match uris.len() {
        0 => Err(error(
            field,
            "Give at least one redirect URL, such as https://app.example.org/callback.",
        )),
        n if n > MAX_REDIRECT_URIS => {
            let message = format!("There are {n} redirect URLs; {MAX_REDIRECT_URIS} is the most.");
            Err(FieldError { field, message })
        }
        _ => Ok(uris),
    }
}

/// Checks the field `client_type`; an empty one is confidential.
///
/// # Errors
/// What is wrong with it.
pub fn check_client_type(typed: &str) -> Result<ClientKind, FieldError> {
    match typed {
        "" | "confidential" => Ok(ClientKind::Confidential),
        "public" => Ok(ClientKind::Public),
        _ => Err(error("client_type", "Choose confidential or public.")),
    }
}

/// Checks the field `description`: 127 to 511 words.
///
/// # Errors
/// How many words it has, and how many it needs.
pub fn check_description(typed: &str) -> Result<String, FieldError> {
    let words = count_words(typed);
    let (least, most) = (*DESCRIPTION_WORDS.start(), *DESCRIPTION_WORDS.end());
    let message = if words < least {
        format!(
            "The description has {words} words; it needs at least {least}. Write {} more.",
            least - words
        )
    } else if words > most {
        format!(
            "The description has {words} words; {most} is the most. Take {} away.",
            words - most
        )
    } else if typed.chars().count() > MAX_DESCRIPTION_CHARS {
        format!("The description is longer than {MAX_DESCRIPTION_CHARS} characters.")
    } else {
        return Ok(typed.replace("\r\n", "\n").trim().to_owned());
    };
    Err(FieldError {
        field: "description",
        message,
    })
}

/// Checks the field `data_points`: names of the catalogue. None at all is fine: the app only learns who signed in.
///
/// # Errors
/// The first name that does not exist.
pub fn check_data_points(ticked: &[String], catalogue: &Catalogue) -> Result<DataPoints, FieldError> {
    let mut points = DataPoints::new();
    for name in ticked {
        match DataPointName::parse(name) {
            Ok(known) if catalogue.get(known.as_str()).is_some() => {
                points.insert(known);
            }
            _ => {
                let message = format!("There is no data point named '{}'.", start_of(name));
                return Err(FieldError {
                    field: "data_points",
                    message,
                });
            }
        }
    }
    Ok(points)
}

/// As much of what was typed as a message repeats.
pub(super) fn start_of(typed: &str) -> String {
    typed.chars().take(80).collect()
}

fn error(field: &'static str, message: &str) -> FieldError {
    FieldError {
        field,
        message: message.to_owned(),
    }
}

fn note<T>(result: Result<T, FieldError>, errors: &mut FieldErrors) -> Option<T> {
    result.map_err(|error| errors.push(error)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap()
    }

    fn draft() -> Draft {
        Draft {
            name: "  Bus   times ".into(),
            redirect_uris: "https://a.example/cb\r\nhttps://b.example/cb https://a.example/cb".into(),
            client_type: String::new(),
            description: "word ".repeat(127),
            data_points: vec!["person.full_name".into()],
            agrees_to_terms: true,
            ..Draft::default()
        }
    }

    #[test]
    fn a_good_draft_becomes_a_manifest() {
        let manifest = draft().check(&catalogue()).unwrap();
        assert_eq!(manifest.name, "Bus times");
        assert_eq!(manifest.redirect_uris.len(), 2);
        assert_eq!(manifest.kind, ClientKind::Confidential);
        assert_eq!(manifest.auth_methods.len(), 2);
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let errors = Draft {
            data_points: vec!["person.shoe".into()],
            client_type: "odd".into(),
            ..Draft::default()
        }
        .check(&catalogue())
        .unwrap_err();
        let fields: Vec<_> = errors.iter().map(|e| e.field).collect();
        assert_eq!(
            fields,
            [
                "name",
                "redirect_uris",
                "client_type",
                "description",
                "data_points",
                "agrees_to_terms"
            ]
        );
    }

    #[test]
    fn the_description_has_127_to_511_words() {
        for (words, fits) in [(126, false), (127, true), (511, true), (512, false)] {
            assert_eq!(check_description(&"a1 - ".repeat(words)).is_ok(), fits, "{words}");
        }
        let told = check_description("too short").unwrap_err().message;
        assert!(told.contains("2 words") && told.contains("125 more"), "{told}");
        let long = "x".repeat(500).replace('x', "word ") + &"y".repeat(20_000);
        assert!(check_description(&long).is_err());
    }

    #[test]
    fn names_are_bounded_and_plain() {
        assert!(check_name(&"n".repeat(100)).is_ok());
        for bad in [
            "",
            "   ",
            "\u{2014}",
            "a\u{202e}b",
            "a\u{200b}b",
            &"n".repeat(101),
        ] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
        // An operator may; a team may not.
        assert!(check_name("Omniport mail").is_ok());
        assert!(check_own_name("0mniport mail").is_err());
    }

    #[test]
    fn redirect_urls_are_counted_and_named_when_wrong() {
        let many: Vec<_> = (0..21).map(|n| format!("https://a.example/{n}")).collect();
        assert!(check_redirect_uris(&many.join(" ")).is_err());
        assert!(check_redirect_uris(&many[..20].join("\n")).is_ok());
        let told = check_redirect_uris("https://ok.example/ http://a.example/")
            .unwrap_err()
            .message;
        assert!(told.starts_with("http://a.example/ uses http"), "{told}");
    }
}
