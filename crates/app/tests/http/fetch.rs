//! What is fetched from clients, by an engine as it serves.

use omniport_engine::apps::LogoError;
use omniport_engine::fetch::{FetchError, ImageError, JwksError};
use omniport_testkit::Instance;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// One red pixel.
const PNG: [u8; 70] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00,
    0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf, 0x50, 0x0f, 0x00, 0x03,
    0x86, 0x01, 0x80, 0x5a, 0x34, 0x7d, 0x6b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42,
    0x60, 0x82,
];

/// A host that answers everything with `body`, and its `address:port`.
async fn host(body: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4_096];
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
        }
    });
    address
}

#[tokio::test]
async fn a_logo_by_url_becomes_a_png_of_our_own() {
    let host = host(&PNG).await;
    let instance = Instance::with_hosts(&[&host]).await;
    let url = format!("http://{host}/logo.png");
    let logo = instance.engine.fetch_image(&url).await.unwrap().unwrap();
    assert!(logo.png.starts_with(b"\x89PNG") && logo.digest.len() == 64);
}

#[tokio::test]
async fn a_clients_keys_are_read_from_its_uri() {
    let host = host(
        br#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "one",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}, {"kty": "new"}]}"#,
    )
    .await;
    let instance = Instance::with_hosts(&[&host]).await;
    let url = format!("http://{host}/jwks");
    for kid in [None, Some("one"), Some("two")] {
        let keys = instance.engine.client_keys(&url, kid).await.unwrap();
        assert_eq!(keys.keys.len(), 1);
        assert_eq!(keys.keys[0].kid(), Some("one"));
    }
}

#[tokio::test]
async fn keys_that_are_none_are_told() {
    let host = host(br#"{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}"#).await;
    let instance = Instance::with_hosts(&[&host]).await;
    let told = instance
        .engine
        .client_keys(&format!("http://{host}/"), None)
        .await;
    assert!(matches!(told, Err(JwksError::Parse(_))), "{told:?}");
}

#[tokio::test]
async fn a_logo_by_url_that_is_none_is_told() {
    let host = host(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>").await;
    let url = format!("http://{host}/logo.svg");
    let trusting = Instance::with_hosts(&[&host]).await;
    let told = trusting.engine.fetch_image(&url).await.unwrap();
    assert_eq!(told, Err(ImageError::Logo(LogoError::NotAPicture)));
    let strict = Instance::new().await;
    let told = strict.engine.fetch_image(&url).await.unwrap();
    assert_eq!(told, Err(ImageError::Fetch(FetchError::NotHttps)));
}
