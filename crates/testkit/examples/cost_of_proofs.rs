//! What a DPoP proof and a client assertion cost beside the bare check of their signature, and a JWT access token beside
//! its bare signature: `cargo run --release -p omniport-testkit --example cost_of_proofs`. Takes a few seconds; fails where
//! a proof or an assertion takes more than 1.3 times its signature, or a JWT more than 1.5 times.
//!
//! A cost is a difference: of the whole decision on a token request with it and without it, the store left out.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement: it ends where it cannot go on, and measures by the machine's clock"
)]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use omniport_engine::apis::ApiEditor;
use omniport_engine::people::PlatformRole;
use omniport_protocol::apis::ResourceDraft;
use omniport_protocol::effect::{Fresh, Load, Loaded, Minted, Operation};
use omniport_protocol::extensions::sender::Sender;
use omniport_protocol::jose::SigningAlgorithm;
use omniport_protocol::token::{TokenReply, TokenRequest};
use omniport_protocol::vocabulary::{ClientId, Params, PersonId, Secret};
use omniport_testkit::{ClientKey, ISSUER, Instance, TestApp};
use serde_json::{Value, json};
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 9;
const TIMES: u32 = 1_000;
const MOST_OF_A_PROOF: f64 = 1.3;
const MOST_OF_A_TOKEN: f64 = 1.5;
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The shortest that one of many runs takes: what it costs where nobody else is at work.
fn shortest(mut work: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for _ in 0..TIMES {
            work();
        }
        best = best.min(began.elapsed() / TIMES);
    }
    best
}

/// A token request, as far as it costs anything: read, and decided on these facts.
struct Asking<'a> {
    instance: &'a Instance,
    facts: Loaded,
    form: Vec<(&'static str, String)>,
    proof: Option<String>,
}

impl Asking<'_> {
    fn ask(&self) -> TokenReply {
        let pairs = self.form.iter().map(|(name, value)| (*name, value.as_str()));
        let mut request = TokenRequest::parse(None, Params::from_pairs(pairs)).unwrap();
        if let Some(proof) = &self.proof {
            let sender = Sender::of("POST", "/oauth/token", &[proof.as_bytes()], None);
            request.credentials_mut().seen(sender);
        }
        let decision = request.decide(&self.facts, &self.instance.engine.ctx());
        decision.reply.unwrap()
    }
}

async fn facts(instance: &Instance, app: &TestApp) -> Loaded {
    let id = ClientId::parse(&app.id).unwrap();
    let mut loaded = instance.engine.store().load(&[Load::Client(id)]).await.unwrap();
    loaded.apis = instance.engine.apis().await.unwrap();
    loaded
}

/// The bare check of an ES256 token by a key whose public half is `public`.
fn check(public: &Value, token: &str) -> Duration {
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let half = |name: &str| decode(public[name].as_str().unwrap());
    let point = [vec![4], half("x"), half("y")].concat();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = decode(signature);
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    shortest(|| key.verify(black_box(input.as_bytes()), &signature).unwrap())
}

/// The bare signature of as many bytes as a token has.
fn sign(algorithm: SigningAlgorithm, input: &[u8]) -> Duration {
    let random = SystemRandom::new();
    let rsa = |encoding: &'static dyn RsaEncoding| {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let mut signature = vec![0; key.public_modulus_len()];
        shortest(|| {
            key.sign(encoding, &random, black_box(input), &mut signature)
                .unwrap();
        })
    };
    match algorithm {
        SigningAlgorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
        SigningAlgorithm::Ps256 => rsa(&RSA_PSS_SHA256),
        SigningAlgorithm::Es256 => {
            let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
            shortest(|| {
                black_box(key.sign(&random, black_box(input)).unwrap());
            })
        }
        SigningAlgorithm::EdDsa => {
            let key = Ed25519KeyPair::generate().unwrap();
            shortest(|| {
                black_box(key.try_sign(black_box(input)).unwrap());
            })
        }
    }
}

/// Tells of a cost; whether it is within its bound.
fn told(what: &str, bare: Duration, whole: Duration, most: f64) -> bool {
    let ratio = whole.as_secs_f64() / bare.as_secs_f64();
    println!("{what:>28}: {whole:>8.1?}  bare {bare:>8.1?}  {ratio:.2} x (at most {most})");
    ratio <= most
}

#[tokio::main]
async fn main() {
    let instance = Instance::new().await;
    let dev = instance.person("dev", &[PlatformRole::Developer]).await;
    let key = ClientKey::new("k1");
    let by_secret = json!({
        "grant_types": ["client_credentials"], "redirect_uris": [], "scope": "plain rs256 ps256 es256 eddsa",
    });
    let mut by_key = by_secret.clone();
    by_key["token_endpoint_auth_method"] = "private_key_jwt".into();
    by_key["jwks"] = json!({"keys": [key.public()]});
    for name in ["plain", "RS256", "PS256", "ES256", "EdDSA"] {
        api(&instance, dev, name).await;
    }
    let secret = instance.app(dev, by_secret).await;
    let keyed = instance.app(dev, by_key).await;
    let own = |scope: &str| {
        vec![
            ("grant_type", "client_credentials".to_owned()),
            ("scope", scope.to_owned()),
            ("client_id", secret.id.clone()),
            ("client_secret", secret.secret.clone()),
        ]
    };
    let plain = Asking {
        instance: &instance,
        facts: facts(&instance, &secret).await,
        form: own("plain"),
        proof: None,
    };
    let base = shortest(|| drop(black_box(plain.ask())));
    println!("{:>28}: {base:>8.1?}", "a token request's decision");

    let now = instance.engine.now();
    let mut public = key.public();
    let claims = json!({
        "iss": keyed.id, "sub": keyed.id, "aud": ISSUER, "jti": "0b7c9a2e5d1f4e38", "iat": now, "exp": now.plus(60),
    });
    let assertion = key.sign(&json!({}), &claims);
    let alone = check(&public, &assertion);
    let with_assertion = Asking {
        facts: facts(&instance, &keyed).await,
        form: vec![
            ("grant_type", "client_credentials".to_owned()),
            ("scope", "plain".to_owned()),
            ("client_assertion_type", ASSERTION.to_owned()),
            ("client_assertion", assertion),
        ],
        ..plain_of(&plain)
    };
    let whole = shortest(|| drop(black_box(with_assertion.ask())));
    let mut good = told(
        "a client assertion",
        alone,
        whole.saturating_sub(base),
        MOST_OF_A_PROOF,
    );

    public.as_object_mut().unwrap().remove("kid");
    let claims = json!({
        "htm": "POST", "htu": format!("{ISSUER}/oauth/token"), "iat": now, "jti": "0b7c9a2e5d1f4e38",
    });
    let proof = key.sign(&json!({"typ": "dpop+jwt", "jwk": public}), &claims);
    let alone = check(&public, &proof);
    let with_proof = Asking {
        proof: Some(proof),
        form: plain.form.clone(),
        ..plain_of(&plain)
    };
    let whole = shortest(|| drop(black_box(with_proof.ask())));
    good &= told("a DPoP proof", alone, whole.saturating_sub(base), MOST_OF_A_PROOF);

    good &= tokens(&plain, &own, base);
    assert!(good, "something costs more than it may");
}

/// What JWT access tokens cost beside their signatures; whether each is within its bound.
fn tokens(plain: &Asking<'_>, own: &impl Fn(&str) -> Vec<(&'static str, String)>, base: Duration) -> bool {
    let mut good = true;
    let mut minted = Minted::default();
    minted.add_secret(Fresh::AccessToken, Secret::new("Zq81sVYwR3xT7bNf0KcJ5dLhPgA2mE"));
    for algorithm in SigningAlgorithm::ALL {
        let name = algorithm.as_str();
        let asking = Asking {
            form: own(&name.to_lowercase()),
            ..plain_of(plain)
        };
        let issue = || {
            let reply = asking.ask();
            let jwt = reply.access_jwt.unwrap();
            plain.instance.engine.sign(&jwt, &minted).unwrap()
        };
        let token = issue();
        let (input, _) = token.rsplit_once('.').unwrap();
        let alone = sign(algorithm, input.as_bytes());
        let whole = shortest(|| drop(black_box(issue())));
        let what = format!("a JWT access token, {name}");
        good &= told(&what, alone, whole.saturating_sub(base), MOST_OF_A_TOKEN);
    }
    good
}

/// The same request's surroundings, for another form or proof.
fn plain_of<'a>(plain: &Asking<'a>) -> Asking<'a> {
    Asking {
        instance: plain.instance,
        facts: plain.facts.clone(),
        form: Vec::new(),
        proof: None,
    }
}

/// An API whose tokens are opaque (`plain`), or JWTs of this algorithm.
async fn api(instance: &Instance, owner: PersonId, name: &str) {
    let is_plain = name == "plain";
    let draft = ResourceDraft {
        uri: format!("https://{}.example/", name.to_lowercase()),
        name: name.to_owned(),
        description: name.to_owned(),
        scopes: format!("{} Everything", name.to_lowercase()),
        format: if is_plain { "opaque" } else { "jwt" }.to_owned(),
        signing_alg: if is_plain { "RS256" } else { name }.to_owned(),
        open: true,
        ..ResourceDraft::default()
    };
    let added = instance.engine.add_api(&draft, owner, ApiEditor::Operator).await;
    added.unwrap().unwrap();
}
