//! A person takes back what they allowed an app.

use crate::ctx::Ctx;
use crate::effect::{Decision, Load, Loaded, Operation, Write};
use crate::vocabulary::{ClientId, PersonId};

/// Forgets a consent and kills every grant of the person to the client. Where there is none, nothing changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawConsent {
    /// Who withdraws.
    pub person: PersonId,
    /// From whom.
    pub client: ClientId,
}

impl Operation for WithdrawConsent {
    type Reply = ();

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        Vec::new()
    }

    fn decide(&self, _loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<()> {
        let write = Write::WithdrawConsent {
            person: self.person,
            client: self.client.clone(),
            at: ctx.now,
        };
        Decision::new(vec![write], ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctx::Policy;
    use crate::data_points::Catalogue;
    use crate::extensions::sender::SenderPolicy;
    use crate::vocabulary::Timestamp;

    #[test]
    fn withdrawing_kills_the_grants_of_this_person_to_this_client() {
        let (person, client) = (PersonId(7), ClientId::parse("app").unwrap());
        let ctx = Ctx {
            now: Timestamp::from_seconds(1_000),
            policy: &Policy::default(),
            issuer: "https://id.example",
            sender: &SenderPolicy::default(),
            catalogue: &Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap(),
            crypto: &crate::testing::jose::FakeCrypto::default(),
            grants: &crate::token::GrantSettings::default(),
        };
        let operation = WithdrawConsent {
            person,
            client: client.clone(),
        };
        assert!(operation.load(&ctx).is_empty());
        let decision = operation.decide(&Loaded::default(), &ctx);
        let at = ctx.now;
        assert_eq!(decision.writes, [Write::WithdrawConsent { person, client, at }]);
    }
}
