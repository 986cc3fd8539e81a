//! One connection: its statements, and several of them sent without waiting for each other's answers.

use super::DEADLINE;
use super::address::Settings;
use super::error::{fault, silent};
use super::text::translate;
use crate::{Fault, Row, Value};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_postgres::error::Severity;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Connection, Error, Socket, Statement};

/// The oldest server we are tested with.
const OLDEST_SERVER: u32 = 15;
/// Limits for a transaction of a session that keeps none: see `SESSION_LIMITS`.
const LOCAL_LIMITS: &str = "; SET LOCAL statement_timeout = 4000; SET LOCAL lock_timeout = 1500";

/// An open connection. Dropping it closes it.
pub(super) struct Session {
    client: Client,
    known: HashMap<&'static str, Known>,
    prepare: bool,
    warnings: Arc<AtomicU64>,
    carrier: JoinHandle<()>,
    /// Those of all sessions, and how many there were when this one was opened.
    silences: (Arc<AtomicU64>, u64),
}

/// A statement that this session has seen.
enum Known {
    Prepared(Statement),
    Translated(String),
}

/// A request that is sent when it is first polled.
pub(super) type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Sends all `calls` in their order, then takes their answers: one round trip for all of them.
pub(super) async fn pipelined<T>(mut calls: Vec<Call<'_, T>>) -> Vec<Result<T, Error>> {
    let mut early: Vec<Option<Result<T, Error>>> = Vec::with_capacity(calls.len());
    poll_fn(|cx| {
        for call in &mut calls {
            early.push(match call.as_mut().poll(cx) {
                Poll::Ready(answer) => Some(answer),
                Poll::Pending => None,
            });
        }
        Poll::Ready(())
    })
    .await;
    let mut answers = Vec::with_capacity(calls.len());
    for (call, early) in calls.into_iter().zip(early) {
        answers.push(match early {
            Some(answer) => answer,
            None => call.await,
        });
    }
    answers
}

impl Session {
    /// Connects, or says within [`DEADLINE`] that it cannot.
    pub(super) async fn open(settings: &Settings) -> Result<Self, Fault> {
        Self::connect(settings, None).await
    }

    /// Connects and listens: `bell` rings whenever a transaction that announces something commits.
    pub(super) async fn listen(settings: &Settings, bell: &Arc<Notify>) -> Result<Self, Fault> {
        let session = Self::connect(settings, Some(Arc::clone(bell))).await?;
        let listening = tokio::time::timeout(DEADLINE, session.run::<()>("LISTEN omniport")).await;
        match listening {
            Ok(Ok(())) => Ok(session),
            Ok(Err(error)) => Err(fault(&error)),
            Err(_) => Err(silent("listening")),
        }
    }

    async fn connect(settings: &Settings, bell: Option<Arc<Notify>>) -> Result<Self, Fault> {
        let silences = settings.silences.load(Ordering::Acquire);
        let connecting = settings.config.connect(settings.connector.clone());
        let connected = tokio::time::timeout(DEADLINE, connecting).await;
        let Ok(connected) = connected else {
            return Err(silent("connecting to it"));
        };
        let (client, connection) = connected.map_err(|error| fault(&error))?;
        check_server(|name| connection.parameter(name))?;
        let warnings = Arc::new(AtomicU64::new(0));
        Ok(Self {
            client,
            known: HashMap::new(),
            prepare: settings.prepare,
            carrier: tokio::spawn(carry(connection, Arc::clone(&warnings), bell)),
            warnings,
            silences: (Arc::clone(&settings.silences), silences),
        })
    }

    /// Whether it must not be used again: the server is gone, or has fallen silent to another session since.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed() || self.silences.0.load(Ordering::Acquire) != self.silences.1
    }

    /// Waits until the server is gone.
    pub(super) async fn ended(&mut self) {
        // A carrier that broke off has ended as well.
        let _ = (&mut self.carrier).await;
    }

    /// Closes it at once: whoever is at the other end may not answer any more, nor any session opened before.
    pub(super) fn abandon(self) {
        self.silences.0.fetch_add(1, Ordering::AcqRel);
        self.carrier.abort();
    }

    /// How many warnings the server has given.
    pub(super) fn warnings(&self) -> u64 {
        self.warnings.load(Ordering::Acquire)
    }

    /// How a transaction begins: `modes` as in `BEGIN modes`.
    pub(super) fn begin(&self, modes: &str) -> String {
        let limits = if self.prepare { "" } else { LOCAL_LIMITS };
        format!("BEGIN {modes}{limits}")
    }

    /// Makes `sql` known, so that [`Self::execute`] and [`Self::query`] can send it at once.
    pub(super) async fn learn(&mut self, sql: &'static str) -> Result<(), Error> {
        if !self.known.contains_key(sql) {
            let text = translate(sql);
            let known = if self.prepare {
                Known::Prepared(self.client.prepare(&text).await?)
            } else {
                Known::Translated(text)
            };
            self.known.insert(sql, known);
        }
        Ok(())
    }

    /// Runs a change that is known; answers how many rows it touched.
    pub(super) fn execute<'a>(&'a self, sql: &'static str, params: &'a [Value]) -> Call<'a, u64> {
        Box::pin(async move {
            match self.known.get(sql) {
                Some(Known::Prepared(statement)) => self.client.execute_raw(statement, params).await,
                Some(Known::Translated(text)) => self.client.execute_typed(text, &typed(params)).await,
                None => self.client.execute_typed(&translate(sql), &typed(params)).await,
            }
        })
    }

    /// Asks a question that is known.
    pub(super) fn query<'a>(&'a self, sql: &'static str, params: &'a [Value]) -> Call<'a, Vec<Row>> {
        Box::pin(async move {
            let rows = match self.known.get(sql) {
                Some(Known::Prepared(statement)) => self.client.query(statement, &untyped(params)).await,
                Some(Known::Translated(text)) => self.client.query_typed(text, &typed(params)).await,
                None => self.client.query_typed(&translate(sql), &typed(params)).await,
            };
            rows?.iter().map(row).collect()
        })
    }

    /// Runs a text of ours that has no parameters: the frame of a transaction, or a migration.
    pub(super) fn run<'a, T: Default + 'a>(&'a self, sql: &'a str) -> Call<'a, T> {
        Box::pin(async move { self.client.batch_execute(sql).await.map(|()| T::default()) })
    }
}

fn untyped(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn typed(params: &[Value]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    let pair = |value| (value as &(dyn ToSql + Sync), Value::postgres_type(value));
    params.iter().map(pair).collect()
}

fn row(row: &tokio_postgres::Row) -> Result<Row, Error> {
    let values = (0..row.len()).map(|column| row.try_get(column));
    Ok(Row::new(values.collect::<Result<_, _>>()?))
}

/// Carries what is sent and received until the client is dropped or the server is gone.
async fn carry<S>(mut connection: Connection<Socket, S>, warnings: Arc<AtomicU64>, bell: Option<Arc<Notify>>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
        match message {
            Ok(AsyncMessage::Notice(notice)) => {
                if notice.parsed_severity() == Some(Severity::Warning) {
                    tracing::warn!(code = notice.code().code(), "PostgreSQL: {}", notice.message());
                    warnings.fetch_add(1, Ordering::Release);
                }
            }
            Ok(AsyncMessage::Notification(_)) => {
                if let Some(bell) = &bell {
                    bell.notify_one();
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "a connection to PostgreSQL ended");
                return;
            }
        }
    }
}

/// Refuses a server that cannot hold our texts or is too old, by what it says of itself when a session begins.
fn check_server<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> Result<(), Fault> {
    let version = parameter("server_version").unwrap_or_default();
    let major = version.split(|c: char| !c.is_ascii_digit()).next();
    let major: u32 = major.and_then(|digits| digits.parse().ok()).unwrap_or(0);
    if major < OLDEST_SERVER {
        return Err(Fault::Unavailable(format!(
            "the server is PostgreSQL {version}; omniport needs {OLDEST_SERVER} or newer"
        )));
    }
    match parameter("server_encoding") {
        Some("UTF8") => Ok(()),
        encoding => Err(Fault::Unavailable(format!(
            "the database has the encoding {}; create one with UTF8: `createdb --encoding UTF8 --template template0`",
            encoding.unwrap_or("?")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_will_not_do_is_refused() {
        let server = |version: &'static str, encoding: &'static str| {
            check_server(move |name| {
                Some(if name == "server_version" {
                    version
                } else {
                    encoding
                })
            })
        };
        assert_eq!(server("15.18 (Debian 15.18-0+deb12u1)", "UTF8"), Ok(()));
        assert_eq!(server("18beta1", "UTF8"), Ok(()));
        let old = server("14.9", "UTF8").unwrap_err().to_string();
        assert!(old.contains("needs 15"), "{old}");
        let ascii = server("16.1", "SQL_ASCII").unwrap_err().to_string();
        assert!(ascii.contains("--encoding UTF8"), "{ascii}");
    }

    #[tokio::test]
    async fn calls_are_sent_in_order_before_any_answer_is_awaited() {
        let sent = std::sync::Mutex::new(Vec::new());
        let call = |n: u32| -> Call<'_, u32> {
            let sent = &sent;
            Box::pin(async move {
                sent.lock().unwrap().push(n);
                tokio::task::yield_now().await;
                assert_eq!(sent.lock().unwrap().len(), 3);
                Ok(n)
            })
        };
        let answers = pipelined(vec![call(1), call(2), call(3)]).await;
        let answers: Vec<u32> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(
            (answers, sent.into_inner().unwrap()),
            (vec![1, 2, 3], vec![1, 2, 3])
        );
    }
}
