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
    /// The facts it was decided on: for whoever tells of it. Some kilobytes, which are moved often on their way out.
    pub loaded: Box<Loaded>,
}

/// Who causes an operation.
#[derive(Debug, Clone, Copy)]
enum Asker {
    /// Somebody who has proved who they are.
    Known,
    /// Anybody, at this address.
    Anybody(Option<IpAddr>),
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
        patiently(Box::pin(self.decide(operation, Asker::Known))).await
    }

    /// The same, for an operation that anybody at `address` may cause: what it leaves in the store, and what is fetched
    /// for its sake, is counted.
    ///
    /// # Errors
    /// As [`Self::run`], and [`Fault::Limited`].
    pub async fn run_for<O: Operation>(
        &self,
        address: Option<IpAddr>,
        operation: &O,
    ) -> Result<Ran<O::Reply>, Fault> {
        // On the heap: what all the ways to load need at once would otherwise lie in every handler's future.
        patiently(Box::pin(self.decide(operation, Asker::Anybody(address)))).await
    }

    async fn decide<O: Operation>(&self, operation: &O, asker: Asker) -> Result<Ran<O::Reply>, Fault> {
        for _ in 0..ATTEMPTS {
            let ctx = self.ctx();
            let mut loaded = Box::<Loaded>::default();
            let first = operation.load(&ctx);
            self.load_into(&first, &mut loaded, asker).await?;
            let more = operation.load_more(&loaded, &ctx);
            self.load_into(&more, &mut loaded, asker).await?;
            let last = operation.load_last(&loaded, &ctx);
            self.load_into(&last, &mut loaded, asker).await?;
            let keys = operation.load_keys(&loaded, &ctx);
            self.load_into(&keys, &mut loaded, asker).await?;
            let decision = operation.decide(&loaded, &ctx);
            if decision.writes.is_empty() {
                return Ok(Ran {
                    reply: decision.reply,
                    minted: Minted::default(),
                    loaded,
                });
            }
            let minted = self.mint(&decision.writes)?;
            let spent = match asker {
                Asker::Known => Vec::new(),
                Asker::Anybody(address) => self.spent_by(&decision.writes, &loaded, address),
            };
            let apply = self.apply(&decision.writes, &minted, &spent);
            if apply.await? == Written::Applied {
                self.answered_by(&decision.writes);
                return Ok(Ran {
                    reply: decision.reply,
                    minted,
                    loaded,
                });
            }
        }
        Err(Fault::Contended(ATTEMPTS))
    }

    async fn apply(&self, writes: &[Write], minted: &Minted, spent: &[Spend]) -> Result<Written, Fault> {
        if spent.is_empty() {
            return Ok(self.store.apply(writes, minted).await?);
        }
        let applied = self.store.apply_within(spent, writes, minted, self.now());
        applied.await?.map_err(Fault::Limited)
    }

    /// Finds more facts: in the store, and where others publish theirs, which has a bound of its own. A
    /// password is tried for whoever asks.
    async fn load_into(&self, loads: &[Load], loaded: &mut Loaded, asker: Asker) -> Result<(), Fault> {
        if loads.is_empty() {
            return Ok(());
        }
        self.store.load_into(loads, loaded).await?;
        if loads.contains(&Load::Apis) {
            loaded.apis = self.apis().await?;
        }
        for load in loads.iter().filter(|load| load.is_remote()) {
            let address = match asker {
                Asker::Known => None,
                Asker::Anybody(address) => address,
            };
            match load {
                Load::Password { username, password } => {
                    let right = self.try_password(username, password, address).await?;
                    loaded.is_password = Some(right);
                    continue;
                }
                Load::ClientDocument(url) => {
                    self.know_by_document(url, address, loaded).await?;
                    continue;
                }
                Load::PersonOfSubject(client, subject) => {
                    self.find_subject(client, subject, loaded).await?;
                    continue;
                }
                Load::RequestObject { .. } if matches!(asker, Asker::Anybody(_)) => {
                    self.begin_fetch(address).await?;
                }
                _ => {}
            }
            self.fetch_into(load, loaded).await;
        }
        Ok(())
    }
}
