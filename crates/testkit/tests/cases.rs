//! The protocol's numbered cases: each has a test that bears its number (`case_029_...`), and this is the list of them.
//! A number stands for what a stranger's black-box test expects; it is never given to anything else.
#![expect(clippy::unwrap_used, reason = "a tree that cannot be read proves nothing")]

use std::collections::BTreeSet;
use std::path::Path;

/// The cases that what is built so far must meet.
const CASES: [(u16, &str); 111] = [
    (1, "authorise: an unknown client gets a page"),
    (
        2,
        "authorise: a suspended or unapproved client gets a page, but for its team",
    ),
    (3, "authorise: a redirect_uri that is not registered gets a page"),
    (
        4,
        "authorise: another case, slash, port, query or encoding is another redirect_uri",
    ),
    (5, "redirect_uri with a fragment"),
    (6, "redirect_uri with http off loopback"),
    (7, "on loopback only the port may vary"),
    (8, "authorise: client_id or redirect_uri twice gets a page"),
    (
        9,
        "response_type missing: invalid_request, or the walkthrough's code",
    ),
    (10, "a response type that does not exist or is not the client's"),
    (11, "a scope that is not registered: invalid_scope"),
    (12, "authorise: a parameter twice"),
    (13, "a public client without code_challenge"),
    (14, "plain or no method, unless the client is marked legacy"),
    (15, "a malformed challenge"),
    (16, "prompt=none without a session: login_required"),
    (17, "prompt=none without consent: consent_required"),
    (18, "prompt=none beside another value"),
    (19, "Deny: access_denied, or the walkthrough's home"),
    (20, "a bad request object"),
    (21, "success: code, state and iss"),
    (22, "303, never 307"),
    (23, "state comes back byte for byte"),
    (24, "unknown parameters are ignored"),
    (25, "no CORS at the authorisation endpoint"),
    (26, "no-store, no-referrer, frame-ancestors 'none'"),
    (27, "max_age forces a new sign-in; a second prompt=none is silent"),
    (28, "a code is dead at 60 s"),
    (29, "a reused code is refused, and what it issued dies"),
    (30, "another client's code"),
    (31, "a redirect_uri that differs from the authorise request's"),
    (32, "a wrong verifier"),
    (33, "a missing verifier"),
    (34, "a verifier without a challenge"),
    (35, "a wrong secret: 401 and WWW-Authenticate"),
    (36, "two authentication methods"),
    (37, "a method that the client is not registered for"),
    (38, "an expired assertion"),
    (39, "an assertion's jti replayed, on any node"),
    (40, "an assertion for another audience"),
    (41, "token by GET: 405"),
    (42, "token with a JSON body: 400"),
    (43, "credentials in the query: 400"),
    (44, "token: a parameter twice"),
    (45, "an unknown grant_type: unsupported_grant_type"),
    (46, "a grant that is not the client's: unauthorized_client"),
    (47, "token: Cache-Control: no-store"),
    (48, "client_credentials gives no refresh token"),
    (49, "a refresh rotates"),
    (50, "late reuse kills the family"),
    (51, "another client's refresh token"),
    (52, "a wider scope: invalid_scope"),
    (53, "a narrower scope works"),
    (54, "dead after withdrawal, a disabled person, a suspended app"),
    (55, "idle and absolute expiry"),
    (56, "a lost answer may be asked for again within the grace"),
    (57, "revoke: an unknown token is a success"),
    (58, "revoke: another client's token stays alive"),
    (59, "revoking the refresh token kills its access tokens"),
    (60, "revoke: unauthenticated is 401"),
    (61, "revoke: a wrong hint works"),
    (62, "introspect: unauthenticated is 401"),
    (63, "introspect: a dead token is exactly {\"active\": false}"),
    (
        64,
        "introspect: a token that is not meant for the asker is inactive",
    ),
    (65, "a token in the query is refused"),
    (66, "a token in two ways at once: 400"),
    (67, "an expired token: 401 invalid_token"),
    (68, "a token that lacks scope: 403 insufficient_scope"),
    (69, "no token: a bare challenge"),
    (70, "device: authorization_pending"),
    (71, "device: too fast is slow_down, and five seconds more"),
    (72, "device: denied is access_denied"),
    (73, "device: expired_token"),
    (74, "device: guessing user codes is throttled"),
    (75, "device: verification_uri_complete still asks"),
    (76, "device: another client's device_code"),
    (77, "PAR: 201, and a short life"),
    (78, "PAR: a request_uri inside is refused"),
    (79, "PAR: another client's request"),
    (80, "PAR: an expired or used request"),
    (81, "a client that must push cannot go around"),
    (82, "PAR: too large a request is 413"),
    (83, "DPoP: a wrong htm or htu"),
    (84, "DPoP: a stale or future iat"),
    (85, "DPoP: a jti replayed, on any node"),
    (86, "DPoP: a symmetric algorithm, a private key in jwk"),
    (87, "DPoP: two headers"),
    (88, "DPoP: a bound token as Bearer: 401"),
    (89, "DPoP: another access token's ath"),
    (90, "DPoP: a public client's refresh with another key"),
    (91, "DPoP: use_dpop_nonce"),
    (92, "registration is closed by default"),
    (
        93,
        "javascript:, data:, file: and the like are refused as redirect URLs",
    ),
    (94, "jwks beside jwks_uri"),
    (95, "URIs into private networks"),
    (96, "scopes beyond what may be self-registered"),
    (97, "another client's management token"),
    (98, "logout: without a hint the person is asked"),
    (99, "logout: an unregistered address gets a page and no redirect"),
    (100, "logout: a cross-site request cannot end a session"),
    (101, "logout: the token carries events and never a nonce"),
    (102, "a form without its CSRF token: 403"),
    (103, "a cross-site POST: 403"),
    (104, "the session's name changes at sign-in"),
    (105, "cookies: __Host-, Secure, HttpOnly, SameSite"),
    (107, "a secret is shown once"),
    (108, "changing redirect URLs asks for a fresh sign-in"),
    (109, "another team's app: 404"),
    (110, "names that look like others are flagged to the reviewer"),
    (111, "consent is asked again when more is asked"),
    (112, "a consent page from before the app changed is refused"),
];

/// What holds at every endpoint has no number; the tests that show it, by name.
const ANY_ENDPOINT: [(&str, &str); 6] = [
    (
        "a_head_over_100_kib_is_answered_with_431",
        "a header over 100 KiB: 431",
    ),
    ("a_body_over_64_kib_is_413", "a body over the limit: 413"),
    ("malformed_bytes_are_400", "malformed UTF-8, JSON: 400"),
    (
        "no_secret_in_the_database_files",
        "nothing secret is stored in the clear",
    ),
    ("no_secret_in_a_log", "never a secret in a log"),
    (
        "what_was_answered_is_there_after_a_crash",
        "nothing that was stored is lost",
    ),
];

/// The names of all our tests: functions below a line that makes one, and the properties of a `proptest!`.
fn test_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                names.extend(tests_in(&std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    names
}

fn tests_in(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        let declared = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        match declared.and_then(|rest| rest.split_once('(')) {
            Some((name, _)) if is_test => names.push(name.to_owned()),
            _ => {}
        }
        // A reason or an expected lint may stand between the attribute and its function.
        is_test = line.starts_with("#[test]")
            || line.starts_with("#[tokio::test")
            || (is_test && (line.starts_with('#') || line.starts_with("//")));
    }
    names
}

#[test]
fn every_case_has_a_test_that_bears_its_number() {
    let names = test_names();
    assert!(names.len() > 300, "the walk found too few tests to be true");
    let missing: Vec<String> = CASES
        .into_iter()
        .filter(|(number, _)| {
            let mark = format!("case_{number:03}_");
            !names.iter().any(|name| name.contains(&mark))
        })
        .map(|(number, what)| format!("case_{number:03}: {what}"))
        .collect();
    assert!(missing.is_empty(), "no test bears the number of {missing:#?}");
}

#[test]
fn every_promise_of_every_endpoint_has_its_test() {
    let names = test_names();
    for (name, promise) in ANY_ENDPOINT {
        assert!(names.contains(name), "no test {name} shows: {promise}");
    }
}

#[test]
fn only_tests_are_counted() {
    let text = "fn case_001_a_helper() {}\n#[test]\nfn case_002_a_test() {}\n// fn case_003_a_comment()\n\
                #[tokio::test]\n#[cfg(unix)]\nasync fn case_004_another() {\n";
    assert_eq!(tests_in(text), ["case_002_a_test", "case_004_another"]);
}
