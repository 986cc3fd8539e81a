//! The way that every authorisation request walks, fresh or come back from sign-in or consent.

use super::checks::{self, Wish};
use super::door::Door;
use super::facts::{Facts, Visitor};
use super::outcome::{Kept, Outcome, PageError};
use super::question::Question;
use super::response_modes::{Answer, FrontChannel};
use super::response_type::ResponseType;
use super::trusted::{Address, Trusted, Way};
use crate::apis::{ApiGrant, Apis, TokenAudience};
use crate::ctx::Ctx;
use crate::data_points::DataPoints;
use crate::decoupled::DecoupledFacts;
use crate::effect::{Fresh, Load, Loaded, Write};
use crate::error::{ErrorCode, Refusal};
use crate::extensions::fapi2;
use crate::jose::UnsignedJwt;
use crate::openid::{IdTokenFacts, OpenIdGrant, SessionId, SignIn, encryption_keys_load, subject};
use crate::records::{GrantOf, NewAccessToken, NewCode, NewGrant};
use crate::vocabulary::{ClientKind, Confirmation, Params, Scope, SecretHash, Timestamp};

/// What an ID token in the front channel may need: the person's values, and the key that it is encrypted to. Only apps
/// that a maintainer marked have one there.
pub(super) fn front_channel_loads(known: &Loaded) -> Vec<Load> {
    let Some(client) = known.client.as_deref().filter(|client| client.legacy.implicit) else {
        return Vec::new();
    };
    let person = known.session.as_ref().map(|session| session.holder.person);
    person
        .map(Load::PersonData)
        .into_iter()
        .chain(encryption_keys_load(client))
        .collect()
}

/// A request that is trusted and has passed every check.
#[derive(Debug, Clone)]
pub(super) struct Passed<'a> {
    /// Who asks, and where the answer goes.
    pub(super) trusted: Trusted<'a>,
    /// What it asks for.
    pub(super) wish: Wish,
    /// The APIs that it may be about.
    pub(super) apis: &'a Apis,
}

/// What a passed request needs next.
#[derive(Debug, Clone)]
pub(super) enum Next<'a> {
    /// To be refused: it needs a page and forbids one.
    Refuse(Refusal),
    /// A sign-in.
    SignIn,
    /// This person's consent, to this.
    Consent(Visitor<'a>, Question),
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
        match checks::run(door, params, trusted.client(), facts.apis, ctx) {
            Ok(wish) => Ok(Self {
                trusted,
                wish,
                apis: facts.apis,
            }),
            Err(refusal) => Err(Box::new(refuse(&trusted, refusal))),
        }
    }

    /// Refuses a request that its client must push, and did not (RFC 9126 section 6).
    pub(super) fn must_be_pushed(&self, pushed: Option<SecretHash>, ctx: &Ctx<'_>) -> Result<(), Refusal> {
        let client = self.trusted.client();
        let must = client.openid.require_pushed_authorization_requests || fapi2::holds(client, ctx);
        if pushed.is_none() && must {
            let public = "This client must push its authorisation requests (PAR).";
            return Err(Refusal::new(ErrorCode::InvalidRequest, public));
        }
        Ok(())
    }

    /// What it needs before a code can be issued. `parked_at` says since when it has been waiting, if it has.
    pub(super) fn next(&self, facts: &Facts<'a>, parked_at: Option<Timestamp>, ctx: &Ctx<'_>) -> Next<'a> {
        let prompt = &self.wish.prompt;
        let signed_in = facts
            .visitor
            .filter(|visitor| !prompt.wants_sign_in(visitor.session, parked_at, ctx.now))
            .filter(|visitor| self.is_about(visitor, ctx))
            .filter(|visitor| !prompt.none || self.may_hear_of(visitor));
        match signed_in {
            None if prompt.none => Next::Refuse(
                Refusal::new(ErrorCode::LoginRequired, "The person must sign in first.")
                    .because("prompt=none, and there is no session, one too old for max_age, or another person's than was hinted at"),
            ),
            None => Next::SignIn,
            Some(visitor) => self.ask(visitor),
        }
    }

    fn ask(&self, visitor: Visitor<'a>) -> Next<'a> {
        match self.question(&visitor) {
            None => Next::Issue(visitor),
            Some(_) if self.wish.prompt.none => Next::Refuse(
                Refusal::new(ErrorCode::ConsentRequired, "The person must consent first.")
                    .because(
                        "prompt=none, and not all that is asked for has been consented to, or a native app asks by its own scheme",
                    ),
            ),
            Some(question) => Next::Consent(visitor, question),
        }
    }

    /// Whether a visitor is the one whom the request is about, if it says (`id_token_hint`, a `sub` in `claims`).
    fn is_about(&self, visitor: &Visitor<'_>, ctx: &Ctx<'_>) -> bool {
        let person = visitor.session.holder.person;
        if let Way::Kept(facts) = self.trusted.way()
            && facts.request.person.is_some_and(|asked| asked != person)
        {
            return false;
        }
        let meant = self
            .wish
            .openid
            .as_ref()
            .and_then(|openid| openid.subject.as_deref());
        meant.is_none_or(|meant| subject(self.trusted.client(), person, ctx) == meant)
    }

    /// Whether the app may hear, without a page, that this visitor is the one whom the request is about: not of somebody who
    /// never allowed it anything. Else the two errors would tell it who sits there, a guess at a time.
    fn may_hear_of(&self, visitor: &Visitor<'_>) -> bool {
        let openid = self.wish.openid.as_ref();
        visitor.consent.is_some() || openid.is_none_or(|openid| openid.subject.is_none())
    }

    /// What must be asked of this person ([`Question`]); none where nothing is left to ask.
    fn question(&self, visitor: &Visitor<'_>) -> Option<Question> {
        let client = self.trusted.client();
        // What calls itself a native app by nothing but its scheme may be another on the same device, with a challenge
        // of its own: it never passes silently, and is told nothing of what was allowed (RFC 8252 section 8.6).
        // Nor does what is answered elsewhere: only the person knows whether it is they who sit before that device.
        let may_be_another = match self.trusted.way() {
            Way::Back(address) => client.kind == ClientKind::Public && address.registered().is_private_use(),
            Way::Kept(_) => true,
        };
        Question::about(&self.wish, client, visitor.consent, may_be_another)
    }

    /// An error to the app.
    pub(super) fn refuse(&self, refusal: Refusal) -> Outcome {
        refuse(&self.trusted, refusal)
    }

    /// No, as the door says it (RFC 6749 section 4.1.2.1, or home), or kept for the app.
    pub(super) fn deny(&self, goes_home: bool, ctx: &Ctx<'_>) -> (Option<Write>, Outcome) {
        let Way::Kept(facts) = self.trusted.way() else {
            let denied = Refusal::new(ErrorCode::AccessDenied, "The person denied the request.");
            return (
                None,
                if goes_home {
                    Outcome::Home
                } else {
                    self.refuse(denied)
                },
            );
        };
        let deny = Write::DenyDecoupled {
            code: facts.code,
            at: ctx.now,
        };
        (Some(deny), self.kept(facts, false))
    }

    fn kept(&self, facts: &DecoupledFacts, allowed: bool) -> Outcome {
        Outcome::Kept(Kept {
            on_device: facts.request.door == Door::Device,
            app_name: self.trusted.client().name.clone(),
            allowed,
        })
    }

    /// What the response type holds, for `visitor`, who has allowed this: the changes, and the answer. The grant fixes
    /// what was asked now, is approved now and is allowed; its scope names what remained of what was asked.
    pub(super) fn issue(
        &self,
        visitor: &Visitor<'_>,
        allowed: &DataPoints,
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> (Vec<Write>, Outcome) {
        match self.trusted.way() {
            Way::Back(address) => {
                let grant = self.grant(visitor, allowed, visitor.session.root, ctx);
                self.send(address, grant, visitor, loaded, ctx)
            }
            Way::Kept(facts) => {
                // The device's session is its own: to sign out in this browser does not end it, to withdraw does.
                let grant = self.grant(visitor, allowed, facts.code, ctx);
                let keep = Write::AllowDecoupled {
                    code: facts.code,
                    grant,
                    expires_at: facts.request.expires_at,
                };
                (vec![keep], self.kept(facts, true))
            }
        }
    }

    /// A code, tokens or both, back to the app.
    fn send(
        &self,
        address: &Address<'_>,
        grant: NewGrant,
        visitor: &Visitor<'_>,
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> (Vec<Write>, Outcome) {
        let client = self.trusted.client();
        let response_type = self.wish.response_type;
        let token_seconds = ctx.policy.access_token_seconds;
        let front = FrontChannel {
            token: response_type
                .has_token()
                .then(|| (token_seconds, grant.scope.to_string())),
            id_token: match self.front_id_token(&grant, visitor, loaded, ctx).transpose() {
                Ok(id_token) => id_token,
                Err(refusal) => return (Vec::new(), self.refuse(refusal)),
            },
        };
        let token = NewAccessToken {
            client: client.id.clone(),
            grant: Some(GrantOf::Fresh),
            scope: grant.scope.clone(),
            confirmation: None,
            audience: TokenAudience::default(),
            is_jwt: false,
            at: ctx.now,
            expires_at: ctx.now.plus(token_seconds),
        };
        let root = if response_type.has_code() {
            Write::IssueCode(grant, self.code(address, ctx))
        } else {
            // Kept as long as the app may hold on to what it was told, so that a sign-out finds the app.
            Write::IssueGrant(grant, ctx.now.plus(ctx.policy.session_seconds))
        };
        let token = response_type
            .has_token()
            .then_some(Write::IssueAccessToken(token));
        let answer = Answer::issuing(address, response_type, front);
        (
            std::iter::once(root).chain(token).collect(),
            Outcome::Redirect(answer),
        )
    }

    /// What is granted, standing on the session that `root` names.
    fn grant(
        &self,
        visitor: &Visitor<'_>,
        allowed: &DataPoints,
        root: SecretHash,
        ctx: &Ctx<'_>,
    ) -> NewGrant {
        let client = self.trusted.client();
        let session = visitor.session;
        let data_points: DataPoints = self.wish.data_points.intersection(allowed).cloned().collect();
        NewGrant {
            client: client.id.clone(),
            person: session.holder.person,
            scope: self.remaining_scope(&data_points),
            data_points,
            version: client.version,
            sign_in: SignIn::Here(session.auth_time),
            session: Some(root),
            exchange: None,
            openid: self.wish.openid.as_ref().map(|openid| OpenIdGrant {
                nonce: openid.nonce.clone(),
                claims: openid.claims.clone(),
                sid: SessionId::of(root, &client.id),
            }),
            apis: ApiGrant {
                resources: self.wish.resources.clone(),
                details: self.wish.details.clone(),
            },
            at: ctx.now,
        }
    }

    fn code(&self, address: &Address<'_>, ctx: &Ctx<'_>) -> NewCode {
        NewCode {
            redirect_uri: address.redirect_uri().to_owned(),
            redirect_uri_given: address.redirect_uri_given(),
            challenge: self.wish.challenge.clone(),
            confirmation: self.wish.holder.map(Confirmation::Key),
            expires_at: ctx.now.plus(fapi2::code_seconds(self.trusted.client(), ctx)),
        }
    }

    /// The ID token of the front channel. It is the whole answer where no access token leads to userinfo: then it
    /// tells what the scope asks for too (Core section 5.4).
    fn front_id_token(
        &self,
        grant: &NewGrant,
        visitor: &Visitor<'_>,
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> Option<Result<UnsignedJwt, Refusal>> {
        let response_type = self.wish.response_type;
        let openid = grant.openid.as_ref().filter(|_| response_type.has_id_token())?;
        let facts = IdTokenFacts {
            client: self.trusted.client(),
            holder: &visitor.session.holder,
            sign_in: &grant.sign_in,
            openid,
            data_points: &grant.data_points,
            scope_claims: (response_type == ResponseType::IdToken).then_some(&grant.scope),
            loaded,
        };
        let mut hashes = Vec::new();
        if response_type.has_token() {
            hashes.push(("at_hash", Fresh::AccessToken));
        }
        if response_type.has_code() {
            hashes.push(("c_hash", Fresh::Code));
        }
        Some(facts.id_token(&hashes, ctx))
    }

    /// What was asked for without the data points that were left out: RFC 6749 section 3.3 has the answer name it.
    /// `read`, where it was asked for, stays and means what there is.
    fn remaining_scope(&self, granted: &DataPoints) -> Scope {
        let left_out = |name: &str| {
            let mut asked = self.wish.data_points.iter();
            asked.any(|point| point.as_str() == name && !granted.contains(point))
        };
        let remaining = Scope::of(self.wish.scope.names().filter(|name| !left_out(name)));
        if remaining.is_empty() {
            // A grant's scope is never empty: `read` stands for its no data.
            Scope::of(["read"])
        } else {
            remaining
        }
    }
}

/// An error to the app, by the way that its answer goes. What is kept waits on: its person may answer a better request,
/// and is told why this one cannot be answered.
pub(super) fn refuse(trusted: &Trusted<'_>, refusal: Refusal) -> Outcome {
    match trusted.way() {
        Way::Back(address) => Outcome::Redirect(Answer::refusing(address, refusal)),
        Way::Kept(_) => Outcome::Page(PageError {
            code: refusal.code,
            detail: refusal.public,
            private: refusal.private,
            offer_sign_in: false,
            look_again: false,
        }),
    }
}
