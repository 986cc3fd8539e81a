//! What is around every route, in one layer: as ten layers of axum's `from_fn` it cost about half of a small request
//! (callgrind, release build, a 401 without a look at the store: 98,000 instructions with them, 50,000 with this).
//!
//! From outside in: the log's line and the counts, the headers that every answer has, the error pages, and the bounds (panics, time,
//! head, body), whose refusals become error pages too.

use super::metrics::Requests;
use super::refusals::Reader;
use super::security_headers::{self, Transport};
use super::{body_limit, deadline, log, panics, request_size};
use crate::logging;
use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use omniport_engine::{Engine, patiently};
use omniport_portal::{Asked, with_error_page};
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::{Layer, Service};

/// The layer.
#[derive(Clone)]
pub(super) struct Around(Arc<Shared>);

struct Shared {
    engine: Arc<Engine>,
    transport: Transport,
    requests: Arc<Requests>,
}

impl Around {
    pub(super) fn new(engine: Arc<Engine>, requests: Arc<Requests>) -> Self {
        let transport = Transport::of(&engine.settings().issuer);
        Self(Arc::new(Shared {
            engine,
            transport,
            requests,
        }))
    }
}

impl<S> Layer<S> for Around {
    type Service = Surrounded<S>;

    fn layer(&self, inner: S) -> Surrounded<S> {
        let shared = self.0.clone();
        Surrounded { inner, shared }
    }
}

/// A route with everything around it.
#[derive(Clone)]
pub(super) struct Surrounded<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> Service<Request> for Surrounded<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let shared = self.shared.clone();
        let (line, asked, name) = (log::Line::of(&request), Asked::by(&request), log::name(&request));
        let reader = Reader::of(request.uri().path());
        // A handler is made and polled inside the bounds, refusals are made here.
        let begun = match request_size::refusal(&request) {
            Some(refusal) => Err(Refusal::Made(refusal)),
            None => match body_limit::bounded(request) {
                Ok(request) => Ok(self.inner.call(request)),
                Err(too_large) => Err(Refusal::TooLarge(too_large)),
            },
        };
        let finish = async move {
            let response = match begun {
                Ok(handling) => within_bounds(reader, handling).await,
                Err(Refusal::Made(response)) => response,
                Err(Refusal::TooLarge(refused)) => within_bounds(reader, refused.answer().map(Ok)).await,
            };
            let mut response = with_error_page(&shared.engine, asked, response);
            security_headers::add(shared.transport, response.headers_mut());
            let status = response.status().as_u16();
            let took = line.write(status);
            shared.requests.add(line.route(), line.method(), status, took);
            Ok(response)
        };
        Box::pin(logging::scope(name, finish))
    }
}

enum Refusal {
    Made(Response),
    TooLarge(body_limit::TooLarge),
}

/// An answer in time, whatever the handler does.
async fn within_bounds(
    reader: Reader,
    handling: impl Future<Output = Result<Response, Infallible>>,
) -> Response {
    // The store has less time than the whole: the body may be slow to arrive, or a client's document to be fetched.
    let handling = patiently(AssertUnwindSafe(handling).catch_unwind());
    match tokio::time::timeout(deadline::MOST, handling).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Err(reason)) => panics::answer(reader, &*reason),
        Err(_) => deadline::answer(reader),
    }
}

#[cfg(test)]
mod tests;
