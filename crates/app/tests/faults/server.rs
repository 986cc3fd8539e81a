//! The built binary as a process that a test may starve, kill and start again.

use omniport::demo::client::{Answer, Client, Sent};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::time::timeout;

/// The name of the database in its folder.
pub(crate) const DATABASE: &str = "omniport.db";
/// Longest that a start may take, on a slow machine.
const READY: Duration = Duration::from_secs(10);
/// Longest that a request may take: beyond it, it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(10);
/// Complaints that are kept.
const COMPLAINTS: usize = 100;

#[expect(clippy::disallowed_methods, reason = "measures, and bounds the test")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A folder with a database in it, or another database, and the app that asks for tokens.
pub(crate) struct Place {
    folder: TempDir,
    database: String,
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Place {
    /// A new one with a file, and an app of the `client_credentials` grant.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join(DATABASE).display());
        Self::with(folder, database)
    }

    /// The same on a database that is there.
    pub(crate) fn on(database: String) -> Self {
        Self::with(tempfile::tempdir().unwrap(), database)
    }

    fn with(folder: TempDir, database: String) -> Self {
        let mut place = Self {
            folder,
            database,
            id: String::new(),
            secret: String::new(),
        };
        let person = "person add --username asha --password-stdin --role developer --json";
        place.json(person, "correct horse\n");
        let metadata = r#"{"client_name": "Bus times", "redirect_uris": [], "grant_types": ["client_credentials"],
            "token_endpoint_auth_method": "client_secret_post"}"#;
        let app = place.json("app add --owner asha --file - --approved --json", metadata);
        (place.id, place.secret) = (member(&app, "client_id"), member(&app, "client_secret"));
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Settings for a server on the file `name` of this place, for the environment.
    pub(crate) fn settings(&self, name: &str) -> [(&'static str, String); 3] {
        settings(format!("sqlite:{}", self.path(name).display()))
    }

    /// `program` with the settings for the place's own database.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .envs(settings(self.database.clone()));
        command
    }

    /// `omniport serve` on the place's own database.
    pub(crate) fn serve(&self) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_omniport"));
        command.arg("serve");
        command
    }

    fn json(&self, args: &str, input: &str) -> Value {
        let mut command = self.command(env!("CARGO_BIN_EXE_omniport"));
        command.args(args.split(' '));
        let output = finish(command, input);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args}: {told}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// Settings for a server, for the environment.
fn settings(database: String) -> [(&'static str, String); 3] {
    [
        ("OMNIPORT_DATABASE", database),
        ("OMNIPORT_LISTEN", "127.0.0.1:0".into()),
        ("OMNIPORT_LOG_FORMAT", "json".into()),
    ]
}

/// Runs a command to its end with `input` on its standard input.
pub(crate) fn finish(mut command: Command, input: &str) -> Output {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = pipes.stderr(Stdio::piped()).spawn().unwrap();
    // A command that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// A text in an object.
pub(crate) fn member(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap().to_owned()
}

/// Where a server answers, or a proxy for it.
pub(crate) struct Door {
    base: String,
    client: Client,
}

impl Door {
    /// The one at this address, in plain HTTP.
    pub(crate) fn new(address: &str) -> Self {
        Self {
            base: format!("http://{address}"),
            client: Client::default(),
        }
    }

    /// Whether the server and its database answer.
    pub(crate) async fn is_ready(&self) -> bool {
        let asked = self.client.send(Sent::get(format!("{}/health/ready", self.base)));
        asked.await.is_ok_and(|exchange| exchange.answer.status == 200)
    }

    /// Posts a form as the place's app. None where no whole answer came, so that nobody knows what happened.
    pub(crate) async fn post(&self, place: &Place, path: &str, field: (&str, &str)) -> Option<Answer> {
        let form = [
            ("client_id", &*place.id),
            ("client_secret", &*place.secret),
            field,
        ];
        let sent = self.client.send(Sent::post(format!("{}{path}", self.base), form));
        Some(timeout(PATIENCE, sent).await.ok()?.ok()?.answer)
    }
}

/// A server that is ready; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) door: Door,
    complaints: Arc<Mutex<Vec<String>>>,
    /// From its start until `/health/ready` said so.
    pub(crate) ready_in: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Server {
    /// Starts it and waits until it is ready.
    pub(crate) async fn start(mut command: Command) -> Self {
        let began = now();
        let silent = command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = silent.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let (tell, told) = mpsc::channel();
        let kept = complaints.clone();
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                let event: Value = serde_json::from_str(&line).unwrap_or_default();
                if let Some(address) = event["address"].as_str() {
                    let _ = tell.send(address.to_owned());
                }
                let mut kept = kept.lock().unwrap();
                if !matches!(event["level"].as_str(), Some("INFO")) && kept.len() < COMPLAINTS {
                    kept.push(line);
                }
            }
        });
        let mut server = Self {
            child,
            door: Door::new(""),
            complaints,
            ready_in: Duration::ZERO,
        };
        let Ok(address) = told.recv_timeout(READY) else {
            panic!("it did not start: {:?}", server.complaints());
        };
        server.door = Door::new(&address);
        while !server.door.is_ready().await {
            assert!(began.elapsed() < READY, "not ready: {:?}", server.complaints());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        server.ready_in = began.elapsed();
        server
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Whether it is still the process that was started.
    pub(crate) fn lives(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// What it wrote to its log beyond information.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap().clone()
    }
}
