//! Just enough of an HTTP/1.1 client (RFC 9112): one connection, one request at a time, kept open.

use crate::Outcome;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Largest answer that is read, in bytes.
const MOST: usize = 1 << 20;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

struct Head {
    length: usize,
    status: u16,
    content_length: Option<usize>,
    chunked: bool,
    close: bool,
    location: Option<String>,
}

impl Connection {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            buffer: Vec::with_capacity(4_096),
        }
    }

    /// Sends a whole request and reads its answer. Connects where there is no connection.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Outcome<Answer> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(stream);
        }
        self.buffer.clear();
        self.stream
            .as_mut()
            .ok_or("no connection")?
            .write_all(request)
            .await?;
        let head = loop {
            self.more().await?;
            if let Some(head) = head(&self.buffer)? {
                break head;
            }
        };
        let body = if head.chunked {
            self.chunks(head.length).await?
        } else {
            let end = head.length + head.content_length.ok_or("an answer without a length")?;
            while self.buffer.len() < end {
                self.more().await?;
            }
            self.buffer[head.length..end].to_vec()
        };
        if head.close {
            self.stream = None;
        }
        Ok(Answer {
            status: head.status,
            location: head.location,
            body,
        })
    }

    async fn more(&mut self) -> Outcome<()> {
        let stream = self.stream.as_mut().ok_or("no connection")?;
        if stream.read_buf(&mut self.buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
        if self.buffer.len() > MOST {
            return Err("the answer is too large".into());
        }
        Ok(())
    }

    async fn chunks(&mut self, mut at: usize) -> Outcome<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(end) = find(&self.buffer[at..], b"\r\n") {
                    break std::str::from_utf8(&self.buffer[at..at + end])?.to_owned();
                }
                self.more().await?;
            };
            let size = usize::from_str_radix(line.trim(), 16)?;
            at += line.len() + 2;
            while self.buffer.len() < at + size + 2 {
                self.more().await?;
            }
            body.extend_from_slice(&self.buffer[at..at + size]);
            at += size + 2;
            if size == 0 {
                return Ok(body);
            }
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn head(bytes: &[u8]) -> Outcome<Option<Head>> {
    let Some(end) = find(bytes, b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes[..end])?;
    let mut lines = text.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .ok_or("no status line")?;
    let mut head = Head {
        length: end + 4,
        status: status.parse()?,
        content_length: None,
        chunked: false,
        close: false,
        location: None,
    };
    for line in lines {
        let (name, value) = line.split_once(':').ok_or("a header without a colon")?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            head.content_length = Some(value.parse()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            head.chunked = value.eq_ignore_ascii_case("chunked");
        } else if name.eq_ignore_ascii_case("connection") {
            head.close = value.eq_ignore_ascii_case("close");
        } else if name.eq_ignore_ascii_case("location") {
            head.location = Some(value.to_owned());
        }
    }
    Ok(Some(head))
}
