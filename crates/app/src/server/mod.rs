//! The server: connections in, answers out, a quiet end.

mod linger;
mod listen;
pub mod tls;

pub use listen::{address_of, bind, hangup_signal, stop_signal};

use crate::http::{MAX_HEAD, Peer};
use axum::Router;
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use linger::Lingering;
use omniport_engine::caller::ClientCertificate;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tls::Speaker;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tower::{Service, ServiceExt as _};

/// Most connections at a time; further ones wait in the system's queue.
const MAX_CONNECTIONS: u32 = 10_000;
/// How long a connection may take to shake hands, then to send a request's head, and may lie idle.
const HEAD: Duration = Duration::from_secs(15);
/// A connection's longest life; then it ends after the request that it is at.
const LIFE: Duration = Duration::from_mins(10);
/// How long requests in flight may take once a connection, or the server, is to end.
const LAST: Duration = Duration::from_secs(32);
/// The buffer for a request's head. Larger than what is accepted, so that the caller of a request that is somewhat too
/// large gets an answer in our words; beyond it hyper answers 431 itself.
const BUFFER: usize = 2 * MAX_HEAD;

/// What answers requests: a router, or the whole site.
pub trait Site:
    Service<http::Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<S> Site for S where
    S: Service<http::Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Serves `router` over plain HTTP until `stop` becomes true, then lets requests in flight end.
pub async fn serve(listener: TcpListener, router: Router, stop: watch::Receiver<bool>) {
    serve_as(listener, None, router, stop).await;
}

/// As [`serve`]; encrypted where there is a `speaker`.
pub async fn serve_as<S: Site>(
    listener: TcpListener,
    speaker: Option<Speaker>,
    site: S,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS as usize));
    let builder = Arc::new(builder());
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, address)) => {
                let (builder, site, stop) = (builder.clone(), site.clone(), stop.clone());
                let speaker = speaker.clone();
                tokio::spawn(async move {
                    connection(&builder, (stream, address), speaker, site, stop).await;
                    drop(permit);
                });
            }
            Err(error) => {
                // Out of file descriptors, or the caller went away: neither ends the server.
                tracing::warn!(%error, "a connection was not accepted");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    if timeout(LAST, room.acquire_many(MAX_CONNECTIONS)).await.is_err() {
        tracing::warn!(
            "some connections did not end in {} s and were cut",
            LAST.as_secs()
        );
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(BUFFER).unwrap_or(u32::MAX))
        .max_concurrent_streams(100)
        .initial_stream_window_size(64 * 1_024)
        .initial_connection_window_size(256 * 1_024)
        .keep_alive_interval(HEAD)
        .keep_alive_timeout(HEAD);
    builder
}

async fn connection<S: Site>(
    builder: &Builder<TokioExecutor>,
    (stream, address): (TcpStream, SocketAddr),
    speaker: Option<Speaker>,
    site: S,
    mut stop: watch::Receiver<bool>,
) {
    // Small answers go out at once. Where that cannot be set they go out a little later.
    let _ = stream.set_nodelay(true);
    // Whoever connects and says nothing is not waited for.
    tokio::select! {
        said = timeout(HEAD, stream.readable()) => if !matches!(said, Ok(Ok(()))) { return },
        _ = stop.wait_for(|stop| *stop) => return,
    }
    let Some(speaker) = speaker else {
        return talk(builder, stream, Peer::new(address, None), site, stop).await;
    };
    let shaken = tokio::select! {
        shaken = timeout(HEAD, speaker.acceptor().accept(stream)) => shaken,
        _ = stop.wait_for(|stop| *stop) => return,
    };
    match shaken {
        Ok(Ok(stream)) => {
            let shown: Option<ClientCertificate> = speaker.shown(stream.get_ref().1);
            talk(builder, stream, Peer::new(address, shown), site, stop).await;
        }
        // The caller's doing: no TLS at all, none that is safe, or a certificate whose key it does not hold.
        Ok(Err(error)) => tracing::debug!(%error, "a caller did not come to speak TLS"),
        Err(_) => tracing::debug!("a caller took too long to shake hands"),
    }
}

/// Answers requests until the connection is to end.
async fn talk<S: Site>(
    builder: &Builder<TokioExecutor>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    site: S,
    mut stop: watch::Receiver<bool>,
) {
    let service = site.map_request(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        request
    });
    let stream = TokioIo::new(Lingering::new(stream, MAX_HEAD));
    let mut connection = pin!(builder.serve_connection(stream, TowerToHyperService::new(service)));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = end(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            match timeout(LAST, connection).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        // The caller's doing: a broken request, or one that went away.
        tracing::debug!(%error, "a connection ended early");
    }
}

/// When a connection is to end.
async fn end(stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = sleep(LIFE) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn started(router: Router) -> (SocketAddr, watch::Sender<bool>, tokio::task::JoinHandle<()>) {
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = address_of(&listener).unwrap();
        let (tell, told) = watch::channel(false);
        (address, tell, tokio::spawn(serve(listener, router, told)))
    }

    async fn answer(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = Vec::new();
        // What came before the end counts, however the connection ends.
        let _ = stream.read_to_end(&mut text).await;
        String::from_utf8(text).unwrap()
    }

    #[tokio::test]
    async fn a_request_in_flight_ends_before_the_server_does() {
        let slow = get(|| async {
            sleep(Duration::from_millis(300)).await;
            "done"
        });
        let (address, tell, server) = started(Router::new().route("/slow", slow)).await;
        let request = tokio::spawn(async move {
            answer(
                address,
                "GET /slow HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            )
            .await
        });
        sleep(Duration::from_millis(100)).await;
        tell.send_replace(true);
        assert!(request.await.unwrap().ends_with("done"));
        server.await.unwrap();
        assert!(
            TcpStream::connect(address).await.is_err(),
            "nothing listens any more"
        );
    }

    #[tokio::test]
    async fn an_idle_connection_does_not_hold_up_the_end() {
        let (address, tell, server) = started(Router::new()).await;
        let _silent = TcpStream::connect(address).await.unwrap();
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .unwrap();
        let mut some = [0; 12];
        idle.read_exact(&mut some).await.unwrap();
        assert_eq!(&some, b"HTTP/1.1 404");
        tell.send_replace(true);
        timeout(Duration::from_secs(5), server).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_head_beyond_the_buffer_is_answered_with_431() {
        let (address, _tell, _server) = started(Router::new()).await;
        let request = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}", "y".repeat(BUFFER));
        assert!(answer(address, &request).await.starts_with("HTTP/1.1 431"));
    }

    /// Somebody who goes on sending is heard out, or the reset of the connection would take the answer along.
    #[tokio::test]
    async fn nor_is_the_answer_lost_where_much_more_is_sent() {
        let (address, _tell, _server) = started(Router::new()).await;
        for times in [2, 8, 16] {
            let stream = TcpStream::connect(address).await.unwrap();
            let (mut back, mut says) = stream.into_split();
            let talk = tokio::spawn(async move {
                let start = says.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nx: ").await;
                let mut sent = start.is_ok();
                for _ in 0..times {
                    sent &= says.write_all(&vec![b'y'; BUFFER]).await.is_ok();
                    sleep(Duration::from_millis(5)).await;
                }
                sent
            });
            let sent = talk.await.unwrap();
            let mut text = String::new();
            let ended = back.read_to_string(&mut text).await;
            assert!(text.starts_with("HTTP/1.1 431"), "{times}: {ended:?} {text}");
            assert!(sent, "{times}");
        }
    }

    #[tokio::test]
    async fn who_never_stops_is_not_heard_for_ever() {
        let (address, _tell, _server) = started(Router::new()).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let much = vec![b'y'; BUFFER];
        let all = async {
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nx: ").await;
            while stream.write_all(&much).await.is_ok() {}
        };
        timeout(Duration::from_secs(10), all).await.unwrap();
    }

    #[tokio::test]
    async fn a_port_in_use_is_told_with_what_to_do() {
        let taken = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let told = bind(address_of(&taken).unwrap()).await.unwrap_err().to_string();
        assert!(told.contains("is in use") && told.contains("--listen"), "{told}");
    }
}
