//! The built binary on a database in a folder, for the tests that run commands.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A command with its database, `omniport.db`, in the folder where it runs.
pub(crate) fn omniport(folder: &Path, args: &[&str]) -> Command {
    let database = format!("sqlite:{}", folder.join("omniport.db").display());
    let mut command = Command::new(env!("CARGO_BIN_EXE_omniport"));
    command
        .args(args)
        .current_dir(folder)
        .env("OMNIPORT_DATABASE", database);
    command
}

/// Runs it with `input` on its standard input.
pub(crate) fn run(mut command: Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}
