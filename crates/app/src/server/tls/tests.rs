use super::*;
use crate::http::Peers;
use crate::server::{address_of, bind, serve_as};
use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};

/// A certificate for localhost, signed by itself, and its key; PEM.
fn pair() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// A folder with the two files in it.
struct Files {
    folder: TempDir,
    certificate: String,
}

impl Files {
    fn new() -> Self {
        let (certificate, key) = pair();
        let mut files = Self {
            folder: tempfile::tempdir().unwrap(),
            certificate: String::new(),
        };
        files.write(&certificate, &key);
        files
    }

    fn write(&mut self, certificate: &str, key: &str) {
        certificate.clone_into(&mut self.certificate);
        std::fs::write(self.path("c.pem"), certificate).unwrap();
        std::fs::write(self.path("k.pem"), key).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self) -> config::Tls {
        config::Tls {
            certificate: Some(self.path("c.pem")),
            key: Some(self.path("k.pem")),
            client_certificates: true,
            ..config::Tls::default()
        }
    }

    fn load(&self) -> Result<Tls, String> {
        load(&self.config())
    }
}

fn load(config: &config::Tls) -> Result<Tls, String> {
    let authorities = Authorities::load(config).map_err(|failure| failure.to_string())?;
    let tls = Tls::load(config, Arc::new(authorities)).map_err(|failure| failure.to_string())?;
    Ok(tls.unwrap())
}

/// A server that says which certificate it was shown.
async fn started(speaker: Speaker) -> (SocketAddr, watch::Sender<bool>) {
    let who = get(|mut request: Request| async move {
        let mut extensions = std::mem::take(request.extensions_mut());
        Peers::default().tell(request.headers(), &mut extensions);
        match extensions.get::<ClientCertificate>() {
            Some(shown) => format!("{} bytes, verified {}", shown.der().len(), shown.verified()),
            None => "nobody".to_owned(),
        }
    });
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = address_of(&listener).unwrap();
    let (tell, told) = watch::channel(false);
    let router = Router::new().route("/who", who);
    tokio::spawn(serve_as(listener, Some(speaker), router, told));
    (address, tell)
}

type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

struct Caller<'a> {
    trusts: &'a str,
    versions: &'a [&'static SupportedProtocolVersion],
    shows: Option<Shown>,
}

impl<'a> Caller<'a> {
    fn new(files: &'a Files) -> Self {
        Self {
            trusts: &files.certificate,
            versions: BOTH,
            shows: None,
        }
    }

    async fn call(self, address: SocketAddr) -> std::io::Result<TlsStream<TcpStream>> {
        use tokio_rustls::rustls::pki_types::pem::PemObject;
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.trusts.as_bytes()).unwrap())
            .unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match self.shows {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }
}

async fn who(stream: &mut TlsStream<TcpStream>) -> String {
    let request = "GET /who HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = vec![0; 4_096];
    let read = stream.read(&mut text).await.unwrap();
    let text = String::from_utf8_lossy(&text[..read]).into_owned();
    text.split("\r\n\r\n").nth(1).unwrap_or(&text).to_owned()
}

#[test]
fn the_suites_are_those_of_rfc_9325() {
    let suites: Vec<String> = provider()
        .cipher_suites
        .iter()
        .map(|suite| format!("{:?}", suite.suite()))
        .collect();
    assert_eq!(suites.len(), 7, "{suites:?}");
    for suite in &suites {
        let modern = suite.starts_with("TLS13_");
        let ephemeral = suite.starts_with("TLS_ECDHE_") && suite.contains("_GCM_");
        assert!(modern || ephemeral, "{suite}");
    }
}

#[tokio::test]
async fn both_versions_are_spoken_and_the_newer_is_preferred() {
    let files = Files::new();
    let (address, _tell) = started(files.load().unwrap().speaker(false)).await;
    for (versions, spoken) in [
        (&[&TLS13, &TLS12][..], ProtocolVersion::TLSv1_3),
        (&[&TLS12][..], ProtocolVersion::TLSv1_2),
    ] {
        let caller = Caller {
            versions,
            ..Caller::new(&files)
        };
        let mut stream = caller.call(address).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(spoken));
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        assert_eq!(who(&mut stream).await, "nobody");
    }
}

#[tokio::test]
async fn plain_http_is_not_answered() {
    let files = Files::new();
    let (address, _tell) = started(files.load().unwrap().speaker(false)).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /who HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text).await;
    assert!(!text.starts_with(b"HTTP/"), "{text:?}");
}

fn self_signed() -> Shown {
    let made = rcgen::generate_simple_self_signed(vec!["app.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    (vec![made.cert.der().clone()], key)
}

#[tokio::test]
async fn a_certificate_is_asked_for_and_need_not_be_shown() {
    let files = Files::new();
    let tls = files.load().unwrap();
    let (asking, _tell) = started(tls.speaker(true)).await;
    let mut stream = Caller::new(&files).call(asking).await.unwrap();
    assert_eq!(who(&mut stream).await, "nobody");
    for versions in [&[&TLS13][..], &[&TLS12][..]] {
        let shows = self_signed();
        let bytes = shows.0[0].len();
        let caller = Caller {
            versions,
            shows: Some(shows),
            ..Caller::new(&files)
        };
        let mut stream = caller.call(asking).await.unwrap();
        assert_eq!(who(&mut stream).await, format!("{bytes} bytes, verified false"));
    }
    let (silent, _tell) = started(tls.speaker(false)).await;
    let caller = Caller {
        shows: Some(self_signed()),
        ..Caller::new(&files)
    };
    let mut stream = caller.call(silent).await.unwrap();
    assert_eq!(who(&mut stream).await, "nobody");
}

#[tokio::test]
async fn a_certificate_without_its_key_is_refused() {
    let files = Files::new();
    let (asking, _tell) = started(files.load().unwrap().speaker(true)).await;
    for versions in [&[&TLS13][..], &[&TLS12][..]] {
        let (chain, _) = self_signed();
        let (_, other) = self_signed();
        let key = aws_lc_rs::sign::any_supported_type(&other).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots(&files.certificate))
            .with_client_cert_resolver(Arc::new(Thief(Arc::new(CertifiedKey::new(chain, key)))));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let stream = TcpStream::connect(asking).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let said = async {
            let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
            stream
                .write_all(b"GET /who HTTP/1.1\r\nhost: localhost\r\n\r\n")
                .await?;
            let mut some = [0; 8];
            stream.read_exact(&mut some).await
        };
        assert!(said.await.is_err());
    }
}

/// Shows a certificate of which it has not the key.
#[derive(Debug)]
struct Thief(Arc<CertifiedKey>);

impl tokio_rustls::rustls::client::ResolvesClientCert for Thief {
    fn resolve(
        &self,
        _hints: &[&[u8]],
        _schemes: &[tokio_rustls::rustls::SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

fn roots(pem: &str) -> RootCertStore {
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
        .unwrap();
    roots
}

/// An authority, and a certificate for a client from it.
fn issued() -> (String, Shown) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["app.example".to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = params.signed_by(&own, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(own.serialize_der()).unwrap();
    (authority, (vec![certificate.der().clone()], key))
}

#[tokio::test]
async fn an_authority_s_word_counts_where_it_is_configured() {
    let files = Files::new();
    let (authority, shows) = issued();
    std::fs::write(files.path("a.pem"), authority).unwrap();
    let mut config = files.config();
    config.client_ca_file = Some(files.path("a.pem"));
    let (asking, _tell) = started(load(&config).unwrap().speaker(true)).await;
    for (shows, verified) in [(shows, true), (self_signed(), false), (issued().1, false)] {
        let caller = Caller {
            shows: Some(shows),
            ..Caller::new(&files)
        };
        let mut stream = caller.call(asking).await.unwrap();
        let said = who(&mut stream).await;
        assert!(said.ends_with(&format!("verified {verified}")), "{said}");
    }
}

#[tokio::test]
async fn new_files_are_taken_and_broken_ones_are_not() {
    let mut files = Files::new();
    let tls = files.load().unwrap();
    let (address, _tell) = started(tls.speaker(false)).await;
    let old = files.certificate.clone();
    let mut standing = Caller::new(&files).call(address).await.unwrap();

    std::fs::write(files.path("k.pem"), pair().1).unwrap();
    let told = tls.reload().unwrap_err().to_string();
    assert!(told.contains("is not the one of the certificate"), "{told}");
    Caller::new(&files).call(address).await.unwrap();

    let (certificate, key) = pair();
    files.write(&certificate, &key);
    tls.reload().unwrap();
    Caller::new(&files).call(address).await.unwrap();
    let trusts_old = Caller {
        trusts: &old,
        ..Caller::new(&files)
    };
    trusts_old.call(address).await.unwrap_err();
    assert_eq!(who(&mut standing).await, "nobody", "an older connection goes on");
}

#[tokio::test]
async fn changed_files_are_noticed() {
    let mut files = Files::new();
    let tls = Arc::new(files.load().unwrap());
    let (address, _tell) = started(tls.speaker(false)).await;
    let hangup = crate::server::hangup_signal().unwrap();
    tokio::time::pause();
    let watching = tls.clone();
    tokio::spawn(async move { watching.keep_fresh(hangup, "https://localhost").await });
    let (certificate, key) = pair();
    files.write(&certificate, &key);
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    tokio::time::resume();
    Caller::new(&files).call(address).await.unwrap();
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_what_to_do() {
    let mut files = Files::new();
    let (certificate, key) = pair();
    let told = |config: &config::Tls| load(config).unwrap_err();
    let with = |change: fn(&mut config::Tls, &Path)| {
        let mut config = files.config();
        change(&mut config, files.folder.path());
        told(&config)
    };
    let gone = with(|config, folder| config.key = Some(folder.join("no")));
    assert!(
        gone.contains("tls.key") && gone.contains("cannot be opened"),
        "{gone}"
    );
    let swapped = with(|config, folder| config.certificate = Some(folder.join("k.pem")));
    assert!(
        swapped.contains("tls.certificate") && swapped.contains("BEGIN CERTIFICATE"),
        "{swapped}"
    );
    let swapped = with(|config, folder| config.key = Some(folder.join("c.pem")));
    assert!(
        swapped.contains("tls.key") && swapped.contains("BEGIN PRIVATE KEY"),
        "{swapped}"
    );
    let alone = with(|config, _| config.key = None);
    assert!(alone.contains("go together"), "{alone}");
    let no_authority = with(|config, folder| config.client_ca_file = Some(folder.join("k.pem")));
    assert!(no_authority.contains("tls.client_ca_file"), "{no_authority}");

    files.write(&certificate, &pair().1);
    assert!(files.load().unwrap_err().contains("issued together"));
    files.write(
        &certificate,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    assert!(files.load().unwrap_err().contains("passphrase"));
    files.write(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        &key,
    );
    assert!(files.load().unwrap_err().contains("cannot be understood"));
}

#[test]
fn an_operator_is_warned() {
    use std::os::unix::fs::PermissionsExt;
    let mut files = Files::new();
    let mode = |files: &Files, mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(files.path("k.pem"), permissions).unwrap();
    };
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2026, 3, 1);
    files.write(&params.self_signed(&key).unwrap().pem(), &key.serialize_pem());
    let warnings = |files: &Files, issuer, day: i64| {
        // 2026-01-01, and so many days after.
        let now = Timestamp::from_seconds(1_767_225_600 + day * 86_400);
        files.load().unwrap().warnings(issuer, now).join("; ")
    };
    mode(&files, 0o640);
    assert_eq!(warnings(&files, "https://localhost:8443", 10), "");
    assert!(warnings(&files, "https://localhost", -1).contains("not valid yet"));
    assert!(warnings(&files, "https://localhost", 50).contains("expires in 9 days"));
    assert!(warnings(&files, "https://localhost", 60).contains("has expired"));
    assert!(warnings(&files, "https://other.example", 10).contains("not for the issuer's name"));
    mode(&files, 0o644);
    assert!(warnings(&files, "https://localhost", 10).contains("chmod 600"));
}
