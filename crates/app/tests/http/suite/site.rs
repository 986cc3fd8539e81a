//! A host of an app's documents, plain and on loopback: the instance's operator vouches for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

type Documents = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// The host: what it hands out by path, and which paths it was asked for.
pub(in crate::suite) struct Site {
    pub(in crate::suite) address: String,
    documents: Documents,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub(in crate::suite) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (documents, asked) = (Documents::default(), Arc::<Mutex<Vec<String>>>::default());
        let (shelf, noted) = (Arc::clone(&documents), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !is_whole(&request) {
                    if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                        break;
                    }
                }
                let text = String::from_utf8_lossy(&request).into_owned();
                let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
                noted.lock().unwrap().push(text);
                let found = shelf.lock().unwrap().get(&path).cloned();
                let (status, body) = found.map_or((404, Vec::new()), |body| (200, body));
                let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
                let _ = stream.write_all(&[head.into_bytes(), body].concat()).await;
            }
        });
        Self {
            address,
            documents,
            asked,
        }
    }

    /// Hands out `body` at `path` from now on: its URL.
    pub(in crate::suite) fn put(&self, path: &str, body: impl Into<Vec<u8>>) -> String {
        self.documents
            .lock()
            .unwrap()
            .insert(path.to_owned(), body.into());
        format!("http://{}{path}", self.address)
    }

    /// The requests for `path` so far.
    pub(in crate::suite) fn asked(&self, path: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let of_path = asked.iter().filter(|text| text.split(' ').nth(1) == Some(path));
        of_path.cloned().collect()
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.split("content-length: ").nth(1);
    let length = length.map_or(0, |rest| rest.lines().next().unwrap().trim().parse().unwrap());
    body.len() >= length
}
