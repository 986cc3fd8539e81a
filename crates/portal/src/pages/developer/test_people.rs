//! The dashboard's test people.

use super::dashboard::{Typed, again};
use super::section::{AtApp, Section};
use crate::flash::{Flash, sentence};
use crate::problem::Problem;
use crate::{cookies, paths, respond};
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use omniport_engine::apps::{NewTestPerson, TestPeopleError};
use omniport_protocol::vocabulary::PersonId;

/// POST `.../test-people`. The password is shown once, by the dashboard.
pub(crate) async fn add(Section { at, .. }: Section) -> Result<Response, Problem> {
    let made = at
        .signed_in
        .engine()
        .add_test_person(&at.app.id, at.signed_in.by())
        .await?;
    told(&at, made).await
}

/// POST `.../test-people/renew`: `person`. A new password, shown once.
pub(crate) async fn renew(Section { at, form }: Section) -> Result<Response, Problem> {
    let whom = person(form.text("person"))?;
    let made = at
        .signed_in
        .engine()
        .renew_test_person(&at.app.id, at.signed_in.by(), whom)
        .await?;
    told(&at, made).await
}

/// POST `.../test-people/remove`: `person`.
pub(crate) async fn remove(Section { at, form }: Section) -> Result<Response, Problem> {
    let whom = person(form.text("person"))?;
    let gone = at
        .signed_in
        .engine()
        .put_test_person_away(&at.app.id, at.signed_in.by(), whom)
        .await?;
    match gone {
        Ok(()) => Ok(respond::see_other(
            &Flash::TestPersonGone.at(&paths::dashboard(&at.app.id)),
        )),
        Err(error) => refused(&at, &error).await,
    }
}

fn person(text: &str) -> Result<PersonId, Problem> {
    let number = text.parse().map(PersonId);
    number.map_err(|_| Problem::malformed("The form does not say which test person it is about."))
}

async fn told(at: &AtApp, made: Result<NewTestPerson, TestPeopleError>) -> Result<Response, Problem> {
    match made {
        Ok(made) => Ok(respond::with_cookie(
            respond::see_other(&Flash::TestPerson.at(&paths::dashboard(&at.app.id))),
            cookies::reveal_person(&at.app.id, &made.username, &made.password),
        )),
        Err(error) => refused(at, &error).await,
    }
}

async fn refused(at: &AtApp, error: &TestPeopleError) -> Result<Response, Problem> {
    let (status, wait) = match error {
        TestPeopleError::NotFound => return Err(Problem::not_found()),
        TestPeopleError::TooMany(seconds) => (StatusCode::TOO_MANY_REQUESTS, Some(*seconds)),
        TestPeopleError::Full | TestPeopleError::Nobody => (StatusCode::UNPROCESSABLE_ENTITY, None),
    };
    let typed = Typed {
        test_people_error: Some(sentence(&error.to_string())),
        ..Typed::default()
    };
    let mut page = again(at, typed, status).await?;
    if let Some(seconds) = wait {
        page.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(page)
}
