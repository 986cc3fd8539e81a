//! A throw-away PostgreSQL server: made by `initdb` in a temporary folder, gone when the tests end, however they end.
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// Obeys one command a line and answers each with a line. PostgreSQL stops, and its folder goes, when the pipe to it
/// closes: also where the tests were killed.
const KEEPER: &str = r#"
set -u
bin=$1 port=$2 fsync=$3
folder=$(mktemp -d /tmp/omniport-pg.XXXXXX)
exec 3>&1 >"$folder/log" 2>&1
pid=
thaw() { kill -CONT "$pid"; pkill -CONT -P "$pid"; }
stop() { [ -n "$pid" ] && kill "-$1" "$pid" && thaw && wait "$pid"; pid=; }
trap 'stop QUIT; rm -rf "$folder"' EXIT
start() {
  "$bin/postgres" -D "$folder/data" -p "$port" -k "$folder" -c listen_addresses=127.0.0.1 -c fsync="$fsync" \
    -c max_connections=400 -c shared_buffers=32MB -c deadlock_timeout=200ms -c log_min_messages=warning \
    </dev/null 3>&- >>"$folder/server.log" 2>&1 &
  pid=$!
}
ready() {
  for _ in $(seq 300); do
    "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" && return 0
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}
"$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null || {
  echo "FAILED initdb: $(tail -c 2000 "$folder/log")" >&3; exit 1; }
cat >"$folder/data/pg_hba.conf" <<'HBA'
local all all trust
hostssl all tls_only 127.0.0.1/32 trust
host all tls_only 127.0.0.1/32 reject
host all locked 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
HBA
echo "$folder" >&3
while read -r word; do
  case $word in
    start) start && ready && echo ok >&3 || echo "FAILED start: $(tail -c 2000 "$folder/server.log")" >&3 ;;
    fast) stop INT; echo ok >&3 ;;
    crash) stop QUIT; echo ok >&3 ;;
    freeze) pkill -STOP -P "$pid"; kill -STOP "$pid"; echo ok >&3 ;;
    thaw) thaw; echo ok >&3 ;;
    tls) (cd "$folder/data" && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
        -keyout server.key -out server.crt && chmod 600 server.key \
        && cp server.crt "$folder/ca.pem" && chmod 644 "$folder/ca.pem" && chmod 755 "$folder" \
        && echo "ssl = on" >>postgresql.conf) && echo ok >&3 || echo "FAILED tls: $(tail -c 2000 "$folder/log")" >&3 ;;
  esac
done
"#;

/// A server and the thread of commands to its keeper.
pub(crate) struct Cluster {
    keeper: Mutex<(Option<ChildStdin>, BufReader<ChildStdout>)>,
    child: Child,
    pub(crate) port: u16,
    pub(crate) folder: PathBuf,
}

/// Where the server's programs are. Tests fail without them: a driver that was not tried is not known to work.
pub(crate) fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("postgres").is_file() && bin.join("initdb").is_file())
        .collect();
    found.sort();
    assert!(
        !found.is_empty(),
        "PostgreSQL is not installed; as root: apt-get install -y --no-install-recommends postgresql pgbouncer"
    );
    found.remove(found.len() - 1)
}

/// A command that runs as a user who may run PostgreSQL: it refuses root.
pub(crate) fn as_server_user(program: &str) -> Command {
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let mut command = Command::new(if is_root { "setpriv" } else { program });
    if is_root {
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", program]);
    }
    command.current_dir("/tmp");
    command
}

/// A loopback port that is free at the moment.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

impl Cluster {
    /// Makes one and does not start it. Without `fsync` it is faster, and safe from all but a power cut.
    pub(crate) fn make(fsync: bool) -> Self {
        let port = free_port();
        let mut child = as_server_user("bash")
            .args(["-c", KEEPER, "keeper"])
            .arg(programs())
            .args([port.to_string().as_str(), if fsync { "on" } else { "off" }])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut folder = String::new();
        stdout.read_line(&mut folder).unwrap();
        assert!(folder.starts_with('/'), "{folder}");
        Self {
            keeper: Mutex::new((stdin, stdout)),
            child,
            port,
            folder: PathBuf::from(folder.trim()),
        }
    }

    /// Makes one and starts it.
    pub(crate) fn start(fsync: bool) -> Self {
        let cluster = Self::make(fsync);
        cluster.tell("start");
        cluster
    }

    /// This test binary's own, started once.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(false))
    }

    /// `start`, `fast` (stops it as an operator does), `crash`,
    /// `freeze`, `thaw`, `tls`.
    pub(crate) fn tell(&self, word: &str) {
        let mut keeper = self.keeper.lock().unwrap();
        writeln!(keeper.0.as_mut().unwrap(), "{word}").unwrap();
        let mut answer = String::new();
        keeper.1.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim(), "ok", "{word}");
    }

    /// Runs SQL in a database, as its superuser.
    pub(crate) async fn sql(&self, database: &str, sql: &str) -> Vec<String> {
        let config = format!(
            "host=127.0.0.1 port={} user=postgres dbname={database}",
            self.port
        );
        let (client, connection) = tokio_postgres::connect(&config, tokio_postgres::NoTls)
            .await
            .unwrap();
        let carrier = tokio::spawn(connection);
        let messages = client.simple_query(sql).await.unwrap();
        drop(client);
        let _ = carrier.await.unwrap();
        let first = |message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        };
        messages.into_iter().filter_map(first).collect()
    }

    /// A new empty database, and its address.
    pub(crate) async fn database(&self) -> (String, String) {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("o{}", MADE.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}")).await;
        let url = self.url(&name);
        (name, url)
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The end of its input is the keeper's order to stop.
        self.keeper.lock().unwrap().0 = None;
        let _ = self.child.wait();
    }
}

/// Waits until `done` says so, at most `limit`.
pub(crate) async fn until(limit: Duration, mut done: impl AsyncFnMut() -> bool) -> bool {
    let tried = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(limit, tried).await.is_ok()
}
