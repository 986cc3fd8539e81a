//! Metadata (OpenID Connect Discovery section 4, RFC 8414 section 3).

use crate::answer::USUAL_HEADERS;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use omniport_engine::Engine;
use omniport_engine::registration::{ClientIdDocuments, RegistrationPolicy};
use omniport_protocol::apis::Apis;
use omniport_protocol::endpoints::discovery::metadata;
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, PoisonError};

/// The document: most of it is the same for as long as the process runs, the rest is the registered APIs'.
pub(crate) struct Document {
    fixed: Map<String, Value>,
    /// The last one that was written, and the APIs as they were then.
    written: Mutex<Option<(Arc<Apis>, Bytes)>>,
}

impl Document {
    /// This instance's.
    pub(crate) fn of(engine: &Engine) -> Self {
        let mut fixed = metadata(&engine.ctx());
        // Told only where somebody may use it.
        if engine.settings().registration.policy != RegistrationPolicy::Closed {
            let uri = format!("{}/oauth/register", engine.settings().issuer);
            fixed.insert("registration_endpoint".to_owned(), uri.into());
        }
        if engine.settings().registration.client_id_documents != ClientIdDocuments::Closed {
            fixed.insert("client_id_metadata_document_supported".to_owned(), true.into());
        }
        Self {
            fixed,
            written: Mutex::default(),
        }
    }

    /// Its text, written anew only where the APIs are not the same ones as before.
    fn text(&self, issuer: &str, apis: Arc<Apis>) -> Bytes {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, text)) = &*written
            && Arc::ptr_eq(known, &apis)
        {
            return text.clone();
        }
        let text = Bytes::from(self.with(issuer, &apis).to_string());
        *written = Some((apis, text.clone()));
        text
    }

    /// With what the registered APIs add: their scopes, their types of `authorization_details` (RFC 9396 section 10), and
    /// themselves (RFC 9728 section 4).
    fn with(&self, issuer: &str, apis: &Apis) -> Value {
        let mut document = self.fixed.clone();
        let all = || apis.all().iter();
        if let Some(Value::Array(scopes)) = document.get_mut("scopes_supported") {
            let more = all().flat_map(|api| api.scopes.iter().map(|scope| scope.name.as_str().into()));
            scopes.extend(more);
        }
        let types: Vec<&str> = all()
            .flat_map(|api| api.details.iter().map(|one| one.name.as_str()))
            .collect();
        // What has no elements is left out (RFC 8414 section 3.2).
        if !types.is_empty() {
            document.insert("authorization_details_types_supported".to_owned(), types.into());
        }
        let uris: Vec<&str> = std::iter::once(issuer)
            .chain(all().map(|api| api.uri.as_str()))
            .collect();
        document.insert("protected_resources".to_owned(), uris.into());
        Value::Object(document)
    }
}

/// `GET` of the metadata, for everybody.
pub(crate) async fn handle(engine: &Engine, document: &Document) -> Response {
    match engine.apis().await {
        Ok(apis) => answer(document.text(&engine.settings().issuer, apis)),
        Err(fault) => crate::answer::fault("metadata", &fault),
    }
}

/// A document that caches may keep for five minutes.
pub(crate) fn answer(document: Bytes) -> Response {
    let mut response = (StatusCode::OK, document).into_response();
    let headers = response.headers_mut();
    headers.reserve(USUAL_HEADERS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}
