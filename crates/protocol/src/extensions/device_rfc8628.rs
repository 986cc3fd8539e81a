//! Device authorisation requests (RFC 8628 section 3.1): a device that has no browser asks, and shows a code.

use crate::authorize::{Door, vet_decoupled};
use crate::client_auth::{Credentials, authenticate, decide_for};
use crate::ctx::Ctx;
use crate::decoupled::{DecoupledRequest, NewDecoupled, UserCode};
use crate::effect::{Decision, Load, Loaded, Operation, Write};
use crate::error::Refusal;
use crate::vocabulary::{Client, Params, encode};

/// Where people type the code in (section 3.3).
pub const VERIFICATION_PATH: &str = "/device";

/// `verification_uri_complete` (section 3.3.1): the page with the code filled in. It still asks.
pub fn verification_uri_complete(issuer: &str, code: &UserCode) -> String {
    format!(
        "{issuer}{VERIFICATION_PATH}?user_code={}",
        encode(&code.to_string())
    )
}

/// `POST /oauth/device_authorization`.
#[derive(Debug, Clone)]
pub struct DeviceRequest {
    credentials: Credentials,
    params: Params,
}

/// The answer (section 3.2), beside the codes, [`crate::effect::Fresh::DecoupledCode`] and
/// [`crate::effect::Fresh::UserCode`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceReply {
    /// How long both codes live, in seconds.
    pub expires_in: i64,
    /// How long the device must wait between two questions, in seconds.
    pub interval: i64,
}

impl DeviceRequest {
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

    fn answer(
        &self,
        client: &Client,
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<(Vec<Write>, DeviceReply), Refusal> {
        let params = vet_decoupled(Door::Device, &self.params, client, loaded, ctx)?;
        let reply = DeviceReply {
            expires_in: ctx.policy.device_code_seconds,
            interval: ctx.policy.poll_seconds,
        };
        let new = NewDecoupled {
            request: DecoupledRequest {
                door: Door::Device,
                client: client.id.clone(),
                params,
                person: None,
                poll_seconds: reply.interval,
                at: ctx.now,
                expires_at: ctx.now.plus(reply.expires_in),
            },
            notification_token: None,
        };
        Ok((vec![Write::AskElsewhere(new)], reply))
    }
}

impl Operation for DeviceRequest {
    type Reply = Result<DeviceReply, Refusal>;

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        let own = self.credentials.load().into_iter();
        own.chain(self.credentials.document_load())
            .chain([Load::Apis])
            .collect()
    }

    fn load_more(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        self.credentials.load_more(known).into_iter().collect()
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Self::Reply> {
        let asker = authenticate(&self.credentials, loaded, ctx);
        decide_for(asker, |client| self.answer(client, loaded, ctx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::review::Standing;
    use crate::testing::{CLIENT, NOW, SECRET, World, basic, client, params, public_client};
    use crate::vocabulary::{ClientKind, GrantType};

    fn ask(client: Client, form: &[(&str, &str)]) -> Decision<Result<DeviceReply, Refusal>> {
        let authorization = (client.kind == ClientKind::Confidential).then(|| basic(CLIENT, SECRET));
        let request = DeviceRequest::parse(authorization.as_deref(), params(form)).unwrap();
        let loaded = Loaded {
            client: Some(client.into()),
            ..Loaded::default()
        };
        request.decide(&loaded, &World::new().ctx())
    }

    fn refused(client: Client, form: &[(&str, &str)]) -> ErrorCode {
        let decision = ask(client, form);
        assert_eq!(decision.writes, []);
        decision.reply.unwrap_err().code
    }

    #[test]
    fn a_device_gets_codes_for_ten_minutes_and_only_what_matters_is_kept() {
        for client in [client(), public_client()] {
            let form = [
                ("client_id", CLIENT),
                ("scope", "openid read"),
                ("redirect_uri", "https://evil.example/"),
                ("state", "x"),
                ("unknown", "y"),
            ];
            let decision = ask(client, &form);
            let expected = DeviceReply {
                expires_in: 600,
                interval: 5,
            };
            assert_eq!(decision.reply, Ok(expected));
            let [Write::AskElsewhere(new)] = decision.writes.as_slice() else {
                panic!("{:?}", decision.writes)
            };
            assert_eq!(new.request.expires_at, NOW.plus(600));
            let kept: Vec<_> = new.request.params.iter().collect();
            assert_eq!(kept, [("client_id", CLIENT), ("scope", "openid read")]);
        }
    }

    #[test]
    fn the_scope_is_checked_as_everywhere() {
        for scope in ["admin", "a\"b"] {
            let form = [("client_id", CLIENT), ("scope", scope)];
            assert_eq!(refused(client(), &form), ErrorCode::InvalidScope, "{scope}");
        }
    }

    #[test]
    fn only_an_app_that_is_registered_for_it_and_may_act() {
        let form = [("client_id", CLIENT)];
        let mut without = client();
        without.grant_types = [GrantType(GrantType::AUTHORIZATION_CODE.into())].into();
        assert_eq!(refused(without, &form), ErrorCode::UnauthorizedClient);
        let mut suspended = client();
        suspended.standing = Standing::Suspended;
        assert_eq!(refused(suspended, &form), ErrorCode::UnauthorizedClient);
        let request = DeviceRequest::parse(Some(&basic(CLIENT, "wrong")), params(&form)).unwrap();
        let loaded = Loaded {
            client: Some(client().into()),
            ..Loaded::default()
        };
        let wrong = request.decide(&loaded, &World::new().ctx());
        assert_eq!(wrong.reply.unwrap_err().code, ErrorCode::InvalidClient);
    }

    #[test]
    fn the_complete_address_has_the_code_as_it_is_shown() {
        let code = UserCode::parse("wdjbmjht").unwrap();
        assert_eq!(
            verification_uri_complete("https://id.example.org", &code),
            "https://id.example.org/device?user_code=WDJB-MJHT"
        );
    }
}
