//! `grant_type=urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693): a token that somebody gave for one of the
//! app's own, which may do no more and lives no longer.
//!
//! What is strict here: an app exchanges tokens that were issued to it, and to the apps that its reviewed manifest names
//! ([`crate::vocabulary::ExchangePolicy`]). The person behind the token must have allowed the asking app too, and it
//! sees no more than that. The token hangs from a grant of its own below the subject's: whatever kills that, kills it.

use super::exchange_subject::{Kind, Subject, kind, subject};
use super::{remaining, required};
use crate::apis::ApiGrant;
use crate::ctx::Ctx;
use crate::data_points::DataPoints;
use crate::effect::{Load, Loaded};
use crate::error::{ErrorCode, Refusal, shown};
use crate::openid::{KnownIn, subject as known_as};
use crate::records::{Actor, Exchange, NewGrant};
use crate::review::Act;
use crate::token::{Behalf, Grant, Granted, Presented, Refused, access_token_is_live};
use crate::vocabulary::{Client, ClientKind, GrantType, Params, Scope, Secret, SecretHash};
use std::borrow::Cow;

/// The kinds of token that are known here (RFC 8693 section 3).
pub(super) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// An ID token of ours.
pub(super) const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

/// How often a token may be exchanged on: the store looks at as many grants above one.
const MOST_EXCHANGES: u32 = 3;

/// A token for another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenExchange;

impl Grant for TokenExchange {
    fn grant_type(&self) -> &'static str {
        GrantType::TOKEN_EXCHANGE
    }

    fn issued_token_type(&self) -> Option<&'static str> {
        Some(ACCESS_TOKEN)
    }

    fn load(&self, params: &Params) -> Vec<Load> {
        let subject = params.get("subject_token").and_then(|token| {
            Some(match kind(params.get("subject_token_type")?)? {
                Kind::AccessToken => Presented::of(&Secret::new(token)).load(),
                Kind::IdToken => Load::GrantBetween(super::exchange_subject::named_in(token)?),
            })
        });
        let actor = params
            .get("actor_token")
            .map(|token| Load::ActorToken(SecretHash::of(token)));
        subject.into_iter().chain(actor).collect()
    }

    /// The app that the subject was issued to, whether its person allowed the asking one, and is on its team.
    fn load_more(&self, _params: &Params, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        let of_token = known.access_token.as_ref().and_then(|token| token.grant.as_ref());
        let (Some(grant), Some(client)) = (of_token.or(known.grant.as_ref()), &known.client) else {
            return Vec::new();
        };
        let person = grant.holder.person;
        vec![
            Load::SubjectClient(grant.client.clone()),
            Load::Consent(person, client.id.clone()),
            Load::Membership(person, client.id.clone()),
        ]
    }

    fn decide<'a>(
        &self,
        client: &Client,
        params: &Params,
        loaded: &'a Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<Granted<'a>, Refused> {
        if client.kind == ClientKind::Public {
            return Err(Refusal::new(
                ErrorCode::UnauthorizedClient,
                "A public client cannot exchange tokens: it has nothing to prove itself with.",
            )
            .into());
        }
        check_form(client, params, ctx)?;
        let subject = subject(client, params, loaded, ctx)?;
        let act = actor(client, params, loaded, ctx)?;
        let (data_points, scope) = narrowed(client, &subject, params, loaded)?;
        let depth = subject.grant.exchange.as_ref().map_or(0, |above| above.depth) + 1;
        if depth > MOST_EXCHANGES {
            return Err(unacceptable("subject_token", "it has been exchanged on too often").into());
        }
        let before = subject
            .grant
            .exchange
            .as_ref()
            .and_then(|above| above.act.clone());
        let act = match (act, before) {
            (Some(act), before) => Some(Actor {
                act: before.map(Box::new),
                ..act
            }),
            // Who acted before is not forgotten because nobody new does.
            (None, before) => before,
        };
        let mut holder = subject.grant.holder.clone();
        holder.on_team = loaded.on_team;
        let grant = NewGrant {
            client: client.id.clone(),
            person: holder.person,
            scope: scope.clone(),
            data_points,
            version: client.version,
            sign_in: subject.grant.sign_in.clone(),
            session: None,
            openid: None,
            exchange: Some((subject.grant.id, Exchange { depth, act })),
            apis: ApiGrant::default(),
            at: ctx.now,
        };
        Ok(Granted {
            behalf: Behalf::NewGrant {
                grant: Box::new(grant),
                holder,
                until: Some(subject.expires_at),
                refresh: false,
            },
            scope,
            writes: Vec::new(),
        })
    }
}

/// RFC 8693 section 2.1: what is asked for, of what there is; `actor_token` and its type together or not at all.
fn check_form(client: &Client, params: &Params, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let invalid = |told: &'static str| Refusal::new(ErrorCode::InvalidRequest, told);
    if params
        .get("requested_token_type")
        .is_some_and(|wanted| wanted != ACCESS_TOKEN)
    {
        return Err(invalid(
            "Only access tokens are issued here: leave requested_token_type out.",
        ));
    }
    required(params, "subject_token")?;
    if kind(required(params, "subject_token_type")?).is_none() {
        return Err(invalid(
            "The subject_token_type is not supported. Use that of an access token or of an ID token.",
        ));
    }
    match (params.get("actor_token"), params.get("actor_token_type")) {
        (None, None) | (Some(_), Some(ACCESS_TOKEN)) => {}
        (Some(_), Some(_)) => {
            return Err(invalid(
                "The actor_token_type is not supported. Use that of an access token.",
            ));
        }
        _ => {
            return Err(invalid(
                "The parameters actor_token and actor_token_type go together.",
            ));
        }
    }
    // The token is for the asking app, at our own endpoints.
    let is_known = |target: &str| target == client.id.as_str() || target == ctx.issuer;
    match params.get("audience").filter(|target| !is_known(target)) {
        None => Ok(()),
        Some(target) => Err(Refusal::new(
            ErrorCode::InvalidTarget,
            "No tokens are issued for this audience. Leave it out, or name this app or this server.",
        )
        .because(format!("the audience {} is not known", shown(target)))),
    }
}

/// RFC 8693 section 2.2.2: a token that is invalid for any reason, or unacceptable by policy, is one answer.
pub(super) fn unacceptable(what: &'static str, private: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(
        ErrorCode::InvalidRequest,
        format!("The {what} is wrong, expired, or not one that this app may use here."),
    )
    .because(format!("the {what} is refused: {}", private.into()))
}

/// Who is said to act: the app itself, by a token on its own behalf, or a person who signed in to it.
fn actor(client: &Client, params: &Params, loaded: &Loaded, ctx: &Ctx<'_>) -> Result<Option<Actor>, Refusal> {
    let Some(presented) = params.get("actor_token") else {
        return Ok(None);
    };
    let refused = |why: Cow<'static, str>| unacceptable("actor_token", why);
    let may_delegate = client.token_exchange.as_ref().is_some_and(|own| own.delegation);
    if !may_delegate {
        return Err(refused(
            "the app's token_exchange does not allow delegation".into(),
        ));
    }
    let hash = SecretHash::of(presented);
    let token = loaded.actor_token.as_ref().filter(|token| token.hash == hash);
    let token = token.ok_or_else(|| refused("there is no such token".into()))?;
    access_token_is_live(Act::OtherGrant, client, token, ctx.now).map_err(refused)?;
    let (sub, known_in) = match &token.grant {
        Some(grant) => (known_as(client, grant.holder.person, ctx), KnownIn::of(client)),
        None => (client.id.as_str().to_owned(), KnownIn::Everywhere),
    };
    Ok(Some(Actor {
        sub,
        known_in,
        client_id: client.id.clone(),
        act: None,
    }))
}

/// The data points and the scope that remain: the subject's, as far as the asking app is approved for them and the
/// person allowed it them.
fn narrowed(
    client: &Client,
    subject: &Subject<'_>,
    params: &Params,
    loaded: &Loaded,
) -> Result<(DataPoints, Scope), Refusal> {
    let asked = asked(subject, params)?;
    let is_own = *subject.client == client.id;
    let allowed = match (&loaded.consent, is_own) {
        (_, true) => None,
        (Some(consent), false) => Some(&consent.allowed),
        (None, false) => {
            return Err(unacceptable(
                "subject_token",
                "its person has not allowed this app anything: they must sign in to it once",
            ));
        }
    };
    remaining(client, &asked, &subject.grant.data_points, allowed)
}

/// What is asked for: all that the subject may do, or part of it. `read` stands for each of its data points.
fn asked(subject: &Subject<'_>, params: &Params) -> Result<Scope, Refusal> {
    let Some(text) = params.get("scope") else {
        return Ok(subject.scope.clone());
    };
    let asked = Scope::parse(text).map_err(|why| {
        Refusal::new(ErrorCode::InvalidScope, "The scope is malformed.").because(why.to_string())
    })?;
    let within = |name: &str| {
        let mut points = subject.grant.data_points.iter();
        subject.scope.contains(name)
            || (subject.scope.contains("read") && points.any(|point| point.as_str() == name))
    };
    let beyond = asked
        .names()
        .find(|name| !within(name))
        .map(|beyond| format!("'{beyond}' is not in the subject's scope '{}'", subject.scope));
    match beyond {
        None => Ok(asked),
        Some(why) => Err(Refusal::new(
            ErrorCode::InvalidScope,
            "The scope goes beyond that of the subject_token. Ask for less, or leave it out.",
        )
        .because(why)),
    }
}

#[cfg(test)]
#[path = "token_exchange_tests.rs"]
mod tests;
