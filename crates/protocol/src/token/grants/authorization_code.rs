//! `grant_type=authorization_code` (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use super::required;
use crate::ctx::Ctx;
use crate::effect::{Load, Loaded, Write};
use crate::error::{ErrorCode, Refusal, shown};
use crate::records::CodeFacts;
use crate::token::{Behalf, Grant, Granted, Refused};
use crate::vocabulary::{Client, ClientKind, GrantType, Params, SecretHash};
use std::borrow::Cow;

/// A code for tokens, once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AuthorizationCode;

impl Grant for AuthorizationCode {
    fn grant_type(&self) -> &'static str {
        GrantType::AUTHORIZATION_CODE
    }

    fn load(&self, params: &Params) -> Vec<Load> {
        params
            .get("code")
            .map(|code| Load::Code(SecretHash::of(code)))
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
        let hash = SecretHash::of(required(params, "code")?);
        let facts = loaded
            .code
            .as_ref()
            .ok_or_else(|| dead("there is no such code"))?;
        if facts.grant.client != client.id {
            // Not reuse: whoever presents it cannot make its owner's tokens die.
            return Err(dead("the code was issued to another client").into());
        }
        if let Some(at) = facts.redeemed_at {
            // RFC 6749 section 4.1.2: deny, and revoke all tokens previously issued based on that code.
            return Err(Refused {
                writes: vec![Write::RevokeGrant {
                    grant: facts.grant.id,
                    at: ctx.now,
                }],
                refusal: dead(format!(
                    "the code was redeemed before, at {}; everything issued from it is now revoked",
                    at.seconds()
                )),
            });
        }
        if ctx.now.is_at_or_after(facts.code.expires_at) {
            return Err(dead(format!(
                "the code expired at {}, now is {}",
                facts.code.expires_at.seconds(),
                ctx.now.seconds()
            ))
            .into());
        }
        check_redirect_uri(facts, params)?;
        check_verifier(facts, params, client.kind)?;
        Ok(Granted {
            behalf: Behalf::Person {
                grant: &facts.grant,
                refresh: client
                    .may_use(GrantType::REFRESH_TOKEN)
                    .then_some(facts.grant.generation),
            },
            scope: facts.grant.scope.clone(),
            writes: vec![Write::RedeemCode {
                code: hash,
                at: ctx.now,
            }],
        })
    }
}

/// The same sentence whether the code never was, is another's, or is dead.
fn dead(private: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new(
        ErrorCode::InvalidGrant,
        "The code is wrong, expired or already used. Start the sign-in again.",
    )
    .because(private)
}

/// RFC 6749 section 4.1.3: the same as in the authorisation request, where it was named there. Where it was not,
/// it may be left out, or name the one that was used.
fn check_redirect_uri(facts: &CodeFacts, params: &Params) -> Result<(), Refusal> {
    let private = match params.get("redirect_uri") {
        Some(given) if given == facts.code.redirect_uri => return Ok(()),
        None if !facts.code.redirect_uri_given => return Ok(()),
        None => format!(
            "redirect_uri is missing; the authorisation request named {}",
            shown(&facts.code.redirect_uri)
        ),
        Some(given) => format!(
            "the redirect_uri is not the one of the authorisation request\nsent: {}\nauthorisation request: {}",
            shown(given),
            shown(&facts.code.redirect_uri)
        ),
    };
    Err(Refusal::new(
        ErrorCode::InvalidGrant,
        "The redirect_uri must be the same, letter by letter, as in the authorisation request.",
    )
    .because(private))
}

/// RFC 7636 section 4.6, and RFC 9700 section 2.1.1 against a downgrade: a verifier without a challenge is refused.
fn check_verifier(facts: &CodeFacts, params: &Params, kind: ClientKind) -> Result<(), Refusal> {
    let refused = |public: &'static str, private: &'static str| {
        Err(Refusal::new(ErrorCode::InvalidGrant, public).because(private))
    };
    match (&facts.code.challenge, params.get("code_verifier")) {
        (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => Ok(()),
        (Some(_), Some(_)) => refused(
            "The code_verifier does not belong to the code_challenge of the authorisation request.",
            "the code_verifier does not meet the code_challenge, or is not 43 to 128 unreserved characters",
        ),
        (Some(_), None) => refused(
            "The code_verifier is missing.",
            "the authorisation request had a code_challenge, and code_verifier is missing",
        ),
        (None, Some(_)) => refused(
            "A code_verifier came, but the authorisation request had no code_challenge.",
            "a code_verifier came, but the authorisation request had no code_challenge",
        ),
        (None, None) if kind == ClientKind::Public => refused(
            "A public client must use PKCE. Start the sign-in again with a code_challenge.",
            "a public client's code has no code_challenge",
        ),
        (None, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        CODE, NOW, REDIRECT, VERIFIER, World, challenge, client, code, other_client, params, public_client,
    };
    use crate::vocabulary::Timestamp;

    const FORM: [(&str, &str); 2] = [("code", CODE), ("redirect_uri", REDIRECT)];

    fn redeem(
        client: &Client,
        facts: &CodeFacts,
        form: &[(&str, &str)],
        world: &World,
    ) -> Result<Vec<Write>, Refused> {
        let loaded = Loaded {
            code: Some(facts.clone()),
            ..Loaded::default()
        };
        AuthorizationCode
            .decide(client, &params(form), &loaded, &world.ctx())
            .map(|granted| granted.writes)
    }

    fn refused(client: &Client, facts: &CodeFacts, form: &[(&str, &str)], world: &World) -> Refused {
        let refused = redeem(client, facts, form, world).unwrap_err();
        assert_eq!(refused.refusal.code, ErrorCode::InvalidGrant);
        refused
    }

    fn with_challenge() -> CodeFacts {
        let mut facts = code();
        facts.code.challenge = Some(challenge());
        facts
    }

    fn verified(verifier: &str) -> [(&str, &str); 3] {
        [FORM[0], FORM[1], ("code_verifier", verifier)]
    }

    #[test]
    fn a_missing_code_is_a_bad_request_and_an_unknown_one_a_bad_grant() {
        let world = World::new();
        let missing = redeem(&client(), &code(), &[("code", "")], &world).unwrap_err();
        assert_eq!(missing.refusal.code, ErrorCode::InvalidRequest);
        let nothing = Loaded::default();
        let unknown = AuthorizationCode.decide(&client(), &params(&FORM), &nothing, &world.ctx());
        assert_eq!(unknown.unwrap_err(), dead("there is no such code").into());
    }

    #[test]
    fn case_028_a_code_is_dead_at_60_seconds() {
        assert!(redeem(&client(), &code(), &FORM, &World::after(59)).is_ok());
        let refused = refused(&client(), &code(), &FORM, &World::after(60));
        assert!(refused.refusal.private.contains("expired"));
        assert_eq!(refused.writes, []);
    }

    #[test]
    fn case_029_a_reused_code_is_refused_and_what_it_issued_dies() {
        let mut facts = code();
        facts.redeemed_at = Some(NOW);
        for after in [1, 59, 60, 1_000_000] {
            let world = World::after(after);
            let refused = refused(&client(), &facts, &FORM, &world);
            let kill = Write::RevokeGrant {
                grant: facts.grant.id,
                at: world.now,
            };
            assert_eq!(refused.writes, [kill]);
        }
    }

    #[test]
    fn case_030_another_clients_code_is_refused_and_nothing_dies() {
        let world = World::new();
        for redeemed_at in [None, Some(Timestamp::from_seconds(1))] {
            let facts = CodeFacts {
                redeemed_at,
                ..code()
            };
            let refused = refused(&other_client(), &facts, &FORM, &world);
            assert_eq!(refused.writes, []);
            assert!(refused.refusal.private.contains("another client"));
            assert_eq!(
                refused.refusal.public,
                dead("").public,
                "nothing tells it from an unknown code"
            );
        }
    }

    #[test]
    fn case_031_the_redirect_uri_must_be_the_authorise_requests() {
        let world = World::new();
        let named = code();
        let unnamed = CodeFacts {
            code: crate::records::NewCode {
                redirect_uri_given: false,
                ..code().code
            },
            ..code()
        };
        let other = [
            ("code", CODE),
            ("redirect_uri", "https://app.example.org/Callback"),
        ];
        for facts in [&named, &unnamed] {
            assert!(redeem(&client(), facts, &FORM, &world).is_ok());
            let refused = refused(&client(), facts, &other, &world);
            assert!(
                refused.refusal.private.contains(REDIRECT) && refused.refusal.private.contains("Callback")
            );
        }
        refused(&client(), &named, &FORM[..1], &world);
        assert!(redeem(&client(), &unnamed, &FORM[..1], &world).is_ok());
    }

    #[test]
    fn case_032_a_wrong_verifier_is_refused() {
        let world = World::new();
        for who in [client(), public_client()] {
            assert!(redeem(&who, &with_challenge(), &verified(VERIFIER), &world).is_ok());
            let wrong = VERIFIER.replace('d', "e");
            for verifier in [wrong.as_str(), "short", crate::testing::CHALLENGE] {
                let refused = refused(&who, &with_challenge(), &verified(verifier), &world);
                assert!(!format!("{}", refused.refusal).contains(verifier));
            }
        }
    }

    #[test]
    fn case_033_a_missing_verifier_is_refused() {
        let world = World::new();
        for who in [client(), public_client()] {
            let refused = refused(&who, &with_challenge(), &FORM, &world);
            assert!(refused.refusal.public.contains("missing"));
            let refused = redeem(&who, &with_challenge(), &verified(""), &world).unwrap_err();
            assert!(refused.refusal.public.contains("missing"));
        }
    }

    #[test]
    fn case_034_a_verifier_without_a_challenge_is_refused() {
        refused(&client(), &code(), &verified(VERIFIER), &World::new());
        refused(&public_client(), &code(), &verified(VERIFIER), &World::new());
        refused(&public_client(), &code(), &FORM, &World::new());
    }

    #[test]
    fn a_refresh_token_comes_only_where_the_client_may_use_it() {
        let (world, facts) = (World::new(), code());
        let loaded = Loaded {
            code: Some(facts),
            ..Loaded::default()
        };
        let refresh = |client: &Client| {
            let granted = AuthorizationCode
                .decide(client, &params(&FORM), &loaded, &world.ctx())
                .unwrap();
            match granted.behalf {
                Behalf::Person { refresh, .. } => refresh,
                Behalf::Client | Behalf::NewGrant { .. } => panic!("a code is a stored grant's"),
            }
        };
        let mut without = client();
        without
            .grant_types
            .retain(|grant| grant.0 != GrantType::REFRESH_TOKEN);
        assert_eq!((refresh(&client()), refresh(&without)), (Some(1), None));
    }
}
