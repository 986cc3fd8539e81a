//! The directory of people: who they are, and what is on file about them.

use crate::passwords::{PASSWORD_CHARS, PasswordLength};
use crate::{Engine, Fault};
use omniport_protocol::data_points::ValueError;
use omniport_protocol::records::PersonData;
use omniport_protocol::vocabulary::{PersonId, Secret};
use omniport_store::portal::{NewPerson, PersonRecord};

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
    /// The password in the clear, hashed before it is stored.
    pub password: Secret,
    /// What they may do.
    pub roles: Vec<PlatformRole>,
    /// `name=value` pairs: data points and their values as text.
    pub values: Vec<(String, String)>,
}

/// Why a person cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// The username is empty, too long, or has spaces or control characters.
    #[error("a username has 1 to {MAX_USERNAME_CHARS} characters, without spaces or control characters")]
    Username,
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
    /// Adds a person.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells what is wrong with the draft.
    pub async fn add_person(&self, draft: PersonDraft) -> Result<Result<PersonId, PersonError>, Fault> {
        let username = draft.username;
        let name_fits = (1..=MAX_USERNAME_CHARS).contains(&username.chars().count())
            && !username.chars().any(|c| c.is_whitespace() || c.is_control());
        if !name_fits {
            return Ok(Err(PersonError::Username));
        }
        let data = match self.parse_values(&draft.values) {
            Ok(data) => data,
            Err(error) => return Ok(Err(error)),
        };
        let password_hash = match self.hash_password(&draft.password).await? {
            Ok(hash) => hash,
            Err(length) => return Ok(Err(length.into())),
        };
        let person = NewPerson {
            username: username.clone(),
            password_hash,
            is_maintainer: draft.roles.contains(&PlatformRole::Maintainer),
            is_developer: draft.roles.contains(&PlatformRole::Developer),
            data,
            at: self.now(),
        };
        Ok(self
            .store()
            .insert_person(person)
            .await?
            .ok_or(PersonError::Taken(username)))
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
        self.store().set_disabled(person.id, since).await?;
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
        let Some(person) = found.filter(|_| length <= *PASSWORD_CHARS.end()) else {
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
