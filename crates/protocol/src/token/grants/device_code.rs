//! `grant_type=urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 section 3.4).

use super::decoupled::Decoupled;
use crate::authorize::Door;
use crate::vocabulary::GrantType;

/// A device's code for tokens, once its person has said yes.
pub(crate) const DEVICE_CODE: Decoupled = Decoupled {
    grant_type: GrantType::DEVICE_CODE,
    parameter: "device_code",
    door: Door::Device,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::{Load, Loaded};
    use crate::error::ErrorCode;
    use crate::testing::{World, client, decoupled, params};
    use crate::token::Grant as _;

    #[test]
    fn it_is_looked_up_by_its_hash_and_needed() {
        let form = params(&[("device_code", "the-device-code")]);
        assert_eq!(DEVICE_CODE.load(&form), [Load::Decoupled(decoupled().code)]);
        assert_eq!(DEVICE_CODE.load(&params(&[])), []);
        let world = World::new();
        let nothing = Loaded::default();
        let refused = DEVICE_CODE.decide(&client(), &params(&[]), &nothing, &world.ctx());
        assert_eq!(refused.unwrap_err().refusal.code, ErrorCode::InvalidRequest);
    }
}
