//! The log: one line an event, to standard error.

mod format;
mod lines;
mod request;

use crate::config::{Level, Log as Settings, LogFormat};
use lines::Lines;
pub(crate) use lines::Log;
pub(crate) use request::scope;
use tracing_subscriber::filter::LevelFilter;

/// What is told where lines were left out.
const LEFT_OUT: &str = "lines were left out here: the log is read too slowly";

/// Starts the log, for as long as what is given back is kept. Only the first call of a process has an effect.
pub(crate) fn start(log: Settings) -> Option<Log> {
    let level = match log.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    let lines = Lines::default();
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(lines.clone());
    // A second start (tests run several commands in one process) leaves the first one's log as it is.
    let started = match log.format {
        LogFormat::Human => builder
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .event_format(format::Human)
            .try_init(),
        LogFormat::Json => builder.event_format(format::Json).try_init(),
    };
    let missing: fn(u64) -> String = match log.format {
        LogFormat::Human => |lines| format!("WARN {lines} {LEFT_OUT}"),
        LogFormat::Json => |lines| format!(r#"{{"level":"WARN","message":"{LEFT_OUT}","lines":{lines}}}"#),
    };
    started.is_ok().then(|| lines.begin(std::io::stderr(), missing))
}
