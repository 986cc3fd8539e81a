//! What the sign-in page may say about the request that waits behind it.

use super::resume::waiting;
use super::trusted::Trusted;
use crate::ctx::Ctx;
use crate::effect::{Decision, Load, Loaded, Operation};
use crate::review::{Act, Publisher, Reach};
use crate::vocabulary::{ClientId, SecretHash};

/// GET `/login?request=HANDLE`: looks at a parked request without moving it. Whoever has the handle may look.
#[derive(Debug, Clone)]
pub struct WaitingRequest {
    /// The handle's hash.
    pub handle: SecretHash,
}

/// Which app a sign-in is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The app.
    pub client_id: ClientId,
    /// Its name.
    pub app_name: String,
    /// SHA-256 of its logo in hexadecimal, where it has one.
    pub logo: Option<String>,
    /// Whom to ask about it, and where to read more.
    pub publisher: Publisher,
    /// Whether the app is not approved yet: only its team and its test people can go on.
    pub in_sandbox: bool,
    /// For the page's `form-action`: where a sign-in may lead without another page in between.
    pub redirect_origin: String,
    /// Whom the app expects: what the sign-in page's name field starts with (OpenID Connect Core section 3.1.2.1).
    pub login_hint: Option<String>,
}

impl Operation for WaitingRequest {
    /// None where the request no longer waits, or its app can no longer be used.
    type Reply = Option<Waiting>;

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        vec![Load::ParkedRequest(self.handle)]
    }

    fn load_more(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        let Some(parked) = &known.parked else {
            return Vec::new();
        };
        let decoupled = parked.decoupled.map(Load::Decoupled);
        std::iter::once(Load::Client(parked.client.clone()))
            .chain(decoupled)
            .collect()
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Option<Waiting>> {
        let look = || {
            let parked = waiting(loaded, ctx.now)?;
            let client = loaded.client.as_deref()?;
            if Act::at(parked.door).reach(client.standing) == Reach::Nobody {
                return None;
            }
            let trusted = Trusted::at_its_address(
                parked.door,
                &parked.params,
                client,
                loaded.decoupled.as_deref(),
                ctx,
            )
            .ok()?;
            Some(Waiting {
                client_id: client.id.clone(),
                app_name: client.name.clone(),
                logo: client.logo.clone(),
                publisher: client.publisher.clone(),
                in_sandbox: client.standing.is_sandbox(),
                redirect_origin: trusted.origin(),
                login_hint: parked.params.get("login_hint").map(ToOwned::to_owned),
            })
        };
        Decision::reply(look())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Scene, handle, request};
    use super::*;
    use crate::authorize::Door;
    use crate::review::Standing;

    fn look(scene: &Scene) -> Option<Waiting> {
        let decision = scene.run(&WaitingRequest { handle: handle() });
        assert_eq!(decision.writes, []);
        decision.reply
    }

    #[test]
    fn names_the_app_that_waits_while_it_waits() {
        let mut scene = Scene::new();
        assert_eq!(look(&scene), None);
        scene.park(Door::Standard, request(&[("login_hint", "asha")]));
        let waiting = look(&scene).unwrap();
        assert_eq!(
            (waiting.app_name.as_str(), waiting.redirect_origin.as_str()),
            ("Library", "https://app.example.org")
        );
        assert_eq!(waiting.login_hint.as_deref(), Some("asha"));
        scene.client.standing = Standing::Suspended;
        assert_eq!(look(&scene), None);
        scene.client.standing = Standing::Pending;
        assert!(look(&scene).is_some());
        scene.later(1_800);
        assert_eq!(look(&scene), None);
    }
}
