//! Requests that are answered elsewhere: a code that is typed in, counted, and opened; what an app asks of a person.

use crate::{Engine, Fault, Ran};
use omniport_protocol::authorize::{OpenRequest, Outcome, Which};
use omniport_protocol::decoupled::UserCode;
use omniport_protocol::effect::{Load, Loaded};
use omniport_protocol::openid::subject;
use omniport_protocol::vocabulary::{ClientId, PersonId, SecretHash};
use std::net::IpAddr;

/// What came of a typed code.
#[derive(Debug)]
pub enum Typed {
    /// Its request is there; the reply is what to do with the browser.
    Found(Box<Ran<Outcome>>),
    /// There is no such request, or it has ended.
    Wrong,
    /// There were too many wrong ones: wait so many seconds.
    Wait(i64),
}

impl Engine {
    /// Opens the request of a device whose code was typed in at `address`, in a browser that is signed in by `session` if
    /// anybody is. Wrong codes are counted by address and by session, on all nodes together (RFC 8628 section 5.1).
    ///
    /// # Errors
    /// [`Fault`] of the store.
    pub async fn open_user_code(
        &self,
        code: UserCode,
        session: Option<SecretHash>,
        address: Option<IpAddr>,
    ) -> Result<Typed, Fault> {
        let spends = match self.begin_user_code(session, address).await? {
            Ok(spends) => spends,
            Err(seconds) => return Ok(Typed::Wait(seconds)),
        };
        let which = Which::Typed(code);
        let ran = self.run_for(address, &OpenRequest { which, session }).await?;
        let Some(reply) = ran.reply else {
            return Ok(Typed::Wrong);
        };
        self.forgive_user_code(&spends).await?;
        Ok(Typed::Found(Box::new(Ran {
            reply,
            minted: ran.minted,
            loaded: ran.loaded,
        })))
    }

    /// Opens what an app asked of whoever is signed in by `session`; none where nothing of the kind waits for them.
    ///
    /// # Errors
    /// [`Fault`] of the store.
    pub async fn open_asked(
        &self,
        code: SecretHash,
        session: SecretHash,
        address: Option<IpAddr>,
    ) -> Result<Option<Ran<Outcome>>, Fault> {
        let open = OpenRequest {
            which: Which::Own(code),
            session: Some(session),
        };
        let ran = self.run_for(address, &open).await?;
        Ok(ran.reply.map(|reply| Ran {
            reply,
            minted: ran.minted,
            loaded: ran.loaded,
        }))
    }

    /// Finds the person whom a client knows by a name that leads back to nobody: among those who allow it something, whose
    /// names are made once more. Only what we signed for this very client gets here.
    pub(crate) async fn find_subject(
        &self,
        client: &ClientId,
        wanted: &str,
        loaded: &mut Loaded,
    ) -> Result<(), Fault> {
        let people = self.store().people_of(client).await?;
        let ctx = self.ctx();
        let known = loaded.client.as_ref().filter(|known| known.id == *client);
        let found = known.and_then(|known| {
            let is_meant = |person: &PersonId| subject(known, *person, &ctx) == wanted;
            people.into_iter().find(is_meant)
        });
        if let Some(person) = found {
            self.store().load_into(&[Load::Person(person)], loaded).await?;
        }
        Ok(())
    }
}
