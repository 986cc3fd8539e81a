//! What concerns every grant: one request, one authenticated client that may use the grant, approval, issuing.

use super::access_token_rfc9068::About;
use super::audience::{Meant, meant};
use super::liveness::{grant_is_live, refresh_end};
use super::{Behalf, Grant, Granted, Refused, registry};
use crate::apis::{ApiGrant, Details};
use crate::client_auth::{Credentials, authenticate, decide_for};
use crate::ctx::Ctx;
use crate::effect::{Decision, Fresh, Load, Loaded, Operation, Write};
use crate::error::{ErrorCode, Refusal, shown};
use crate::extensions::fapi2;
use crate::extensions::sender::Proven;
use crate::jose::UnsignedJwt;
use crate::openid::{IdTokenFacts, OPENID, OpenIdGrant, encryption_keys_load};
use crate::records::{FIRST_GENERATION, GrantOf, NewAccessToken, NewRefreshToken};
use crate::review::{Act, Who};
use crate::vocabulary::{Client, ClientKind, Confirmation, GrantType, Params, Scope};

/// A request to the token endpoint, well-formed but not yet believed.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    credentials: Credentials,
    grant_type: String,
    params: Params,
}

/// What the answer says beside the tokens themselves, which `engine::mint` draws (RFC 6749 section 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenReply {
    /// The access token's scope.
    pub scope: Scope,
    /// The access token's life in seconds.
    pub expires_in: i64,
    /// To whom it is bound: [`Confirmation::token_type`].
    pub confirmation: Option<Confirmation>,
    /// Whether a refresh token goes with it.
    pub refresh_token: bool,
    /// The ID token that goes with it, of an OpenID grant (OpenID Connect Core sections 3.1.3.3 and 12.2).
    pub id_token: Option<Box<UnsignedJwt>>,
    /// What kind of token it is, where that was asked (RFC 8693 section 2.2.1).
    pub issued_token_type: Option<&'static str>,
    /// The access token, where it is a JWT (RFC 9068): then what is drawn for it is its `jti`.
    pub access_jwt: Option<Box<UnsignedJwt>>,
    /// The `authorization_details` that the access token stands for (RFC 9396 section 7).
    pub details: Details,
}

impl TokenRequest {
    /// Reads a request: the `Authorization` header's value, and the form.
    ///
    /// # Errors
    /// `invalid_request` for a repeated parameter, two ways to authenticate, or no `grant_type`; `invalid_client`
    /// where no client is named. Nothing in these depends on what exists here.
    pub fn parse(authorization: Option<&str>, params: Params) -> Result<Self, Refusal> {
        let credentials = Credentials::from_request(authorization, &params)?;
        let grant_type = params
            .get("grant_type")
            .ok_or_else(|| {
                Refusal::new(
                    ErrorCode::InvalidRequest,
                    "The parameter 'grant_type' is missing.",
                )
            })?
            .to_owned();
        Ok(Self {
            credentials,
            grant_type,
            params,
        })
    }

    /// The client that the request claims to come from, for the log and the flow debugger.
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The same, to add what was seen of the sender.
    pub const fn credentials_mut(&mut self) -> &mut Credentials {
        &mut self.credentials
    }

    /// The grant it asks for, in the wire's word, known or not.
    pub fn grant_type(&self) -> &str {
        &self.grant_type
    }

    fn grant(&self, ctx: &Ctx<'_>) -> Option<&'static dyn Grant> {
        let mut known = registry().iter().filter(|grant| grant.is_offered(ctx));
        known.find(|grant| grant.grant_type() == self.grant_type).copied()
    }

    /// The grant it asks for, where its client has proved itself and may use it.
    fn grant_of_proven(&self, known: &Loaded, ctx: &Ctx<'_>) -> Option<&'static dyn Grant> {
        let grant = self.grant(ctx)?;
        let asker = authenticate(&self.credentials, known, ctx).ok()?;
        asker.client.may_use(grant.grant_type()).then_some(grant)
    }

    fn answer(
        &self,
        client: &Client,
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<(Vec<Write>, TokenReply), Refused> {
        let grant = self.grant(ctx).ok_or_else(|| self.unsupported(ctx))?;
        if !client.may_use(grant.grant_type()) {
            return Err(not_allowed(client, grant.grant_type()).into());
        }
        fapi2::check_grant(client, grant.grant_type(), ctx)?;
        let proven = self.credentials.prove(client, loaded, ctx)?;
        let granted = grant.decide(client, &self.params, loaded, ctx)?;
        approve(Act::of_grant(grant.grant_type()), client, &granted.behalf)?;
        is_holder(loaded, &proven)?;
        let confirmation = proven.binding(client, ctx)?;
        super::liveness::stays_bound(loaded, confirmation, ctx)?;
        let id_token = self.id_token(client, &granted, loaded, ctx)?;
        let (about_apis, about) = about(&granted.behalf, confirmation);
        let mut meant = meant(
            client,
            &granted.scope,
            about_apis,
            &self.params,
            &loaded.apis,
            ctx,
        )?;
        if let Some(until) = granted.behalf.until() {
            let left = until.seconds().saturating_sub(ctx.now.seconds());
            meant.seconds = meant.seconds.min(left);
        }
        let access_jwt = meant
            .jwt
            .map(|by| Box::new(about.unsigned(by, client, &meant, ctx)));
        let tokens = Tokens {
            confirmation,
            id_token,
            access_jwt,
            issued_token_type: grant.issued_token_type(),
            meant,
        };
        let (mut writes, reply) = issue(client, granted, tokens, ctx);
        // Only of what was answered: what is refused leaves nothing behind, whoever sends it.
        writes.extend(proven.note());
        Ok((writes, reply))
    }

    /// Who signed in, told once more: where the grant came of an OpenID request, and its scope still says so.
    fn id_token(
        &self,
        client: &Client,
        granted: &Granted<'_>,
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<Option<Box<UnsignedJwt>>, Refusal> {
        let Behalf::Person { grant, .. } = granted.behalf else {
            return Ok(None);
        };
        let Some(openid) = grant.openid.as_ref().filter(|_| granted.scope.contains(OPENID)) else {
            return Ok(None);
        };
        // Core section 12.2: a refreshed ID token should have no nonce. That one tied the first to its request.
        let nonce = openid
            .nonce
            .clone()
            .filter(|_| self.grant_type == GrantType::AUTHORIZATION_CODE);
        let openid = OpenIdGrant {
            nonce,
            ..openid.clone()
        };
        let facts = IdTokenFacts {
            client,
            holder: &grant.holder,
            sign_in: &grant.sign_in,
            openid: &openid,
            data_points: &grant
                .data_points
                .intersection(&client.data_points)
                .cloned()
                .collect(),
            scope_claims: None,
            loaded,
        };
        let token = facts.id_token(&[("at_hash", Fresh::AccessToken)], ctx)?;
        Ok(Some(Box::new(token)))
    }

    fn unsupported(&self, ctx: &Ctx<'_>) -> Refusal {
        let offered = registry().iter().filter(|grant| grant.is_offered(ctx));
        let known: Vec<_> = offered.map(|grant| grant.grant_type()).collect();
        Refusal::new(
            ErrorCode::UnsupportedGrantType,
            format!(
                "This grant_type is not supported. Use one of: {}.",
                known.join(", ")
            ),
        )
        .because(format!(
            "the grant_type {} is not supported",
            shown(&self.grant_type)
        ))
    }
}

impl Operation for TokenRequest {
    type Reply = Result<TokenReply, Refusal>;

    fn load(&self, ctx: &Ctx<'_>) -> Vec<Load> {
        let own = self
            .grant(ctx)
            .map_or_else(Vec::new, |grant| grant.load(&self.params));
        let known = self.credentials.load().into_iter().chain(own);
        // What people allow was asked for where the document was read; only a key may be newer.
        let document = self
            .grant(ctx)
            .and_then(|_| self.credentials.document_load_of_key());
        known.chain(document).chain([Load::Apis]).collect()
    }

    /// What an ID token tells, and to whom it is encrypted; the keys that the client proves itself by.
    fn load_more(&self, known: &Loaded, ctx: &Ctx<'_>) -> Vec<Load> {
        let of_grant = self
            .grant(ctx)
            .map(|grant| grant.load_more(&self.params, known, ctx));
        let own = self.credentials.load_more(known).into_iter();
        let own = own.chain(of_grant.into_iter().flatten());
        let of_code = known.code.as_ref().map(|code| &code.grant);
        let of_decoupled = known.decoupled.as_ref().and_then(|facts| facts.grant.as_ref());
        let grant = of_code
            .or(known.refresh_token.as_ref().map(|token| &token.grant))
            .or(of_decoupled);
        let Some((grant, openid)) = grant.and_then(|grant| Some((grant, grant.openid.as_ref()?))) else {
            return own.collect();
        };
        let tells = !openid.claims.id_token.is_empty();
        let data = tells.then_some(Load::PersonData(grant.holder.person));
        let keys = known.client.as_deref().and_then(encryption_keys_load);
        data.into_iter().chain(keys).chain(own).collect()
    }

    /// What is dear, or would tell a stranger something: only once the client has proved itself.
    fn load_last(&self, known: &Loaded, ctx: &Ctx<'_>) -> Vec<Load> {
        let grant = self.grant_of_proven(known, ctx);
        grant.map_or_else(Vec::new, |grant| grant.load_last(&self.params, known, ctx))
    }

    fn load_keys(&self, known: &Loaded, ctx: &Ctx<'_>) -> Vec<Load> {
        let grant = self.grant_of_proven(known, ctx);
        grant.map_or_else(Vec::new, |grant| grant.load_after(&self.params, known, ctx))
    }

    /// The client comes first: until it has proved itself, it hears nothing about grants or what they found.
    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Self::Reply> {
        let asker = authenticate(&self.credentials, loaded, ctx);
        decide_for(asker, |client| self.answer(client, loaded, ctx))
    }
}

fn not_allowed(client: &Client, grant_type: &str) -> Refusal {
    let own: Vec<_> = client.grant_types.iter().map(|grant| grant.0.as_str()).collect();
    Refusal::new(
        ErrorCode::UnauthorizedClient,
        "This app is not registered for this grant_type.",
    )
    .because(format!(
        "the client asked for {grant_type} but is registered for {}",
        own.join(", ")
    ))
}

/// Approval is asked at every use, not only when the grant was made.
fn approve(act: Act, client: &Client, behalf: &Behalf<'_>) -> Result<(), Refusal> {
    match behalf {
        Behalf::Person { grant, .. } => grant_is_live(act, client, grant).map_err(|why| {
            Refusal::new(
                ErrorCode::InvalidGrant,
                "This grant is no longer valid. Ask the person to sign in again.",
            )
            .because(why)
        }),
        Behalf::NewGrant { holder, .. } => {
            let who = Who::of(&client.id, holder, holder.on_team);
            if !holder.disabled && act.serves(client.standing, who) {
                return Ok(());
            }
            Err(Refusal::new(
                ErrorCode::InvalidGrant,
                "This app does not serve this person at present.",
            )
            .because(if holder.disabled {
                "the person is disabled".to_owned()
            } else {
                format!(
                    "the app is {} and does not serve this person",
                    client.standing.as_str()
                )
            }))
        }
        Behalf::Client if act.serves(client.standing, Who::App) => Ok(()),
        Behalf::Client => Err(Refusal::new(
            ErrorCode::UnauthorizedClient,
            "This app may not act at present. See its page in the developer portal.",
        )
        .because(format!("the app is {}", client.standing.as_str()))),
    }
}

/// What was bound to a key or a certificate is of use to nobody else (RFC 9449 sections 5 and 10, RFC 8705 section 7.1).
fn is_holder(loaded: &Loaded, proven: &Proven) -> Result<(), Refusal> {
    let code = loaded.code.as_ref().and_then(|facts| facts.code.confirmation);
    let token = loaded.refresh_token.as_ref().and_then(|token| token.confirmation);
    if code.into_iter().chain(token).all(|bound| proven.holds(bound)) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::InvalidGrant,
        "This grant is bound to a key or a certificate that this request does not prove to hold.",
    )
    .because("the code or refresh token is bound, and the request has no proof of it, or another's"))
}

/// What a grant says about APIs, and of whom its token speaks.
fn about<'a>(
    behalf: &'a Behalf<'_>,
    confirmation: Option<Confirmation>,
) -> (Option<&'a ApiGrant>, About<'a>) {
    let (apis, person, exchange) = match behalf {
        Behalf::Person { grant, .. } => {
            let person = (grant.holder.person, &grant.sign_in);
            (Some(&grant.apis), Some(person), grant.exchange.as_ref())
        }
        Behalf::NewGrant { grant, .. } => {
            let person = (grant.person, &grant.sign_in);
            let exchange = grant.exchange.as_ref().map(|(_, exchange)| exchange);
            (Some(&grant.apis), Some(person), exchange)
        }
        Behalf::Client => (None, None, None),
    };
    let about = About {
        person,
        act: exchange.and_then(|exchange| exchange.act.as_ref()),
        confirmation,
    };
    (apis, about)
}

/// What is to be handed out beside a refresh token.
struct Tokens {
    confirmation: Option<Confirmation>,
    issued_token_type: Option<&'static str>,
    id_token: Option<Box<UnsignedJwt>>,
    access_jwt: Option<Box<UnsignedJwt>>,
    meant: Meant,
}

fn issue(client: &Client, granted: Granted<'_>, tokens: Tokens, ctx: &Ctx<'_>) -> (Vec<Write>, TokenReply) {
    let Granted {
        behalf, mut writes, ..
    } = granted;
    let Meant {
        scope,
        audience,
        seconds,
        ..
    } = tokens.meant;
    let confirmation = tokens.confirmation;
    let idle = ctx.now.plus(ctx.policy.refresh_idle_seconds);
    let expires_at = ctx.now.plus(seconds);
    let (grant, refresh) = match behalf {
        Behalf::Person { grant, refresh } => {
            let end = refresh_end(grant, ctx);
            // One that is never rotated is never seen to lie idle: it lives as long as its grant.
            let end = if fapi2::holds(client, ctx) {
                end
            } else {
                idle.min(end)
            };
            let refresh = refresh.map(|generation| (generation, end));
            (Some(GrantOf::Stored(grant.id)), refresh)
        }
        Behalf::NewGrant { grant, refresh, .. } => {
            writes.push(Write::IssueGrant(*grant, expires_at));
            let refresh = refresh.then_some((FIRST_GENERATION, idle));
            (Some(GrantOf::Fresh), refresh)
        }
        Behalf::Client => (None, None),
    };
    let details = audience.details.clone();
    writes.push(Write::IssueAccessToken(NewAccessToken {
        client: client.id.clone(),
        grant,
        scope: scope.clone(),
        confirmation,
        audience,
        is_jwt: tokens.access_jwt.is_some(),
        at: ctx.now,
        expires_at,
    }));
    writes.extend(grant.zip(refresh).map(|(grant, (generation, expires_at))| {
        Write::IssueRefreshToken(NewRefreshToken {
            grant,
            generation,
            confirmation: confirmation.filter(|_| client.kind == ClientKind::Public),
            at: ctx.now,
            expires_at,
        })
    }));
    let reply = TokenReply {
        scope,
        expires_in: expires_at.seconds().saturating_sub(ctx.now.seconds()),
        confirmation,
        refresh_token: refresh.is_some(),
        id_token: tokens.id_token,
        access_jwt: tokens.access_jwt,
        details,
        issued_token_type: tokens.issued_token_type,
    };
    (writes, reply)
}

#[cfg(test)]
#[path = "dispatch_tests.rs"]
mod tests;
