//! Comma-separated values (RFC 4180): records of fields, a field quoted where it holds a comma, a quote or a line end.

/// Most fields of a record.
const MAX_FIELDS: usize = 200;

/// A record, and the line where it begins, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// The line.
    pub(crate) line: usize,
    /// The fields, without their quotes.
    pub(crate) fields: Vec<String>,
}

/// Reads a whole text. Lines end with LF or CRLF; empty ones are no records; a byte order mark at the start is skipped.
///
/// # Errors
/// The line of what cannot be read, and why.
pub(crate) fn read(text: &str) -> Result<Vec<Record>, (usize, &'static str)> {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
    };
    let mut records = Vec::new();
    while !reader.rest.is_empty() {
        let record = reader.record()?;
        if record.fields != [""] {
            records.push(record);
        }
    }
    Ok(records)
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn record(&mut self) -> Result<Record, (usize, &'static str)> {
        let (line, mut fields) = (self.line, Vec::new());
        loop {
            fields.push(self.field()?);
            if fields.len() > MAX_FIELDS {
                return Err((line, "there are more than 200 fields"));
            }
            if self.take(",") {
                continue;
            }
            if self.take("\r\n") || self.take("\n") {
                self.line += 1;
            } else if !self.rest.is_empty() {
                return Err((self.line, "behind a quoted field comes a comma or a line end"));
            }
            return Ok(Record { line, fields });
        }
    }

    fn field(&mut self) -> Result<String, (usize, &'static str)> {
        if !self.take("\"") {
            let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
            let (field, rest) = self.rest.split_at(end);
            self.rest = rest;
            let field = match field.strip_suffix('\r') {
                Some(cut) if !rest.starts_with(',') => cut,
                _ => field,
            };
            if field.contains('"') {
                return Err((
                    self.line,
                    "a field with a quote in it is quoted, and the quote doubled",
                ));
            }
            return Ok(field.to_owned());
        }
        let (begun, mut field) = (self.line, String::new());
        loop {
            let Some(end) = self.rest.find('"') else {
                return Err((begun, "a quoted field does not end"));
            };
            let (part, rest) = self.rest.split_at(end);
            self.line += part.matches('\n').count();
            field.push_str(part);
            self.rest = rest.strip_prefix('"').unwrap_or(rest);
            if !self.take("\"") {
                return Ok(field);
            }
            field.push('"');
        }
    }

    fn take(&mut self, what: &str) -> bool {
        match self.rest.strip_prefix(what) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Vec<Vec<String>> {
        read(text)
            .unwrap()
            .into_iter()
            .map(|record| record.fields)
            .collect()
    }

    #[test]
    fn records_are_read_as_rfc_4180_says() {
        for text in [
            "a,b\nc,\"d, \"\"e\"\"\"\n",
            "a,b\r\nc,\"d, \"\"e\"\"\"",
            "\u{feff}a,b\n\n\"c\",\"d, \"\"e\"\"\"\r\n\r\n",
        ] {
            assert_eq!(fields(text), [["a", "b"], ["c", "d, \"e\""]], "{text:?}");
        }
        assert_eq!(fields(",\n"), [["", ""]]);
        assert_eq!(fields("\"\"\n"), Vec::<Vec<String>>::new());
        assert_eq!(fields("a,\"b\nc\"\nd"), [vec!["a", "b\nc"], vec!["d"]]);
        assert_eq!(fields(""), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_record_knows_its_line() {
        let lines: Vec<usize> = read("a\n\n\"b\nc\"\nd\n")
            .unwrap()
            .iter()
            .map(|r| r.line)
            .collect();
        assert_eq!(lines, [1, 3, 5]);
    }

    #[test]
    fn what_is_broken_is_told_with_its_line() {
        assert_eq!(read("a\nb \"c\"\n").unwrap_err().0, 2);
        assert_eq!(read("a\n\"b\"c\n").unwrap_err().0, 2);
        assert_eq!(read("a\n\"b\nc").unwrap_err().0, 2);
        assert_eq!(read(&",".repeat(300)).unwrap_err().0, 1);
    }
}
