//! The files of `deploy/cluster/`, started as an operator would: three machines on loopback, on ports that are free.

use crate::server::{Door, now};
use omniport::demo::client::{Client, Sent};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;
use tokio::time::sleep;

/// The machines of the example. All run etcd and PostgreSQL under Patroni; the first two `HAProxy` and omniport as well.
pub(crate) const MACHINES: [&str; 3] = ["a", "b", "c"];
/// Longest until a new cluster has its primary and two standbys, on a busy machine.
const MADE: Duration = Duration::from_secs(90);
/// The password of omniport's role.
const PASSWORD: &str = "only-on-loopback";

/// A machine's addresses.
struct Machine {
    name: &'static str,
    etcd: String,
    peers: String,
    postgres: String,
    patroni: String,
    omniport: String,
    web: String,
    primary: String,
}

/// What was started; killed, with its folder, when this is dropped or the tests die.
pub(crate) struct Cluster {
    keeper: (Option<ChildStdin>, BufReader<ChildStdout>),
    child: Child,
    folder: PathBuf,
    machines: Vec<Machine>,
    client: Client,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The end of its input is the keeper's order to stop.
        self.keeper.0 = None;
        let _ = self.child.wait();
    }
}

impl Cluster {
    /// Starts etcd, Patroni and `HAProxy`, and waits until there is a primary with a standby that is in step.
    pub(crate) async fn start() -> Self {
        let mut child = as_server_user()
            .args(["-c", include_str!("keeper.sh"), "keeper"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut folder = String::new();
        stdout.read_line(&mut folder).unwrap();
        assert!(folder.starts_with('/'), "{folder}");
        let mut cluster = Self {
            keeper: (stdin, stdout),
            child,
            folder: PathBuf::from(folder.trim()),
            machines: machines(),
            client: Client::default(),
        };
        for machine in MACHINES {
            cluster.start_etcd(machine);
        }
        for machine in MACHINES {
            cluster.start_patroni(machine);
        }
        cluster.certificate();
        for machine in &MACHINES[..2] {
            cluster.start_haproxy(machine);
        }
        let began = now();
        while !cluster.is_whole().await {
            assert!(began.elapsed() < MADE, "not made in time: {}", cluster.told());
            sleep(Duration::from_millis(100)).await;
        }
        println!("cluster: made in {:?}", began.elapsed());
        cluster
    }

    fn of(&self, name: &str) -> &Machine {
        let at = MACHINES.iter().position(|machine| *machine == name).unwrap();
        &self.machines[at]
    }

    fn start_etcd(&mut self, name: &'static str) {
        let machine = self.of(name);
        let peers: Vec<String> = self
            .machines
            .iter()
            .map(|machine| format!("{}=http://{}", machine.name, machine.peers))
            .collect();
        let client = format!("http://{}", machine.etcd);
        let peer = format!("http://{}", machine.peers);
        let folder = self.folder.join(format!("etcd-{name}/data"));
        let settings = [
            ("ETCD_NAME", name.to_owned()),
            ("ETCD_DATA_DIR", folder.display().to_string()),
            ("ETCD_LISTEN_CLIENT_URLS", client.clone()),
            ("ETCD_ADVERTISE_CLIENT_URLS", client),
            ("ETCD_LISTEN_PEER_URLS", peer.clone()),
            ("ETCD_INITIAL_ADVERTISE_PEER_URLS", peer),
            ("ETCD_INITIAL_CLUSTER", peers.join(",")),
        ];
        self.run(&format!("etcd-{name}"), "etcd.env", &settings, "etcd");
    }

    fn start_patroni(&mut self, name: &'static str) {
        let machine = self.of(name);
        let etcd: Vec<&str> = self.machines.iter().map(|machine| &*machine.etcd).collect();
        let folder = self.folder.join(name);
        let settings = [
            ("PATRONI_NAME", name.to_owned()),
            ("PATRONI_ETCD3_HOSTS", etcd.join(",")),
            ("PATRONI_RESTAPI_LISTEN", machine.patroni.clone()),
            ("PATRONI_RESTAPI_CONNECT_ADDRESS", machine.patroni.clone()),
            ("PATRONI_POSTGRESQL_LISTEN", machine.postgres.clone()),
            ("PATRONI_POSTGRESQL_CONNECT_ADDRESS", machine.postgres.clone()),
            (
                "PATRONI_POSTGRESQL_DATA_DIR",
                folder.join("data").display().to_string(),
            ),
            ("PATRONI_POSTGRESQL_BIN_DIR", postgresql().display().to_string()),
            (
                "PATRONI_POSTGRESQL_PGPASS",
                folder.join("pgpass").display().to_string(),
            ),
            ("OMNIPORT_DATABASE_PASSWORD", PASSWORD.to_owned()),
            (
                "OMNIPORT_DATABASE_SQL",
                example("database.sql").display().to_string(),
            ),
        ];
        let program = format!("patroni {}", example("patroni.yml").display());
        self.run(name, "patroni.env", &settings, &program);
    }

    fn start_haproxy(&mut self, name: &str) {
        // The first machine's door is plain for the load, the second's encrypted as in the example.
        let secure = format!(
            "{} ssl crt {} alpn h2,http/1.1",
            self.of(name).web,
            self.folder.join("web.pem").display()
        );
        let web = if name == "a" {
            self.of(name).web.clone()
        } else {
            secure
        };
        let user = Command::new("stat")
            .args(["-c", "%U"])
            .arg(&self.folder)
            .output()
            .unwrap();
        let mut settings = vec![
            (
                "HAPROXY_USER",
                String::from_utf8(user.stdout).unwrap().trim().to_owned(),
            ),
            ("WEB_BIND", web),
            ("PRIMARY_BIND", self.of(name).primary.clone()),
            ("OMNIPORT_A", self.of("a").omniport.clone()),
            ("OMNIPORT_B", self.of("b").omniport.clone()),
        ];
        let keys = [
            ("POSTGRES_A", "PATRONI_A"),
            ("POSTGRES_B", "PATRONI_B"),
            ("POSTGRES_C", "PATRONI_C"),
        ];
        for ((postgres, patroni), machine) in keys.into_iter().zip(&self.machines) {
            settings.push((postgres, machine.postgres.clone()));
            settings.push((
                patroni,
                machine.patroni.split(':').next_back().unwrap().to_owned(),
            ));
        }
        let program = format!("/usr/sbin/haproxy -W -f {}", example("haproxy.cfg").display());
        self.run(&format!("haproxy-{name}"), "haproxy.env", &settings, &program);
    }

    /// A certificate for the encrypted door, and its authority.
    fn certificate(&self) {
        let script = "cd \"$0\" && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
            -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout web.key -out web.crt 2>web.log \
            && cat web.crt web.key >web.pem && chmod 644 web.pem";
        let made = Command::new("bash")
            .args(["-c", script])
            .arg(&self.folder)
            .status();
        assert!(made.unwrap().success(), "openssl");
    }

    /// Starts `program` with the settings of an example's file, some of them replaced.
    fn run(&mut self, name: &str, file: &str, settings: &[(&str, String)], program: &str) {
        let mut text = String::new();
        for (key, value) in settings_of(file, settings) {
            writeln!(text, "{key}='{value}'").unwrap();
        }
        std::fs::write(self.folder.join(format!("{name}.env")), text).unwrap();
        self.tell(&format!("start {name} {program}"));
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.keeper.0.as_mut().unwrap(), "{line}").unwrap();
        let mut answer = String::new();
        self.keeper.1.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim(), "ok", "{line}");
    }

    /// Sends a signal to a machine's Patroni and PostgreSQL and all their processes at once.
    pub(crate) fn signal(&mut self, name: &str, signal: &str) {
        self.tell(&format!("kill {name} {signal}"));
    }

    /// Sends a signal to a machine's PostgreSQL alone: Patroni sees it die.
    pub(crate) fn crash(&mut self, name: &str, signal: &str) {
        self.tell(&format!("crash {name} {signal}"));
    }

    /// Starts a machine's Patroni again, after it was killed.
    pub(crate) fn revive(&mut self, name: &'static str) {
        self.start_patroni(name);
    }

    /// Who says of itself to be the primary, and how many standbys follow it, from its own books.
    pub(crate) async fn primary(&self) -> Option<(&'static str, usize)> {
        let mut found = None;
        for machine in &self.machines {
            let asked = self
                .client
                .send(Sent::get(format!("http://{}/primary", machine.patroni)));
            let asked = tokio::time::timeout(Duration::from_secs(2), asked).await;
            let Ok(Ok(exchange)) = asked else { continue };
            if exchange.answer.status == 200 {
                if found.is_some() {
                    // One that was frozen has not looked at the clock yet.
                    return None;
                }
                let books = exchange.answer.json();
                let standbys = books["replication"].as_array().map_or(&[][..], Vec::as_slice);
                let follows = standbys
                    .iter()
                    .filter(|standby| standby["state"] == "streaming")
                    .count();
                found = Some((machine.name, follows));
            }
        }
        found
    }

    /// A primary, and everybody else follows it.
    pub(crate) async fn is_whole(&self) -> bool {
        matches!(self.primary().await, Some((_, follow)) if follow == MACHINES.len() - 1)
    }

    /// How often PostgreSQL on any machine has been promoted: each one writes it to its log as it happens.
    pub(crate) fn promotions(&self) -> usize {
        let counted = MACHINES.iter().map(|name| {
            let log = std::fs::read(self.folder.join(format!("{name}.log"))).unwrap_or_default();
            String::from_utf8_lossy(&log)
                .matches("selected new timeline ID")
                .count()
        });
        counted.sum()
    }

    /// What omniport on a machine is started with.
    pub(crate) fn omniport(&self, name: &str) -> BTreeMap<String, String> {
        let machine = self.of(name);
        let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        let settings = [
            ("OMNIPORT_KEYS_ENCRYPTION_KEY", key.to_owned()),
            ("OMNIPORT_LISTEN", machine.omniport.clone()),
            ("OMNIPORT_ISSUER", format!("http://{}", self.of("a").web)),
            ("OMNIPORT_DATABASE", self.database(name)),
            ("OMNIPORT_SERVER_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
        ];
        settings_of("omniport.env", &settings)
    }

    /// The address of the database as a machine sees it.
    pub(crate) fn database(&self, name: &str) -> String {
        format!(
            "postgres://omniport:{PASSWORD}@{}/omniport",
            self.of(name).primary
        )
    }

    /// Where apps come in on a machine, in plain HTTP.
    pub(crate) fn door(&self, name: &str) -> Door {
        Door::new(&self.of(name).web)
    }

    /// Asks over TLS for a page, as the example has it; the answer's head and body.
    pub(crate) fn encrypted(&self, name: &str, path: &str) -> String {
        let mut asked = Command::new("openssl")
            .args([
                "s_client",
                "-quiet",
                "-verify_return_error",
                "-servername",
                "localhost",
            ])
            .args([
                "-verify_hostname",
                "localhost",
                "-connect",
                &self.of(name).web,
                "-CAfile",
            ])
            .arg(self.folder.join("web.crt"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        asked
            .stdin
            .as_mut()
            .unwrap()
            .write_all(request.as_bytes())
            .unwrap();
        String::from_utf8(asked.wait_with_output().unwrap().stdout).unwrap()
    }

    /// The ends of the logs.
    pub(crate) fn told(&self) -> String {
        let mut text = String::new();
        for entry in std::fs::read_dir(&self.folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "log") {
                let log = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                let lines: Vec<&str> = log.lines().collect();
                let end = lines[lines.len().saturating_sub(15)..].join("\n  ");
                writeln!(text, "\n{}:\n  {end}", path.display()).unwrap();
            }
        }
        text
    }
}

/// Addresses on loopback, none twice.
fn machines() -> Vec<Machine> {
    let bound: Vec<TcpListener> = (0..21)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    let mut free = bound
        .iter()
        .map(|listener| listener.local_addr().unwrap().to_string());
    let mut next = || free.next().unwrap();
    let machines = MACHINES.map(|name| Machine {
        name,
        etcd: next(),
        peers: next(),
        postgres: next(),
        patroni: next(),
        omniport: next(),
        web: next(),
        primary: next(),
    });
    machines.into()
}

/// A file of the example.
fn example(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../deploy/cluster")
        .join(name);
    path.canonicalize().unwrap()
}

/// The settings of one of the example's files, some of them replaced. A setting that the file does not have is refused:
/// the file would lack something.
fn settings_of(file: &str, replaced: &[(&str, String)]) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(example(file)).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pairs = lines.map(|line| line.split_once('=').unwrap());
    let mut settings: BTreeMap<String, String> = pairs
        .map(|(key, value)| (key.to_owned(), value.trim_matches('"').to_owned()))
        .collect();
    for (key, value) in replaced {
        let old = settings.insert((*key).to_owned(), value.clone());
        assert!(old.is_some(), "{key} is not in deploy/cluster/{file}");
    }
    settings
}

/// A shell of a user who may run PostgreSQL: it refuses root.
fn as_server_user() -> Command {
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let mut command = Command::new(if is_root { "setpriv" } else { "bash" });
    if is_root {
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "bash"]);
    }
    command.current_dir("/tmp");
    command
}

/// Where PostgreSQL's programs are; and that the other programs are there too. Tests fail without them: an example that
/// was not tried is not known to work.
fn postgresql() -> PathBuf {
    for program in ["/usr/bin/etcd", "/usr/bin/patroni", "/usr/sbin/haproxy"] {
        assert!(
            Path::new(program).is_file(),
            "{program} is missing; as root: apt-get install -y --no-install-recommends patroni etcd-server haproxy postgresql"
        );
    }
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("postgres").is_file())
        .collect();
    found.sort();
    found
        .pop()
        .expect("PostgreSQL is not installed; as root: apt-get install -y --no-install-recommends postgresql")
}
