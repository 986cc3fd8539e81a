//! Where a URL may lead.

use crate::fetch::testing::{Names, PUBLIC, Site, Tester, at_once, document};
use crate::fetch::{Asking, FetchError, FetchSettings, Fetcher, Post};
use omniport_protocol::vocabulary::Secret;
use tokio::io::AsyncWriteExt;

const JSON: &str = "application/json";

#[tokio::test]
async fn a_public_https_host_is_fetched() {
    let site = Site::secure(|_| document("application/json; charset=utf-8", "{\"keys\": []}")).await;
    let names = Names::new("app.example", &[&["127.0.0.2"]]);
    let fetcher = Tester::default().fetcher(&names);
    let answer = fetcher.get(&site.named("app.example"), JSON).await.unwrap();
    assert_eq!(answer.text().unwrap(), "{\"keys\": []}");
    assert_eq!(answer.content_type.unwrap(), "application/json; charset=utf-8");
    let head = site.seen().remove(0);
    let expected = [
        "GET /doc HTTP/1.1\r\n".to_owned(),
        format!("host: app.example:{}\r\n", site.address.port()),
        "accept: application/json\r\n".to_owned(),
        "accept-encoding: identity\r\n".to_owned(),
        "user-agent: Omniport/".to_owned(),
    ];
    for line in expected {
        assert!(head.contains(&line), "{line} in {head}");
    }
}

#[tokio::test]
async fn a_certificate_must_be_the_hosts_and_of_a_trusted_authority() {
    let site = Site::secure(|_| document(JSON, "{}")).await;
    let other = Names::new("other.example", &[&["127.0.0.2"]]);
    let told = Tester::default()
        .fetcher(&other)
        .get(&site.named("other.example"), JSON)
        .await
        .unwrap_err();
    assert_eq!(told, FetchError::Tls("the certificate is not for this host"));

    let app = Names::new("app.example", &[&["127.0.0.2"]]);
    let fetcher = Tester::default().without_the_test_authority().fetcher(&app);
    let told = fetcher.get(&site.named("app.example"), JSON).await.unwrap_err();
    assert!(told.to_string().contains("authority"), "{told}");
    assert!(site.seen().is_empty(), "nothing was sent to either");
}

/// The file of authorities may hold a host's own certificate: it is that host's, under its name, and nobody else's.
#[tokio::test]
async fn a_certificate_that_the_operator_vouches_for_is_taken_for_itself() {
    let site = Site::self_signed(|_| document(JSON, "{}")).await;
    let app = Names::new("app.example", &[&["127.0.0.2"]]);
    let vouching = || Tester::default().vouching_for("self_signed.pem");
    let answer = vouching()
        .fetcher(&app)
        .get(&site.named("app.example"), JSON)
        .await
        .unwrap();
    assert_eq!(answer.text().unwrap(), "{}");
    let other = Names::new("other.example", &[&["127.0.0.2"]]);
    let told = vouching()
        .fetcher(&other)
        .get(&site.named("other.example"), JSON)
        .await
        .unwrap_err();
    assert_eq!(told, FetchError::Tls("the certificate is not for this host"));
    let told = Tester::default()
        .fetcher(&app)
        .get(&site.named("app.example"), JSON)
        .await
        .unwrap_err();
    assert!(matches!(told, FetchError::Tls(_)), "{told:?}");
    let signed = Site::secure(|_| document(JSON, "{}")).await;
    let told = vouching()
        .fetcher(&app)
        .get(&signed.named("app.example"), JSON)
        .await
        .unwrap_err();
    assert!(told.to_string().contains("authority"), "{told}");
}

#[tokio::test]
async fn a_host_without_tls_is_told() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"220 mail.example ESMTP\r\n").await.unwrap();
    });
    let fetcher = Tester::default().allow(&address).fetcher(&Names::default());
    let told = fetcher
        .get(&format!("https://{address}/"), JSON)
        .await
        .unwrap_err();
    assert!(matches!(told, FetchError::Tls(_)), "{told:?}");
    server.await.unwrap();
}

#[tokio::test]
async fn http_and_private_addresses_are_for_the_operators_hosts_only() {
    let site = Site::plain(|_| document(JSON, "{}")).await;
    let names = Names::default();
    assert!(site.fetcher().get(&site.url(), JSON).await.is_ok());
    let strict = Tester::default().fetcher(&names);
    assert_eq!(strict.get(&site.url(), JSON).await, Err(FetchError::NotHttps));
    // Another port of an allowed host is another host.
    let elsewhere = Tester::default().allow("127.0.0.1:1").fetcher(&names);
    assert_eq!(elsewhere.get(&site.url(), JSON).await, Err(FetchError::NotHttps));
    let secure = site.url().replace("http:", "https:");
    assert_eq!(elsewhere.get(&secure, JSON).await, Err(FetchError::NotPublic));
    assert_eq!(site.seen().len(), 1);
}

#[tokio::test]
async fn what_the_operator_denies_is_not_fetched_although_it_is_public() {
    let site = Site::secure(|_| document(JSON, "{}")).await;
    let names = Names::new("app.example", &[&["127.0.0.2"]]);
    let url = site.named("app.example");
    assert!(Tester::default().fetcher(&names).get(&url, JSON).await.is_ok());
    let denied = Tester::default().deny("127.0.0.0", 30).fetcher(&names);
    assert_eq!(denied.get(&url, JSON).await, Err(FetchError::NotPublic));
    assert!(denied.leads_inside(&url).await);
    assert!(
        !denied.is_written_inside(&url),
        "what a name leads to is not said by the URL"
    );
    for inside in [
        "https://127.0.0.2/",
        "https://[::ffff:127.0.0.2]/",
        "https://intranet/",
        "http://app.example/",
    ] {
        assert!(denied.is_written_inside(inside), "{inside}");
    }
    let elsewhere = Tester::default().deny("127.0.0.4", 30).fetcher(&names);
    assert!(elsewhere.get(&url, JSON).await.is_ok());
}

#[tokio::test]
async fn ports_of_no_site_and_names_without_a_dot_are_not_fetched() {
    let fetcher = Tester::default().fetcher(&Names::new("app.example", &[&["127.0.0.2"]]));
    for port in [22, 25, 80, 389, 636, 993, 1_023, 5_432, 6_379, 27_017] {
        let told = fetcher.get(&format!("https://app.example:{port}/"), JSON).await;
        assert_eq!(told, Err(FetchError::Port), "{port}");
    }
    for inner in ["https://intranet/", "https://app:8443/"] {
        assert_eq!(
            fetcher.get(inner, JSON).await,
            Err(FetchError::NotPublic),
            "{inner}"
        );
    }
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused() {
    let fetcher = Fetcher::new(&FetchSettings::default()).unwrap();
    for url in [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:7f00:1::]/",
    ] {
        let told = fetcher.get(url, JSON).await;
        assert_eq!(told, Err(FetchError::NotPublic), "{url}");
    }
    let localhost = fetcher.get("https://localhost/", JSON).await;
    assert!(
        matches!(localhost, Err(FetchError::NotPublic | FetchError::Unresolved)),
        "{localhost:?}"
    );
}

#[tokio::test]
async fn one_private_address_among_public_ones_is_enough_to_refuse() {
    for answer in [
        &["10.0.0.1"][..],
        &["127.0.0.2", "10.0.0.1"],
        &["127.0.0.2", "::1"],
        &["127.0.0.2", "::ffff:192.168.0.1"],
    ] {
        let site = Site::secure(|_| document(JSON, "{}")).await;
        let fetcher = Tester::default().fetcher(&Names::new("app.example", &[answer]));
        let told = fetcher.get(&site.named("app.example"), JSON).await;
        assert_eq!(told, Err(FetchError::NotPublic), "{answer:?}");
        assert!(site.seen().is_empty());
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_leads_nowhere_else() {
    let site = Site::secure(|_| document(JSON, "{}")).await;
    assert_eq!(site.address.ip(), PUBLIC);
    // First a public address, for the check; then loopback, for a connection that would ask again.
    let names = Names::new("app.example", &[&["127.0.0.2"], &["127.0.0.1"]]);
    let fetcher = Tester::default().fetcher(&names);
    assert!(fetcher.get(&site.named("app.example"), JSON).await.is_ok());
    assert_eq!((names.asked(), site.seen().len()), (1, 1));
    let again = fetcher.get(&site.named("app.example"), JSON).await;
    assert_eq!(again, Err(FetchError::NotPublic));
    assert_eq!((names.asked(), site.seen().len()), (2, 1));
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_told() {
    let fetcher = Tester::default().fetcher(&Names::new("empty.example", &[&[]]));
    for url in ["https://nowhere.example/", "https://empty.example/"] {
        assert_eq!(fetcher.get(url, JSON).await, Err(FetchError::Unresolved), "{url}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let inner = Site::plain(|_| document(JSON, "{}")).await;
    for status in [300_u16, 301, 302, 303, 304, 307, 308] {
        let to = inner.url();
        let site = Site::plain(move |_| {
            at_once(format!(
                "HTTP/1.1 {status} Elsewhere\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"
            ))
        })
        .await;
        let both = Tester::default()
            .allow(&site.address.to_string())
            .allow(&inner.address.to_string());
        let fetcher = both.fetcher(&Names::default());
        assert_eq!(
            fetcher.get(&site.url(), JSON).await,
            Err(FetchError::Redirect(status))
        );
        let posted = Asking::from(&fetcher)
            .post(&site.url(), &Post::form(&[("a", "b")]))
            .await;
        assert_eq!(posted, Err(FetchError::Redirect(status)));
    }
    assert!(inner.seen().is_empty());
}

#[tokio::test]
async fn a_form_is_posted_and_the_status_comes_back() {
    let site = Site::plain(|_| at_once("HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\nno")).await;
    let fetcher = site.fetcher();
    let form = Post::form(&[("logout_token", "a.b&c=d"), ("x", "\u{e9} +")]);
    let posted = Asking::from(&fetcher).post(&site.url(), &form).await.unwrap();
    assert_eq!((posted.status, &posted.body[..]), (400, &b"no"[..]));
    let json = Post::document("application/json", "{}".to_owned()).bearer(Secret::new("t0ken"));
    Asking::from(&fetcher).post(&site.url(), &json).await.unwrap();
    let seen = site.seen();
    assert!(
        seen[0].starts_with("POST /doc HTTP/1.1\r\n")
            && seen[0].contains("content-type: application/x-www-form-urlencoded\r\n")
            && seen[0].ends_with("\r\n\r\nlogout_token=a.b%26c%3Dd&x=%C3%A9+%2B"),
        "{}",
        seen[0]
    );
    assert!(
        seen[1].contains("authorization: Bearer t0ken\r\n") && seen[1].ends_with("\r\n\r\n{}"),
        "{}",
        seen[1]
    );
    // A secret that would break out of its header is not sent.
    let evil = Post::form(&[]).bearer(Secret::new("a\r\nx: y"));
    assert!(Asking::from(&fetcher).post(&site.url(), &evil).await.is_err());
    assert_eq!(site.seen().len(), 2);
}

#[tokio::test]
async fn nothing_of_the_network_inside_is_told() {
    let closed = {
        let site = Site::plain(|_| Vec::new()).await;
        site.address.to_string()
    };
    let fetcher = Tester::default()
        .allow(&closed)
        .fetcher(&Names::new("intra.example", &[&["10.7.7.7"]]));
    for url in [
        format!("http://{closed}/"),
        "https://intra.example/".to_owned(),
        "https://10.7.7.7/".to_owned(),
    ] {
        let told = fetcher.get(&url, JSON).await.unwrap_err().to_string();
        assert!(!told.contains("10.7") && !told.contains("127."), "{told}");
    }
}

#[test]
fn extra_authorities_that_cannot_be_used_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    let spoilt = folder.path().join("spoilt.pem");
    std::fs::write(
        &spoilt,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    for path in [empty, spoilt, folder.path().join("gone.pem")] {
        let settings = FetchSettings {
            extra_ca_file: Some(path.clone()),
            ..FetchSettings::default()
        };
        let told = Fetcher::new(&settings).err().unwrap().to_string();
        assert!(
            told.contains("fetch.extra_ca_file") && told.contains(&path.display().to_string()),
            "{told}"
        );
    }
}
