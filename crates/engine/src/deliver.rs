//! Answers to apps, once their decision is on disk: tokens as drawn, JWTs signed.

use crate::{Engine, Fault};
use omniport_protocol::authorize::{Answer, Delivery};
use omniport_protocol::effect::Minted;

impl Engine {
    /// What to do with the browser for an answer to reach its app.
    ///
    /// # Errors
    /// [`Fault`] of a key; [`Fault::Bug`] where something was not drawn.
    pub fn deliver(&self, answer: &Answer, minted: &Minted) -> Result<Delivery, Fault> {
        answer
            .deliver(minted, |jwt| self.sign(jwt, minted))?
            .ok_or(Fault::Bug("an answer to an app lacks its code or token"))
    }
}
