//! The built binary over TLS: what it refuses to start with, and whom it asks for a certificate.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod binary;

use std::io::{BufRead, BufReader, Lines};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SignatureScheme};

/// A folder with a certificate for localhost, and its key.
struct Place {
    folder: TempDir,
    certificate: rcgen::Certificate,
}

impl Place {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
            certificate: made.cert,
        };
        std::fs::write(place.path("c.pem"), place.certificate.pem()).unwrap();
        std::fs::write(place.path("k.pem"), made.signing_key.serialize_pem()).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = binary::omniport(self.folder.path(), args);
        command
            .env("OMNIPORT_TLS_CERTIFICATE", "c.pem")
            .env("OMNIPORT_TLS_KEY", "k.pem");
        command
    }
}

fn told(output: &Output) -> String {
    let (said, wrong) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(said),
        String::from_utf8_lossy(wrong)
    )
}

#[test]
fn the_configuration_s_check_reads_the_files() {
    let place = Place::new();
    let check = |issuer: &str| {
        let mut command = place.command(&["config", "check", "--issuer", issuer]);
        command.output().unwrap()
    };
    let good = check("https://localhost");
    assert!(
        good.status.success() && told(&good).contains("is good"),
        "{}",
        told(&good)
    );
    assert!(told(&check("https://a.example")).contains("Warning: the certificate c.pem is not for"));
    let plain = check("http://localhost");
    assert_eq!(plain.status.code(), Some(1));
    assert!(told(&plain).contains("must be https"), "{}", told(&plain));
    std::fs::remove_file(place.path("k.pem")).unwrap();
    for args in [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let gone = place.command(args).output().unwrap();
        assert_eq!(gone.status.code(), Some(1));
        assert!(
            told(&gone).contains("the key (tls.key) k.pem cannot be opened"),
            "{}",
            told(&gone)
        );
    }
}

/// A server that is ended with the test.
struct Running {
    child: Child,
    /// Kept open: the server goes on writing its log.
    _log: Lines<BufReader<ChildStderr>>,
    address: SocketAddr,
    mtls_address: Option<SocketAddr>,
}

impl Running {
    fn start(place: &Place, mtls: bool) -> Self {
        Self::start_with(place, mtls, &[])
    }

    fn start_with(place: &Place, mtls: bool, settings: &[(&str, &str)]) -> Self {
        let mut command = place.command(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--issuer",
            "https://localhost",
        ]);
        command
            .env("OMNIPORT_TLS_CLIENT_CERTIFICATES", "true")
            .env("OMNIPORT_LOG_FORMAT", "json")
            .envs(settings.iter().copied());
        if mtls {
            command.env("OMNIPORT_TLS_MTLS_LISTEN", "127.0.0.1:0");
        }
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let (mut address, mut mtls_address) = (None, None);
        while address.is_none() {
            let line = log.next().unwrap().unwrap();
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            let said = |name: &str| line[name].as_str().map(|text| text.parse().unwrap());
            mtls_address = said("mtls_address").or(mtls_address);
            address = said("address");
        }
        Self {
            child,
            _log: log,
            address: address.unwrap(),
            mtls_address,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A caller without a certificate that notes whether it was asked for one.
#[derive(Debug, Default)]
struct Asked(AtomicBool);

impl ResolvesClientCert for Asked {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Whether a caller at this address is asked for a certificate; it must get its answer without one.
async fn asks(place: &Place, address: SocketAddr) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(place.certificate.der().clone()).unwrap();
    let asked = Arc::new(Asked::default());
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_cert_resolver(asked.clone());
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    let request = b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await.unwrap();
    assert!(text.starts_with(b"HTTP/1.1 200"));
    asked.0.load(Ordering::Relaxed)
}

#[tokio::test]
async fn callers_are_asked_for_a_certificate_at_their_own_door_only_where_there_is_one() {
    let place = Place::new();
    let one_door = Running::start(&place, false);
    assert!(asks(&place, one_door.address).await);
    drop(one_door);
    let two_doors = Running::start(&place, true);
    assert!(!asks(&place, two_doors.address).await);
    assert!(asks(&place, two_doors.mtls_address.unwrap()).await);
}

/// An authority, and certificates under it.
struct Authority {
    certificate: rcgen::Certificate,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::new(params, key);
        Self { certificate, issuer }
    }

    /// A caller's certificate for this common name, and its key.
    fn certify(&self, name: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(rcgen::DnType::OrganizationName, "Institute");
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        let key = rcgen::KeyPair::generate().unwrap();
        let made = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        (made.der().clone(), key)
    }
}

/// A request over TLS, with a certificate or without: the whole answer.
async fn exchange(
    place: &Place,
    address: SocketAddr,
    own: Option<&(CertificateDer<'static>, PrivateKeyDer<'static>)>,
    request: &str,
) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(place.certificate.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match own {
        Some((certificate, key)) => config
            .with_client_auth_cert(vec![certificate.clone()], key.clone_key())
            .unwrap(),
        None => config.with_no_client_auth(),
    };
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(name, stream).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await.unwrap();
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn a_certificate_under_our_authority_is_the_client_and_holds_its_token() {
    let place = Place::new();
    let (authority, stranger) = (Authority::new(), Authority::new());
    std::fs::write(place.path("ca.pem"), authority.certificate.pem()).unwrap();
    let metadata = serde_json::json!({
        "client_name": "App", "client_id": "app", "grant_types": ["client_credentials"], "redirect_uris": [],
        "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_subject_dn": "cn=app,o=Institute",
        "tls_client_certificate_bound_access_tokens": true,
    });
    std::fs::write(place.path("app.json"), metadata.to_string()).unwrap();
    let commands: [(&[&str], &str); 3] = [
        (&["db", "migrate"], ""),
        (
            &[
                "person",
                "add",
                "--username",
                "dev",
                "--password-stdin",
                "--role",
                "developer",
            ],
            "correct horse battery",
        ),
        (
            &["app", "add", "--owner", "dev", "--file", "app.json", "--approved"],
            "",
        ),
    ];
    for (args, typed) in commands {
        let done = binary::run(place.command(args), typed);
        assert!(done.status.success(), "{args:?}: {}", told(&done));
    }
    let running = Running::start_with(&place, false, &[("OMNIPORT_TLS_CLIENT_CA_FILE", "ca.pem")]);
    let form = "client_id=app&grant_type=client_credentials";
    let ask = format!(
        "POST /oauth/token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    let own = authority.certify("app");
    for nobody in [
        None,
        Some(&authority.certify("other")),
        Some(&stranger.certify("app")),
    ] {
        let refused = exchange(&place, running.address, nobody, &ask).await;
        assert!(
            refused.starts_with("HTTP/1.1 401") && refused.contains("invalid_client"),
            "{refused}"
        );
    }
    let answer = exchange(&place, running.address, Some(&own), &ask).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let body: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let read = format!(
        "GET /open_auth/get_user_data/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {}\r\n\r\n",
        body["access_token"].as_str().unwrap()
    );
    // It passes as far as a token without a person goes; anybody else's connection does not.
    let passed = exchange(&place, running.address, Some(&own), &read).await;
    assert!(
        passed.starts_with("HTTP/1.1 403") && passed.contains("insufficient_scope"),
        "{passed}"
    );
    for other in [None, Some(&authority.certify("app"))] {
        let refused = exchange(&place, running.address, other, &read).await;
        assert!(
            refused.starts_with("HTTP/1.1 401") && refused.contains("invalid_token"),
            "{refused}"
        );
    }
}
