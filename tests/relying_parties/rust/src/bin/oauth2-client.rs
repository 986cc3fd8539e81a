//! The `oauth2` crate, unmodified from crates.io: a person in a browser, a device without one, and the app for itself.

use oauth2::basic::BasicClient;
use oauth2::reqwest::{Certificate, blocking::Client, redirect::Policy};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, DeviceAuthorizationUrl, PkceCodeChallenge,
    RedirectUrl, RefreshToken, Scope, StandardDeviceAuthorizationResponse, TokenResponse as _, TokenUrl,
};
use serde_json::{Value, json};
use std::error::Error;
use std::{env, fs, io, thread};

/// Says where the person must go, and hears where they ended.
fn person(url: &str) -> Result<String, Box<dyn Error>> {
    println!("{}", json!({"url": url}));
    let mut ended = String::new();
    io::stdin().read_line(&mut ended)?;
    Ok(ended.trim().to_owned())
}

fn main() -> Result<(), Box<dyn Error>> {
    let app: Value = serde_json::from_str(&env::var("APP")?)?;
    let text = |name: &str| app[name].as_str().unwrap_or_default().to_owned();
    let issuer = env::var("ISSUER")?;
    let http = Client::builder()
        .redirect(Policy::none())
        .add_root_certificate(Certificate::from_pem(&fs::read(env::var("CA")?)?)?)
        .build()?;
    let client = BasicClient::new(ClientId::new(text("client_id")))
        .set_client_secret(ClientSecret::new(text("client_secret")))
        .set_auth_uri(AuthUrl::new(format!("{issuer}/oauth/authorize"))?)
        .set_token_uri(TokenUrl::new(format!("{issuer}/oauth/token"))?)
        .set_device_authorization_url(DeviceAuthorizationUrl::new(format!("{issuer}/oauth/device_authorization"))?)
        .set_redirect_uri(RedirectUrl::new("https://rp.example/callback".to_owned())?);

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scope(Scope::new("person.full_name".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let back = oauth2::url::Url::parse(&person(url.as_str())?)?;
    let given = |name: &str| back.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned());
    assert_eq!(given("state").as_ref(), Some(state.secret()));
    let tokens = client
        .exchange_code(AuthorizationCode::new(given("code").ok_or("no code")?))
        .set_pkce_verifier(verifier)
        .request(&http)?;
    let refresh = tokens.refresh_token().ok_or("no refresh token")?.secret().clone();
    let again = client.exchange_refresh_token(&RefreshToken::new(refresh)).request(&http)?;
    println!("{}", json!({"code": again.access_token().secret().len()}));

    let own = client.exchange_client_credentials().request(&http)?;
    println!("{}", json!({"own": own.access_token().secret().len()}));

    let device: StandardDeviceAuthorizationResponse = client
        .exchange_device_code()
        .add_scope(Scope::new("person.full_name".to_owned()))
        .request(&http)?;
    let complete = device.verification_uri_complete().ok_or("no complete URI")?;
    person(complete.secret())?;
    let tokens = client.exchange_device_access_token(&device).request(&http, thread::sleep, None)?;
    println!("{}", json!({"device": tokens.access_token().secret().len()}));
    Ok(())
}
