//! For tests: a host of an app on this machine, a name server, and a fetcher that knows both.

use super::resolve::{Resolve, Resolving};
use super::{FetchSettings, Fetcher, address};
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An address of this machine that the tests' fetcher takes for a public one. All others of it are private.
pub(super) const PUBLIC: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// What a site answers: bytes, each after a pause. The connection ends behind them.
pub(super) type Script = Vec<(Duration, Vec<u8>)>;

/// An answer in one piece.
pub(super) fn at_once(answer: impl Into<Vec<u8>>) -> Script {
    vec![(Duration::ZERO, answer.into())]
}

/// A document with status 200.
pub(super) fn document(content_type: &str, body: &str) -> Script {
    at_once(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

/// A host that keeps what it was asked.
pub(super) struct Site {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Site {
    /// Plain HTTP on loopback.
    pub(super) async fn plain(answer: impl Fn(usize) -> Script + Send + Sync + 'static) -> Self {
        Self::start(Ipv4Addr::LOCALHOST, None, answer).await
    }

    /// `https://app.example` on the address that counts as public.
    pub(super) async fn secure(answer: impl Fn(usize) -> Script + Send + Sync + 'static) -> Self {
        Self::start(PUBLIC, Some(acceptor("leaf")), answer).await
    }

    /// The same with a certificate of its own making, as `openssl req -x509` makes it: it says that it is an authority.
    pub(super) async fn self_signed(answer: impl Fn(usize) -> Script + Send + Sync + 'static) -> Self {
        Self::start(PUBLIC, Some(acceptor("self_signed")), answer).await
    }

    async fn start(
        ip: Ipv4Addr,
        tls: Option<TlsAcceptor>,
        answer: impl Fn(usize) -> Script + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = seen.clone();
        let answer = Arc::new(answer);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (tls, kept, answer) = (tls.clone(), kept.clone(), answer.clone());
                tokio::spawn(async move {
                    match tls {
                        None => talk(stream, &kept, &*answer).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => talk(stream, &kept, &*answer).await,
                            Err(error) => Err(error),
                        },
                    }
                });
            }
        });
        Self { address, seen, task }
    }

    /// The requests so far.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// Its URL, by address.
    pub(super) fn url(&self) -> String {
        format!("http://{}/doc", self.address)
    }

    /// Its URL, by this name, with TLS.
    pub(super) fn named(&self, name: &str) -> String {
        format!("https://{name}:{}/doc", self.address.port())
    }

    /// A fetcher to which the operator allowed this site.
    pub(super) fn fetcher(&self) -> Fetcher {
        Tester::default()
            .allow(&self.address.to_string())
            .fetcher(&Names::default())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    kept: &Mutex<Vec<String>>,
    answer: &(impl Fn(usize) -> Script + ?Sized),
) -> io::Result<()> {
    let mut request = Vec::new();
    while !is_whole(&request) {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let nth = {
        let mut kept = kept.lock().unwrap();
        kept.push(String::from_utf8(request).unwrap());
        kept.len()
    };
    for (pause, bytes) in answer(nth) {
        tokio::time::sleep(pause).await;
        stream.write_all(&bytes).await?;
        stream.flush().await?;
    }
    stream.shutdown().await
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    body.len() >= length
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/fetch/testing")
        .join(name)
}

fn acceptor(pair: &str) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(file(&format!("{pair}.pem"))).unwrap()],
            PrivateKeyDer::from_pem_file(file(&format!("{pair}.key"))).unwrap(),
        )
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// A name server. Each question for a name takes the next of its answers; the last one stays.
#[derive(Clone, Default)]
pub(super) struct Names {
    answers: Arc<HashMap<String, Vec<Vec<IpAddr>>>>,
    asked: Arc<AtomicUsize>,
}

impl Names {
    pub(super) fn new(name: &str, answers: &[&[&str]]) -> Self {
        let read = |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
        Self {
            answers: Arc::new(HashMap::from([(
                name.to_owned(),
                answers.iter().map(read).collect(),
            )])),
            asked: Arc::default(),
        }
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Resolve for Names {
    fn resolve(&self, name: String) -> Resolving {
        let nth = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self
            .answers
            .get(&name)
            .and_then(|all| all.get(nth).or(all.last()))
            .cloned();
        Box::pin(async move { answer.ok_or_else(|| io::Error::other("no such name")) })
    }
}

/// The settings of a fetcher for a test: in haste.
pub(super) struct Tester(FetchSettings);

impl Default for Tester {
    fn default() -> Self {
        Self(FetchSettings {
            allow_hosts: Vec::new(),
            deny_networks: Vec::new(),
            extra_ca_file: Some(file("ca.pem")),
            timeout: Duration::from_secs(1),
            connect_timeout: Duration::from_millis(400),
        })
    }
}

impl Tester {
    pub(super) fn deny(mut self, first: &str, bits: u8) -> Self {
        self.0.deny_networks.push((first.parse().unwrap(), bits));
        self
    }

    pub(super) fn allow(mut self, host: &str) -> Self {
        self.0.allow_hosts.push(host.parse().unwrap());
        self
    }

    pub(super) fn vouching_for(mut self, certificate: &str) -> Self {
        self.0.extra_ca_file = Some(file(certificate));
        self
    }

    pub(super) fn without_the_test_authority(mut self) -> Self {
        self.0.extra_ca_file = None;
        self
    }

    pub(super) fn fetcher(self, names: &Names) -> Fetcher {
        let is_public = |ip: IpAddr| ip == IpAddr::V4(PUBLIC) || address::is_public(ip);
        Fetcher::with(&self.0, Arc::new(names.clone()), is_public).unwrap()
    }
}
