//! `GET /open_auth/get_user_data/`: the data that a person consented to (the walkthrough's step 8).

use super::presented_token::PresentedToken;
use crate::ctx::Ctx;
use crate::data_points::{Catalogue, DataPoints, Told, user_data};
use crate::effect::{Decision, Load, Loaded, Operation, Write};
use crate::error::{ErrorCode, Refusal};
use crate::openid::{SubjectType, stands_for, subject, tells_username};
use crate::records::{Grant, PersonData};
use crate::review::Act;
use crate::token::access_token_is_live;
use crate::vocabulary::{Client, Scope};
use serde_json::Value;
use std::borrow::Cow;

/// Where the data is read.
pub const USER_DATA: &str = "/open_auth/get_user_data";

/// A request for the data behind an access token.
#[derive(Debug, Clone)]
pub struct UserDataRequest {
    /// The access token.
    pub token: PresentedToken,
}

/// `invalid_token` (401) for a token that is unknown or dead for any reason; `insufficient_scope` (403) for one that
/// has no person behind it (RFC 6750 section 3.1).
impl Operation for UserDataRequest {
    type Reply = Result<Value, Refusal>;

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        self.token.load()
    }

    fn load_more(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        token_loads(known)
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Self::Reply> {
        match readable(&self.token, USER_DATA, loaded, ctx) {
            Ok(readable) => {
                let data = answer(&readable, loaded, ctx);
                Decision::new(readable.note.into_iter().collect(), Ok(data))
            }
            Err(refusal) => Decision::reply(Err(refusal)),
        }
    }
}

fn answer(readable: &Readable<'_>, loaded: &Loaded, ctx: &Ctx<'_>) -> Value {
    let Readable {
        client, scope, grant, ..
    } = *readable;
    let nothing_on_file = PersonData::new();
    let data = loaded.person_data.as_ref().unwrap_or(&nothing_on_file);
    let allowed = allowed(grant, client, scope, ctx.catalogue);
    user_data(told(client, grant, &allowed, ctx), data, &allowed, ctx.catalogue)
}

/// The walkthrough's number and name; of an app that asked to know people by a name of its own, that one.
fn told(client: &Client, grant: &Grant, allowed: &DataPoints, ctx: &Ctx<'_>) -> Told {
    let holder = &grant.holder;
    Told {
        user_id: match client.openid.subject_type {
            SubjectType::Public => holder.person.0.into(),
            SubjectType::Pairwise => subject(client, holder.person, ctx).into(),
        },
        username: tells_username(client, allowed, ctx.catalogue).then(|| holder.username.clone()),
    }
}

/// What to load once the access token is known: its client, and its person's values.
pub(super) fn token_loads(known: &Loaded) -> Vec<Load> {
    let Some(token) = &known.access_token else {
        return Vec::new();
    };
    let person = token
        .grant
        .as_ref()
        .map(|grant| Load::PersonData(grant.holder.person));
    let client = Load::Client(token.client.clone());
    [client].into_iter().chain(person).collect()
}

/// By what a person's data may be read.
pub(super) struct Readable<'a> {
    /// Who reads.
    pub(super) client: &'a Client,
    /// The token's scope.
    pub(super) scope: &'a Scope,
    /// What the person granted.
    pub(super) grant: &'a Grant,
    /// That the request's proof is used, where it needed one.
    pub(super) note: Option<Write>,
}

/// The client, the scope and the grant of an access token by which a person's data may be read.
///
/// # Errors
/// `invalid_token` for one that is unknown or dead for any reason; `insufficient_scope` for one that has no person
/// behind it (RFC 6750 section 3.1).
pub(super) fn readable<'a>(
    presented: &PresentedToken,
    path: &str,
    loaded: &'a Loaded,
    ctx: &Ctx<'_>,
) -> Result<Readable<'a>, Refusal> {
    let token = loaded
        .access_token
        .as_ref()
        .ok_or_else(|| invalid("there is no such access token, or it was revoked"))?;
    let client = loaded
        .client
        .as_ref()
        .ok_or_else(|| invalid(format!("there is no client '{}' any more", token.client)))?;
    access_token_is_live(Act::UserData, client, token, ctx.now).map_err(invalid)?;
    if !token.audience.is_ours(ctx.issuer) {
        return Err(invalid(
            "the access token is for an API, and not for our own endpoints",
        ));
    }
    let note = presented.check(token, client, loaded, ctx)?;
    let grant = token.grant.as_ref().ok_or_else(|| {
        Refusal::new(
            ErrorCode::InsufficientScope,
            "No person is behind this access token. Get one with an authorisation code.",
        )
        .because("a client_credentials token was used to read a person's data")
    })?;
    let max_age = loaded.apis.own_max_age(ctx.issuer, path);
    if max_age.is_some_and(|age| !grant.sign_in.is_within(age, ctx.now)) {
        return Err(Refusal::new(
            ErrorCode::InsufficientUserAuthentication,
            "A more recent sign-in is needed: start it again with max_age.",
        ));
    }
    Ok(Readable {
        client,
        scope: &token.scope,
        grant,
        note,
    })
}

/// What the person consented to, as far as the app is still approved for it, as far as this token's scope goes.
fn allowed(grant: &Grant, client: &Client, scope: &Scope, catalogue: &Catalogue) -> DataPoints {
    let points = catalogue.data_points();
    points
        .filter(|point| grant.data_points.contains(&point.name) && client.data_points.contains(&point.name))
        .filter(|point| stands_for(scope, point))
        .map(|point| point.name.clone())
        .collect()
}

fn invalid(private: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(
        ErrorCode::InvalidToken,
        "The access token is wrong, expired or revoked. Refresh it, or start the sign-in again.",
    )
    .because(private)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::Standing;
    use crate::testing::{ACCESS, World, access_token, client, other_client, point, points};
    use crate::vocabulary::{PersonId, Secret, SecretHash};
    use serde_json::json;
    use std::sync::Arc;

    fn loaded() -> Loaded {
        Loaded {
            client: Some(client().into()),
            access_token: Some(access_token()),
            person_data: Some(PersonData::from([
                (point("person.full_name"), json!("Asha Rao")),
                (point("student.branch.name"), json!("Physics")),
            ])),
            ..Loaded::default()
        }
    }

    fn ask(loaded: &Loaded, world: &World) -> Result<Value, Refusal> {
        let request = UserDataRequest {
            token: Secret::new(ACCESS).into(),
        };
        let decision = request.decide(loaded, &world.ctx());
        assert_eq!(decision.writes, []);
        decision.reply
    }

    fn with_scope(names: &[&str]) -> Value {
        let mut facts = loaded();
        facts.access_token.as_mut().unwrap().scope = Scope::of(names.iter().copied());
        ask(&facts, &World::new()).unwrap()
    }

    fn grant_of(facts: &mut Loaded) -> &mut Grant {
        facts.access_token.as_mut().unwrap().grant.as_mut().unwrap()
    }

    #[test]
    fn asks_for_the_token_then_for_its_client_and_person() {
        let (world, request) = (
            World::new(),
            UserDataRequest {
                token: Secret::new(ACCESS).into(),
            },
        );
        assert_eq!(
            request.load(&world.ctx()),
            [Load::AccessToken(SecretHash::of(ACCESS)), Load::Apis]
        );
        assert_eq!(request.load_more(&Loaded::default(), &world.ctx()), []);
        let mut facts = loaded();
        let client = Load::Client(client().id);
        let more = request.load_more(&facts, &world.ctx());
        assert_eq!(more, [client.clone(), Load::PersonData(PersonId(7))]);
        facts.access_token.as_mut().unwrap().grant = None;
        assert_eq!(request.load_more(&facts, &world.ctx()), [client]);
    }

    #[test]
    fn holds_what_was_consented_to_and_no_more() {
        // The app is approved for the branch, but the person did not consent to it.
        let person = json!({"fullName": "Asha Rao", "roles": null});
        let body = ask(&loaded(), &World::new()).unwrap();
        assert_eq!(body, json!({"userId": 7, "username": "asha", "person": person}));
    }

    #[test]
    fn what_is_no_longer_approved_is_no_longer_sent() {
        let mut facts = loaded();
        Arc::make_mut(facts.client.as_mut().unwrap()).data_points =
            points(["person.full_name", "student.branch.name"]);
        let body = ask(&facts, &World::new()).unwrap();
        assert_eq!(body["person"], json!({"fullName": "Asha Rao"}));
    }

    #[test]
    fn the_tokens_scope_narrows_it() {
        let bare = json!({"userId": 7, "username": "asha"});
        assert_eq!(
            with_scope(&["person.full_name"])["person"],
            json!({"fullName": "Asha Rao"})
        );
        assert_eq!(with_scope(&["write"]), bare);
        assert_eq!(
            with_scope(&["student.branch.name"]),
            bare,
            "named, but not consented to"
        );
        assert_eq!(with_scope(&["read"])["person"]["fullName"], "Asha Rao");
    }

    #[test]
    fn a_person_with_nothing_on_file_has_nulls() {
        let mut facts = loaded();
        facts.person_data = None;
        let body = ask(&facts, &World::new()).unwrap();
        assert_eq!(body["person"], json!({"fullName": null, "roles": null}));
    }

    #[test]
    fn case_067_an_expired_unknown_or_dead_token_is_invalid() {
        let code = |facts: &Loaded, after| {
            let refusal = ask(facts, &World::after(after)).unwrap_err();
            (refusal.code, refusal.code.status())
        };
        let invalid = (ErrorCode::InvalidToken, 401);
        assert!(ask(&loaded(), &World::after(35_999)).is_ok());
        assert_eq!(code(&loaded(), 36_000), invalid);
        assert_eq!(code(&Loaded::default(), 0), invalid);
        let dead = |change: fn(&mut Loaded)| {
            let mut facts = loaded();
            change(&mut facts);
            assert_eq!(code(&facts, 0), invalid);
        };
        dead(|facts| facts.client = None);
        dead(|facts| facts.client = Some(other_client().into()));
        dead(|facts| grant_of(facts).revoked = true);
        dead(|facts| grant_of(facts).holder.disabled = true);
        dead(|facts| Arc::make_mut(facts.client.as_mut().unwrap()).standing = Standing::Suspended);
        dead(|facts| Arc::make_mut(facts.client.as_mut().unwrap()).standing = Standing::Pending);
    }

    #[test]
    fn case_068_a_token_without_a_person_is_not_enough() {
        let mut facts = loaded();
        facts.access_token.as_mut().unwrap().grant = None;
        let refusal = ask(&facts, &World::new()).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.code.status()),
            (ErrorCode::InsufficientScope, 403)
        );
        Arc::make_mut(facts.client.as_mut().unwrap()).standing = Standing::Suspended;
        let refusal = ask(&facts, &World::new()).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidToken);
    }
}
