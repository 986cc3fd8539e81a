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
    /// The oldest schema whose programs may go on working beside it: the number of the newest migration that they
    /// know. One that only adds says its predecessor's or less (a test reads it), so that nodes are upgraded one after
    /// another; any other says its own number, and stops every older node.
    pub oldest_node: u32,
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
    /// The oldest schema whose programs may go on working beside it.
    pub oldest_node: u32,
}

impl AppliedMigration {
    /// Whether a program that knows the schema up to `known` may work beside it.
    pub const fn tolerates(&self, known: u32) -> bool {
        self.oldest_node <= known
    }
}

/// The first migration that is noted with its [`Migration::oldest_node`]: it makes the table for that.
pub(crate) const FIRST_WITH_FLOOR: u32 = 2;

impl Migration {
    /// SHA-256 of its text.
    pub fn checksum(&self) -> Vec<u8> {
        Sha256::digest(self.sql.as_bytes()).to_vec()
    }
}

/// `SQLite`'s.
pub(crate) const SQLITE: &[Migration] = &[
    Migration {
        number: 1,
        name: "initial",
        oldest_node: 1,
        sql: include_str!("0001_initial.sqlite.sql"),
    },
    Migration {
        number: 2,
        name: "migration_floors",
        oldest_node: 2,
        sql: include_str!("0002_migration_floors.sqlite.sql"),
    },
    Migration {
        number: 3,
        name: "changes",
        oldest_node: 2,
        sql: include_str!("0003_changes.sqlite.sql"),
    },
    Migration {
        number: 4,
        name: "flow",
        oldest_node: 2,
        sql: include_str!("0004_flow.sqlite.sql"),
    },
    Migration {
        number: 5,
        name: "signing_keys",
        oldest_node: 2,
        sql: include_str!("0005_signing_keys.sqlite.sql"),
    },
    Migration {
        number: 6,
        name: "openid",
        oldest_node: 2,
        sql: include_str!("0006_openid.sqlite.sql"),
    },
    Migration {
        number: 7,
        name: "team",
        oldest_node: 7,
        sql: include_str!("0007_team.sqlite.sql"),
    },
    Migration {
        number: 8,
        name: "pushed_requests",
        oldest_node: 7,
        sql: include_str!("0008_pushed_requests.sqlite.sql"),
    },
    Migration {
        number: 9,
        name: "rate_limits",
        oldest_node: 7,
        sql: include_str!("0009_rate_limits.sqlite.sql"),
    },
    Migration {
        number: 10,
        name: "used_jtis",
        oldest_node: 7,
        sql: include_str!("0010_used_jtis.sqlite.sql"),
    },
    Migration {
        number: 11,
        name: "logout",
        oldest_node: 7,
        sql: include_str!("0011_logout.sqlite.sql"),
    },
    Migration {
        number: 12,
        name: "sealed_secrets",
        oldest_node: 7,
        sql: include_str!("0012_sealed_secrets.sqlite.sql"),
    },
    Migration {
        number: 13,
        name: "id_floors",
        oldest_node: 7,
        sql: include_str!("0013_id_floors.sqlite.sql"),
    },
    Migration {
        number: 14,
        name: "registrations",
        oldest_node: 7,
        sql: include_str!("0014_registrations.sqlite.sql"),
    },
    Migration {
        number: 15,
        name: "review",
        // An older node would let test people use any app, and show a maintainer's notes to the team.
        oldest_node: 15,
        sql: include_str!("0015_review.sqlite.sql"),
    },
    Migration {
        number: 16,
        name: "token_exchange",
        // An older node would go on honouring an exchanged token whose origin is revoked.
        oldest_node: 16,
        sql: include_str!("0016_token_exchange.sqlite.sql"),
    },
    Migration {
        number: 17,
        name: "sender_constraint",
        // An older node would take a bound token for a bearer's.
        oldest_node: 17,
        sql: include_str!("0017_sender_constraint.sqlite.sql"),
    },
    Migration {
        number: 18,
        name: "parked_by_pushed",
        oldest_node: 17,
        sql: include_str!("0018_parked_by_pushed.sqlite.sql"),
    },
    Migration {
        number: 19,
        name: "apis",
        // An older node would take a token at our own endpoints that is for an API alone.
        oldest_node: 19,
        sql: include_str!("0019_apis.sqlite.sql"),
    },
    Migration {
        number: 20,
        name: "decoupled",
        oldest_node: 19,
        sql: include_str!("0020_decoupled.sqlite.sql"),
    },
    Migration {
        number: 21,
        name: "legacy_password",
        oldest_node: 19,
        sql: include_str!("0021_legacy_password.sqlite.sql"),
    },
    Migration {
        number: 22,
        name: "token_rows",
        oldest_node: 19,
        sql: include_str!("0022_token_rows.sqlite.sql"),
    },
    Migration {
        number: 23,
        name: "client_documents",
        oldest_node: 19,
        sql: include_str!("0023_client_documents.sqlite.sql"),
    },
    Migration {
        number: 24,
        name: "audit",
        // An older node would act without telling of it.
        oldest_node: 24,
        sql: include_str!("0024_audit.sqlite.sql"),
    },
    Migration {
        number: 25,
        name: "former_team",
        oldest_node: 24,
        sql: include_str!("0025_former_team.sqlite.sql"),
    },
    Migration {
        number: 26,
        name: "sign_in_elsewhere",
        oldest_node: 24,
        sql: include_str!("0026_sign_in_elsewhere.sqlite.sql"),
    },
];

/// `PostgreSQL`'s.
pub(crate) const POSTGRES: &[Migration] = &[
    Migration {
        number: 1,
        name: "initial",
        oldest_node: 1,
        sql: include_str!("0001_initial.postgres.sql"),
    },
    Migration {
        number: 2,
        name: "migration_floors",
        oldest_node: 2,
        sql: include_str!("0002_migration_floors.postgres.sql"),
    },
    Migration {
        number: 3,
        name: "changes",
        oldest_node: 2,
        sql: include_str!("0003_changes.postgres.sql"),
    },
    Migration {
        number: 4,
        name: "flow",
        oldest_node: 2,
        sql: include_str!("0004_flow.postgres.sql"),
    },
    Migration {
        number: 5,
        name: "signing_keys",
        oldest_node: 2,
        sql: include_str!("0005_signing_keys.postgres.sql"),
    },
    Migration {
        number: 6,
        name: "openid",
        oldest_node: 2,
        sql: include_str!("0006_openid.postgres.sql"),
    },
    Migration {
        number: 7,
        name: "team",
        oldest_node: 7,
        sql: include_str!("0007_team.postgres.sql"),
    },
    Migration {
        number: 8,
        name: "pushed_requests",
        oldest_node: 7,
        sql: include_str!("0008_pushed_requests.postgres.sql"),
    },
    Migration {
        number: 9,
        name: "rate_limits",
        oldest_node: 7,
        sql: include_str!("0009_rate_limits.postgres.sql"),
    },
    Migration {
        number: 10,
        name: "used_jtis",
        oldest_node: 7,
        sql: include_str!("0010_used_jtis.postgres.sql"),
    },
    Migration {
        number: 11,
        name: "logout",
        oldest_node: 7,
        sql: include_str!("0011_logout.postgres.sql"),
    },
    Migration {
        number: 12,
        name: "sealed_secrets",
        oldest_node: 7,
        sql: include_str!("0012_sealed_secrets.postgres.sql"),
    },
    Migration {
        number: 13,
        name: "id_floors",
        oldest_node: 7,
        sql: include_str!("0013_id_floors.postgres.sql"),
    },
    Migration {
        number: 14,
        name: "registrations",
        oldest_node: 7,
        sql: include_str!("0014_registrations.postgres.sql"),
    },
    Migration {
        number: 15,
        name: "review",
        // An older node would let test people use any app, and show a maintainer's notes to the team.
        oldest_node: 15,
        sql: include_str!("0015_review.postgres.sql"),
    },
    Migration {
        number: 16,
        name: "token_exchange",
        // An older node would go on honouring an exchanged token whose origin is revoked.
        oldest_node: 16,
        sql: include_str!("0016_token_exchange.postgres.sql"),
    },
    Migration {
        number: 17,
        name: "sender_constraint",
        // An older node would take a bound token for a bearer's.
        oldest_node: 17,
        sql: include_str!("0017_sender_constraint.postgres.sql"),
    },
    Migration {
        number: 18,
        name: "parked_by_pushed",
        oldest_node: 17,
        sql: include_str!("0018_parked_by_pushed.postgres.sql"),
    },
    Migration {
        number: 19,
        name: "apis",
        // An older node would take a token at our own endpoints that is for an API alone.
        oldest_node: 19,
        sql: include_str!("0019_apis.postgres.sql"),
    },
    Migration {
        number: 20,
        name: "decoupled",
        oldest_node: 19,
        sql: include_str!("0020_decoupled.postgres.sql"),
    },
    Migration {
        number: 21,
        name: "legacy_password",
        oldest_node: 19,
        sql: include_str!("0021_legacy_password.postgres.sql"),
    },
    Migration {
        number: 22,
        name: "token_rows",
        oldest_node: 19,
        sql: include_str!("0022_token_rows.postgres.sql"),
    },
    Migration {
        number: 23,
        name: "client_documents",
        oldest_node: 19,
        sql: include_str!("0023_client_documents.postgres.sql"),
    },
    Migration {
        number: 24,
        name: "audit",
        // An older node would act without telling of it.
        oldest_node: 24,
        sql: include_str!("0024_audit.postgres.sql"),
    },
    Migration {
        number: 25,
        name: "former_team",
        oldest_node: 24,
        sql: include_str!("0025_former_team.postgres.sql"),
    },
    Migration {
        number: 26,
        name: "sign_in_elsewhere",
        oldest_node: 24,
        sql: include_str!("0026_sign_in_elsewhere.postgres.sql"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_each_other() {
        for (at, (sqlite, postgres)) in SQLITE.iter().zip(POSTGRES).enumerate() {
            assert_eq!(sqlite.number as usize, at + 1, "{}", sqlite.name);
            assert_eq!(
                (sqlite.number, sqlite.name, sqlite.oldest_node),
                (postgres.number, postgres.name, postgres.oldest_node)
            );
            assert!(sqlite.oldest_node <= sqlite.number);
        }
        assert_eq!(SQLITE.len(), POSTGRES.len());
    }

    /// Whether a statement leaves every text of the programs before it working: a new table, an index that refuses
    /// nothing, a new column that need not be named.
    fn only_adds(statement: &str) -> bool {
        let optional = !statement.contains("NOT NULL") || statement.contains("DEFAULT");
        statement.is_empty()
            || statement.starts_with("CREATE TABLE ")
            || statement.starts_with("CREATE INDEX ")
            || (statement.starts_with("ALTER TABLE ") && statement.contains(" ADD COLUMN ") && optional)
    }

    /// The tables that a migration writes anew, row by row, under the same name.
    fn rewritten(statements: &[String]) -> Vec<String> {
        let renamed = |statement: &String| {
            let (new, old) = statement
                .strip_prefix("ALTER TABLE ")?
                .split_once(" RENAME TO ")?;
            let copied = format!("INSERT INTO {new} SELECT * FROM {old}");
            statements.contains(&copied).then(|| old.to_owned())
        };
        statements.iter().filter_map(renamed).collect()
    }

    /// Whether a statement is a part of that.
    fn rewrites(statement: &str, tables: &[String]) -> bool {
        tables.iter().any(|table| {
            statement == format!("DROP TABLE {table}")
                || statement.ends_with(&format!(" SELECT * FROM {table}"))
                || statement.ends_with(&format!(" RENAME TO {table}"))
        })
    }

    #[test]
    fn what_older_nodes_are_to_tolerate_only_adds() {
        for migration in SQLITE {
            if migration.oldest_node < migration.number {
                let all = statements(migration.sql);
                let rewritten = rewritten(&all);
                for statement in &all {
                    let fine = only_adds(statement) || rewrites(statement, &rewritten);
                    assert!(fine, "{}: {statement}", migration.name);
                }
            }
        }
        for breaking in [
            "DROP TABLE people",
            "ALTER TABLE people RENAME COLUMN data TO facts",
            "ALTER TABLE people ADD COLUMN x INTEGER NOT NULL",
            "CREATE UNIQUE INDEX x ON people (data)",
            "UPDATE people SET data = ''",
        ] {
            assert!(!only_adds(breaking), "{breaking}");
        }
    }

    /// Columns by name, type, whether they may be null, what stands where nothing is said, and their place in the key.
    fn columns(connection: &rusqlite::Connection, table: &str) -> Vec<String> {
        let sql = "SELECT format('%s %s %d %s %d', name, type, \"notnull\", dflt_value, pk) FROM pragma_table_info(?1)";
        let mut asked = connection.prepare(sql).unwrap();
        let columns = asked.query_map([table], |row| row.get(0)).unwrap();
        columns.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn a_table_that_is_written_anew_has_the_same_columns() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let mut seen = 0;
        for migration in SQLITE {
            let statements = statements(migration.sql);
            let rewritten = rewritten(&statements);
            let all = || rewritten.iter().map(|table| columns(&connection, table));
            let before: Vec<_> = all().collect();
            connection.execute_batch(migration.sql).unwrap();
            assert!(before.iter().all(|columns| !columns.is_empty()));
            assert_eq!(before, all().collect::<Vec<_>>(), "{}", migration.name);
            seen += rewritten.len();
        }
        assert_eq!(seen, 3);
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
            // How a table lies on the disk is one database's own business.
            let only_here = "-- Of SQLite only";
            if sqlite.sql.starts_with(only_here) {
                assert!(postgres.sql.starts_with(only_here), "{}", sqlite.name);
                assert_eq!(statements(postgres.sql), [""], "{}", sqlite.name);
                continue;
            }
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
