//! The one rule by which an app gets the answer to a decoupled request (RFC 8628 section 3.5, CIBA section 11).

use super::{DecoupledFacts, DecoupledState, SLOWER_BY_SECONDS};
use crate::authorize::Door;
use crate::ctx::Ctx;
use crate::effect::{Loaded, Write};
use crate::error::{ErrorCode, Refusal};
use crate::token::{Behalf, Granted, Refused};
use crate::vocabulary::{Client, GrantType};
use std::borrow::Cow;

/// What is issued for the request that was loaded, if its person has said yes: once.
///
/// # Errors
/// `invalid_grant` for a code that is unknown, another client's, of another door, or used; `expired_token`,
/// `access_denied`; `authorization_pending`, and `slow_down` where the app did not wait long enough: from then on it must
/// wait [`SLOWER_BY_SECONDS`] longer, on whichever node it asks.
pub(crate) fn redeem<'a>(
    door: Door,
    client: &Client,
    loaded: &'a Loaded,
    ctx: &Ctx<'_>,
) -> Result<Granted<'a>, Refused> {
    let facts = loaded.decoupled.as_deref();
    let facts = facts.ok_or_else(|| dead("there is no such request, or it ended long ago"))?;
    if facts.request.door != door {
        return Err(dead("the code is of a request of another kind").into());
    }
    if facts.request.client != client.id {
        return Err(dead("the code was issued to another client").into());
    }
    match (facts.state, &facts.grant) {
        (DecoupledState::Redeemed, _) => Err(dead("its tokens were handed out before").into()),
        (DecoupledState::Denied, _) => {
            Err(Refusal::new(ErrorCode::AccessDenied, "The person denied the request.").into())
        }
        _ if ctx.now.is_at_or_after(facts.request.expires_at) => Err(expired(facts, ctx).into()),
        (DecoupledState::Pending, _) => Err(not_yet(facts, ctx)),
        (DecoupledState::Allowed, None) => Err(dead("what was granted is gone").into()),
        (DecoupledState::Allowed, Some(grant)) => Ok(Granted {
            behalf: Behalf::Person {
                grant,
                refresh: client
                    .may_use(GrantType::REFRESH_TOKEN)
                    .then_some(grant.generation),
            },
            scope: grant.scope.clone(),
            writes: vec![Write::RedeemDecoupled { code: facts.code }],
        }),
    }
}

/// The same sentence whether the code never was, is another's, or is used.
fn dead(private: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(
        ErrorCode::InvalidGrant,
        "The code is wrong or already used. Start again.",
    )
    .because(private)
}

fn expired(facts: &DecoupledFacts, ctx: &Ctx<'_>) -> Refusal {
    Refusal::new(ErrorCode::ExpiredToken, "Nobody answered in time. Start again.").because(format!(
        "the request expired at {}, now is {}",
        facts.request.expires_at.seconds(),
        ctx.now.seconds()
    ))
}

/// Nobody has answered. Moments are whole seconds: who waits the interval is never too early by rounding.
fn not_yet(facts: &DecoupledFacts, ctx: &Ctx<'_>) -> Refused {
    let interval = facts.request.poll_seconds;
    let too_soon = |last| ctx.now < last;
    let (slower_by, refusal) = match facts.polled_at {
        Some(last) if too_soon(last.plus(interval)) => {
            let longer = interval.saturating_add(SLOWER_BY_SECONDS);
            let public =
                format!("You ask too often. From now on wait {longer} seconds between two questions.");
            let private = format!(
                "asked at {} and again at {}, with an interval of {interval} s",
                last.seconds(),
                ctx.now.seconds()
            );
            (
                SLOWER_BY_SECONDS,
                Refusal::new(ErrorCode::SlowDown, public).because(private),
            )
        }
        _ => {
            let public = "The person has not answered yet. Ask again after the interval.";
            (0, Refusal::new(ErrorCode::AuthorizationPending, public))
        }
    };
    Refused {
        writes: vec![Write::NotePoll {
            code: facts.code,
            at: ctx.now,
            slower_by,
        }],
        refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, World, client, decoupled, grant, other_client};

    fn poll(facts: DecoupledFacts, world: &World) -> Result<Vec<Write>, Refused> {
        let loaded = Loaded {
            decoupled: Some(facts.into()),
            ..Loaded::default()
        };
        redeem(Door::Device, &client(), &loaded, &world.ctx()).map(|granted| granted.writes)
    }

    fn refused(facts: DecoupledFacts, world: &World) -> ErrorCode {
        poll(facts, world).unwrap_err().refusal.code
    }

    fn noted(slower_by: i64, at: i64) -> [Write; 1] {
        [Write::NotePoll {
            code: decoupled().code,
            at: NOW.plus(at),
            slower_by,
        }]
    }

    #[test]
    fn case_070_pending_is_told_and_noted() {
        let pending = poll(decoupled(), &World::new()).unwrap_err();
        assert_eq!(pending.refusal.code, ErrorCode::AuthorizationPending);
        assert_eq!(pending.refusal.code.status(), 400);
        assert_eq!(pending.writes, noted(0, 0));
    }

    #[test]
    fn case_071_too_soon_is_slower_by_five_seconds_each_time() {
        let mut facts = decoupled();
        facts.polled_at = Some(NOW);
        let in_time = poll(facts.clone(), &World::after(5)).unwrap_err();
        assert_eq!(in_time.refusal.code, ErrorCode::AuthorizationPending);
        let early = poll(facts.clone(), &World::after(4)).unwrap_err();
        assert_eq!(early.refusal.code, ErrorCode::SlowDown);
        assert_eq!(early.writes, noted(5, 4));
        // As the store notes it.
        facts.request.poll_seconds = 10;
        facts.polled_at = Some(NOW.plus(4));
        assert_eq!(refused(facts.clone(), &World::after(13)), ErrorCode::SlowDown);
        assert_eq!(refused(facts, &World::after(14)), ErrorCode::AuthorizationPending);
    }

    #[test]
    fn case_072_case_073_denied_and_expired_are_told_for_good() {
        let mut denied = decoupled();
        denied.state = DecoupledState::Denied;
        for world in [World::new(), World::after(10_000)] {
            let refused = poll(denied.clone(), &world).unwrap_err();
            assert_eq!(refused.refusal.code, ErrorCode::AccessDenied);
            assert_eq!((refused.refusal.code.status(), refused.writes.len()), (400, 0));
        }
        assert_eq!(refused(decoupled(), &World::after(600)), ErrorCode::ExpiredToken);
        let mut late = decoupled();
        (late.state, late.grant) = (DecoupledState::Allowed, Some(grant()));
        assert_eq!(refused(late, &World::after(600)), ErrorCode::ExpiredToken);
    }

    #[test]
    fn case_076_another_clients_code_and_one_of_another_kind() {
        let mut facts = decoupled();
        (facts.state, facts.grant) = (DecoupledState::Allowed, Some(grant()));
        facts.request.client = other_client().id;
        assert_eq!(refused(facts.clone(), &World::new()), ErrorCode::InvalidGrant);
        facts.request.client = client().id;
        facts.request.door = Door::Backchannel;
        assert_eq!(refused(facts, &World::new()), ErrorCode::InvalidGrant);
    }

    #[test]
    fn a_yes_is_handed_out_once() {
        let mut facts = decoupled();
        (facts.state, facts.grant) = (DecoupledState::Allowed, Some(grant()));
        // However soon it asks: there is an answer.
        facts.polled_at = Some(NOW);
        let redeem = Write::RedeemDecoupled { code: facts.code };
        assert_eq!(poll(facts.clone(), &World::new()), Ok(vec![redeem]));
        facts.state = DecoupledState::Redeemed;
        assert_eq!(refused(facts.clone(), &World::new()), ErrorCode::InvalidGrant);
        (facts.state, facts.grant) = (DecoupledState::Allowed, None);
        assert_eq!(refused(facts, &World::new()), ErrorCode::InvalidGrant);
    }

    #[test]
    fn what_never_was_is_refused_like_what_is_anothers() {
        let refused = redeem(Door::Device, &client(), &Loaded::default(), &World::new().ctx()).unwrap_err();
        assert_eq!(refused.refusal.code, ErrorCode::InvalidGrant);
    }
}
