//! `grant_type=urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 section 3.4).

use super::required;
use crate::authorize::Door;
use crate::ctx::Ctx;
use crate::decoupled::redeem;
use crate::effect::{Load, Loaded};
use crate::token::{Grant, Granted, Refused};
use crate::vocabulary::{Client, GrantType, Params, SecretHash};

/// A device's code for tokens, once its person has said yes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeviceCode;

impl Grant for DeviceCode {
    fn grant_type(&self) -> &'static str {
        GrantType::DEVICE_CODE
    }

    fn load(&self, params: &Params) -> Vec<Load> {
        let code = params.get("device_code");
        code.map(|code| Load::Decoupled(SecretHash::of(code)))
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
        required(params, "device_code")?;
        redeem(Door::Device, client, loaded, ctx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::testing::{World, client, decoupled, params};

    #[test]
    fn it_is_looked_up_by_its_hash_and_needed() {
        let form = params(&[("device_code", "the-device-code")]);
        assert_eq!(DeviceCode.load(&form), [Load::Decoupled(decoupled().code)]);
        assert_eq!(DeviceCode.load(&params(&[])), []);
        let world = World::new();
        let nothing = Loaded::default();
        let refused = DeviceCode.decide(&client(), &params(&[]), &nothing, &world.ctx());
        assert_eq!(refused.unwrap_err().refusal.code, ErrorCode::InvalidRequest);
    }
}
