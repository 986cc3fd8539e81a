//! What a line looks like: the moment, how grave it is, who says it, what, on behalf of which request.
//!
//! Our own words for it, since every request has its line: the library's way to write one, and the span that carried the
//! request's name, were a third of the work of a small answer (callgrind, `GET /oauth/jwks`). A line is always one
//! line: whatever could end it, or speak to a terminal, is escaped.

use super::request::with_current;
use std::cell::RefCell;
use std::fmt::{self, Debug, Write};
use std::time::{SystemTime, UNIX_EPOCH};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// For people: `2026-12-01T12:00:00.000001Z  INFO omniport::server: listening address="127.0.0.1:8000"`.
pub(super) struct Human;

/// For programs: an object a line. `timestamp`, `level`, `target`, `message` and `request` are ours, the rest is the event's.
pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Human
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let told = Told::by(event, Words::Human);
        let level = *event.metadata().level();
        let (dim, colour, plain) = if line.has_ansi_escapes() {
            ("\x1b[2m", colour(level), "\x1b[0m")
        } else {
            ("", "", "")
        };
        line.write_str(dim)?;
        write_moment(&mut line)?;
        write!(line, "{plain} {colour}{:>5}{plain} {dim}", level.as_str())?;
        line.write_str(told.target(event))?;
        write!(line, ":{plain}")?;
        line.write_str(&told.message)?;
        line.write_str(&told.fields)?;
        with_current(|id| write!(line, " request={id}"))?;
        line.write_char('\n')
    }
}

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let told = Told::by(event, Words::Json);
        line.write_str(r#"{"timestamp":""#)?;
        write_moment(&mut line)?;
        write!(
            line,
            r#"","level":"{}","target":"#,
            event.metadata().level().as_str()
        )?;
        write_json(&mut line, told.target(event))?;
        line.write_str(&told.message)?;
        line.write_str(&told.fields)?;
        with_current(|id| {
            line.write_str(r#","request":"#)?;
            write_json(&mut line, id)
        })?;
        line.write_str("}\n")
    }
}

const fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[35m",
    }
}

/// Now, to the microsecond, in UTC (RFC 3339).
fn write_moment(line: &mut impl Write) -> fmt::Result {
    thread_local! {
        /// The last second that this thread wrote, and its text: most lines share it with the one before.
        static SECOND: RefCell<(u64, String)> = const { RefCell::new((u64::MAX, String::new())) };
    }
    let since = now().duration_since(UNIX_EPOCH).unwrap_or_default();
    SECOND.with_borrow_mut(|(second, text)| {
        if *second != since.as_secs() {
            *second = since.as_secs();
            text.clear();
            let moment = i64::try_from(*second)
                .ok()
                .and_then(|at| jiff::Timestamp::from_second(at).ok());
            if let Some(moment) = moment {
                write!(text, "{}", moment.strftime("%Y-%m-%dT%H:%M:%S"))?;
            }
        }
        line.write_str(text)?;
        write!(line, ".{:06}Z", since.subsec_micros())
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "tells when a line was written; nothing is decided by it"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    Human,
    Json,
}

/// What an event says, in the words of a line.
struct Told {
    words: Words,
    message: String,
    fields: String,
    /// Where it is said, if it came by way of the crate `log`, which tells it as a field.
    target: Option<String>,
}

impl Told {
    fn by(event: &Event<'_>, words: Words) -> Self {
        let mut told = Self {
            words,
            message: String::new(),
            fields: String::new(),
            target: None,
        };
        event.record(&mut told);
        told
    }

    fn target<'a>(&'a self, event: &Event<'_>) -> &'a str {
        self.target.as_deref().unwrap_or(event.metadata().target())
    }

    /// Adds a value. Writing to a `String` cannot fail.
    fn add(&mut self, field: &Field, value: Value<'_>) {
        let name = field.name();
        if let Some(of_log) = name.strip_prefix("log.") {
            if let (true, Value::Text(target)) = (of_log == "target", value) {
                self.target = Some(target.to_owned());
            }
            return;
        }
        let is_message = name == "message";
        let out = if is_message {
            &mut self.message
        } else {
            &mut self.fields
        };
        let _ = match self.words {
            Words::Human if is_message => write!(out, " ").and_then(|()| value.bare(out)),
            Words::Human => write!(out, " {name}=").and_then(|()| value.human(out)),
            Words::Json => write!(out, r#","{name}":"#).and_then(|()| value.json(out)),
        };
    }
}

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, Value::Other(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, Value::Text(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, Value::Plain(&value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Value::Plain(&value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Value::Plain(&value));
    }
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Text(&'a str),
    /// A number, or yes and no: JSON as it is.
    Plain(&'a dyn fmt::Display),
    /// What tells of itself.
    Other(&'a dyn Debug),
}

impl Value<'_> {
    /// As a sentence.
    fn bare(self, out: &mut String) -> fmt::Result {
        match self {
            Self::Text(text) => Escaping(out).write_str(text),
            Self::Plain(value) => write!(out, "{value}"),
            Self::Other(value) => write!(Escaping(out), "{value:?}"),
        }
    }

    fn human(self, out: &mut String) -> fmt::Result {
        match self {
            Self::Text(text) => write!(out, "{text:?}"),
            other => other.bare(out),
        }
    }

    fn json(self, out: &mut String) -> fmt::Result {
        match self {
            Self::Text(text) => write_json(out, text),
            Self::Plain(value) => write!(out, "{value}"),
            Self::Other(value) => write_json(out, &format!("{value:?}")),
        }
    }
}

/// Lets nothing through that ends a line or steers a terminal.
struct Escaping<'a>(&'a mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !text.contains(char::is_control) {
            self.0.push_str(text);
            return Ok(());
        }
        for letter in text.chars() {
            if letter.is_control() {
                self.0.extend(letter.escape_debug());
            } else {
                self.0.push(letter);
            }
        }
        Ok(())
    }
}

/// A string of JSON (RFC 8259 section 7).
fn write_json(out: &mut impl Write, text: &str) -> fmt::Result {
    if text
        .bytes()
        .all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\' && byte.is_ascii())
    {
        out.write_char('"')?;
        out.write_str(text)?;
        return out.write_char('"');
    }
    // A text is always JSON.
    out.write_str(&serde_json::to_string(text).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logging::lines::Lines;
    use crate::logging::request;
    use futures_util::FutureExt;
    use omniport_engine::pages::RequestId;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is written of `events`, by way of the whole log.
    fn written(words: Words, events: impl FnOnce()) -> String {
        let (heard, lines) = (Heard::default(), Lines::default());
        let log = lines.begin(heard.clone(), |_| String::new());
        let builder = tracing_subscriber::fmt().with_writer(lines).with_ansi(false);
        match words {
            Words::Human => tracing::subscriber::with_default(builder.event_format(Human).finish(), events),
            Words::Json => tracing::subscriber::with_default(builder.event_format(Json).finish(), events),
        }
        drop(log);
        let bytes = heard.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn events() {
        let error = std::io::Error::other("two\nlines \u{1b}[31m and a \"quote\"");
        let id = Some(RequestId("abc".to_owned()));
        let work = request::scope(id, async {
            tracing::warn!(method = "POST", status = 200_u16, sure = true, %error, "it ended");
        });
        work.now_or_never().unwrap();
        tracing::info!(target: "elsewhere", typed = "a\nb", "fine");
    }

    #[test]
    fn for_people_each_event_is_one_line_that_steers_no_terminal() {
        let text = written(Words::Human, events);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        let (moment, rest) = lines[0].split_once("Z ").unwrap();
        assert!(
            moment.parse::<jiff::civil::DateTime>().is_ok() && moment.len() == 26,
            "{moment}"
        );
        assert_eq!(
            rest,
            r#" WARN omniport::logging::format::tests: it ended method="POST" status=200 sure=true error=two\nlines \u{1b}[31m and a "quote" request=abc"#
        );
        assert!(
            lines[1].ends_with(r#"  INFO elsewhere: fine typed="a\nb""#),
            "{}",
            lines[1]
        );
    }

    #[test]
    fn for_programs_each_event_is_one_object() {
        let text = written(Words::Json, events);
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2, "{text}");
        let told = serde_json::json!({
            "timestamp": lines[0]["timestamp"], "level": "WARN", "target": "omniport::logging::format::tests",
            "message": "it ended", "method": "POST", "status": 200, "sure": true,
            "error": "two\nlines \u{1b}[31m and a \"quote\"", "request": "abc",
        });
        assert_eq!(lines[0], told);
        assert!(lines[1].get("request").is_none());
        assert_eq!(lines[1]["typed"], "a\nb");
    }
}
