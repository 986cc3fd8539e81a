//! What the grants of decoupled requests have in common: a code that leads to the answer, by the one rule of polling.

use super::required;
use crate::authorize::Door;
use crate::ctx::Ctx;
use crate::decoupled::redeem;
use crate::effect::{Load, Loaded};
use crate::token::{Grant, Granted, Refused};
use crate::vocabulary::{Client, Params, SecretHash};

/// A code for tokens, once a person has said yes elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decoupled {
    /// Its name on the wire.
    pub(super) grant_type: &'static str,
    /// The parameter that has the code.
    pub(super) parameter: &'static str,
    /// Where the request came in: a code of another door is none.
    pub(super) door: Door,
}

impl Grant for Decoupled {
    fn grant_type(&self) -> &'static str {
        self.grant_type
    }

    fn load(&self, params: &Params) -> Vec<Load> {
        let code = params.get(self.parameter);
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
        required(params, self.parameter)?;
        redeem(self.door, client, loaded, ctx)
    }
}
