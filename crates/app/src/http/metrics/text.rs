//! Prometheus's text format.

use std::fmt::{Display, Write as _};

/// A page of it.
#[derive(Debug, Default)]
pub(super) struct Text(String);

/// The lines of one metric.
pub(super) struct Family<'a> {
    name: &'static str,
    text: &'a mut String,
}

// Writing to a String cannot fail.
impl Text {
    /// A number that only grows.
    pub(super) fn counter(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, help, "counter")
    }

    /// A number that goes up and down.
    pub(super) fn gauge(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, help, "gauge")
    }

    /// How many were at most so much, for each of several bounds.
    pub(super) fn histogram(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, help, "histogram")
    }

    fn family(&mut self, name: &'static str, help: &str, kind: &str) -> Family<'_> {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        Family {
            name,
            text: &mut self.0,
        }
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

impl Family<'_> {
    /// A value under these labels.
    pub(super) fn line(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.named("", labels, value);
    }

    /// The same, of a part of a histogram: `_bucket`, `_sum` or `_count`.
    pub(super) fn named(&mut self, part: &str, labels: &[(&str, &str)], value: impl Display) {
        let _ = write!(self.text, "{}{part}", self.name);
        for (place, (label, value)) in labels.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{before}{label}=\"{value}\"");
        }
        let after = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{after} {value}");
    }
}
