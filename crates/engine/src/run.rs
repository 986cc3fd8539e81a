//! Load, decide, apply: the one loop that every operation of the protocol walks.

use crate::{Engine, Fault};
use omniport_protocol::effect::{Load, Loaded, Minted, Operation, Write};
use omniport_store::portal::Spend;
use omniport_store::{Written, patiently};
use std::net::IpAddr;

/// How often a decision is taken again when a row changed under it. Each time somebody else got further, so a
/// handful is already more than a fair race needs.
const ATTEMPTS: usize = 8;

/// What came of an operation.
#[derive(Debug)]
pub struct Ran<R> {
    /// The rule's reply.
    pub reply: R,
    /// What was drawn for it, in the clear.
    pub minted: Minted,
    /// The facts it was decided on: for whoever tells of it.
    pub loaded: Loaded,
}

impl Engine {
    /// Runs one operation: loads what it asks for, lets it decide, makes its changes true, and only then answers.
    ///
    /// With the reply comes what was drawn for it, in the clear.
    ///
    /// # Errors
    /// [`Fault`] of the store, at the latest after [`omniport_store::PATIENCE`] in it, or of the dice; never the rule's
    /// refusal, which is a reply.
    pub async fn run<O: Operation>(&self, operation: &O) -> Result<(O::Reply, Minted), Fault> {
        let ran = self.run_with_facts(operation).await?;
        Ok((ran.reply, ran.minted))
    }

    /// The same, and the facts it was decided on.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn run_with_facts<O: Operation>(&self, operation: &O) -> Result<Ran<O::Reply>, Fault> {
        patiently(self.decide(operation, |_, _| None)).await
    }

    /// The same, for an operation that anybody at `address` may cause: what it leaves in the store is counted.
    ///
    /// # Errors
    /// As [`Self::run`], and [`Fault::Limited`].
    pub async fn run_for<O: Operation>(
        &self,
        address: Option<IpAddr>,
        operation: &O,
    ) -> Result<Ran<O::Reply>, Fault> {
        patiently(self.decide(operation, |writes, loaded| self.spent_by(writes, loaded, address))).await
    }

    async fn decide<O: Operation>(
        &self,
        operation: &O,
        spent: impl Fn(&[Write], &Loaded) -> Option<Spend>,
    ) -> Result<Ran<O::Reply>, Fault> {
        for _ in 0..ATTEMPTS {
            let ctx = self.ctx();
            let mut loaded = Loaded::default();
            self.load_into(&operation.load(&ctx), &mut loaded).await?;
            self.load_into(&operation.load_more(&loaded, &ctx), &mut loaded)
                .await?;
            self.load_into(&operation.load_last(&loaded, &ctx), &mut loaded)
                .await?;
            let decision = operation.decide(&loaded, &ctx);
            if decision.writes.is_empty() {
                return Ok(Ran {
                    reply: decision.reply,
                    minted: Minted::default(),
                    loaded,
                });
            }
            let minted = self.mint(&decision.writes)?;
            let apply = self.apply(&decision.writes, &minted, spent(&decision.writes, &loaded));
            if apply.await? == Written::Applied {
                return Ok(Ran {
                    reply: decision.reply,
                    minted,
                    loaded,
                });
            }
        }
        Err(Fault::Contended(ATTEMPTS))
    }

    async fn apply(&self, writes: &[Write], minted: &Minted, spent: Option<Spend>) -> Result<Written, Fault> {
        match spent {
            None => Ok(self.store.apply(writes, minted).await?),
            Some(cost) => {
                let applied = self.store.apply_within(cost, writes, minted, self.now());
                applied.await?.map_err(Fault::Limited)
            }
        }
    }

    /// Finds more facts: in the store, and where clients publish theirs, which has a bound of its own.
    async fn load_into(&self, loads: &[Load], loaded: &mut Loaded) -> Result<(), Fault> {
        if loads.is_empty() {
            return Ok(());
        }
        self.store.load_into(loads, loaded).await?;
        for load in loads.iter().filter(|load| load.is_remote()) {
            self.fetch_into(load, loaded).await;
        }
        Ok(())
    }
}
