//! An app's own site on this machine, over TLS: it answers with the document that a test put there.

use omniport_engine::fetch::FetchSettings;
use omniport_engine::people::PlatformRole;
use omniport_engine::registration::{ClientIdDocuments, RegistrationSettings};
use omniport_testkit::Instance;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What it answers, and what it was asked.
#[derive(Default)]
struct Told {
    answer: Vec<u8>,
    asked: Vec<String>,
}

/// The site.
pub(super) struct Host {
    /// `127.0.0.1:PORT`.
    pub(super) authority: String,
    told: Arc<Mutex<Told>>,
    folder: TempDir,
}

impl Host {
    pub(super) async fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), made.cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let told: Arc<Mutex<Told>> = Arc::default();
        let shared = told.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut request = vec![0; 8_192];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&request[..read]).into_owned();
                let answer = {
                    let mut told = shared.lock().unwrap();
                    told.asked
                        .push(head.lines().next().unwrap_or_default().to_owned());
                    told.answer.clone()
                };
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        });
        Self {
            authority,
            told,
            folder,
        }
    }

    /// An instance that may fetch from here, with a developer `dev` who answers for such apps, a maintainer `mai` and a
    /// person `asha`.
    pub(super) async fn instance(&self, policy: ClientIdDocuments, scope: &str, grants: &str) -> Instance {
        let fetch = FetchSettings {
            allow_hosts: vec![self.authority.parse().unwrap()],
            extra_ca_file: Some(self.folder.path().join("ca.pem")),
            ..FetchSettings::default()
        };
        let registration = RegistrationSettings {
            client_id_documents: policy,
            owner: Some("dev".to_owned()),
            scope: scope.to_owned(),
            grant_types: grants.to_owned(),
            ..RegistrationSettings::default()
        };
        let instance = Instance::with_all(|settings| settings.registration = registration, &fetch).await;
        instance.person("dev", &[PlatformRole::Developer]).await;
        instance.person("mai", &[PlatformRole::Maintainer]).await;
        instance.person("asha", &[]).await;
        instance
    }

    /// The client identifier of the app at this path.
    pub(super) fn id(&self, path: &str) -> String {
        format!("https://{}{path}", self.authority)
    }

    /// A good document for `path`, with `more` in place of some of it.
    pub(super) fn document(&self, path: &str, more: &Value) -> Value {
        let mut document = json!({
            "client_id": self.id(path),
            "client_name": "Agent",
            "redirect_uris": [format!("https://{}/callback", self.authority), "http://127.0.0.1/callback"],
        });
        let members = document.as_object_mut().unwrap();
        for (name, value) in more.as_object().unwrap() {
            if value.is_null() {
                members.remove(name);
            } else {
                members.insert(name.clone(), value.clone());
            }
        }
        document
    }

    /// Answers everything with a document from now on.
    pub(super) fn serve(&self, document: &Value) {
        self.serve_with("", document);
    }

    /// The same, with more header fields (each ending with CRLF).
    pub(super) fn serve_with(&self, headers: &str, document: &Value) {
        self.answer(
            "200 OK",
            &format!("content-type: application/json\r\n{headers}"),
            document.to_string().as_bytes(),
        );
    }

    /// Answers everything so from now on.
    pub(super) fn answer(&self, status: &str, headers: &str, body: &[u8]) {
        let head = format!(
            "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        self.told.lock().unwrap().answer = [head.as_bytes(), body].concat();
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> usize {
        self.told.lock().unwrap().asked.len()
    }
}
