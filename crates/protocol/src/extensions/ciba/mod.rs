//! OpenID Connect Client-Initiated Backchannel Authentication Core 1.0: an app that knows who somebody is asks them on
//! their own page, without a browser of theirs. Section numbers here are of that document.
//!
//! This is the request (section 7). What is asked then waits as every decoupled request does ([`crate::decoupled`]), the
//! person answers it in the common hallway, and the app fetches its tokens by polling, also where it is pinged first.

mod delivery;
mod hint;
mod signed;
#[cfg(test)]
mod tests;
mod words;

pub use delivery::{DeliveryMode, Ping};

use crate::authorize::{Door, vet_decoupled};
use crate::client_auth::{Credentials, authenticate, decide_for};
use crate::ctx::Ctx;
use crate::decoupled::{DecoupledRequest, NewDecoupled, NotificationToken};
use crate::effect::{Decision, Load, Loaded, Operation, Refused, Write};
use crate::error::{ErrorCode, Refusal};
use crate::extensions::{fapi2, rar_rfc9396};
use crate::openid::OPENID;
use crate::records::Holder;
use crate::review::{Act, Who};
use crate::vocabulary::{Client, ClientKind, GrantType, Params, Scope};
use hint::Hint;

/// What the app says for the person to recognise (section 7.1).
pub const BINDING_MESSAGE: &str = "binding_message";

/// `POST /oauth/backchannel_authentication`.
#[derive(Debug, Clone)]
pub struct BackchannelRequest {
    credentials: Credentials,
    params: Params,
}

/// The answer (section 7.3), beside `auth_req_id`, [`crate::effect::Fresh::DecoupledCode`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackchannelReply {
    /// How long the person may take, in seconds.
    pub expires_in: i64,
    /// How long the app must wait between two questions, in seconds.
    pub interval: i64,
}

/// A request that is well-formed and its client's to make. Whom it means is yet to be looked up.
struct Asked {
    hint: Hint,
    /// What is kept.
    params: Params,
    notification_token: Option<NotificationToken>,
    expires_in: i64,
    /// That a signed request is used now.
    used: Option<Write>,
}

impl BackchannelRequest {
    /// Reads a request: the `Authorization` header's value, and the form.
    ///
    /// # Errors
    /// `invalid_request` for a repeated parameter or two ways to authenticate; `invalid_client` where no client is named.
    pub fn parse(authorization: Option<&str>, params: Params) -> Result<Self, Refusal> {
        let credentials = Credentials::from_request(authorization, &params)?;
        Ok(Self { credentials, params })
    }

    /// The client that the request claims to come from.
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The same, to be told what the connection and the headers say of the client.
    pub const fn credentials_mut(&mut self) -> &mut Credentials {
        &mut self.credentials
    }

    /// Everything but the person. It comes first, so that what is refused anyway says nothing of who exists.
    fn asked(&self, client: &Client, loaded: &Loaded, ctx: &Ctx<'_>) -> Result<Asked, Refusal> {
        may_ask(client)?;
        let (params, used) = signed::unpack(&self.params, client, loaded, ctx)?;
        params.refuse_duplicates()?;
        let hint = Hint::read(&params, client, ctx)?;
        words::check_user_code(&params)?;
        let message = words::binding_message(&params)?;
        let has_context = message.is_some() || params.get(rar_rfc9396::PARAMETER).is_some();
        fapi2::check_context(has_context, client, ctx)?;
        check_openid(&params)?;
        let kept = vet_decoupled(Door::Backchannel, &params, client, loaded, ctx)?;
        Ok(Asked {
            hint,
            params: match message {
                Some(message) => kept.with(BINDING_MESSAGE, message),
                None => kept,
            },
            notification_token: words::notification_token(&params, client)?,
            expires_in: words::expires_in(&params, ctx)?,
            used,
        })
    }

    fn answer(
        &self,
        client: &Client,
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<(Vec<Write>, BackchannelReply), Refused> {
        let asked = self.asked(client, loaded, ctx)?;
        let person = served(client, loaded)?;
        let reply = BackchannelReply {
            expires_in: asked.expires_in,
            interval: ctx.policy.poll_seconds,
        };
        let new = NewDecoupled {
            request: DecoupledRequest {
                door: Door::Backchannel,
                client: client.id.clone(),
                params: asked.params,
                person: Some(person.person),
                poll_seconds: reply.interval,
                at: ctx.now,
                expires_at: ctx.now.plus(reply.expires_in),
            },
            notification_token: asked.notification_token,
        };
        let writes = std::iter::once(Write::AskElsewhere(new)).chain(asked.used);
        Ok((writes.collect(), reply))
    }
}

/// Who may ask people at all: an app that proves itself (section 4 knows no public client), is registered for it, and
/// stands so that it may.
fn may_ask(client: &Client) -> Result<(), Refusal> {
    let refuse = |public: &'static str| Refusal::new(ErrorCode::UnauthorizedClient, public);
    if client.kind == ClientKind::Public {
        return Err(refuse(
            "A public client cannot ask people: anybody could, in its name.",
        ));
    }
    if !client.may_use(GrantType::CIBA) {
        return Err(refuse("This app is not registered for this grant."));
    }
    Ok(())
}

/// Section 7.1: the scope is there, and has `openid`.
fn check_openid(params: &Params) -> Result<(), Refusal> {
    let Some(text) = params.get("scope") else {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "scope is missing."));
    };
    // What is malformed is refused with everything else that is wrong with a scope.
    if Scope::parse(text).is_ok_and(|scope| !scope.contains(OPENID)) {
        return Err(Refusal::new(ErrorCode::InvalidScope, "scope must have openid."));
    }
    Ok(())
}

/// The person who was looked up, where the app may ask them. One sentence for whoever does not exist, is disabled or is
/// not this app's to ask, for its team too: an app that nobody approved is no way to find out who has an account.
fn served<'a>(client: &Client, loaded: &'a Loaded) -> Result<&'a Holder, Refused> {
    let may = |holder: &&Holder| {
        let who = Who::of(&client.id, holder, loaded.on_team);
        !holder.disabled && Act::at(Door::Backchannel).serves(client.standing, who)
    };
    loaded.person.as_ref().filter(may).ok_or_else(|| Refused {
        writes: vec![Write::AskedNobody {
            client: client.id.clone(),
        }],
        refusal: Refusal::new(
            ErrorCode::UnknownUserId,
            "The hint names nobody whom this app may ask.",
        )
        .because(format!(
            "nobody is known by the hint, or the app, which is {}, does not serve them",
            client.standing.as_str()
        )),
    })
}

impl Operation for BackchannelRequest {
    type Reply = Result<BackchannelReply, Refusal>;

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        let own = self.credentials.load().into_iter();
        own.chain(self.credentials.document_load_of_key())
            .chain([Load::Apis])
            .collect()
    }

    fn load_more(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        let own = self.credentials.load_more(known).into_iter();
        own.chain(signed::loads(&self.params, known)).collect()
    }

    /// Nobody is looked up for whoever has not proved who asks.
    fn load_last(&self, known: &Loaded, ctx: &Ctx<'_>) -> Vec<Load> {
        let proven = authenticate(&self.credentials, known, ctx);
        let load = proven.and_then(|proven| {
            let asked = self.asked(proven.client, known, ctx)?;
            Ok(asked.hint.load(proven.client))
        });
        load.ok().into_iter().collect()
    }

    fn load_keys(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        let found = known.person.as_ref().zip(known.client.as_ref());
        found
            .map(|(holder, client)| Load::Membership(holder.person, client.id.clone()))
            .into_iter()
            .collect()
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Self::Reply> {
        let asker = authenticate(&self.credentials, loaded, ctx);
        decide_for(asker, |client| self.answer(client, loaded, ctx))
    }
}
