//! `omniport audit verify`.

use super::{Environment, Source};
use crate::{Failure, output};
use clap::Args;
use omniport_protocol::audit::{Broken, Entry, MAX_LINE_BYTES, Verified, Verifier};
use serde_json::json;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Verify that the audit log is the one that was written
///
/// Each event has a hash over itself and the one before it, so that whatever is changed, removed or put in another
/// order shows, with the number of the event. Note the head that is printed somewhere else, now and then: with it the
/// next run also finds a log that was written anew as a whole, or whose end is missing.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  omniport audit verify --database sqlite:/var/lib/omniport/omniport.db\n  omniport audit verify --head \"$NOTED_HEAD\"\n  omniport audit verify --file audit.jsonl\n\nExit codes: 0 the log is whole, 1 it is not or could not be read, 2 wrong use."
)]
pub(in crate::commands) struct Verify {
    /// Verify an export instead of the database; needs nothing else
    #[arg(long, value_name = "EXPORT")]
    file: Option<PathBuf>,
    /// A head that was noted before, which must still be in the log
    #[arg(long, value_name = "HEAD")]
    head: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Verify {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let mut verifier = Verifier::new();
        if let Some(head) = &self.head {
            let noted = verifier.expecting(head.trim());
            verifier = noted.map_err(|error| Failure::WrongUse(format!("--head: {error}")))?;
        }
        let found = if let Some(file) = &self.file {
            of_file(file, verifier)?
        } else {
            let engine = self.source.engine(environment).await?;
            engine.verify_audit(verifier).await?
        };
        self.tell(found)
    }

    fn tell(&self, found: Result<Verified, Broken>) -> Result<(), Failure> {
        match found {
            Ok(whole) => {
                let head = whole.head.to_string();
                if self.json {
                    return output::json(&json!({
                        "whole": true, "events": whole.events, "first": whole.first, "head": head,
                    }));
                }
                let cut = match whole.first {
                    Some(first) if first > 1 => format!(" The {} before them were cut.", first - 1),
                    _ => String::new(),
                };
                output::line(&format!(
                    "The audit log is whole: {} events.{cut}\nHead {head}\nNote it where nobody who can write the \
                     database can change it: `--head` then finds a log that was written anew.",
                    whole.events
                ))
            }
            Err(broken) => {
                if self.json {
                    output::json(&json!({
                        "whole": false, "event": broken.number, "why": broken.how.to_string(),
                    }))?;
                }
                Err(Failure::new(format!(
                    "the audit log is not the one that was written: {broken}"
                )))
            }
        }
    }
}

/// An export, a line at a time.
fn of_file(path: &Path, mut verifier: Verifier) -> Result<Result<Verified, Broken>, Failure> {
    let told = |error: std::io::Error| Failure::new(format!("{} cannot be read: {error}", path.display()));
    let mut reader = BufReader::new(File::open(path).map_err(told)?);
    for number in 1_u64.. {
        let mut line = Vec::new();
        let longest = MAX_LINE_BYTES as u64 + 1;
        reader
            .by_ref()
            .take(longest)
            .read_until(b'\n', &mut line)
            .map_err(told)?;
        if line.is_empty() {
            break;
        }
        let text = line
            .strip_suffix(b"\n")
            .and_then(|line| std::str::from_utf8(line).ok());
        let at = |why: &str| Failure::new(format!("{}, line {number}: {why}", path.display()));
        let text = text
            .ok_or_else(|| at("it is no line of an export: its end is missing, it is too long or no text"))?;
        let entry = Entry::parse_line(text).map_err(|error| at(&error.to_string()))?;
        if let Err(broken) = verifier.add(&entry) {
            return Ok(Err(broken));
        }
    }
    Ok(verifier.finish(None))
}
