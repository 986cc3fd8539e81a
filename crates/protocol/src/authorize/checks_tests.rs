//! The table of checks, line by line, at both doors.

use super::super::testing::{Scene, refused, request};
use super::*;
use crate::authorize::Outcome;
use crate::effect::{Minted, Write};
use crate::records::{NewCode, NewGrant};
use crate::testing::{CHALLENGE, VERIFIER, points, public_client};
use crate::vocabulary::GrantType;

/// The errors that the two doors answer with: the walkthrough's first.
fn errors(scene: &Scene, changes: &[(&str, &str)]) -> [String; 2] {
    Door::ALL.map(|door| refused(scene.ask(door, request(changes))))
}

/// What is issued for a request that passes.
fn issued(scene: &Scene, door: Door, changes: &[(&str, &str)]) -> (NewGrant, NewCode) {
    let decision = scene.ask(door, request(changes));
    match decision.writes.as_slice() {
        [Write::IssueCode(grant, code)] => (grant.clone(), code.clone()),
        other => panic!("not issued but {other:?} and {:?}", decision.reply),
    }
}

#[test]
fn case_009_response_type_may_be_left_out_at_the_walkthroughs_door_only() {
    let scene = Scene::consented();
    let without = [("response_type", "")];
    assert_eq!(
        refused(scene.ask(Door::Standard, request(&without))),
        "invalid_request"
    );
    issued(&scene, Door::Walkthrough, &without);
}

#[test]
fn case_010_response_types_that_do_not_exist_or_are_not_the_clients() {
    let mut scene = Scene::consented();
    for other in ["CODE", "none", "code code", "x\u{7f}y"] {
        assert_eq!(
            errors(&scene, &[("response_type", other)]),
            ["unsupported_response_type"; 2]
        );
    }
    for legacy in ["token", "id_token", "code token", "token id_token code"] {
        assert_eq!(
            errors(&scene, &[("response_type", legacy)]),
            ["unauthorized_client"; 2]
        );
    }
    scene.client.grant_types = [GrantType(GrantType::CLIENT_CREDENTIALS.into())].into();
    for asked in ["", "code"] {
        let refused = refused(scene.ask(Door::Walkthrough, request(&[("response_type", asked)])));
        assert_eq!(refused, "unauthorized_client");
    }
    assert_eq!(errors(&scene, &[]), ["unauthorized_client"; 2]);
}

#[test]
fn an_unknown_response_mode_is_refused() {
    let scene = Scene::consented();
    for other in ["Query", "web_message", "JWT"] {
        assert_eq!(
            errors(&scene, &[("response_mode", other)]),
            ["invalid_request"; 2]
        );
    }
    for known in ["query", "fragment"] {
        issued(&scene, Door::Standard, &[("response_mode", known)]);
    }
}

#[test]
fn case_011_a_scope_that_is_not_registered_or_malformed() {
    let scene = Scene::consented();
    let long = "x".repeat(10_000);
    for other in [
        "admin",
        "read contact_information.email_address",
        "read \"",
        " ",
        "READ",
        &long,
    ] {
        assert_eq!(
            errors(&scene, &[("scope", other)]),
            ["invalid_scope"; 2],
            "{other}"
        );
    }
}

#[test]
fn a_scope_stands_for_data_points() {
    let mut scene = Scene::consented();
    let all = ["person.full_name", "person.roles", "student.branch.name"];
    let named = "person.full_name person.roles student.branch.name";
    for (door, asked, scope, data) in [
        (Door::Walkthrough, "", "read write", points(all)),
        (Door::Standard, "", named, points(all)),
        (Door::Standard, "read", "read", points(all)),
        (Door::Standard, "write", "write", points([])),
        (
            Door::Standard,
            "person.roles write",
            "person.roles write",
            points(["person.roles"]),
        ),
    ] {
        let (grant, _) = issued(&scene, door, &[("scope", asked)]);
        assert_eq!(
            (grant.scope.to_string().as_str(), grant.data_points),
            (scope, data)
        );
    }
    scene.client.data_points.clear();
    let (grant, _) = issued(&scene, Door::Standard, &[]);
    assert_eq!(
        (grant.scope.to_string().as_str(), grant.data_points),
        ("read", points([]))
    );
}

#[test]
fn a_data_point_that_the_catalogue_has_lost_is_not_granted() {
    let mut scene = Scene::consented();
    scene.client.data_points.extend(points(["person.shoe_size"]));
    let (grant, _) = issued(&scene, Door::Walkthrough, &[]);
    assert_eq!(grant.data_points, crate::testing::client().data_points);
}

#[test]
fn case_012_a_repeated_parameter() {
    let scene = Scene::consented();
    for name in ["scope", "response_type", "code_challenge", "unheard_of"] {
        assert_eq!(
            errors(&scene, &[(name, "read"), (name, "read")]),
            ["invalid_request"; 2]
        );
    }
    // Nobody knows which state was meant: none goes back.
    for door in Door::ALL {
        let outcome = scene.ask(door, request(&[("state", "a"), ("state", "b")])).reply;
        let answer = super::super::testing::redirect(outcome);
        let location = super::super::testing::location(&answer, &Minted::default()).unwrap();
        assert!(location.contains("error=invalid_request&") && !location.contains("state="));
    }
}

#[test]
fn case_013_a_public_client_must_send_a_challenge() {
    let mut scene = Scene::consented();
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    for door in Door::ALL {
        assert_eq!(issued(&scene, door, &without).1.challenge, None);
    }
    scene.client = public_client();
    for legacy in [false, true] {
        scene.client.legacy.plain_pkce = legacy;
        assert_eq!(errors(&scene, &without), ["invalid_request"; 2]);
    }
    let (_, code) = issued(&scene, Door::Standard, &[]);
    assert!(code.challenge.unwrap().is_met_by(VERIFIER));
}

#[test]
fn case_014_plain_is_for_apps_marked_legacy() {
    let mut scene = Scene::consented();
    for method in ["plain", "", "s256", "S512"] {
        let changes = [("code_challenge_method", method), ("code_challenge", VERIFIER)];
        assert_eq!(errors(&scene, &changes), ["invalid_request"; 2], "{method}");
    }
    scene.client.legacy.plain_pkce = true;
    for method in ["plain", ""] {
        let changes = [("code_challenge_method", method), ("code_challenge", VERIFIER)];
        for door in Door::ALL {
            let challenge = issued(&scene, door, &changes).1.challenge.unwrap();
            assert_eq!((challenge.method(), challenge.value()), (Method::Plain, VERIFIER));
        }
    }
    assert_eq!(
        errors(&scene, &[("code_challenge_method", "S512")]),
        ["invalid_request"; 2]
    );
}

#[test]
fn case_015_a_malformed_challenge_or_a_method_without_one() {
    let mut scene = Scene::consented();
    let long = "x".repeat(129);
    for bad in [
        "short",
        &CHALLENGE[1..],
        &format!("{CHALLENGE}="),
        &CHALLENGE.replace('E', "+"),
        &long,
    ] {
        assert_eq!(
            errors(&scene, &[("code_challenge", bad)]),
            ["invalid_request"; 2],
            "{bad}"
        );
    }
    assert_eq!(errors(&scene, &[("code_challenge", "")]), ["invalid_request"; 2]);
    scene.client.legacy.plain_pkce = true;
    let changes = [
        ("code_challenge", long.as_str()),
        ("code_challenge_method", "plain"),
    ];
    assert_eq!(errors(&scene, &changes), ["invalid_request"; 2]);
    let decision = scene.ask(Door::Standard, request(&changes));
    let told = format!("{decision:?}");
    assert!(
        !told.contains(&long[..20]),
        "a plain challenge is the verifier: {told}"
    );
}

#[test]
fn case_018_prompt_none_stands_alone() {
    let scene = Scene::consented();
    for bad in [
        "none login",
        "consent none",
        "select_account none",
        "create",
        "None",
        "login,none",
    ] {
        assert_eq!(
            errors(&scene, &[("prompt", bad)]),
            ["invalid_request"; 2],
            "{bad}"
        );
    }
    issued(&scene, Door::Standard, &[("prompt", "none")]);
}

#[test]
fn max_age_is_a_number_of_seconds() {
    let scene = Scene::consented();
    for bad in ["-1", "1.5", "x", "+5", " ", "9999999999999999999"] {
        assert_eq!(
            errors(&scene, &[("max_age", bad)]),
            ["invalid_request"; 2],
            "{bad}"
        );
    }
    issued(&scene, Door::Standard, &[("max_age", "60")]);
    issued(&scene, Door::Standard, &[("max_age", "999999999999999999")]);
}

#[test]
fn case_024_unknown_parameters_are_ignored_and_not_kept() {
    let mut scene = Scene::consented();
    let unknown = [("display", "popup"), ("ui_locales", "en"), ("x", "y")];
    for door in Door::ALL {
        issued(&scene, door, &unknown);
    }
    scene.session = None;
    let outcome = scene.park(Door::Standard, request(&unknown));
    assert!(matches!(outcome, Outcome::SignIn(_)));
    assert_eq!(scene.parked.unwrap().params, request(&[]));
}

#[test]
fn what_is_parked_passes_the_same_checks_again() {
    let everything = request(&[
        ("redirect_uri", crate::testing::REDIRECT),
        ("response_mode", "query"),
        ("scope", "write"),
        ("prompt", "consent"),
        ("max_age", "7"),
    ]);
    let scene = Scene::new();
    let ctx = scene.world.ctx();
    let read = |params: &Params| run(Door::Standard, params, &scene.client, &Apis::default(), &ctx);
    let wish = read(&everything).unwrap();
    assert_eq!(kept(&everything, &wish), everything);
    assert_eq!(wish.prompt.max_age, Some(7));
    assert!(wish.prompt.consent && wish.challenge.is_some() && wish.data_points.is_empty());
}
