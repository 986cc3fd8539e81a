//! One person as a file gives them, in JSON or in CSV.

use super::csv_rfc4180::{self, Record};
use crate::Failure;
use omniport_engine::people::{PersonDraft, PlatformRole};
use omniport_protocol::vocabulary::Secret;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// How the password hashes of Django begin (its setting `PASSWORD_HASHERS`).
const DJANGO: [&str; 7] = [
    "pbkdf2_sha256$",
    "pbkdf2_sha1$",
    "argon2$",
    "bcrypt$",
    "bcrypt_sha256$",
    "scrypt$",
    "md5$",
];

/// A person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonEntry {
    /// The sign-in name.
    pub(crate) username: String,
    /// The password in the clear. Without one they cannot sign in with a password.
    password: Option<Password>,
    /// What they may do beside signing in.
    #[serde(default)]
    roles: Vec<Role>,
    /// Data points by name. A text is read as the catalogue says; numbers, true and false and lists are taken as well.
    #[serde(default)]
    values: BTreeMap<String, Value>,
}

/// A password, which is never printed.
#[derive(Deserialize)]
#[serde(from = "String")]
struct Password(Secret);

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(Secret::new(text))
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Maintainer,
    Developer,
}

impl Role {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "maintainer" => Some(Self::Maintainer),
            "developer" => Some(Self::Developer),
            _ => None,
        }
    }
}

impl PersonEntry {
    /// What the engine is to add.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub(crate) fn draft(self) -> Result<PersonDraft, String> {
        let is_hash = |password: &Password| {
            let text = password.0.expose();
            DJANGO.iter().any(|start| text.starts_with(start))
        };
        if self.password.as_ref().is_some_and(is_hash) {
            return Err(
                "the password is a hash of Django's, which is not taken: give the password itself, or leave it out"
                    .to_owned(),
            );
        }
        let values = self.values.into_iter().filter_map(|(name, value)| match value {
            Value::Null => None,
            Value::String(text) => Some((name, text)),
            other => Some((name, other.to_string())),
        });
        Ok(PersonDraft {
            username: self.username,
            password: self.password.map(|password| password.0),
            roles: self
                .roles
                .into_iter()
                .map(|role| match role {
                    Role::Maintainer => PlatformRole::Maintainer,
                    Role::Developer => PlatformRole::Developer,
                })
                .collect(),
            values: values.collect(),
        })
    }
}

/// The people of a file, in its order: JSON where its name says so, else CSV.
///
/// # Errors
/// [`Failure`] with what cannot be read.
pub(crate) fn parse(path: &Path, text: &str) -> Result<Vec<PersonEntry>, Failure> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => from_json(text),
        Some("csv") => from_csv(text),
        _ => Err(Failure::WrongUse(
            "the file's name must end in .csv or .json, which says how it is to be read".to_owned(),
        )),
    }
}

fn from_json(text: &str) -> Result<Vec<PersonEntry>, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::new(format!("the file is not a JSON list of people: {error}")))
}

fn from_csv(text: &str) -> Result<Vec<PersonEntry>, Failure> {
    let broken = |line: usize, why: &str| Failure::new(format!("line {line} of the file: {why}"));
    let records = csv_rfc4180::read(text).map_err(|(line, why)| broken(line, why))?;
    let Some((heading, people)) = records.split_first() else {
        return Err(broken(1, "a heading with the columns' names is expected"));
    };
    let columns: Vec<&str> = heading.fields.iter().map(|name| name.trim()).collect();
    for (at, name) in columns.iter().enumerate() {
        if name.is_empty() || columns.iter().take(at).any(|other| other == name) {
            let why = format!("the column '{name}' has no name, or is there twice");
            return Err(broken(heading.line, &why));
        }
    }
    if !columns.contains(&"username") {
        return Err(broken(heading.line, "there is no column 'username'"));
    }
    let read = |record: &Record| entry(&columns, record).map_err(|why| broken(record.line, &why));
    people.iter().map(read).collect()
}

/// A record under its heading. An empty field is nothing.
fn entry(columns: &[&str], record: &Record) -> Result<PersonEntry, String> {
    if record.fields.len() != columns.len() {
        return Err(format!(
            "there are {} fields, and {} columns",
            record.fields.len(),
            columns.len()
        ));
    }
    let mut entry = PersonEntry {
        username: String::new(),
        password: None,
        roles: Vec::new(),
        values: BTreeMap::new(),
    };
    for (name, field) in columns.iter().zip(&record.fields) {
        match *name {
            _ if field.is_empty() => {}
            "username" => entry.username.clone_from(field),
            "password" => entry.password = Some(field.clone().into()),
            "roles" => {
                for word in field.split([' ', ',', ';']).filter(|word| !word.is_empty()) {
                    let role = Role::parse(word)
                        .ok_or_else(|| format!("the role '{word}' is not maintainer or developer"))?;
                    entry.roles.push(role);
                }
            }
            name => {
                entry.values.insert(name.to_owned(), field.clone().into());
            }
        }
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<Vec<PersonEntry>, Failure> {
        parse(Path::new(name), text)
    }

    fn told(name: &str, text: &str) -> String {
        read(name, text).unwrap_err().to_string()
    }

    #[test]
    fn both_forms_say_the_same() {
        let json = r#"[{"username": "asha", "password": "correct horse", "roles": ["developer", "maintainer"],
            "values": {"person.full_name": "Rao, \"A\"", "student.current_year": 3,
                "contact_information.email_address_verified": true, "student.end_date": null}}, {"username": "ben"}]"#;
        let csv = "username,password,roles,person.full_name,student.current_year,contact_information.email_address_verified,student.end_date\n\
                   asha,correct horse,developer maintainer,\"Rao, \"\"A\"\"\",3,true,\n\
                   ben,,,,,,\n";
        let drafts = |entries: Vec<PersonEntry>| {
            let shown = |entry: PersonEntry| {
                let draft = entry.draft().unwrap();
                let password = draft
                    .password
                    .as_ref()
                    .map(|password| password.expose().to_owned());
                (draft.username, password, draft.roles, draft.values)
            };
            entries.into_iter().map(shown).collect::<Vec<_>>()
        };
        let people = drafts(read("a.json", json).unwrap());
        assert_eq!(people, drafts(read("a.csv", csv).unwrap()));
        assert_eq!(people[0].1.as_deref(), Some("correct horse"));
        assert_eq!(people[0].3.len(), 3);
        assert_eq!(people[1], ("ben".to_owned(), None, Vec::new(), Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        assert!(told("a.txt", "").contains(".csv or .json"));
        assert!(told("a.json", "{}").contains("list of people"));
        assert!(told("a.json", r#"[{"username": "a", "shoe": 1}]"#).contains("shoe"));
        assert!(told("a.json", r#"[{"username": "a", "roles": ["king"]}]"#).contains("king"));
        assert!(told("a.csv", "").contains("heading"));
        assert!(told("a.csv", "name\na\n").contains("username"));
        assert!(told("a.csv", "username,username\n").contains("twice"));
        assert!(told("a.csv", "username,roles\nasha,king\n").contains("line 2"));
        assert!(told("a.csv", "username\nasha,1\n").contains("2 fields, and 1 columns"));
        assert!(told("a.csv", "username\n\"a\n").contains("does not end"));
    }

    #[test]
    fn a_hash_of_djangos_is_not_taken_for_a_password() {
        for hash in [
            "pbkdf2_sha256$600000$salt$aGFzaA==",
            "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA",
            "bcrypt_sha256$$2b$12$abc",
        ] {
            let entry = read("a.csv", &format!("username,password\nasha,\"{hash}\"\n")).unwrap();
            let told = entry.into_iter().next().unwrap().draft().unwrap_err();
            assert!(told.contains("hash of Django's"), "{told}");
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        let entry = read("a.csv", "username,password\nasha,correct horse\n").unwrap();
        assert!(!format!("{entry:?}").contains("horse"));
    }
}
