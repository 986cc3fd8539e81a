//! Remembered key sets. A set here is a list of key identifiers with commas between.

use crate::fetch::testing::{Script, Site, at_once, document};
use crate::fetch::{FetchError, Fetcher, JwksCache, JwksError, KeySet};
use omniport_protocol::vocabulary::{ClientId, Timestamp};
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, PartialEq)]
struct Kids(Vec<String>);

impl KeySet for Kids {
    fn parse(text: &str) -> Result<Self, String> {
        if text.contains('{') {
            return Err("it is not a list".to_owned());
        }
        Ok(Self(text.split(',').map(str::to_owned).collect()))
    }

    fn has_kid(&self, kid: &str) -> bool {
        self.0.iter().any(|own| own == kid)
    }
}

struct Trial {
    site: Site,
    fetcher: Fetcher,
    cache: JwksCache<Kids>,
}

impl Trial {
    async fn new(answer: impl Fn(usize) -> Script + Send + Sync + 'static) -> Self {
        let site = Site::plain(answer).await;
        Self {
            fetcher: site.fetcher(),
            site,
            cache: JwksCache::default(),
        }
    }

    async fn get(&self, kid: Option<&str>, at: i64) -> Result<Arc<Kids>, JwksError> {
        let now = Timestamp::from_seconds(1_000_000 + at);
        self.cache.get(&self.fetcher, &self.site.url(), kid, now).await
    }

    async fn kids(&self, kid: Option<&str>, at: i64) -> String {
        self.get(kid, at).await.unwrap().0.join(",")
    }

    fn fetches(&self) -> usize {
        self.site.seen().len()
    }
}

fn set(kids: &str) -> Script {
    document("application/json", kids)
}

fn gone() -> Script {
    at_once("HTTP/1.1 503 Gone\r\ncontent-length: 0\r\n\r\n")
}

#[tokio::test]
async fn a_set_is_fetched_once_in_ten_minutes() {
    let trial = Trial::new(|nth| set(&format!("key{nth}"))).await;
    assert_eq!(trial.kids(None, 0).await, "key1");
    assert_eq!(trial.kids(Some("key1"), 599).await, "key1");
    assert_eq!(trial.fetches(), 1);
    assert_eq!(trial.kids(None, 600).await, "key2");
    // A clock that is set back does not make a set live for ever.
    assert_eq!(trial.kids(None, -5_000).await, "key3");
}

#[tokio::test]
async fn an_unknown_key_fetches_again_at_most_once_in_60_s() {
    let trial = Trial::new(|nth| set(&format!("key{nth}"))).await;
    assert_eq!(trial.kids(Some("key1"), 0).await, "key1");
    // Rotated a second later: the first fetch does not count.
    assert_eq!(trial.kids(Some("key2"), 1).await, "key2");
    for at in [1, 2, 30, 60] {
        assert_eq!(trial.kids(Some("key3"), at).await, "key2");
    }
    assert_eq!(trial.fetches(), 2);
    assert_eq!(trial.kids(Some("key3"), 61).await, "key3");
    assert_eq!(trial.kids(Some("made up"), 62).await, "key3");
    assert_eq!(trial.fetches(), 3);
}

#[tokio::test]
async fn concurrent_callers_share_one_fetch() {
    let trial = Trial::new(|_| {
        let mut script = set("a");
        script[0].0 = Duration::from_millis(200);
        script
    })
    .await;
    let trial = Arc::new(trial);
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let trial = trial.clone();
            tokio::spawn(async move { trial.kids(Some("a"), 0).await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), "a");
    }
    assert_eq!(trial.fetches(), 1);
}

#[tokio::test]
async fn a_known_key_does_not_wait_for_an_unknown_one() {
    let trial = Trial::new(|nth| {
        let mut script = set("a");
        script[0].0 = Duration::from_millis(if nth == 1 { 0 } else { 500 });
        script
    })
    .await;
    let trial = Arc::new(trial);
    trial.kids(None, 0).await;
    let unknown = {
        let trial = trial.clone();
        tokio::spawn(async move { trial.kids(Some("b"), 1).await })
    };
    tokio::time::sleep(Duration::from_millis(50)).await;
    let known = tokio::time::timeout(Duration::from_millis(200), trial.kids(Some("a"), 1));
    assert_eq!(known.await.unwrap(), "a");
    assert_eq!(unknown.await.unwrap(), "a");
}

#[tokio::test]
async fn a_fetch_that_is_given_up_counts() {
    let trial = Trial::new(|nth| {
        let mut script = set("a");
        script[0].0 = Duration::from_millis(if nth == 1 { 0 } else { 500 });
        script
    })
    .await;
    trial.kids(None, 0).await;
    let given_up = tokio::time::timeout(Duration::from_millis(100), trial.kids(Some("b"), 1)).await;
    assert!(given_up.is_err());
    assert_eq!(trial.kids(Some("b"), 2).await, "a");
    assert_eq!(trial.fetches(), 2);
}

#[tokio::test]
async fn a_failure_is_remembered_for_ten_seconds() {
    let trial = Trial::new(|nth| if nth == 1 { gone() } else { set("a") }).await;
    let told = Err(JwksError::Fetch(FetchError::Status(503)));
    for at in [0, 1, 9] {
        assert_eq!(trial.get(None, at).await, told);
    }
    assert_eq!(trial.fetches(), 1);
    assert_eq!(trial.kids(None, 10).await, "a");
    let trial = Trial::new(|_| set("{")).await;
    let told = Err(JwksError::Parse("it is not a list".to_owned()));
    assert_eq!(trial.get(None, 0).await, told);
    assert_eq!(trial.get(None, 1).await, told);
    assert_eq!(trial.fetches(), 1);
}

#[tokio::test]
async fn an_old_set_serves_while_its_host_fails_for_an_hour_at_most() {
    let trial = Trial::new(|nth| if nth == 1 { set("a") } else { gone() }).await;
    trial.kids(None, 0).await;
    assert_eq!(trial.kids(None, 601).await, "a");
    assert_eq!(trial.kids(None, 602).await, "a");
    assert_eq!(trial.fetches(), 2, "the host is left alone for 10 s");
    assert_eq!(trial.kids(None, 3_599).await, "a");
    assert!(trial.get(None, 3_600).await.is_err());
}

#[tokio::test]
async fn the_number_of_sets_is_bounded() {
    let trial = Trial::new(|_| set("a")).await;
    let now = |at| Timestamp::from_seconds(1_000_000 + at);
    let get = async |n: i64| {
        let uri = format!("{}?n={n}", trial.site.url());
        trial.cache.get(&trial.fetcher, &uri, None, now(n)).await.unwrap();
    };
    for n in 0..300 {
        get(n).await;
    }
    assert_eq!(trial.cache.len(), 256);
    let before = trial.fetches();
    get(299).await;
    assert_eq!(trial.fetches(), before, "the latest are kept");
    get(0).await;
    assert_eq!(trial.fetches(), before + 1, "the oldest was forgotten");
    let long = format!("{}?{}", trial.site.url(), "x".repeat(3_000));
    let told = trial.cache.get(&trial.fetcher, &long, None, now(0)).await;
    assert_eq!(told, Err(JwksError::Fetch(FetchError::Url)));
}

#[tokio::test]
async fn that_others_are_being_fetched_is_not_remembered() {
    let trial = Trial::new(|nth| set(&format!("key{nth}"))).await;
    let client = ClientId::parse("c1").unwrap();
    let now = Timestamp::from_seconds(1_000_000);
    let get = async |kid| {
        let fetcher = trial.fetcher.for_client(&client);
        let url = trial.site.url();
        let found = trial.cache.get(fetcher, &url, kid, now).await;
        found.map(|kids| kids.0.join(","))
    };
    let full = trial.fetcher.fill(&client).await;
    assert_eq!(get(None).await, Err(FetchError::Busy.into()));
    drop(full);
    assert_eq!(get(None).await.unwrap(), "key1");
    let full = trial.fetcher.fill(&client).await;
    assert_eq!(get(Some("key2")).await.unwrap(), "key1", "what is there serves");
    drop(full);
    assert_eq!(get(Some("key2")).await.unwrap(), "key2");
}
