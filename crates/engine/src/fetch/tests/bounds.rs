//! How much a host may send, and how long it may take.

use crate::fetch::testing::{Names, Script, Site, Tester, at_once, document};
use crate::fetch::{FetchError, Fetched, MAX_BODY};
use std::time::Duration;
use tokio::time::timeout;

/// What comes of a site that answers so; the test fails where it takes much longer than the deadline of 1 s.
async fn fetched(answer: impl Fn(usize) -> Script + Send + Sync + 'static) -> Result<Fetched, FetchError> {
    let site = Site::plain(answer).await;
    let fetcher = site.fetcher();
    timeout(Duration::from_secs(5), fetcher.get(&site.url(), "*/*"))
        .await
        .expect("the deadline holds")
}

fn drip(head: &str, drop: &str, drops: usize) -> Script {
    let mut script = at_once(head);
    script.extend((0..drops).map(|_| (Duration::from_millis(50), drop.as_bytes().to_vec())));
    script
}

#[tokio::test]
async fn a_host_that_says_nothing_or_drips_runs_into_the_deadline() {
    let late = Err(FetchError::TimedOut(1));
    assert_eq!(
        fetched(|_| vec![(Duration::from_mins(1), Vec::new())]).await,
        late
    );
    assert_eq!(
        fetched(|_| drip("HTTP/1.1 200 OK\r\n", "x: y\r\n", 60)).await,
        late
    );
    assert_eq!(
        fetched(|_| drip("HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\n", "x", 60)).await,
        late
    );
    assert_eq!(
        fetched(|_| drip(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "1\r\nx\r\n",
            60
        ))
        .await,
        late
    );
}

#[tokio::test]
async fn a_host_that_takes_no_connection_is_told() {
    let gone = Site::plain(|_| Vec::new()).await.address;
    let fetcher = Tester::default()
        .allow(&gone.to_string())
        .fetcher(&Names::default());
    let told = fetcher.get(&format!("http://{gone}/"), "*/*").await;
    assert_eq!(told, Err(FetchError::Unreachable));
}

#[tokio::test]
async fn an_answer_has_at_most_64_kib() {
    let whole = fetched(|_| document("text/plain", &"x".repeat(MAX_BODY)))
        .await
        .unwrap();
    assert_eq!(whole.body.len(), MAX_BODY);
    let announced = fetched(|_| {
        at_once(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
            MAX_BODY + 1
        ))
    });
    assert_eq!(announced.await, Err(FetchError::TooLarge));
    let chunked = fetched(|_| {
        let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
        at_once(format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}",
            chunk.repeat(40)
        ))
    });
    assert_eq!(chunked.await, Err(FetchError::TooLarge));
    let until_the_end = fetched(|_| at_once(format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(MAX_BODY + 1))));
    assert_eq!(until_the_end.await, Err(FetchError::TooLarge));
}

#[tokio::test]
async fn nothing_compressed_is_taken() {
    for coding in ["gzip", "br", "identity, gzip", "x-bomb"] {
        let bomb = fetched(move |_| {
            at_once(format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: 4\r\n\r\n\u{1f}BOM"
            ))
        });
        assert_eq!(bomb.await, Err(FetchError::Encoded), "{coding}");
    }
    let identity = "HTTP/1.1 200 OK\r\ncontent-encoding: Identity\r\ncontent-length: 1\r\n\r\nx";
    assert!(fetched(move |_| at_once(identity)).await.is_ok());
}

#[tokio::test]
async fn only_a_whole_answer_of_http_counts() {
    for cut in [
        "",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nxyz",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nx",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
    ] {
        assert_eq!(
            fetched(move |_| at_once(cut)).await,
            Err(FetchError::Broken),
            "{cut}"
        );
    }
    let long = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(20_000));
    assert_eq!(
        fetched(move |_| at_once(long.clone())).await,
        Err(FetchError::Broken)
    );
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(100));
    assert_eq!(
        fetched(move |_| at_once(many.clone())).await,
        Err(FetchError::Broken)
    );
}

#[tokio::test]
async fn only_200_is_a_document() {
    for status in [201_u16, 204, 400, 401, 404, 500, 503] {
        let told = fetched(move |_| at_once(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n")));
        assert_eq!(told.await, Err(FetchError::Status(status)));
    }
}

#[tokio::test]
async fn what_is_no_text_is_told() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xff\xfe";
    let picture = fetched(move |_| at_once(*answer)).await.unwrap();
    assert_eq!(picture.text(), Err(FetchError::NotText));
}

#[tokio::test]
async fn a_document_may_have_a_smaller_bound_and_says_how_long_it_is_fresh() {
    let answer = |n: usize| {
        let body = "x".repeat(if n == 1 { 100 } else { 101 });
        at_once(format!(
            "HTTP/1.1 200 OK\r\ncache-control: max-age=600\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    let site = Site::plain(answer).await;
    let fetcher = site.fetcher();
    let get = async || {
        crate::fetch::Asking::from(&fetcher)
            .get_within(&site.url(), "*/*", 100)
            .await
    };
    let fitting = get().await.unwrap();
    assert_eq!((fitting.body.len(), fitting.fresh_seconds), (100, Some(600)));
    assert_eq!(get().await, Err(FetchError::TooLarge));
}
