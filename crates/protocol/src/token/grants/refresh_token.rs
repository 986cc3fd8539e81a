//! `grant_type=refresh_token` (RFC 6749 section 6), with rotation (RFC 9700 section 4.14.2).
//!
//! A family has a generation. Its newest token rotates it; the token rotated out last is honoured again for a short
//! grace while nobody used its successor (the answer was lost on the way); any other is stolen or leaked, by
//! whichever side, and kills the family.

use super::{narrowed, required};
use crate::ctx::Ctx;
use crate::effect::{Load, Loaded, Write};
use crate::error::{ErrorCode, Refusal};
use crate::extensions::fapi2;
use crate::records::RefreshFacts;
use crate::review::Act;
use crate::token::liveness::{grant_is_live, refresh_not_expired};
use crate::token::{Behalf, Grant, Granted, Refused};
use crate::vocabulary::{Client, GrantType, Params, SecretHash, Timestamp};
use std::borrow::Cow;

/// A refresh token for a new pair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefreshToken;

/// What a presented token is to its family.
enum Place {
    /// Of the newest generation.
    Newest,
    /// The very one that was rotated out last, presented again within the grace.
    LostAnswer,
    /// Anything older.
    Reused,
}

impl Grant for RefreshToken {
    fn grant_type(&self) -> &'static str {
        GrantType::REFRESH_TOKEN
    }

    fn load(&self, params: &Params) -> Vec<Load> {
        params
            .get("refresh_token")
            .map(|token| Load::RefreshToken(SecretHash::of(token)))
            .into_iter()
            .collect()
    }

    fn decide<'a>(
        &self,
        client: &Client,
        params: &Params,
        loaded: &'a Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<Granted<'a>, Refused> {
        required(params, "refresh_token")?;
        let token = loaded
            .refresh_token
            .as_ref()
            .ok_or_else(|| dead("there is no such refresh token"))?;
        let grant = &token.grant;
        if grant.client != client.id {
            // Not reuse: whoever presents it cannot make its owner's tokens die.
            return Err(dead("the refresh token was issued to another client").into());
        }
        let (guard, generation) = match place(token, ctx) {
            Place::Newest => (rotate(token, ctx), grant.generation.saturating_add(1)),
            Place::LostAnswer => (expect(token), grant.generation),
            Place::Reused => return Err(reused(token, ctx)),
        };
        grant_is_live(Act::Refresh, client, grant).map_err(dead)?;
        refresh_not_expired(token, ctx).map_err(dead)?;
        // FAPI 2.0 section 5.3.2.1: no rotation. The token stays as it is, and none goes with the answer.
        let keeps = fapi2::holds(client, ctx) && token.generation == grant.generation;
        let guard = if keeps { expect(token) } else { guard };
        Ok(Granted {
            behalf: Behalf::Person {
                grant,
                refresh: (!keeps).then_some(generation),
            },
            // Only the access token is narrowed: the new refresh token's scope is the old one's (section 6).
            scope: narrowed(params, &grant.scope)?,
            writes: vec![guard],
        })
    }
}

fn place(token: &RefreshFacts, ctx: &Ctx<'_>) -> Place {
    let newest = token.grant.generation;
    if token.generation == newest {
        return Place::Newest;
    }
    let in_grace = |(hash, at): (SecretHash, Timestamp)| {
        hash == token.hash && !ctx.now.is_at_or_after(at.plus(ctx.policy.refresh_grace_seconds))
    };
    match token.grant.rotated_out {
        // One generation behind: with a successor in use it would be two.
        Some(last) if token.generation.saturating_add(1) == newest && in_grace(last) => Place::LostAnswer,
        _ => Place::Reused,
    }
}

const fn rotate(token: &RefreshFacts, ctx: &Ctx<'_>) -> Write {
    Write::RotateRefreshToken {
        grant: token.grant.id,
        from: token.generation,
        rotated_out: token.hash,
        at: ctx.now,
    }
}

const fn expect(token: &RefreshFacts) -> Write {
    Write::ExpectGeneration {
        grant: token.grant.id,
        generation: token.grant.generation,
    }
}

fn reused(token: &RefreshFacts, ctx: &Ctx<'_>) -> Refused {
    Refused {
        writes: vec![Write::RevokeGrant {
            grant: token.grant.id,
            at: ctx.now,
        }],
        refusal: dead(format!(
            "the refresh token is of generation {} and the family is at {}: it was used before, and everything \
             issued from its grant is now revoked",
            token.generation, token.grant.generation
        )),
    }
}

/// The same sentence whether the token never was, is another's, or is dead.
fn dead(private: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(
        ErrorCode::InvalidGrant,
        "The refresh token is wrong, expired, revoked or already used. Ask the person to sign in again.",
    )
    .because(private)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::{Decision, Operation as _};
    use crate::records::{GrantOf, NewAccessToken, NewRefreshToken};
    use crate::review::Standing;
    use crate::testing::{NOW, REFRESH, SECRET, World, basic, client, other_client, params, refresh_token};
    use crate::token::{TokenReply, TokenRequest};
    use crate::vocabulary::Scope;

    type Answer = Decision<Result<TokenReply, Refusal>>;

    fn refresh_as(client: Client, token: &RefreshFacts, scope: &str, world: &World) -> Answer {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", REFRESH),
            ("scope", scope),
        ];
        let header = basic(client.id.as_str(), SECRET);
        let request = TokenRequest::parse(Some(&header), params(&form)).unwrap();
        let loaded = Loaded {
            client: Some(client.into()),
            refresh_token: Some(token.clone()),
            ..Loaded::default()
        };
        request.decide(&loaded, &world.ctx())
    }

    fn refresh(token: &RefreshFacts, world: &World) -> Answer {
        refresh_as(client(), token, "", world)
    }

    /// The code of a refusal that changes nothing.
    fn quiet_refusal(answer: &Answer) -> ErrorCode {
        assert_eq!(answer.writes, []);
        answer.reply.as_ref().unwrap_err().code
    }

    /// [`REFRESH`] once its family has moved on `by` generations, itself rotated out at [`NOW`].
    fn rotated_out(by: u32) -> RefreshFacts {
        let mut token = refresh_token();
        token.grant.generation += by;
        token.grant.rotated_out = Some((token.hash, NOW));
        token
    }

    fn issued(token: &RefreshFacts, generation: u32, world: &World) -> [Write; 2] {
        [
            Write::IssueAccessToken(NewAccessToken {
                client: client().id,
                grant: Some(GrantOf::Stored(token.grant.id)),
                scope: Scope::read_write(),
                confirmation: None,
                audience: crate::apis::TokenAudience::default(),
                is_jwt: false,
                at: world.now,
                expires_at: world.now.plus(36_000),
            }),
            Write::IssueRefreshToken(NewRefreshToken {
                grant: GrantOf::Stored(token.grant.id),
                generation,
                confirmation: None,
                at: world.now,
                expires_at: world.now.plus(90 * 86_400),
            }),
        ]
    }

    fn killed(answer: &Answer, token: &RefreshFacts, world: &World) -> bool {
        let kill = Write::RevokeGrant {
            grant: token.grant.id,
            at: world.now,
        };
        answer.writes == [kill]
            && answer
                .reply
                .as_ref()
                .is_err_and(|r| r.code == ErrorCode::InvalidGrant)
    }

    #[test]
    fn a_missing_token_is_a_bad_request_and_an_unknown_one_a_bad_grant() {
        let world = World::new();
        let nothing = Loaded::default();
        let decide = |pairs: &[(&str, &str)]| {
            let refused = RefreshToken.decide(&client(), &params(pairs), &nothing, &world.ctx());
            refused.unwrap_err().refusal.code
        };
        assert_eq!(decide(&[]), ErrorCode::InvalidRequest);
        assert_eq!(decide(&[("refresh_token", "x")]), ErrorCode::InvalidGrant);
    }

    #[test]
    fn case_049_a_refresh_rotates() {
        let (world, token) = (World::after(100), refresh_token());
        let answer = refresh(&token, &world);
        assert_eq!(
            answer.reply,
            Ok(TokenReply {
                scope: Scope::read_write(),
                expires_in: 36_000,
                confirmation: None,
                refresh_token: true,
                id_token: None,
                issued_token_type: None,
                access_jwt: None,
                details: crate::apis::Details::default(),
            })
        );
        let rotate = Write::RotateRefreshToken {
            grant: token.grant.id,
            from: 1,
            rotated_out: token.hash,
            at: world.now,
        };
        let [access, next] = issued(&token, 2, &world);
        assert_eq!(answer.writes, [rotate, access, next]);
    }

    #[test]
    fn case_050_late_reuse_kills_the_family() {
        for (by, after) in [(1, 30), (1, 1_000_000), (2, 0), (2, 29), (9, 5)] {
            let (world, token) = (World::after(after), rotated_out(by));
            assert!(killed(&refresh(&token, &world), &token, &world), "{by} {after}");
        }
    }

    #[test]
    fn case_050_the_grace_is_for_the_very_token_that_was_rotated_out() {
        let (world, mut token) = (World::after(1), rotated_out(1));
        token.grant.rotated_out = Some((SecretHash::of("its twin"), NOW));
        assert!(killed(&refresh(&token, &world), &token, &world));
        token.grant.rotated_out = None;
        assert!(killed(&refresh(&token, &world), &token, &world));
    }

    #[test]
    fn case_051_another_clients_token_is_refused_and_nothing_dies() {
        for token in [refresh_token(), rotated_out(1), rotated_out(5)] {
            let answer = refresh_as(other_client(), &token, "", &World::after(60));
            assert_eq!(quiet_refusal(&answer), ErrorCode::InvalidGrant);
            let refusal = answer.reply.unwrap_err();
            assert_eq!(
                refusal.public,
                dead("").public,
                "nothing tells it from an unknown token"
            );
        }
    }

    #[test]
    fn case_052_a_wider_scope_is_refused_and_the_token_stays_good() {
        for scope in ["read write admin", "person.full_name", "a\\b"] {
            let answer = refresh_as(client(), &refresh_token(), scope, &World::new());
            assert_eq!(quiet_refusal(&answer), ErrorCode::InvalidScope, "{scope}");
        }
    }

    #[test]
    fn case_053_a_narrower_scope_works_for_the_access_token_only() {
        let answer = refresh_as(client(), &refresh_token(), "read", &World::new());
        assert_eq!(answer.reply.unwrap().scope, Scope::of(["read"]));
        let narrowed = answer
            .writes
            .iter()
            .any(|write| matches!(write, Write::IssueAccessToken(new) if new.scope == Scope::of(["read"])));
        assert!(narrowed);
        // The family keeps the grant's scope: the next refresh may name all of it again.
        let again = refresh_as(client(), &refresh_token(), "read write", &World::new());
        assert_eq!(again.reply.unwrap().scope, Scope::read_write());
    }

    #[test]
    fn case_054_dead_when_revoked_disabled_or_suspended() {
        let world = World::new();
        let mut revoked = refresh_token();
        revoked.grant.revoked = true;
        let mut disabled = refresh_token();
        disabled.grant.holder.disabled = true;
        for token in [revoked, disabled] {
            assert_eq!(quiet_refusal(&refresh(&token, &world)), ErrorCode::InvalidGrant);
        }
        for standing in [Standing::Suspended, Standing::Pending, Standing::Rejected] {
            let client = Client { standing, ..client() };
            let answer = refresh_as(client, &refresh_token(), "", &world);
            assert_eq!(quiet_refusal(&answer), ErrorCode::InvalidGrant);
        }
    }

    #[test]
    fn case_055_idle_and_absolute_expiry() {
        let (idle, absolute) = (90 * 86_400, 365 * 86_400);
        let token = refresh_token();
        assert!(refresh(&token, &World::after(idle - 1)).reply.is_ok());
        assert_eq!(
            quiet_refusal(&refresh(&token, &World::after(idle))),
            ErrorCode::InvalidGrant
        );
        let young = RefreshFacts {
            expires_at: NOW.plus(2 * absolute),
            ..token
        };
        assert_eq!(
            quiet_refusal(&refresh(&young, &World::after(absolute))),
            ErrorCode::InvalidGrant
        );
        // Near the end of the grant, a new token ends with it.
        let last = refresh(&young, &World::after(absolute - 10));
        let ends = last.writes.iter().find_map(|write| match write {
            Write::IssueRefreshToken(new) => Some(new.expires_at),
            _ => None,
        });
        assert_eq!(ends, Some(NOW.plus(absolute)));
    }

    #[test]
    fn case_056_a_lost_answer_is_given_again_within_the_grace() {
        for after in [0, 1, 29] {
            let (world, token) = (World::after(after), rotated_out(1));
            let answer = refresh(&token, &world);
            assert!(answer.reply.is_ok());
            let expect = Write::ExpectGeneration {
                grant: token.grant.id,
                generation: 2,
            };
            let [access, next] = issued(&token, 2, &world);
            assert_eq!(answer.writes, [expect, access, next]);
        }
    }
}
