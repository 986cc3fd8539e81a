//! The `openidconnect` crate, unmodified from crates.io: says where the person must go, hears where they came back to.

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::reqwest::{Certificate, blocking::Client, redirect::Policy};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _,
};
use serde_json::{Value, json};
use std::error::Error;
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn Error>> {
    let app: Value = serde_json::from_str(&env::var("APP")?)?;
    let text = |name: &str| app[name].as_str().unwrap_or_default().to_owned();
    let http = Client::builder()
        .redirect(Policy::none())
        .add_root_certificate(Certificate::from_pem(&fs::read(env::var("CA")?)?)?)
        .build()?;
    let provider = CoreProviderMetadata::discover(&IssuerUrl::new(env::var("ISSUER")?)?, &http)?;
    let client = CoreClient::from_provider_metadata(
        provider,
        ClientId::new(text("client_id")),
        Some(ClientSecret::new(text("client_secret"))),
    )
    .set_redirect_uri(RedirectUrl::new("https://rp.example/callback".to_owned())?);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    println!("{}", json!({"url": url.as_str()}));
    let mut back = String::new();
    io::stdin().read_line(&mut back)?;
    let back = openidconnect::url::Url::parse(back.trim())?;
    let given = |name: &str| back.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned());
    assert_eq!(given("state").as_ref(), Some(state.secret()));
    let code = given("code").ok_or("no code")?;
    let tokens = client
        .exchange_code(AuthorizationCode::new(code))?
        .set_pkce_verifier(verifier)
        .request(&http)?;
    let id_token = tokens.id_token().ok_or("no ID token")?;
    let claims = id_token.claims(&client.id_token_verifier(), &nonce)?;
    let userinfo: CoreUserInfoClaims = client
        .user_info(tokens.access_token().to_owned(), Some(claims.subject().to_owned()))?
        .request(&http)?;
    let name = userinfo.name().and_then(|name| name.get(None)).ok_or("no name")?;
    println!("{}", json!({"name": name.as_str()}));
    Ok(())
}
