//! A connection that hears its caller out before it is closed.
//!
//! Who is refused while they still send (a head or a body that is too large) would lose the answer: a system that closes a
//! connection with something unread in it resets it, and the caller's system then throws the answer away. So the rest is
//! read and thrown away for a moment, behind our own last word (RFC 9112 section 9.6).

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How long the rest is waited for.
const WAIT: Duration = Duration::from_secs(2);
/// How much of it is read, in bytes.
const REST: usize = 4 * 1_024 * 1_024;

/// A stream that does so where its caller had sent much when it was answered last.
pub(super) struct Lingering<S> {
    stream: S,
    /// What counts as much, in bytes.
    much: usize,
    /// Bytes that came since something was written.
    unanswered: usize,
    /// Whether that was much when something was written last.
    refused: bool,
    said_last: bool,
    rest: usize,
    wait: Option<Pin<Box<Sleep>>>,
}

impl<S> Lingering<S> {
    pub(super) const fn new(stream: S, much: usize) -> Self {
        Self {
            stream,
            much,
            unanswered: 0,
            refused: false,
            said_last: false,
            rest: REST,
            wait: None,
        }
    }

    const fn wrote(&mut self, written: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(1..)) = written {
            // An answer may be written in pieces.
            self.refused = self.unanswered > self.much || (self.refused && self.unanswered == 0);
            self.unanswered = 0;
        }
    }
}

impl<S: AsyncRead + Unpin> Lingering<S> {
    fn hear_out(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let wait = self.wait.get_or_insert_with(|| Box::pin(sleep(WAIT)));
        let mut space = [0; 8_192];
        loop {
            if wait.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            let mut buffer = ReadBuf::new(&mut space);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
            let came = buffer.filled().len();
            self.rest = self.rest.saturating_sub(came);
            if read.is_err() || came == 0 || self.rest == 0 {
                return Poll::Ready(());
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.unanswered = self
            .unanswered
            .saturating_add(buffer.filled().len().saturating_sub(before));
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.wrote(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.said_last {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.said_last = true;
        }
        if self.refused {
            ready!(self.hear_out(cx));
        }
        Poll::Ready(Ok(()))
    }
}
