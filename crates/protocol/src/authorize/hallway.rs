//! The way that every authorisation request walks, fresh or come back from sign-in or consent.

use super::checks::{self, Wish};
use super::door::Door;
use super::facts::{Facts, Visitor};
use super::outcome::Outcome;
use super::response_modes::Answer;
use super::trusted::Trusted;
use crate::ctx::Ctx;
use crate::effect::Write;
use crate::error::{ErrorCode, Refusal};
use crate::records::{Consent, NewCode, NewGrant};
use crate::vocabulary::{ClientKind, Params, Timestamp};

/// A request that is trusted and has passed every check.
#[derive(Debug, Clone)]
pub(super) struct Passed<'a> {
    /// Who asks, and where the answer goes.
    pub(super) trusted: Trusted<'a>,
    /// What it asks for.
    pub(super) wish: Wish,
}

/// What a passed request needs next.
#[derive(Debug, Clone)]
pub(super) enum Next<'a> {
    /// To be refused: it needs a page and forbids one.
    Refuse(Refusal),
    /// A sign-in.
    SignIn,
    /// This person's consent.
    Consent(Visitor<'a>),
    /// Nothing: a code may be issued for this person.
    Issue(Visitor<'a>),
}

impl<'a> Passed<'a> {
    /// Walks from the door through trust and the checks.
    ///
    /// # Errors
    /// A page before the request is trusted, a redirect after.
    pub(super) fn walk(
        door: Door,
        params: &'a Params,
        facts: &Facts<'a>,
        ctx: &Ctx<'a>,
    ) -> Result<Self, Box<Outcome>> {
        let trusted =
            Trusted::establish(door, params, facts, ctx).map_err(|page| Box::new(Outcome::Page(page)))?;
        match checks::run(door, params, trusted.client(), ctx.catalogue) {
            Ok(wish) => Ok(Self { trusted, wish }),
            Err(refusal) => Err(Box::new(Outcome::Redirect(Answer::refusing(&trusted, refusal)))),
        }
    }

    /// What it needs before a code can be issued. `parked_at` says since when it has been waiting, if it has.
    pub(super) fn next(&self, facts: &Facts<'a>, parked_at: Option<Timestamp>, now: Timestamp) -> Next<'a> {
        let prompt = &self.wish.prompt;
        let signed_in = facts
            .visitor
            .filter(|visitor| !prompt.wants_sign_in(visitor.session, parked_at, now));
        match signed_in {
            None if prompt.none => Next::Refuse(
                Refusal::new(ErrorCode::LoginRequired, "The person must sign in first.")
                    .because("prompt=none, and there is no session, or one too old for max_age"),
            ),
            None => Next::SignIn,
            Some(visitor) if !self.wants_consent(&visitor) => Next::Issue(visitor),
            Some(_) if prompt.none => Next::Refuse(
                Refusal::new(ErrorCode::ConsentRequired, "The person must consent first.")
                    .because(
                        "prompt=none, and not all that is asked for has been consented to, or a native app asks by its own scheme",
                    ),
            ),
            Some(visitor) => Next::Consent(visitor),
        }
    }

    /// The first time always asks, also of an app that wants no data; later, only what is more than was allowed. What
    /// calls itself a native app by nothing but its scheme may be another on the same device, with a challenge of its
    /// own: it never passes silently (RFC 8252 section 8.6).
    fn wants_consent(&self, visitor: &Visitor<'_>) -> bool {
        let allowed = |consent: &Consent| self.wish.data_points.is_subset(&consent.data_points);
        let may_be_another =
            self.trusted.client().kind == ClientKind::Public && self.trusted.registered().is_private_use();
        may_be_another || self.wish.prompt.consent || !visitor.consent.is_some_and(allowed)
    }

    /// An error to the app.
    pub(super) fn refuse(&self, refusal: Refusal) -> Outcome {
        Outcome::Redirect(Answer::refusing(&self.trusted, refusal))
    }

    /// A code for `visitor`: the change, and the answer.
    pub(super) fn issue(&self, visitor: &Visitor<'_>, ctx: &Ctx<'_>) -> (Write, Outcome) {
        let client = self.trusted.client();
        let grant = NewGrant {
            client: client.id.clone(),
            person: visitor.session.holder.person,
            scope: self.wish.scope.clone(),
            data_points: self.wish.data_points.clone(),
            version: client.version,
            auth_time: visitor.session.auth_time,
            at: ctx.now,
        };
        let code = NewCode {
            redirect_uri: self.trusted.redirect_uri().to_owned(),
            redirect_uri_given: self.trusted.redirect_uri_given(),
            challenge: self.wish.challenge.clone(),
            expires_at: ctx.now.plus(ctx.policy.code_seconds),
        };
        let answer = Answer::with_code(&self.trusted);
        (Write::IssueCode(grant, code), Outcome::Redirect(answer))
    }
}
