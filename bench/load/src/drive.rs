//! Closed-loop load: each connection asks, checks the answer, asks again. Bounded in time and in requests.
//!
//! One wrong answer (status, members of the body, a secret that came before) ends the row as failed.

use crate::http::{Answer, Connection};
use crate::{Outcome, tokens, usage};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::LocalSet;
use tokio::time::{sleep, timeout};

/// No single answer may take longer, in seconds.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
pub(crate) struct Job {
    /// The server; or its nodes, among which the connections are shared.
    addresses: Vec<SocketAddr>,
    /// Its processes, or theirs.
    pids: Vec<u32>,
    connections: u64,
    warm_seconds: f64,
    seconds: f64,
    /// Most requests in all, the first ones (to get warm) included.
    most: u64,
    method: String,
    path: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// `{token}` in path, headers and body stands for the secret of a number.
    #[serde(default)]
    body: Option<String>,
    status: u16,
    /// Members that the answer's JSON object must have.
    #[serde(default)]
    members: Map<String, Value>,
    /// Members that must be there, whatever they hold.
    #[serde(default)]
    present: Vec<String>,
    /// How the answer's Location must begin; a `code` must follow in it.
    #[serde(default)]
    location: Option<String>,
    /// The member with a new secret; none may come twice.
    #[serde(default)]
    fresh: Option<String>,
    #[serde(default)]
    tokens: Option<Tokens>,
}

#[derive(Deserialize, Clone)]
struct Tokens {
    prefix: String,
    from: u64,
    to: u64,
    pick: Pick,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Pick {
    /// Any of them, again and again.
    Random,
    /// Each of them once, then the row ends.
    Once,
    /// Any of them; the answer's `refresh_token` takes its place.
    Rotate,
}

#[derive(Serialize)]
pub(crate) struct Report {
    count: u64,
    /// All that were asked for, before and after the measuring, too.
    asked: u64,
    seconds: f64,
    per_second: f64,
    p50_micros: u64,
    p99_micros: u64,
    cpu_micros: f64,
    rss_kib: u64,
    /// Some of the new secrets, for the caller to look whether they work.
    sample: Vec<String>,
    failure: Option<String>,
}

struct Shared {
    job: Job,
    asked: Cell<u64>,
    next: Cell<u64>,
    measuring: Cell<bool>,
    stop: Cell<bool>,
    micros: RefCell<Vec<u64>>,
    seen: RefCell<HashSet<String>>,
    failure: RefCell<Option<String>>,
}

pub(crate) fn run(job: Job) -> Outcome<Report> {
    if job.addresses.is_empty() || !job.addresses.iter().all(|address| address.ip().is_loopback()) {
        return Err("loopback only".into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, measured(job))
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
async fn measured(job: Job) -> Outcome<Report> {
    let next = job.tokens.as_ref().map_or(0, |tokens| tokens.from);
    let shared = Rc::new(Shared {
        job,
        asked: Cell::new(0),
        next: Cell::new(next),
        measuring: Cell::new(false),
        stop: Cell::new(false),
        micros: RefCell::default(),
        seen: RefCell::default(),
        failure: RefCell::default(),
    });
    let callers: Vec<_> = (0..shared.job.connections)
        .map(|number| tokio::task::spawn_local(caller(shared.clone(), number)))
        .collect();
    until(&shared, shared.job.warm_seconds).await;
    let cpu = usage::cpu_seconds(&shared.job.pids)?;
    let began = Instant::now();
    shared.measuring.set(true);
    until(&shared, shared.job.seconds).await;
    shared.measuring.set(false);
    let seconds = began.elapsed().as_secs_f64();
    let cpu = usage::cpu_seconds(&shared.job.pids)? - cpu;
    let rss_kib = usage::resident_kib(&shared.job.pids)?;
    shared.stop.set(true);
    for caller in callers {
        caller.await?;
    }
    let mut micros = shared.micros.take();
    micros.sort_unstable();
    let at = |part: usize| micros.get((micros.len() * part / 100).min(micros.len().saturating_sub(1)));
    let count = micros.len() as u64;
    Ok(Report {
        count,
        asked: shared.asked.get(),
        seconds,
        per_second: count as f64 / seconds,
        p50_micros: at(50).copied().unwrap_or_default(),
        p99_micros: at(99).copied().unwrap_or_default(),
        cpu_micros: cpu / (count.max(1)) as f64 * 1e6,
        rss_kib,
        sample: shared.seen.take().into_iter().take(20).collect(),
        failure: shared.failure.take(),
    })
}

/// Waits so long, or until there is nothing more to ask.
async fn until(shared: &Shared, seconds: f64) {
    let began = Instant::now();
    while began.elapsed().as_secs_f64() < seconds && !shared.stop.get() {
        sleep(Duration::from_millis(2)).await;
    }
}

async fn caller(shared: Rc<Shared>, number: u64) {
    if let Err(error) = calls(&shared, number).await {
        shared.failure.borrow_mut().get_or_insert(error.to_string());
        shared.stop.set(true);
    }
}

async fn calls(shared: &Shared, number: u64) -> Outcome<()> {
    let nodes = &shared.job.addresses;
    let address = nodes[usize::try_from(number)? % nodes.len()];
    let mut connection = Connection::new(address);
    let mut picker = Picker::new(shared, number);
    while !shared.stop.get() {
        let Some(token) = picker.next(shared) else {
            shared.stop.set(true);
            break;
        };
        shared.asked.set(shared.asked.get() + 1);
        let request = request(&shared.job, address, &token);
        let began = Instant::now();
        let answer = timeout(PATIENCE, connection.ask(&request))
            .await
            .map_err(|_| "no answer in 20 s")??;
        let took = began.elapsed();
        let body = check(shared, &answer)?;
        if shared.measuring.get() {
            shared.micros.borrow_mut().push(u64::try_from(took.as_micros())?);
        }
        picker.answered(&body)?;
    }
    Ok(())
}

fn request(job: &Job, address: SocketAddr, token: &str) -> Vec<u8> {
    let fill = |text: &str| text.replace("{token}", token);
    let mut text = format!(
        "{} {} HTTP/1.1\r\nhost: {}\r\n",
        job.method,
        fill(&job.path),
        address
    );
    for (name, value) in &job.headers {
        text.extend([name, ": ", &fill(value), "\r\n"]);
    }
    let body = job.body.as_deref().map(fill).unwrap_or_default();
    if job.body.is_some() {
        text.push_str("content-type: application/x-www-form-urlencoded\r\n");
        text.extend(["content-length: ", &body.len().to_string(), "\r\n"]);
    }
    text.extend(["\r\n", &body]);
    text.into_bytes()
}

/// The answer is what it has to be.
fn check(shared: &Shared, answer: &Answer) -> Outcome<Value> {
    let job = &shared.job;
    let told = || String::from_utf8_lossy(&answer.body[..answer.body.len().min(300)]).into_owned();
    if answer.status != job.status {
        return Err(format!("status {} instead of {}: {}", answer.status, job.status, told()).into());
    }
    let mut body = Value::Null;
    if !job.members.is_empty() || !job.present.is_empty() {
        body = serde_json::from_slice(&answer.body)?;
        for (name, value) in &job.members {
            if body.get(name) != Some(value) {
                return Err(format!("{name} is not {value}: {}", told()).into());
            }
        }
        if let Some(name) = job.present.iter().find(|name| body.get(name.as_str()).is_none()) {
            return Err(format!("{name} is missing: {}", told()).into());
        }
    }
    if let Some(begin) = &job.location {
        let location = answer.location.as_deref().unwrap_or_default();
        let rest = location
            .strip_prefix(begin.as_str())
            .ok_or_else(|| format!("sent to {location}"))?;
        let code = rest.split(['?', '&']).find_map(|pair| pair.strip_prefix("code="));
        is_new(shared, code.unwrap_or_default())?;
    }
    if let Some(name) = &job.fresh {
        is_new(shared, body.get(name).and_then(Value::as_str).unwrap_or_default())?;
    }
    Ok(body)
}

fn is_new(shared: &Shared, secret: &str) -> Outcome<()> {
    if secret.len() < 20 || !shared.seen.borrow_mut().insert(secret.to_owned()) {
        return Err("a secret is too short, or came twice".into());
    }
    Ok(())
}

/// Which token is asked with next.
struct Picker {
    tokens: Option<Tokens>,
    random: u64,
    current: u64,
    rotated: HashMap<u64, String>,
}

impl Picker {
    fn new(shared: &Shared, number: u64) -> Self {
        let mut tokens = shared.job.tokens.clone();
        // Each connection rotates its own share, so that no two use one token at a time.
        if let Some(tokens) = tokens.as_mut().filter(|tokens| tokens.pick == Pick::Rotate) {
            let share = (tokens.to - tokens.from) / shared.job.connections;
            tokens.from += share * number;
            tokens.to = tokens.from + share;
        }
        Self {
            tokens,
            random: 0x9e37_79b9_7f4a_7c15 ^ (number + 1),
            current: 0,
            rotated: HashMap::new(),
        }
    }

    fn next(&mut self, shared: &Shared) -> Option<String> {
        if shared.asked.get() >= shared.job.most {
            return None;
        }
        let Some(tokens) = &self.tokens else {
            return Some(String::new());
        };
        if tokens.pick == Pick::Once {
            self.current = shared.next.get();
            if self.current >= tokens.to {
                return None;
            }
            shared.next.set(self.current + 1);
        } else {
            // xorshift64: which token it is need not be a secret.
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            self.current = tokens.from + self.random % (tokens.to - tokens.from);
        }
        let rotated = self.rotated.get(&self.current).cloned();
        Some(rotated.unwrap_or_else(|| tokens::secret(&tokens.prefix, self.current)))
    }

    fn answered(&mut self, body: &Value) -> Outcome<()> {
        if self
            .tokens
            .as_ref()
            .is_some_and(|tokens| tokens.pick == Pick::Rotate)
        {
            let next = body
                .get("refresh_token")
                .and_then(Value::as_str)
                .ok_or("no refresh_token")?;
            self.rotated.insert(self.current, next.to_owned());
        }
        Ok(())
    }
}
