//! What concerns every grant: who is asked first, and what is answered.

use super::*;
use crate::review::Standing;
use crate::testing::{CLIENT, CODE, NOW, REDIRECT, SECRET, World, basic, client, code, params};
use crate::vocabulary::{ClientId, SecretHash};
use std::sync::Arc;

const FORM: [(&str, &str); 3] = [
    ("grant_type", "authorization_code"),
    ("code", CODE),
    ("redirect_uri", REDIRECT),
];

fn loaded(client: Option<Client>) -> Loaded {
    Loaded {
        client: client.map(Arc::new),
        code: Some(code()),
        ..Loaded::default()
    }
}

fn decide(secret: &str, form: &[(&str, &str)], loaded: &Loaded) -> Decision<Result<TokenReply, Refusal>> {
    let request = TokenRequest::parse(Some(&basic(CLIENT, secret)), params(form)).unwrap();
    request.decide(loaded, &World::new().ctx())
}

fn refused(secret: &str, form: &[(&str, &str)], loaded: &Loaded) -> ErrorCode {
    let decision = decide(secret, form, loaded);
    assert_eq!(decision.writes, []);
    decision.reply.unwrap_err().code
}

#[test]
fn asks_for_the_client_and_for_what_the_grant_needs() {
    let world = World::new();
    let load = |form: &[(&str, &str)]| {
        let request = TokenRequest::parse(Some(&basic(CLIENT, SECRET)), params(form)).unwrap();
        request.load(&world.ctx())
    };
    let client = Load::Client(ClientId::parse(CLIENT).unwrap());
    let code = Load::Code(SecretHash::of(CODE));
    assert_eq!(load(&FORM), [client.clone(), code, Load::Apis]);
    assert_eq!(load(&[("grant_type", "made_up")]), [client, Load::Apis]);
}

#[test]
fn a_code_becomes_the_walkthroughs_answer() {
    let decision = decide(SECRET, &FORM, &loaded(Some(client())));
    let reply = TokenReply {
        scope: Scope::read_write(),
        expires_in: 36_000,
        confirmation: None,
        refresh_token: true,
        id_token: None,
        issued_token_type: None,
        access_jwt: None,
        details: crate::apis::Details::default(),
    };
    assert_eq!(decision.reply, Ok(reply));
    let grant = code().grant.id;
    let issued = [
        Write::RedeemCode {
            code: SecretHash::of(CODE),
            at: NOW,
        },
        Write::IssueAccessToken(NewAccessToken {
            client: client().id,
            grant: Some(GrantOf::Stored(grant)),
            scope: Scope::read_write(),
            confirmation: None,
            audience: crate::apis::TokenAudience::default(),
            is_jwt: false,
            at: NOW,
            expires_at: NOW.plus(36_000),
        }),
        Write::IssueRefreshToken(NewRefreshToken {
            grant: GrantOf::Stored(grant),
            generation: 1,
            confirmation: None,
            at: NOW,
            expires_at: NOW.plus(90 * 86_400),
        }),
    ];
    assert_eq!(decision.writes, issued);
}

#[test]
fn case_044_a_duplicate_parameter_is_refused() {
    for name in ["grant_type", "code", "client_id", "whatever"] {
        let form = [("grant_type", "x"), (name, "1"), (name, "1")];
        let refusal = TokenRequest::parse(Some(&basic(CLIENT, SECRET)), params(&form)).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidRequest);
    }
}

#[test]
fn a_missing_grant_type_is_refused() {
    let refusal = TokenRequest::parse(Some(&basic(CLIENT, SECRET)), params(&[("code", CODE)])).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::InvalidRequest);
    let refusal = TokenRequest::parse(None, params(&[])).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::InvalidClient, "who asks comes first");
}

#[test]
fn case_045_an_unknown_grant_type_is_unsupported() {
    for name in ["made_up", "password", "implicit", "Authorization_code"] {
        let form = [("grant_type", name)];
        assert_eq!(
            refused(SECRET, &form, &loaded(Some(client()))),
            ErrorCode::UnsupportedGrantType
        );
    }
}

#[test]
fn case_046_a_grant_the_client_may_not_use_is_refused() {
    let world = World::new();
    let offered = registry().iter().filter(|grant| grant.is_offered(&world.ctx()));
    for name in offered.map(|grant| grant.grant_type()) {
        let mut client = client();
        client.grant_types.remove(&GrantType(name.to_owned()));
        let form = [("grant_type", name), ("code", CODE)];
        assert_eq!(
            refused(SECRET, &form, &loaded(Some(client))),
            ErrorCode::UnauthorizedClient
        );
    }
}

#[test]
fn case_035_an_unauthenticated_caller_learns_nothing_else() {
    let mut may_nothing = client();
    may_nothing.grant_types.clear();
    let mut reused = loaded(Some(client()));
    reused.code.as_mut().unwrap().redeemed_at = Some(NOW);
    for form in [
        &FORM[..],
        &[("grant_type", "made_up")],
        &[("grant_type", "refresh_token")],
    ] {
        let clients = [None, Some(client()), Some(may_nothing.clone())];
        for facts in clients.into_iter().map(loaded).chain([reused.clone()]) {
            assert_eq!(refused("wrong", form, &facts), ErrorCode::InvalidClient);
        }
    }
}

#[test]
fn case_054_approval_is_asked_at_redemption() {
    for standing in [Standing::Suspended, Standing::Pending, Standing::Rejected] {
        let mut client = client();
        client.standing = standing;
        assert_eq!(
            refused(SECRET, &FORM, &loaded(Some(client))),
            ErrorCode::InvalidGrant
        );
    }
    let mut disabled = loaded(Some(client()));
    disabled.code.as_mut().unwrap().grant.holder.disabled = true;
    let decision = decide(SECRET, &FORM, &disabled);
    let refusal = decision.reply.unwrap_err();
    assert!(refusal.private.contains("disabled") && !refusal.public.contains("disabled"));
}

#[test]
fn the_sandbox_redeems_for_its_team() {
    let mut facts = loaded(Some(client()));
    Arc::make_mut(facts.client.as_mut().unwrap()).standing = Standing::Pending;
    facts.code.as_mut().unwrap().grant.holder.on_team = true;
    assert!(decide(SECRET, &FORM, &facts).reply.is_ok());
}
