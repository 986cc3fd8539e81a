//! Lines on their way out: gathered, and written many at a time.
//!
//! A line of its own costs each request a call of the system, and a wait where another thread is at the same. So a thread
//! of its own writes what has gathered, [`PAUSE`] after the first line of it; a warning, and worse, it writes at once. Whoever
//! reads the log may stand still (a full pipe): that stops no request. Beyond [`ROOM`] lines are left out and counted.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long the first line waits for others.
const PAUSE: Duration = Duration::from_millis(5);
/// Most that waits, in bytes.
const ROOM: usize = 1 << 20;

/// Where lines go. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    text: Vec<u8>,
    left_out: u64,
    /// Not to be kept waiting.
    urgent: bool,
    /// Nobody gathers any more: what comes is written by whoever brings it.
    ended: bool,
}

/// Keeps the lines coming; dropped, it writes what waits. Lines after that are written one by one.
pub(crate) struct Log {
    lines: Lines,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Log {
    fn drop(&mut self) {
        self.lines.waiting().ended = true;
        self.lines.0.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // Had it broken off there would be nothing to tell it with.
            let _ = thread.join();
        }
    }
}

impl Lines {
    /// Begins to write them to `out`, and how many were left out as `missing` puts it. Where no thread can be started they
    /// are written one by one.
    pub(super) fn begin(&self, mut out: impl Write + Send + 'static, missing: fn(u64) -> String) -> Log {
        let lines = self.clone();
        let thread = std::thread::Builder::new()
            .name("log".into())
            .spawn(move || lines.write_to(&mut out, missing))
            .ok();
        self.waiting().ended = thread.is_none();
        Log {
            lines: self.clone(),
            thread,
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // Whoever panicked left whole lines behind.
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_to(&self, out: &mut impl Write, missing: fn(u64) -> String) {
        let mut text = Vec::new();
        loop {
            let mut waiting = self.waiting();
            while waiting.text.is_empty() && !waiting.ended {
                waiting = self
                    .0
                    .changed
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            let more = |waiting: &mut Waiting| !waiting.urgent && !waiting.ended;
            let (mut waiting, _) = self
                .0
                .changed
                .wait_timeout_while(waiting, PAUSE, more)
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::swap(&mut text, &mut waiting.text);
            waiting.urgent = false;
            let (left_out, ended) = (std::mem::take(&mut waiting.left_out), waiting.ended);
            drop(waiting);
            // Where it cannot be written nobody is there to read it.
            let _ = out.write_all(&text);
            if left_out > 0 {
                let _ = out.write_all(format!("{}\n", missing(left_out)).as_bytes());
            }
            text.clear();
            if ended {
                return;
            }
        }
    }

    fn add(&self, line: &[u8], urgent: bool) {
        let mut waiting = self.waiting();
        if waiting.ended {
            drop(waiting);
            let _ = std::io::stderr().write_all(line);
            return;
        }
        if waiting.text.len() + line.len() > ROOM {
            waiting.left_out += 1;
            return;
        }
        let asleep = waiting.text.is_empty();
        waiting.text.extend_from_slice(line);
        waiting.urgent |= urgent;
        drop(waiting);
        if asleep || urgent {
            self.0.changed.notify_one();
        }
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = OneLine<'a>;

    fn make_writer(&'a self) -> OneLine<'a> {
        OneLine {
            lines: self,
            urgent: false,
        }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> OneLine<'a> {
        OneLine {
            lines: self,
            urgent: *about.level() <= Level::WARN,
        }
    }
}

/// Takes one line, whole.
pub(super) struct OneLine<'a> {
    lines: &'a Lines,
    urgent: bool,
}

impl Write for OneLine<'_> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.lines.add(line, self.urgent);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// Tells of each write, and goes on only where it is let.
    struct Slow(Sender<String>, Receiver<()>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
            let _ = self.1.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn started() -> (Lines, Log, Receiver<String>, Sender<()>) {
        let ((tell, told), (go, goes)) = (channel(), channel());
        let lines = Lines::default();
        let log = lines.begin(Slow(tell, goes), |missing| format!("{missing} are missing"));
        (lines, log, told, go)
    }

    #[test]
    fn lines_are_written_in_order_and_many_at_a_time() {
        let (lines, log, told, go) = started();
        lines.add(b"0\n", true);
        assert_eq!(told.recv().unwrap(), "0\n");
        for number in 1..=3 {
            lines.add(format!("{number}\n").as_bytes(), false);
        }
        go.send(()).unwrap();
        assert_eq!(told.recv().unwrap(), "1\n2\n3\n");
        drop(go);
        drop(log);
    }

    #[test]
    fn a_reader_that_stands_still_stops_nobody_and_hears_what_it_missed() {
        let (lines, log, told, go) = started();
        lines.add(b"first\n", true);
        assert_eq!(told.recv().unwrap(), "first\n");
        let line = [b'x'; 1_024];
        for _ in 0..1_500 {
            lines.add(&line, false);
        }
        drop(go);
        assert_eq!(told.recv().unwrap().len(), ROOM);
        assert_eq!(told.recv().unwrap(), "476 are missing\n");
        drop(log);
    }

    #[test]
    fn the_end_waits_for_what_waits() {
        let (lines, log, told, go) = started();
        drop(go);
        lines.add(b"last\n", false);
        drop(log);
        assert_eq!(told.recv().unwrap(), "last\n");
    }
}
