//! The `omniport` command.

use std::process::ExitCode;

/// In place of the system's: glibc's takes a lock for what one worker gives back of another's, which under load was half of
/// all waiting (docs/decisions/0041).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(omniport::run(std::env::args_os(), std::env::vars_os()))
}
