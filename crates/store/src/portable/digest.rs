//! A checksum over rows that is the same on every database.

use crate::sqlite::hexadecimal;
use crate::{Dialect, Value};
use sha2::{Digest, Sha256};

/// SHA-256 over rows in the order of their keys: each value's kind, its length, its bytes.
pub(super) struct RowsDigest(Sha256);

impl RowsDigest {
    pub(super) fn new() -> Self {
        Self(Sha256::new())
    }

    pub(super) fn add(&mut self, row: &[Value]) {
        for value in row {
            match value {
                Value::Null => self.part(b'n', &[]),
                Value::Int(number) => self.part(b'i', &number.to_be_bytes()),
                Value::Text(text) => self.part(b't', text.as_bytes()),
                Value::Blob(bytes) => self.part(b'b', bytes),
            }
        }
    }

    fn part(&mut self, kind: u8, bytes: &[u8]) {
        self.0.update([kind]);
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    /// In hexadecimal.
    pub(super) fn finish(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

/// A value as the database that it goes to keeps it: `PostgreSQL` has no U+0000 in a text, and its driver writes
/// U+FFFD for it.
pub(super) fn as_kept(value: Value, dialect: Dialect) -> Value {
    match value {
        Value::Text(text) if dialect == Dialect::Postgres && text.contains('\0') => {
            Value::Text(text.replace('\0', "\u{fffd}"))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[Value]]) -> String {
        let mut digest = RowsDigest::new();
        for row in rows {
            digest.add(row);
        }
        digest.finish()
    }

    #[test]
    fn what_differs_has_another_checksum() {
        let text = |text: &str| Value::from(text);
        let all = [
            of(&[]),
            of(&[&[Value::Null]]),
            of(&[&[text("")]]),
            of(&[&[Value::Blob(Vec::new())]]),
            of(&[&[text("ab"), text("c")]]),
            of(&[&[text("a"), text("bc")]]),
            of(&[&[Value::Int(0)]]),
            of(&[&[Value::Int(0), Value::Null]]),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(all[0].len(), 64);
    }

    #[test]
    fn only_postgres_has_no_nul() {
        assert_eq!(as_kept("a\0".into(), Dialect::Sqlite), "a\0".into());
        assert_eq!(as_kept("a\0".into(), Dialect::Postgres), "a\u{fffd}".into());
        assert_eq!(as_kept(vec![0_u8].into(), Dialect::Postgres), vec![0_u8].into());
    }
}
