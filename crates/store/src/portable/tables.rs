//! Every table and column that belongs to an instance, in the one place that moving them reads.
//!
//! A test compares this list with the schema: a table or column that a migration adds is missing here only until then.

use crate::Dialect;
use std::sync::LazyLock;

/// A table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: &'static str,
    /// The columns of its primary key: rows are read in their order.
    pub(crate) key: &'static [&'static str],
    /// The other columns.
    pub(crate) rest: &'static [&'static str],
    /// Whether the database numbers its rows itself (a key of one column).
    pub(crate) numbered: bool,
    /// Rows that are read or written at a time: bounds memory, and how long one transaction takes.
    pub(crate) batch: u32,
}

const fn table(name: &'static str, key: &'static [&'static str], rest: &'static [&'static str]) -> Table {
    Table {
        name,
        key,
        rest,
        numbered: false,
        batch: 500,
    }
}

const fn numbered(name: &'static str, rest: &'static [&'static str]) -> Table {
    Table {
        numbered: true,
        ..table(name, &["id"], rest)
    }
}

/// All of them, each after those that it refers to.
pub(crate) static TABLES: [Table; 37] = [
    table(
        "people",
        &["id"],
        &[
            "username",
            "username_folded",
            "password_hash",
            "is_maintainer",
            "is_developer",
            "data",
            "disabled_at",
            "created_at",
            "test_of",
        ],
    ),
    table(
        "sessions",
        &["hash"],
        &[
            "person_id",
            "auth_time",
            "created_at",
            "expires_at",
            "device",
            "last_active_at",
            "root",
        ],
    ),
    table(
        "apps",
        &["client_id"],
        &[
            "creator_id",
            "standing",
            "live_version",
            "proposed_version",
            "last_version",
            "legacy_plain_pkce",
            "legacy_implicit",
            "legacy_password",
            "created_at",
            "submitted_at",
            "decided_at",
            "owner_id",
            "stage",
            "claimed_by",
            "claimed_at",
        ],
    ),
    table(
        "manifests",
        &["client_id", "number"],
        &[
            "manifest",
            "name",
            "name_folded",
            "logo",
            "made_at",
            "made_by",
            "digest",
            "look",
        ],
    ),
    table(
        "client_secrets",
        &["client_id", "id"],
        &[
            "hash",
            "prefix",
            "created_at",
            "expires_at",
            "last_used_at",
            "sealed",
        ],
    ),
    table(
        "resources",
        &["id"],
        &[
            "uri",
            "uri_normal",
            "owner_id",
            "name",
            "description",
            "format",
            "signing_alg",
            "token_seconds",
            "max_age",
            "introspected_by",
            "is_open",
            "created_at",
        ],
    ),
    table(
        "resource_names",
        &["name"],
        &["resource_id", "position", "kind", "description", "details_schema"],
    ),
    table(
        "app_scopes",
        &["client_id", "name"],
        &["asked_at", "approved", "decided_by", "decided_at", "comment"],
    ),
    table("team", &["client_id", "person_id"], &["since"]),
    table("former_team", &["client_id", "person_id"], &["left_at"]),
    numbered(
        "review_events",
        &[
            "client_id",
            "happened_at",
            "actor_id",
            "what",
            "comment",
            "version",
            "for_maintainers",
        ],
    ),
    table(
        "grants",
        &["id"],
        &[
            "client_id",
            "person_id",
            "scope",
            "data_points",
            "version",
            "auth_time",
            "created_at",
            "revoked_at",
            "generation",
            "rotated_out",
            "rotated_out_at",
            "dies_at",
            "session",
            "openid",
            "parent",
            "exchange",
            "apis",
            "sign_in",
        ],
    ),
    table(
        "codes",
        &["hash"],
        &[
            "grant_id",
            "redirect_uri",
            "redirect_uri_given",
            "challenge_method",
            "challenge",
            "expires_at",
            "redeemed_at",
            "cnf",
        ],
    ),
    table(
        "refresh_tokens",
        &["hash"],
        &["grant_id", "generation", "issued_at", "expires_at", "cnf"],
    ),
    table(
        "access_tokens",
        &["hash"],
        &[
            "client_id",
            "grant_id",
            "scope",
            "issued_at",
            "expires_at",
            "cnf",
            "audience",
        ],
    ),
    table(
        "consents",
        &["person_id", "client_id"],
        &[
            "version",
            "data_points",
            "since",
            "given_at",
            "last_read_at",
            "declined",
            "scopes",
            "declined_scopes",
        ],
    ),
    table(
        "parked_requests",
        &["hash"],
        &[
            "door",
            "client_id",
            "params",
            "version",
            "parked_at",
            "expires_at",
            "pushed",
            "decoupled",
        ],
    ),
    table(
        "pushed_requests",
        &["hash"],
        &["client_id", "params", "expires_at"],
    ),
    table(
        "decoupled_requests",
        &["code"],
        &[
            "user_code",
            "door",
            "client_id",
            "params",
            "person_id",
            "poll_seconds",
            "asked_at",
            "expires_at",
            "state",
            "polled_at",
            "grant_id",
            "notify",
            "notify_at",
            "notify_attempts",
        ],
    ),
    table("used_jtis", &["hash"], &["expires_at"]),
    numbered(
        "notices",
        &[
            "person_id",
            "client_id",
            "app_name",
            "actor_id",
            "happened_at",
            "what",
            "about",
        ],
    ),
    table(
        "invitations",
        &["client_id", "person_id"],
        &["as_owner", "invited_by", "invited_at", "expires_at"],
    ),
    numbered(
        "flow_events",
        &[
            "client_id",
            "happened_at",
            "endpoint",
            "refused",
            "result",
            "reason",
            "person_id",
            "request_id",
        ],
    ),
    numbered(
        "logout_deliveries",
        &[
            "client_id",
            "person_id",
            "root",
            "queued_at",
            "due_at",
            "attempts",
            "done_at",
            "failure",
        ],
    ),
    table(
        "usage_days",
        &["client_id", "day"],
        &["sign_ins", "active_people", "reads", "failures"],
    ),
    table("usage_people", &["client_id", "day", "person_id"], &[]),
    table(
        "signing_keys",
        &["kid"],
        &[
            "algorithm",
            "generation",
            "sealed",
            "created_at",
            "active_at",
            "ends_at",
        ],
    ),
    table("registrations", &["client_id"], &["token", "registered_at"]),
    table(
        "client_documents",
        &["client_id"],
        &["digest", "found_at", "read_at", "fresh_until"],
    ),
    table(
        "initial_access_tokens",
        &["hash"],
        &["name", "uses_left", "created_at", "expires_at"],
    ),
    table("instance_secrets", &["name"], &["secret"]),
    // Pictures: some hundred kilobytes each.
    Table {
        batch: 16,
        ..table("logos", &["digest"], &["put_at", "png"])
    },
    table("changes", &["topic"], &["number"]),
    table("rate_limits", &["bucket"], &["spent_until"]),
    table("id_floors", &["name"], &["floor"]),
    table(
        "audit_events",
        &["number"],
        &[
            "happened_at",
            "act",
            "actor_kind",
            "actor_id",
            "actor_name",
            "address",
            "request",
            "subject_kind",
            "subject_id",
            "subject_name",
            "was",
            "became",
            "previous",
            "hash",
        ],
    ),
    table("audit_heads", &["chain"], &["number", "hash"]),
];

/// The texts for each of [`TABLES`]; never given back once they were made, because a statement's text is static.
pub(crate) fn texts(dialect: Dialect) -> &'static [Texts] {
    static SQLITE: LazyLock<Vec<Texts>> = LazyLock::new(|| all(Dialect::Sqlite));
    static POSTGRES: LazyLock<Vec<Texts>> = LazyLock::new(|| all(Dialect::Postgres));
    match dialect {
        Dialect::Sqlite => &SQLITE,
        Dialect::Postgres => &POSTGRES,
    }
}

fn all(dialect: Dialect) -> Vec<Texts> {
    TABLES.iter().map(|table| Texts::new(table, dialect)).collect()
}

/// The texts for one table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts {
    /// The table.
    pub(crate) table: &'static Table,
    /// How many rows there are.
    pub(crate) count: &'static str,
    /// The first rows, `?1` at most: all columns, those of the key first.
    pub(crate) first: &'static str,
    /// The same, of those behind the key `?2`...
    pub(crate) after: &'static str,
    /// A row.
    pub(crate) insert: &'static str,
    /// Lets the next number that the database gives follow on those that rows have; none where it does so anyway.
    pub(crate) resume: Option<&'static str>,
}

impl Texts {
    /// The texts for `table` on a database that speaks `dialect`.
    fn new(table: &'static Table, dialect: Dialect) -> Self {
        let name = table.name;
        let columns: Vec<&str> = table.key.iter().chain(table.rest).copied().collect();
        let columns = columns.join(", ");
        let key = table.key.join(", ");
        let places = |from: usize, count: usize| {
            let places: Vec<String> = (from..from + count).map(|place| format!("?{place}")).collect();
            places.join(", ")
        };
        let values = places(1, table.key.len() + table.rest.len());
        let behind = places(2, table.key.len());
        // PostgreSQL refuses a number of one's own in a column that it numbers, unless told that it is meant.
        let overriding = match dialect {
            Dialect::Postgres if table.numbered => "OVERRIDING SYSTEM VALUE ",
            _ => "",
        };
        let resume = match dialect {
            Dialect::Postgres if table.numbered => Some(format!(
                "SELECT setval(pg_get_serial_sequence('{name}', '{key}'), COALESCE(MAX({key}), 0) + 1, false) FROM {name}"
            )),
            _ => None,
        };
        Self {
            table,
            count: format!("SELECT COUNT(*) FROM {name}").leak(),
            first: format!("SELECT {columns} FROM {name} ORDER BY {key} LIMIT ?1").leak(),
            after: format!("SELECT {columns} FROM {name} WHERE ({key}) > ({behind}) ORDER BY {key} LIMIT ?1")
                .leak(),
            insert: format!("INSERT INTO {name} ({columns}) {overriding}VALUES ({values})").leak(),
            resume: resume.map(|text| &*text.leak()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::{POSTGRES, SQLITE};
    use std::collections::{BTreeMap, BTreeSet};

    type Columns = BTreeSet<String>;

    fn schema() -> BTreeMap<String, (Columns, Columns)> {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for migration in SQLITE {
            connection.execute_batch(migration.sql).unwrap();
        }
        let mut tables: BTreeMap<String, (Columns, Columns)> = BTreeMap::new();
        let sql = "SELECT m.name, c.name, c.pk FROM sqlite_schema m, pragma_table_info(m.name) c
            WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'migration_floors'";
        let mut statement = connection.prepare(sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let (key, rest) = tables.entry(row.get(0).unwrap()).or_default();
            let is_key = row.get::<_, i64>(2).unwrap() > 0;
            if is_key { key } else { rest }.insert(row.get(1).unwrap());
        }
        tables
    }

    #[test]
    fn every_table_and_column_of_the_schema_is_listed() {
        let set = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Columns>();
        let listed = TABLES.map(|table| (table.name.to_owned(), (set(table.key), set(table.rest))));
        assert_eq!(schema(), BTreeMap::from(listed));
    }

    #[test]
    fn each_table_comes_after_those_it_refers_to() {
        let all: String = SQLITE.iter().map(|migration| migration.sql).collect();
        for (at, table) in TABLES.iter().enumerate() {
            let begin = all.find(&format!("CREATE TABLE {} ", table.name)).unwrap();
            let text = &all[begin..begin + all[begin..].find(';').unwrap()];
            for referred in text.split("REFERENCES ").skip(1) {
                let before = TABLES[..at].iter().any(|one| referred.starts_with(one.name));
                assert!(before, "{}: {referred}", table.name);
            }
        }
    }

    #[test]
    fn the_tables_that_postgres_numbers_are_known() {
        let numbered: usize = POSTGRES
            .iter()
            .map(|migration| migration.sql.matches("AS IDENTITY").count())
            .sum();
        assert_eq!(TABLES.iter().filter(|table| table.numbered).count(), numbered);
    }

    #[test]
    fn the_texts_differ_where_they_must() {
        let notices = TABLES.iter().find(|table| table.name == "notices").unwrap();
        let sqlite = Texts::new(notices, Dialect::Sqlite);
        let postgres = Texts::new(notices, Dialect::Postgres);
        assert_eq!(sqlite.after, postgres.after);
        assert!(sqlite.resume.is_none() && postgres.resume.is_some());
        assert!(
            !sqlite.insert.contains("OVERRIDING")
                && postgres.insert.contains(") OVERRIDING SYSTEM VALUE VALUES (?1")
        );
    }
}
