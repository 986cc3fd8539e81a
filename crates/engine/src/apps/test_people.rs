//! An app's test people: made up by its team, with a value for every data point, able to use that app only.

use crate::acts::{app_of, gone, made};
use crate::mint::secret;
use crate::{Engine, Fault};
use omniport_protocol::audit::{Act, By};
use omniport_protocol::data_points::synthetic;
use omniport_protocol::review::App;
use omniport_protocol::vocabulary::{ClientId, PersonId, Secret};
use omniport_store::portal::{NewPerson, TestPerson};
use serde_json::json;

/// Most test people of one app, those put away included: their places are taken again.
pub const MAX_TEST_PEOPLE: usize = 100;
/// A test person's password's length: 20 letters and digits carry 119 bits.
const PASSWORD_LENGTH: usize = 20;
/// Letters and digits in the part of a test person's username that tells them apart.
const NAME_LENGTH: usize = 8;

/// A test person's credentials, to be shown once.
#[derive(Debug, Clone)]
pub struct NewTestPerson {
    /// Their sign-in name.
    pub username: String,
    /// Their password.
    pub password: Secret,
}

/// Why an app's test people were not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TestPeopleError {
    /// No such app, or the person is not on its team: the same answer.
    #[error("there is no such app")]
    NotFound,
    /// There are as many as there may be.
    #[error("an app has at most {MAX_TEST_PEOPLE} test people; put one away first")]
    Full,
    /// This one is none of the app's, or was put away.
    #[error("this app has no such test person any more")]
    Nobody,
    /// This person has had too many made just now: each password costs as much work as a sign-in. So many seconds later
    /// there may be another.
    #[error("you have had many passwords made for test people just now; wait {}, then try again", in_words(*.0))]
    TooMany(i64),
}

fn in_words(seconds: i64) -> String {
    match seconds {
        1 => "a second".to_owned(),
        _ => format!("{seconds} seconds"),
    }
}

impl Engine {
    /// Makes a test person for an app of `by`'s: in a place that one left who was put away, else in a new one.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn add_test_person(
        &self,
        id: &ClientId,
        by: impl Into<By>,
    ) -> Result<Result<NewTestPerson, TestPeopleError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app_of_member(id, by.person).await? else {
            return Ok(Err(TestPeopleError::NotFound));
        };
        let there = self.store().test_people(id).await?;
        if let Some(free) = there.iter().position(|person| person.put_away)
            && let Some(person) = there.get(free)
        {
            return self.renew(&app, by, Act::TestPersonAdd, person, free + 1).await;
        }
        if there.len() >= MAX_TEST_PEOPLE {
            return Ok(Err(TestPeopleError::Full));
        }
        let password = match self.draw_password(by.person).await? {
            Ok(password) => password,
            Err(too_many) => return Ok(Err(too_many)),
        };
        let username = format!(
            "test-{}",
            secret(&*self.dice, NAME_LENGTH)?.expose().to_lowercase()
        );
        let person = NewPerson {
            username: username.clone(),
            password_hash: self.hash_drawn(&password).await?,
            is_maintainer: false,
            is_developer: false,
            data: synthetic(&self.settings().catalogue, there.len() + 1),
            test_of: Some(id.clone()),
            at: self.now(),
        };
        let maker = by.person;
        let told = made(json!({"person": username}));
        let store = self.telling(by, Act::TestPersonAdd, app_of(&app), told);
        match store.insert_person(person).await? {
            Some(number) => {
                tracing::info!(client_id = %id, person = number.0, by = maker.0, "a test person was made");
                Ok(Ok(NewTestPerson { username, password }))
            }
            None => Err(Fault::Bug("a drawn username is taken")),
        }
    }

    /// Gives a test person a new password, and the values that are made up today.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn renew_test_person(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        whom: PersonId,
    ) -> Result<Result<NewTestPerson, TestPeopleError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app_of_member(id, by.person).await? else {
            return Ok(Err(TestPeopleError::NotFound));
        };
        let there = self.store().test_people(id).await?;
        let found = there
            .iter()
            .enumerate()
            .find(|(_, person)| person.person == whom && !person.put_away);
        match found {
            Some((at, person)) => self.renew(&app, by, Act::TestPersonRenew, person, at + 1).await,
            None => Ok(Err(TestPeopleError::Nobody)),
        }
    }

    /// A password for a test person, if `by` had not too many made just now.
    async fn draw_password(&self, by: PersonId) -> Result<Result<Secret, TestPeopleError>, Fault> {
        Ok(match self.begin_password_for_test_person(by).await? {
            Ok(()) => Ok(secret(&*self.dice, PASSWORD_LENGTH)?),
            Err(seconds) => Err(TestPeopleError::TooMany(seconds)),
        })
    }

    async fn renew(
        &self,
        app: &App,
        by: By,
        act: Act,
        whom: &TestPerson,
        number: usize,
    ) -> Result<Result<NewTestPerson, TestPeopleError>, Fault> {
        let password = match self.draw_password(by.person).await? {
            Ok(password) => password,
            Err(too_many) => return Ok(Err(too_many)),
        };
        let hash = self.hash_drawn(&password).await?;
        let data = synthetic(&self.settings().catalogue, number);
        let told = made(json!({"person": whom.username}));
        let renewed = self
            .telling(by, act, app_of(app), told)
            .renew_test_person(&app.id, whom.person, &hash, &data, self.now())
            .await?;
        self.session_ended();
        Ok(if renewed {
            Ok(NewTestPerson {
                username: whom.username.clone(),
                password,
            })
        } else {
            Err(TestPeopleError::Nobody)
        })
    }

    /// Puts a test person away: they are signed out, cannot sign in, and what they allowed is dead.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn put_test_person_away(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        whom: PersonId,
    ) -> Result<Result<(), TestPeopleError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app_of_member(id, by.person).await? else {
            return Ok(Err(TestPeopleError::NotFound));
        };
        let there = self.store().test_people(id).await?;
        let Some(person) = there.iter().find(|person| person.person == whom) else {
            return Ok(Err(TestPeopleError::Nobody));
        };
        let told = gone(json!({"person": person.username}));
        let store = self.telling(by, Act::TestPersonRemove, app_of(&app), told);
        let went = store.put_test_person_away(id, whom, self.now()).await?;
        self.session_ended();
        Ok(if went {
            Ok(())
        } else {
            Err(TestPeopleError::Nobody)
        })
    }

    async fn hash_drawn(&self, password: &Secret) -> Result<String, Fault> {
        let hashed = self.hash_password(password).await?;
        hashed.map_err(|_| Fault::Bug("a drawn password has a length that passwords may not have"))
    }
}
