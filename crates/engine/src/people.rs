//! The directory of people: who they are, and what is on file about them.

mod change;
mod own_password;

pub use change::{ChangePersonError, Changed, PersonChange};
pub use own_password::OwnPasswordError;

use crate::acts::made;
use crate::passwords::{PASSWORD_CHARS, PasswordLength, check_length};
use crate::{Engine, Fault};
use omniport_protocol::audit::{Act, Actor, Subject, SubjectKind};
use omniport_protocol::data_points::{DataPointName, ValueError};
use omniport_protocol::records::PersonData;
use omniport_protocol::review::unseen_in_username;
use omniport_protocol::vocabulary::{PersonId, Secret};
use omniport_store::portal::{NewPerson, PersonRecord};
use serde_json::{Value, json};

/// Longest username, in characters.
pub const MAX_USERNAME_CHARS: usize = 150;

/// What somebody may do here beside signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlatformRole {
    /// Reviews apps.
    Maintainer,
    /// Registers apps.
    Developer,
}

/// A person to add, as given.
#[derive(Debug, Clone)]
pub struct PersonDraft {
    /// The sign-in name.
    pub username: String,
    /// The password in the clear, hashed before it is stored. Without one they cannot sign in by password.
    pub password: Option<Secret>,
    /// What they may do.
    pub roles: Vec<PlatformRole>,
    /// `name=value` pairs: data points and their values as text.
    pub values: Vec<(String, String)>,
}

/// What is stored of a password that nobody has. It is no hash, so nothing matches it.
const NO_PASSWORD: &str = "!";

/// A person whose draft was found good, and whose password is hashed.
pub struct ReadyPerson(NewPerson);

/// Why a password cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetPasswordError {
    /// Nobody has this sign-in name.
    #[error("nobody has the username '{0}'; `omniport person list` shows who there is")]
    Nobody(String),
    /// The password's length.
    #[error(transparent)]
    Password(#[from] PasswordLength),
}

/// Why a person cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// The username is empty, too long, or has spaces or control characters.
    #[error("a username has 1 to {MAX_USERNAME_CHARS} characters, without spaces or control characters")]
    Username,
    /// The username holds a character that nobody sees, or that turns the direction of text: it would look like another.
    #[error(
        "the username holds an invisible or direction-changing character (U+{:04X}); leave it out",
        u32::from(*.0)
    )]
    Unseen(char),
    /// Somebody has that name (upper and lower case count as the same).
    #[error("the username '{0}' is taken")]
    Taken(String),
    /// The password's length.
    #[error(transparent)]
    Password(#[from] PasswordLength),
    /// A name that the catalogue does not know.
    #[error("there is no data point named '{0}'")]
    UnknownDataPoint(String),
    /// A value of the wrong form.
    #[error("{name}: {expected}")]
    Value {
        /// The data point.
        name: String,
        /// What its value must look like.
        expected: &'static str,
    },
}

impl Engine {
    /// Looks a draft through, without adding anybody: what would be on file.
    ///
    /// # Errors
    /// What is wrong with it. Whether the name is free shows when they are added.
    pub fn check_person(&self, draft: &PersonDraft) -> Result<PersonData, PersonError> {
        let username = &draft.username;
        let name_fits = (1..=MAX_USERNAME_CHARS).contains(&username.chars().count())
            && !username.chars().any(|c| c.is_whitespace() || c.is_control());
        if !name_fits {
            return Err(PersonError::Username);
        }
        if let Some(unseen) = unseen_in_username(username) {
            return Err(PersonError::Unseen(unseen));
        }
        if let Some(password) = &draft.password {
            check_length(password)?;
        }
        self.parse_values(&draft.values)
    }

    /// Adds a person.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells what is wrong with the draft.
    pub async fn add_person(&self, draft: PersonDraft) -> Result<Result<PersonId, PersonError>, Fault> {
        match self.prepare_person(&draft).await? {
            Ok(ready) => self.insert_person(ready).await,
            Err(error) => Ok(Err(error)),
        }
    }

    /// The slow half of adding a person: looks the draft through and hashes the password. Many can be got ready side by
    /// side, and then added in the order in which they are to get their numbers.
    ///
    /// # Errors
    /// As [`Self::add_person`].
    pub async fn prepare_person(
        &self,
        draft: &PersonDraft,
    ) -> Result<Result<ReadyPerson, PersonError>, Fault> {
        let data = match self.check_person(draft) {
            Ok(data) => data,
            Err(error) => return Ok(Err(error)),
        };
        let password_hash = match &draft.password {
            None => NO_PASSWORD.to_owned(),
            Some(password) => match self.hash_password(password).await? {
                Ok(hash) => hash,
                Err(length) => return Ok(Err(length.into())),
            },
        };
        let person = NewPerson {
            username: draft.username.clone(),
            password_hash,
            is_maintainer: draft.roles.contains(&PlatformRole::Maintainer),
            is_developer: draft.roles.contains(&PlatformRole::Developer),
            data,
            test_of: None,
            at: self.now(),
        };
        Ok(Ok(ReadyPerson(person)))
    }

    /// The quick half: the person gets the next number.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one says that the name is taken.
    pub async fn insert_person(&self, person: ReadyPerson) -> Result<Result<PersonId, PersonError>, Fault> {
        let ReadyPerson(person) = person;
        let username = person.username.clone();
        // What is on file is named only: the log is kept longer than a person's values may be.
        let names: Vec<&str> = person.data.keys().map(DataPointName::as_str).collect();
        let told = made(json!({
            "is_developer": person.is_developer,
            "is_maintainer": person.is_maintainer,
            "on_file": names,
        }));
        // The store knows the number once it has given it.
        let subject = Subject::of(SubjectKind::Person, "", &username);
        Ok(self
            .telling(Actor::Operator, Act::PersonAdd, subject, told)
            .insert_person(person)
            .await?
            .ok_or(PersonError::Taken(username)))
    }

    /// Gives the person of this sign-in name a new password. Their sessions end.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells what to change.
    pub async fn set_password(
        &self,
        username: &str,
        password: &Secret,
    ) -> Result<Result<PersonRecord, SetPasswordError>, Fault> {
        let Some(person) = self.store().person_by_username(username).await? else {
            return Ok(Err(SetPasswordError::Nobody(username.to_owned())));
        };
        match self.hash_password(password).await? {
            Ok(hash) => {
                let subject = Subject::person(person.id, &person.username);
                let nothing = (Value::Null, Value::Null);
                self.telling(Actor::Operator, Act::PersonPassword, subject, nothing)
                    .change_password(person.id, &hash, self.now())
                    .await?;
            }
            Err(length) => return Ok(Err(length.into())),
        }
        Ok(Ok(person))
    }

    /// Disables the person of this sign-in name, or lets them in again; none where there is none. A disabled person's
    /// sessions end, and what they allowed apps is dead until they are enabled.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn set_disabled(&self, username: &str, disable: bool) -> Result<Option<PersonRecord>, Fault> {
        let Some(person) = self.store().person_by_username(username).await? else {
            return Ok(None);
        };
        // Who is disabled already stays so since then.
        if person.disabled == disable {
            return Ok(Some(person));
        }
        let since = disable.then(|| self.now());
        let act = if disable {
            Act::PersonDisable
        } else {
            Act::PersonEnable
        };
        let subject = Subject::person(person.id, &person.username);
        let change = (json!({"disabled": !disable}), json!({"disabled": disable}));
        self.telling(Actor::Operator, act, subject, change)
            .set_disabled(person.id, since)
            .await?;
        Ok(self.store().person(person.id).await?)
    }

    /// The person of these credentials; none where the name or the password is wrong, or the person disabled.
    pub(crate) async fn check_password(
        &self,
        username: &str,
        password: &Secret,
    ) -> Result<Option<PersonRecord>, Fault> {
        let length = password.expose().chars().count();
        let found = self.store().person_by_username(username).await?;
        let may_match =
            |person: &PersonRecord| length <= *PASSWORD_CHARS.end() && person.password_hash != NO_PASSWORD;
        let Some(person) = found.filter(may_match) else {
            // An oversized password is cut before it costs anything; its answer is the same.
            let shown: String = password.expose().chars().take(*PASSWORD_CHARS.end()).collect();
            self.passwords().verify_nobody(Secret::new(shown)).await?;
            return Ok(None);
        };
        if !self
            .passwords()
            .verify(password.clone(), person.password_hash.clone())
            .await?
            || person.disabled
        {
            return Ok(None);
        }
        if self.passwords().is_outdated(&person.password_hash) {
            let salt = self.new_salt()?;
            let hash = self.passwords().hash(password.clone(), salt).await?;
            self.store().set_password_hash(person.id, &hash).await?;
        }
        Ok(Some(person))
    }

    fn parse_values(&self, pairs: &[(String, String)]) -> Result<PersonData, PersonError> {
        let mut data = PersonData::new();
        for (name, text) in pairs {
            let unknown = || PersonError::UnknownDataPoint(name.clone());
            let point = self.settings().catalogue.get(name).ok_or_else(unknown)?;
            let wrong = |ValueError(expected)| PersonError::Value {
                name: name.clone(),
                expected,
            };
            data.insert(point.name.clone(), point.read(text).map_err(wrong)?);
        }
        Ok(data)
    }
}
