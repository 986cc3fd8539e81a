//! `grant_type=password` (RFC 6749 section 4.3), for apps from before: RFC 9700 section 2.4 says that it must not be used.
//!
//! Off, unless the operator turns it on *and* a maintainer marks the app. Each try is counted as a sign-in is, and the app
//! gets no more than what the person allowed it on a page of ours before: this grant asks nobody for consent.

use super::{remaining, required};
use crate::ctx::Ctx;
use crate::effect::{Load, Loaded};
use crate::error::{ErrorCode, Refusal};
use crate::openid::SignIn;
use crate::records::NewGrant;
use crate::token::{Behalf, Grant, Granted, Refused};
use crate::vocabulary::{Client, GrantType, Params, Scope, Secret};

/// Longest name that is looked for, in bytes: 150 characters are the most that one has.
const MAX_USERNAME: usize = 600;

/// A person's password for a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Password;

impl Grant for Password {
    fn grant_type(&self) -> &'static str {
        GrantType::PASSWORD
    }

    fn is_offered(&self, ctx: &Ctx<'_>) -> bool {
        ctx.grants.password
    }

    fn load(&self, params: &Params) -> Vec<Load> {
        named(params)
            .map(|username| Load::PersonNamed(username.to_owned()))
            .into_iter()
            .collect()
    }

    /// The password is looked at whether or not there is such a person: the time must not tell.
    fn load_last(&self, params: &Params, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        let client = known.client.as_deref().filter(|client| client.legacy.password);
        let (Some(client), Some(username), Some(password)) = (client, named(params), params.get("password"))
        else {
            return Vec::new();
        };
        let tried = Load::Password {
            username: username.to_owned(),
            password: Secret::new(password),
        };
        let of_person = known.person.as_ref().map(|person| {
            [
                Load::Consent(person.person, client.id.clone()),
                Load::Membership(person.person, client.id.clone()),
            ]
        });
        [tried]
            .into_iter()
            .chain(of_person.into_iter().flatten())
            .collect()
    }

    fn decide<'a>(
        &self,
        client: &Client,
        params: &Params,
        loaded: &'a Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<Granted<'a>, Refused> {
        if !client.legacy.password {
            return Err(Refusal::new(
                ErrorCode::UnauthorizedClient,
                "This app may not ask people for their password.",
            )
            .because("the app is not marked legacy_password")
            .into());
        }
        required(params, "username")?;
        required(params, "password")?;
        let wrong = || Refusal::new(ErrorCode::InvalidGrant, "The name or the password is wrong.");
        let found = loaded.person.clone().filter(|_| loaded.is_password == Some(true));
        let mut holder = found.ok_or_else(wrong)?;
        holder.on_team = loaded.on_team;
        let consent = loaded.consent.as_ref().ok_or_else(|| {
            Refusal::new(
                ErrorCode::InvalidGrant,
                "The person has not allowed this app anything yet. Send them through /oauth/authorize once.",
            )
            .because("there is no remembered consent of this person to this app")
        })?;
        let asked = match params.get("scope") {
            None => Scope::read_write(),
            Some(text) => Scope::parse(text).map_err(|why| {
                Refusal::new(ErrorCode::InvalidScope, "The scope is malformed.").because(why.to_string())
            })?,
        };
        let (data_points, scope) = remaining(client, &asked, &client.data_points, Some(&consent.allowed))?;
        let grant = NewGrant {
            client: client.id.clone(),
            person: holder.person,
            scope: scope.clone(),
            data_points,
            version: client.version,
            sign_in: SignIn::Here(ctx.now),
            session: None,
            openid: None,
            exchange: None,
            apis: crate::apis::ApiGrant::default(),
            at: ctx.now,
        };
        Ok(Granted {
            behalf: Behalf::NewGrant {
                grant: Box::new(grant),
                holder,
                until: None,
                // So that the app need not keep the password (RFC 6749 section 4.3.3).
                refresh: client.may_use(GrantType::REFRESH_TOKEN),
            },
            scope,
            writes: Vec::new(),
        })
    }
}

fn named(params: &Params) -> Option<&str> {
    params.get("username").filter(|name| name.len() <= MAX_USERNAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_points::DataPoints;
    use crate::effect::{Decision, Operation as _, Write};
    use crate::records::{Allowed, Consent, GrantOf};
    use crate::testing::{CLIENT, NOW, SECRET, World, basic, client, holder, params, points};
    use crate::token::{TokenReply, TokenRequest};

    struct Scene {
        client: Client,
        loaded: Loaded,
        world: World,
    }

    impl Scene {
        fn new() -> Self {
            let mut client = client();
            client.legacy.password = true;
            let mut world = World::new();
            world.grants.password = true;
            let allowed = Allowed {
                data_points: points(["person.full_name"]),
                ..Allowed::default()
            };
            Self {
                client,
                loaded: Loaded {
                    person: Some(holder()),
                    is_password: Some(true),
                    consent: Some(Consent {
                        allowed,
                        version: 1,
                        at: NOW,
                    }),
                    ..Loaded::default()
                },
                world,
            }
        }

        fn request(changes: &[(&str, &str)]) -> TokenRequest {
            let mut form = vec![
                ("grant_type", "password"),
                ("username", "asha"),
                ("password", "correct horse battery"),
            ];
            for (name, value) in changes {
                form.retain(|(other, _)| other != name);
                form.push((name, value));
            }
            TokenRequest::parse(Some(&basic(CLIENT, SECRET)), params(&form)).unwrap()
        }

        fn known(&self) -> Loaded {
            Loaded {
                client: Some(self.client.clone().into()),
                ..self.loaded.clone()
            }
        }

        fn ask(&self, changes: &[(&str, &str)]) -> Decision<Result<TokenReply, Refusal>> {
            Self::request(changes).decide(&self.known(), &self.world.ctx())
        }

        fn refused(&self, changes: &[(&str, &str)]) -> ErrorCode {
            let decision = self.ask(changes);
            assert_eq!(decision.writes, []);
            decision.reply.unwrap_err().code
        }
    }

    #[test]
    fn a_marked_app_gets_what_was_allowed_before() {
        let decision = Scene::new().ask(&[]);
        let reply = decision.reply.unwrap();
        assert!(reply.refresh_token && reply.scope == Scope::read_write());
        match decision.writes.as_slice() {
            [
                Write::IssueGrant(grant, _),
                Write::IssueAccessToken(access),
                Write::IssueRefreshToken(refresh),
            ] => {
                assert_eq!(grant.data_points, points(["person.full_name"]));
                assert_eq!(
                    (access.grant, refresh.grant),
                    (Some(GrantOf::Fresh), GrantOf::Fresh)
                );
                assert_eq!((refresh.generation, grant.session), (1, None));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_is_no_grant_until_the_operator_says_so_and_none_of_an_app_without_a_mark() {
        let mut scene = Scene::new();
        scene.world.grants.password = false;
        assert_eq!(scene.refused(&[]), ErrorCode::UnsupportedGrantType);
        scene.world.grants.password = true;
        scene.client.legacy.password = false;
        assert_eq!(scene.refused(&[]), ErrorCode::UnauthorizedClient);
        let asked = Scene::request(&[]).load_last(&scene.known(), &scene.world.ctx());
        assert_eq!(asked, [], "no password is looked at for it");
    }

    #[test]
    fn a_password_is_looked_at_only_for_an_app_that_proved_itself() {
        let scene = Scene::new();
        let tried = |known: &Loaded, secret: &str| {
            let form = [
                ("grant_type", "password"),
                ("username", "asha"),
                ("password", "x"),
            ];
            let request = TokenRequest::parse(Some(&basic(CLIENT, secret)), params(&form)).unwrap();
            request.load_last(known, &scene.world.ctx())
        };
        assert_eq!(tried(&scene.known(), "wrong"), []);
        assert_eq!(tried(&scene.known(), SECRET).len(), 3);
        let nobody = Loaded {
            person: None,
            ..scene.known()
        };
        assert!(matches!(
            tried(&nobody, SECRET).as_slice(),
            [Load::Password { .. }]
        ));
    }

    #[test]
    fn a_wrong_name_and_a_wrong_password_are_one_answer() {
        let mut scene = Scene::new();
        scene.loaded.is_password = Some(false);
        let wrong = scene.ask(&[]).reply.unwrap_err();
        scene.loaded.is_password = Some(true);
        scene.loaded.person = None;
        assert_eq!(scene.ask(&[]).reply.unwrap_err(), wrong);
        assert_eq!(wrong.code, ErrorCode::InvalidGrant);
        for name in ["username", "password"] {
            assert_eq!(scene.refused(&[(name, "")]), ErrorCode::InvalidRequest);
        }
    }

    #[test]
    fn without_a_remembered_consent_there_is_nothing_and_never_more_than_it() {
        let mut scene = Scene::new();
        assert_eq!(
            scene.refused(&[("scope", "person.roles")]),
            ErrorCode::InvalidScope
        );
        assert_eq!(scene.refused(&[("scope", "a\"b")]), ErrorCode::InvalidScope);
        scene.loaded.consent = None;
        let refusal = scene.ask(&[]).reply.unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidGrant);
        assert!(refusal.public.contains("/oauth/authorize"));
    }

    #[test]
    fn case_054_a_disabled_person_and_an_app_that_is_not_approved_get_nothing() {
        let mut scene = Scene::new();
        scene.loaded.person.as_mut().unwrap().disabled = true;
        assert_eq!(scene.refused(&[]), ErrorCode::InvalidGrant);
        let mut scene = Scene::new();
        scene.client.standing = crate::review::Standing::Pending;
        assert_eq!(scene.refused(&[]), ErrorCode::InvalidGrant);
        scene.client.standing = crate::review::Standing::Approved;
        scene.client.data_points = DataPoints::new();
        let decision = scene.ask(&[]);
        match decision.writes.first() {
            Some(Write::IssueGrant(grant, _)) => assert_eq!(grant.data_points, points([])),
            other => panic!("{other:?}"),
        }
    }
}
