//! Somebody's own password, changed by themselves.

use crate::passwords::{PasswordLength, check_length};
use crate::{Engine, Fault};
use omniport_protocol::audit::{Act, By, Subject};
use omniport_protocol::vocabulary::{Secret, SecretHash};
use serde_json::Value;

/// Why somebody's password is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OwnPasswordError {
    /// What they gave as their password is not it.
    #[error("this is not your password")]
    Wrong,
    /// There were too many wrong ones; after this many seconds it may be tried again.
    #[error("there were too many attempts")]
    Wait(i64),
    /// The new one's length.
    #[error(transparent)]
    Length(#[from] PasswordLength),
    /// It was changed by somebody else, or they were disabled, while this was going on.
    #[error("the password was changed meanwhile")]
    Meanwhile,
    /// A test person has the password that their app's team reads once.
    #[error("a test person gets a new password from the app's team")]
    TestPerson,
}

impl Engine {
    /// Gives a person the password that they chose, if they know the one they have: tries are counted as a sign-in's
    /// are. Their sessions end, all but `here`.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one is told to the person.
    pub async fn change_own_password(
        &self,
        by: impl Into<By>,
        here: SecretHash,
        current: &Secret,
        new: &Secret,
    ) -> Result<Result<(), OwnPasswordError>, Fault> {
        let by = by.into();
        if let Err(length) = check_length(new) {
            return Ok(Err(length.into()));
        }
        let Some(person) = self.store().person(by.person).await? else {
            return Err(Fault::Bug("somebody who is signed in is not there"));
        };
        if person.test_of.is_some() {
            return Ok(Err(OwnPasswordError::TestPerson));
        }
        match self.try_password(&person.username, current, by.address).await {
            Ok(true) => {}
            Ok(false) => return Ok(Err(OwnPasswordError::Wrong)),
            Err(Fault::Limited(seconds)) => return Ok(Err(OwnPasswordError::Wait(seconds))),
            Err(fault) => return Err(fault),
        }
        let hash = match self.hash_password(new).await? {
            Ok(hash) => hash,
            Err(length) => return Ok(Err(length.into())),
        };
        let subject = Subject::person(person.id, &person.username);
        let changed = self
            .telling(by, Act::PersonPassword, subject, (Value::Null, Value::Null))
            .change_own_password(&person, &hash, here, self.now())
            .await?;
        if !changed {
            return Ok(Err(OwnPasswordError::Meanwhile));
        }
        self.session_ended();
        Ok(Ok(()))
    }
}
