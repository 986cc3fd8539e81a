//! What the commands print: results to standard output, everything else to standard error.

use crate::Failure;
use serde_json::Value;
use std::io::{ErrorKind, IsTerminal, Write};

/// Prints a line of the result. A reader that went away (`| head`) is no failure.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Prints a result as JSON, indented for people.
pub(crate) fn json(value: &Value) -> Result<(), Failure> {
    line(&format!("{value:#}"))
}

/// Prints a sentence to standard error. Where even that fails there is nobody left to tell.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "omniport: {text}");
}

/// How far a long task is, on standard error where somebody watches; nothing elsewhere. Gone when dropped.
pub(crate) struct Bar {
    watched: bool,
    shown: Option<u64>,
}

/// How many characters the bar itself has.
const BAR: usize = 30;

impl Bar {
    pub(crate) fn new() -> Self {
        Self {
            watched: std::io::stderr().is_terminal(),
            shown: None,
        }
    }

    /// Draws it anew when the percentage has changed.
    pub(crate) fn show(&mut self, what: &str, done: u64, all: u64) {
        let percent = done.saturating_mul(100).checked_div(all).unwrap_or(100);
        if self.watched && self.shown != Some(percent) {
            self.shown = Some(percent);
            // Where it cannot be drawn the task goes on all the same.
            let _ = write!(std::io::stderr().lock(), "\r{}\u{1b}[K", bar(what, percent));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(std::io::stderr().lock(), "\r\u{1b}[K");
        }
    }
}

fn bar(what: &str, percent: u64) -> String {
    let full = usize::try_from(percent.min(100)).unwrap_or(100) * BAR / 100;
    format!(
        "[{}{}] {percent:>3} % {what}",
        "#".repeat(full),
        "-".repeat(BAR - full)
    )
}

/// Rows under a heading, each column as wide as its widest cell.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let cells = |at: usize| {
        rows.iter()
            .filter_map(move |row| row.get(at))
            .map(|cell| cell.chars().count())
    };
    let widths: Vec<usize> = heading
        .iter()
        .enumerate()
        .map(|(at, title)| cells(at).chain([title.chars().count()]).max().unwrap_or(0))
        .collect();
    let heading: Vec<String> = heading.iter().map(ToString::to_string).collect();
    let written = |row: &Vec<String>| {
        let padded = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}", width = *width));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    std::iter::once(&heading)
        .chain(rows)
        .map(written)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A text from outside on one line: control characters, which could move the cursor, as `?`.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

/// Seconds since 1970 as people read a moment: `2026-11-23 14:05 UTC`.
pub(crate) fn moment(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| seconds.to_string(),
        |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["asha".to_owned(), "1".to_owned()],
            vec!["b".to_owned(), String::new()],
        ];
        assert_eq!(table(&["name", "n"], &rows), "name  n\nasha  1\nb");
    }

    #[test]
    fn the_bar_fills() {
        assert_eq!(bar("people", 0), format!("[{}]   0 % people", "-".repeat(30)));
        assert_eq!(
            bar("x", 50),
            format!("[{}{}]  50 % x", "#".repeat(15), "-".repeat(15))
        );
        assert_eq!(bar("x", 100), format!("[{}] 100 % x", "#".repeat(30)));
    }

    #[test]
    fn a_moment_is_a_date_in_utc() {
        assert_eq!(moment(0), "1970-01-01 00:00 UTC");
        assert_eq!(moment(1_795_442_759), "2026-11-23 14:05 UTC");
        assert_eq!(moment(i64::MAX), i64::MAX.to_string());
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\n"), "a?[2Jb?");
    }
}
