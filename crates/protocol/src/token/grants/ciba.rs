//! `grant_type=urn:openid:params:grant-type:ciba` (OpenID Connect CIBA Core section 10.1).

use super::decoupled::Decoupled;
use crate::authorize::Door;
use crate::vocabulary::GrantType;

/// What the app asked a person, for tokens, once they have said yes. The claim
/// `urn:openid:params:jwt:claim:auth_req_id` binds tokens that are pushed to their request (section 10.3.1); these are
/// fetched by it, so their ID token has none.
pub(crate) const CIBA: Decoupled = Decoupled {
    grant_type: GrantType::CIBA,
    parameter: "auth_req_id",
    door: Door::Backchannel,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoupled::{DecoupledFacts, DecoupledState};
    use crate::effect::{Load, Loaded, Write};
    use crate::error::ErrorCode;
    use crate::testing::{World, client, decoupled, grant, other_client, params};
    use crate::token::Grant as _;

    fn asked() -> DecoupledFacts {
        let mut facts = decoupled();
        facts.request.door = Door::Backchannel;
        facts.request.person = Some(grant().holder.person);
        facts
    }

    fn fetch(facts: DecoupledFacts, world: &World) -> Result<Vec<Write>, ErrorCode> {
        let loaded = Loaded {
            decoupled: Some(facts.into()),
            ..Loaded::default()
        };
        let form = params(&[("auth_req_id", "the-device-code")]);
        let granted = CIBA.decide(&client(), &form, &loaded, &world.ctx());
        granted
            .map(|granted| granted.writes)
            .map_err(|refused| refused.refusal.code)
    }

    #[test]
    fn it_is_looked_up_by_its_hash_and_needed() {
        let form = params(&[("auth_req_id", "the-device-code")]);
        assert_eq!(CIBA.load(&form), [Load::Decoupled(asked().code)]);
        assert_eq!(CIBA.load(&params(&[])), []);
        let (world, nothing) = (World::new(), Loaded::default());
        let refused = CIBA.decide(&client(), &params(&[]), &nothing, &world.ctx());
        assert_eq!(refused.unwrap_err().refusal.code, ErrorCode::InvalidRequest);
    }

    #[test]
    fn it_is_pending_then_a_yes_once_or_a_no() {
        let world = World::new();
        assert_eq!(fetch(asked(), &world), Err(ErrorCode::AuthorizationPending));
        let mut soon = asked();
        soon.polled_at = Some(world.now);
        assert_eq!(fetch(soon, &world), Err(ErrorCode::SlowDown));
        let mut answered = asked();
        (answered.state, answered.grant) = (DecoupledState::Allowed, Some(grant()));
        let redeem = Write::RedeemDecoupled { code: answered.code };
        assert_eq!(fetch(answered.clone(), &world), Ok(vec![redeem]));
        assert_eq!(
            fetch(answered.clone(), &World::after(600)),
            Err(ErrorCode::ExpiredToken)
        );
        answered.state = DecoupledState::Redeemed;
        assert_eq!(fetch(answered.clone(), &world), Err(ErrorCode::InvalidGrant));
        answered.state = DecoupledState::Denied;
        assert_eq!(fetch(answered, &world), Err(ErrorCode::AccessDenied));
    }

    #[test]
    fn case_076_another_clients_and_a_devices_are_none() {
        let mut anothers = asked();
        anothers.request.client = other_client().id;
        let mut devices = asked();
        devices.request.door = Door::Device;
        for mut facts in [anothers, devices] {
            (facts.state, facts.grant) = (DecoupledState::Allowed, Some(grant()));
            assert_eq!(fetch(facts, &World::new()), Err(ErrorCode::InvalidGrant));
        }
    }
}
