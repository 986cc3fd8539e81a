//! Token revocation (RFC 7009): an app gives a token back.

use super::TokenInquiry;
use crate::client_auth::{Credentials, authenticate, decide_for};
use crate::ctx::Ctx;
use crate::effect::{Decision, Load, Loaded, Operation, Write};
use crate::error::Refusal;
use crate::vocabulary::Params;

/// A request to the revocation endpoint.
#[derive(Debug, Clone)]
pub struct Revocation(TokenInquiry);

impl Revocation {
    /// Reads a request: the `Authorization` header's value, and the form.
    ///
    /// # Errors
    /// `invalid_request` for a repeated parameter, two ways to authenticate, or no `token`; `invalid_client` where no
    /// client is named.
    pub fn parse(authorization: Option<&str>, params: &Params) -> Result<Self, Refusal> {
        TokenInquiry::parse(authorization, params).map(Self)
    }

    /// The client that the request claims to come from, for the log and the flow debugger.
    pub const fn credentials(&self) -> &Credentials {
        &self.0.credentials
    }

    /// The same, to add what was seen of the sender.
    pub const fn credentials_mut(&mut self) -> &mut Credentials {
        self.0.credentials_mut()
    }
}

/// Success whenever the asker is authenticated (a public client: named), also for a token that is unknown, dead or
/// another's (section 2.2): the answer tells nobody which tokens exist. Only the asker's own token dies. A refresh
/// token takes its whole grant along, the access tokens too (section 2.1); one that is rotated out still does, since
/// it is the client's word that it wants no more. A suspended app may give its tokens back like any other.
impl Operation for Revocation {
    type Reply = Result<(), Refusal>;

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        self.0.load()
    }

    fn load_more(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        self.0.load_more(known)
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Self::Reply> {
        let asker = authenticate(&self.0.credentials, loaded, ctx);
        decide_for(asker, |client| -> Result<_, Refusal> {
            let access = loaded.access_token.iter();
            let access = access
                .filter(|token| token.client == client.id)
                .map(|token| Write::RevokeAccessToken { token: token.hash });
            let refresh = loaded.refresh_token.iter();
            let refresh = refresh
                .filter(|token| token.grant.client == client.id)
                .map(|token| Write::RevokeGrant {
                    grant: token.grant.id,
                    at: ctx.now,
                });
            Ok((access.chain(refresh).collect(), ()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::review::Standing;
    use crate::testing::{
        ACCESS, CLIENT, REFRESH, SECRET, World, access_token, basic, client, other_client, params,
        public_client, refresh_token,
    };
    use crate::vocabulary::{Client, SecretHash};

    fn access(client: Client) -> Loaded {
        Loaded {
            client: Some(client.into()),
            access_token: Some(access_token()),
            ..Loaded::default()
        }
    }

    fn refresh(client: Client) -> Loaded {
        Loaded {
            client: Some(client.into()),
            refresh_token: Some(refresh_token()),
            ..Loaded::default()
        }
    }

    fn revoke(loaded: &Loaded) -> Vec<Write> {
        let id = loaded.client.as_deref().unwrap().id.as_str();
        let request = Revocation::parse(Some(&basic(id, SECRET)), &params(&[("token", ACCESS)])).unwrap();
        let decision = request.decide(loaded, &World::new().ctx());
        assert_eq!(decision.reply, Ok(()));
        decision.writes
    }

    fn kill_access() -> [Write; 1] {
        [Write::RevokeAccessToken {
            token: SecretHash::of(ACCESS),
        }]
    }

    fn kill_grant() -> [Write; 1] {
        [Write::RevokeGrant {
            grant: refresh_token().grant.id,
            at: World::new().now,
        }]
    }

    #[test]
    fn an_access_token_dies_alone() {
        assert_eq!(revoke(&access(client())), kill_access());
    }

    #[test]
    fn case_057_an_unknown_token_is_a_success() {
        let unknown = Loaded {
            client: Some(client().into()),
            ..Loaded::default()
        };
        assert_eq!(revoke(&unknown), []);
    }

    #[test]
    fn case_058_another_clients_token_stays_alive() {
        assert_eq!(revoke(&access(other_client())), []);
        assert_eq!(revoke(&refresh(other_client())), []);
    }

    #[test]
    fn case_059_a_refresh_token_takes_its_grant_along() {
        assert_eq!(revoke(&refresh(client())), kill_grant());
        let mut rotated_out = refresh(client());
        rotated_out.refresh_token.as_mut().unwrap().grant.generation += 3;
        assert_eq!(revoke(&rotated_out), kill_grant());
    }

    #[test]
    fn case_060_an_unauthenticated_asker_is_refused() {
        let decide = |authorization: Option<&str>| {
            let form = params(&[("token", ACCESS), ("client_id", CLIENT)]);
            let request = Revocation::parse(authorization, &form).unwrap();
            let decision = request.decide(&access(client()), &World::new().ctx());
            assert_eq!(decision.writes, []);
            decision.reply.unwrap_err()
        };
        for refusal in [decide(Some(&basic(CLIENT, "wrong"))), decide(None)] {
            assert_eq!(
                (refusal.code, refusal.code.status()),
                (ErrorCode::InvalidClient, 401)
            );
        }
        let nobody = Revocation::parse(None, &params(&[("token", ACCESS)])).unwrap_err();
        assert_eq!(nobody.code, ErrorCode::InvalidClient);
    }

    #[test]
    fn case_061_a_wrong_hint_works() {
        for hint in ["access_token", "refresh_token", "made_up", ""] {
            for (text, loaded, killed) in [
                (ACCESS, access(client()), kill_access()),
                (REFRESH, refresh(client()), kill_grant()),
            ] {
                let form = params(&[("token", text), ("token_type_hint", hint)]);
                let request = Revocation::parse(Some(&basic(CLIENT, SECRET)), &form).unwrap();
                let (world, hash) = (World::new(), SecretHash::of(text));
                let load = request.load(&world.ctx());
                assert_eq!(load[1..], [Load::AccessToken(hash), Load::Apis]);
                let more = request.load_more(&Loaded::default(), &world.ctx());
                assert_eq!(more, [Load::RefreshToken(hash)]);
                assert_eq!(request.decide(&loaded, &world.ctx()).writes, killed);
            }
        }
    }

    #[test]
    fn a_missing_or_repeated_token_is_a_bad_request() {
        for form in [&[][..], &[("token", "")], &[("token", "a"), ("token", "b")]] {
            let refusal = Revocation::parse(Some(&basic(CLIENT, SECRET)), &params(form)).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::InvalidRequest);
        }
    }

    #[test]
    fn a_public_client_names_itself_and_a_suspended_one_may_give_back() {
        let form = params(&[("token", ACCESS), ("client_id", CLIENT)]);
        let request = Revocation::parse(None, &form).unwrap();
        let decision = request.decide(&access(public_client()), &World::new().ctx());
        assert_eq!(decision, Decision::new(kill_access().into(), Ok(())));
        let suspended = Client {
            standing: Standing::Suspended,
            ..client()
        };
        assert_eq!(revoke(&refresh(suspended)), kill_grant());
    }
}
