//! The built binary over TLS: what it refuses to start with, and whom it asks for a certificate.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

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
use tokio_rustls::rustls::pki_types::ServerName;
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
        let database = format!("sqlite:{}", self.path("omniport.db").display());
        let mut command = Command::new(env!("CARGO_BIN_EXE_omniport"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env("OMNIPORT_DATABASE", database)
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
        let mut command = place.command(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--issuer",
            "https://localhost",
        ]);
        command
            .env("OMNIPORT_TLS_CLIENT_CERTIFICATES", "true")
            .env("OMNIPORT_LOG_FORMAT", "json");
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
