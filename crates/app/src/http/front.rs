//! The outermost part of the site, before a route is chosen: the request gets its name, loses its trailing slash, and is
//! told who asks.

use super::peer::Peers;
use super::{request_id, slashes};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use omniport_engine::Engine;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::{BoxError, Service};

/// The whole site. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Front {
    routes: Router,
    shared: Arc<Shared>,
}

struct Shared {
    engine: Arc<Engine>,
    peers: Peers,
}

impl Front {
    pub(super) fn new(engine: Arc<Engine>, peers: Peers, routes: Router) -> Self {
        let shared = Arc::new(Shared { engine, peers });
        Self { routes, shared }
    }
}

impl<B> Service<http::Request<B>> for Front
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.routes, context)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let mut request = request.map(Body::new);
        let mut extensions = std::mem::take(request.extensions_mut());
        self.shared.peers.tell(request.headers(), &mut extensions);
        *request.extensions_mut() = extensions;
        if let Some(uri) = slashes::without_trailing_slash(request.uri()) {
            *request.uri_mut() = uri;
        }
        let name = request_id::give(&self.shared.engine, &mut request);
        let answer = self.routes.call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            if let Some(name) = name {
                response.headers_mut().insert(request_id::HEADER, name);
            }
            Ok(response)
        })
    }
}
