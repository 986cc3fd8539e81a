//! Pushed authorisation requests (RFC 9126): the client hands over its request itself, and the browser carries only a name.

use crate::authorize::{object_load, vet};
use crate::client_auth::{Credentials, authenticate, decide_for};
use crate::ctx::Ctx;
use crate::effect::{Decision, Load, Loaded, Operation, Write};
use crate::error::{ErrorCode, Refusal};
use crate::extensions::fapi2;
use crate::extensions::sender::bound_to;
use crate::records::PushedRequest;
use crate::review::{Act, Who};
use crate::vocabulary::{Client, Params, Secret, SecretHash};

/// What the name of a pushed request begins with (section 2.2).
pub const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// The hash by which a `request_uri` of ours is looked up; none for any other URI.
pub fn reference(request_uri: &str) -> Option<SecretHash> {
    request_uri.strip_prefix(PREFIX).map(SecretHash::of)
}

/// The name of a pushed request.
pub fn request_uri(handle: &Secret) -> String {
    format!("{PREFIX}{}", handle.expose())
}

/// `POST /oauth/par`.
#[derive(Debug, Clone)]
pub struct PushRequest {
    credentials: Credentials,
    params: Params,
}

/// The answer (section 2.2); the name is [`crate::effect::Fresh::PushedRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// How long it may be used, in seconds.
    pub expires_in: i64,
}

impl PushRequest {
    /// Reads a request: the `Authorization` header's value, and the form.
    ///
    /// # Errors
    /// `invalid_request` for a repeated parameter, two ways to authenticate, or a `request_uri` inside (section 2.1);
    /// `invalid_client` where no client is named.
    pub fn parse(authorization: Option<&str>, params: Params) -> Result<Self, Refusal> {
        let credentials = Credentials::from_request(authorization, &params)?;
        if params.get("request_uri").is_some() {
            return Err(Refusal::new(
                ErrorCode::InvalidRequest,
                "A pushed request must not hold a request_uri.",
            ));
        }
        Ok(Self { credentials, params })
    }

    /// The client that the request claims to come from.
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The same, to add what was seen of the sender.
    pub const fn credentials_mut(&mut self) -> &mut Credentials {
        &mut self.credentials
    }

    fn answer(
        &self,
        client: &Client,
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<(Vec<Write>, Pushed), Refusal> {
        // The client may name itself by its credentials alone (section 2.1).
        let params = match self.params.get("client_id") {
            Some(_) => self.params.clone(),
            None => self.params.with("client_id", client.id.as_str()),
        };
        let proven = self.credentials.prove(client, loaded, ctx)?;
        let mut params = vet(&params, client, loaded, ctx)?;
        if let Some(key) = bound_to(params.get("dpop_jkt"), &proven)?
            && params.get("dpop_jkt").is_none()
        {
            params = params.with("dpop_jkt", &key.to_string());
        }
        let expires_in = fapi2::pushed_seconds(client, ctx);
        let pushed = PushedRequest {
            client: client.id.clone(),
            params,
            expires_at: ctx.now.plus(expires_in),
        };
        let writes = [Write::PushRequest(pushed)].into_iter().chain(proven.note());
        Ok((writes.collect(), Pushed { expires_in }))
    }
}

impl Operation for PushRequest {
    type Reply = Result<Pushed, Refusal>;

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        let own = self.credentials.load().into_iter();
        own.chain(self.credentials.document_load())
            .chain([Load::Apis])
            .collect()
    }

    fn load_more(&self, known: &Loaded, ctx: &Ctx<'_>) -> Vec<Load> {
        let client = known
            .client
            .as_ref()
            .filter(|client| Act::Push.serves(client.standing, Who::App));
        let object = client.and_then(|client| object_load(&self.params, client, known, ctx));
        object
            .into_iter()
            .chain(self.credentials.load_more(known))
            .collect()
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Self::Reply> {
        let asker = authenticate(&self.credentials, loaded, ctx);
        decide_for(asker, |client| self.answer(client, loaded, ctx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::testing::Scene;
    use crate::authorize::{AuthorizeRequest, Door, Outcome};
    use crate::testing::{CLIENT, NOW, REDIRECT, SECRET, World, basic, client, other_client, params};

    const FORM: [(&str, &str); 4] = [
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "read"),
        ("state", "s"),
    ];

    fn push(client: Client, form: &[(&str, &str)]) -> Decision<Result<Pushed, Refusal>> {
        let loaded = Loaded {
            client: Some(client.into()),
            ..Loaded::default()
        };
        let request = PushRequest::parse(Some(&basic(CLIENT, SECRET)), params(form)).unwrap();
        request.decide(&loaded, &World::new().ctx())
    }

    fn pushed(form: &[(&str, &str)]) -> PushedRequest {
        match push(client(), form).writes.as_slice() {
            [Write::PushRequest(pushed)] => pushed.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn case_077_a_good_request_waits_for_its_browser() {
        let mut more = FORM.to_vec();
        more.extend([("client_secret_note", "x"), ("unknown", "y")]);
        let pushed = pushed(&more);
        assert_eq!(pushed.expires_at, NOW.plus(90));
        let kept: Vec<&str> = pushed.params.iter().map(|(name, _)| name).collect();
        assert_eq!(
            kept,
            ["response_type", "redirect_uri", "scope", "state", "client_id"]
        );
    }

    #[test]
    fn case_078_a_request_uri_inside_is_refused() {
        let form = [("request_uri", "urn:ietf:params:oauth:request_uri:x")];
        let refusal = PushRequest::parse(Some(&basic(CLIENT, SECRET)), params(&form)).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidRequest);
    }

    #[test]
    fn what_the_authorisation_endpoint_would_refuse_is_refused_here() {
        let with = |name, value| {
            let mut form = FORM.to_vec();
            form.retain(|(known, _)| *known != name);
            form.push((name, value));
            let decision = push(client(), &form);
            assert_eq!(decision.writes, []);
            decision.reply.unwrap_err().code
        };
        assert_eq!(
            with("redirect_uri", "https://evil.example/"),
            ErrorCode::InvalidRequest
        );
        assert_eq!(with("scope", "admin"), ErrorCode::InvalidScope);
        assert_eq!(with("response_type", "magic"), ErrorCode::UnsupportedResponseType);
        let mut suspended = client();
        suspended.standing = crate::review::Standing::Suspended;
        assert_eq!(
            push(suspended, &FORM).reply.unwrap_err().code,
            ErrorCode::UnauthorizedClient
        );
        let wrong = PushRequest::parse(Some(&basic(CLIENT, "wrong")), params(&FORM)).unwrap();
        let loaded = Loaded {
            client: Some(client().into()),
            ..Loaded::default()
        };
        let refused = wrong.decide(&loaded, &World::new().ctx()).reply.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidClient);
    }

    fn scene() -> Scene {
        let mut scene = Scene::consented();
        scene.pushed = Some(pushed(&FORM));
        scene
    }

    fn ask(scene: &Scene, more: &[(&str, &str)]) -> Decision<Outcome> {
        let mut given = vec![
            ("client_id", CLIENT),
            ("request_uri", "urn:ietf:params:oauth:request_uri:h"),
        ];
        given.extend(more);
        let cookie = scene.session.as_ref().map(|_| SecretHash::of("cookie"));
        scene.run(&AuthorizeRequest::new(Door::Standard, params(&given), cookie))
    }

    #[test]
    fn the_browser_carries_only_a_name_and_cannot_change_what_was_pushed() {
        let scene = scene();
        let decision = ask(&scene, &[("scope", "write"), ("state", "other")]);
        let [Write::IssueCode(grant, _), Write::FinishPushed { request }] = decision.writes.as_slice() else {
            panic!("{:?}", decision.writes)
        };
        assert_eq!(grant.scope.to_string(), "read");
        assert_eq!(*request, SecretHash::of("h"));
    }

    #[test]
    fn it_may_be_opened_again_until_the_person_has_finished() {
        let mut scene = scene();
        scene.session = None;
        for _ in 0..2 {
            let decision = ask(&scene, &[]);
            let [Write::ParkRequest(parked)] = decision.writes.as_slice() else {
                panic!("{:?}", decision.writes)
            };
            assert_eq!(parked.pushed, Some(SecretHash::of("h")));
        }
    }

    #[test]
    fn case_079_case_080_another_clients_or_a_dead_one_is_refused() {
        let refused = |scene: &Scene| match ask(scene, &[]).reply {
            Outcome::Page(page) => page.code,
            Outcome::Redirect(answer) => answer.refusal().unwrap().code,
            other => panic!("{other:?}"),
        };
        let mut foreign = scene();
        foreign.pushed.as_mut().unwrap().client = other_client().id;
        assert_eq!(refused(&foreign), ErrorCode::InvalidRequestUri);
        let mut expired = scene();
        expired.later(90);
        assert_eq!(refused(&expired), ErrorCode::InvalidRequestUri);
        let mut gone = scene();
        gone.pushed = None;
        assert_eq!(refused(&gone), ErrorCode::InvalidRequestUri);
    }

    #[test]
    fn case_081_a_client_that_must_push_cannot_go_around() {
        let mut scene = scene();
        scene.client.openid.require_pushed_authorization_requests = true;
        assert!(matches!(ask(&scene, &[]).reply, Outcome::Redirect(answer) if answer.refusal().is_none()));
        let around = scene.ask(Door::Standard, crate::authorize::testing::request(&[]));
        assert_eq!(crate::authorize::testing::refused(around), "invalid_request");
    }
}
