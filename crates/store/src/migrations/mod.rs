//! The schema's history: numbered, forward only, each with a checksum so that a changed past is noticed.
//!
//! A migration is a pair of texts, one for each database, because types of columns are where the two must differ.

use sha2::{Digest, Sha256};

/// One step of the schema.
#[derive(Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number, from 1.
    pub number: u32,
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub sql: &'static str,
}

/// A step that a database has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedMigration {
    /// Its number.
    pub number: u32,
    /// SHA-256 of its text as it was then.
    pub checksum: Vec<u8>,
}

impl Migration {
    /// SHA-256 of its text.
    pub fn checksum(&self) -> Vec<u8> {
        Sha256::digest(self.sql.as_bytes()).to_vec()
    }
}

/// `SQLite`'s.
pub(crate) const SQLITE: &[Migration] = &[Migration {
    number: 1,
    name: "initial",
    sql: include_str!("0001_initial.sqlite.sql"),
}];

/// `PostgreSQL`'s.
pub(crate) const POSTGRES: &[Migration] = &[Migration {
    number: 1,
    name: "initial",
    sql: include_str!("0001_initial.postgres.sql"),
}];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_each_other() {
        for (at, (sqlite, postgres)) in SQLITE.iter().zip(POSTGRES).enumerate() {
            assert_eq!(sqlite.number as usize, at + 1, "{}", sqlite.name);
            assert_eq!((sqlite.number, sqlite.name), (postgres.number, postgres.name));
        }
        assert_eq!(SQLITE.len(), POSTGRES.len());
    }

    /// The statements of a text, without comments, spaces folded, and PostgreSQL's words as SQLite's.
    fn statements(sql: &str) -> Vec<String> {
        let bare: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap()).collect();
        bare.join(" ")
            .split(';')
            .map(|statement| {
                let folded = statement.split_whitespace().collect::<Vec<_>>().join(" ");
                folded
                    .replace("BIGINT GENERATED ALWAYS AS IDENTITY", "INTEGER")
                    .replace("BIGINT", "INTEGER")
                    .replace("TEXT COLLATE \"C\"", "TEXT")
                    .replace("BYTEA", "BLOB")
                    .replace(" STRICT, WITHOUT ROWID", "")
                    .replace(" STRICT", "")
            })
            .collect()
    }

    #[test]
    fn the_two_texts_of_a_pair_differ_in_types_only() {
        for (sqlite, postgres) in SQLITE.iter().zip(POSTGRES) {
            assert_eq!(
                statements(sqlite.sql),
                statements(postgres.sql),
                "{}",
                sqlite.name
            );
            assert!(sqlite.sql != postgres.sql);
        }
        assert!(statements(SQLITE[0].sql).len() > 30);
    }
}
