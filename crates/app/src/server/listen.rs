//! A socket to listen on, and the signals that end a server.

use crate::Failure;
use std::io::ErrorKind;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Listens on `address`.
///
/// # Errors
/// [`Failure`] that says what to do about it: the port is in use, or may not be used.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(match error.kind() {
            ErrorKind::AddrInUse => format!(
                "{address} is in use by another program: stop that one, or listen on another port with --listen"
            ),
            ErrorKind::PermissionDenied => format!(
                "{address} may not be used by this user: choose a port above 1023 with --listen, and put a proxy before it"
            ),
            ErrorKind::AddrNotAvailable => {
                format!("{address} is no address of this machine: choose another with --listen")
            }
            _ => format!("cannot listen on {address} ({error}): choose another address with --listen"),
        })
    })
}

/// The address that a listener has: where the port was 0, the one that was found.
///
/// # Errors
/// [`Failure`] where the system does not say.
pub fn address_of(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener
        .local_addr()
        .map_err(|error| Failure::new(format!("the listener has no address: {error}")))
}

/// The signal by which an operator asks for changed files to be read (SIGHUP).
///
/// # Errors
/// [`Failure`] where the system does not tell of signals.
pub fn hangup_signal() -> Result<Signal, Failure> {
    hear(SignalKind::hangup())
}

fn hear(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|error| Failure::new(format!("signals cannot be heard: {error}")))
}

/// Becomes true when the process is asked to end: SIGTERM, or Ctrl-C.
///
/// # Errors
/// [`Failure`] where the system does not tell of signals.
pub fn stop_signal() -> Result<watch::Receiver<bool>, Failure> {
    let (mut terminate, mut interrupt) = (hear(SignalKind::terminate())?, hear(SignalKind::interrupt())?);
    let (tell, told) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tell.send_replace(true);
        // Whoever still waits holds a receiver; the sender stays until the last of them is gone.
        tell.closed().await;
    });
    Ok(told)
}
