//! The `omniport` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(omniport::run(std::env::args_os(), std::env::vars_os()))
}
