//! Whether a file is a whole database of ours, with our schema and nothing beside it.

use super::open::{APPLICATION_ID, one_line};
use super::schema;
use crate::Fault;
use crate::migrations::SQLITE;
use omniport_protocol::vocabulary::Timestamp;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// How many rows each table has.
pub(super) type Counts = BTreeMap<String, u64>;

fn damaged<T>(words: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Damaged(words.into()))
}

/// As everywhere, but what is broken is a copy: nothing in service has to be stopped.
fn told(error: rusqlite::Error) -> Fault {
    let says = error.to_string();
    match super::error::fault(error) {
        Fault::Damaged(_) => Fault::Damaged(format!("it does not hold together (SQLite: {says})")),
        other => other,
    }
}

/// Refuses a database that is not ours, empty, or newer than this program; answers its schema's number.
pub(super) fn recognise(connection: &Connection) -> Result<u32, Fault> {
    let ask = |sql| {
        connection
            .query_row(sql, [], |row| row.get::<_, i32>(0))
            .map_err(told)
    };
    if ask("PRAGMA application_id")? != APPLICATION_ID {
        return damaged("the file is another program's SQLite database, or an empty one");
    }
    // Also one that this program could work beside: it would not know what all of it is.
    schema::refuse_any_newer(connection)?;
    match u32::try_from(ask("PRAGMA user_version")?) {
        Ok(number) if number > 0 => Ok(number),
        _ => damaged("the file holds no tables of Omniport's yet"),
    }
}

/// How many rows each table has, as this connection sees it.
pub(super) fn count(connection: &Connection) -> Result<Counts, Fault> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut statement = connection.prepare(sql).map_err(told)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0));
    let names: Vec<String> = names.and_then(Iterator::collect).map_err(told)?;
    let mut counts = Counts::new();
    for name in names {
        let sql = format!("SELECT COUNT(*) FROM \"{}\"", name.replace('"', "\"\""));
        let rows: i64 = connection.query_row(&sql, [], |row| row.get(0)).map_err(told)?;
        counts.insert(name, u64::try_from(rows).unwrap_or_default());
    }
    Ok(counts)
}

/// Looks through everything: pages, indexes, constraints, references, and that the schema is the one that our
/// migrations make, without a trigger or a view that somebody added. Answers its number and the rows of each table.
pub(super) fn inspect(connection: &Connection) -> Result<(u32, Counts), Fault> {
    connection
        .execute_batch("PRAGMA trusted_schema = OFF")
        .map_err(told)?;
    let number = recognise(connection)?;
    let found: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(told)?;
    if found != "ok" {
        return damaged(format!(
            "it does not hold together (SQLite: {})",
            one_line(&found)
        ));
    }
    if objects(connection)? != objects(&fresh(number)?)? {
        return damaged("its tables, indexes or triggers are not those that omniport made");
    }
    let mut orphans = connection.prepare("PRAGMA foreign_key_check").map_err(told)?;
    if orphans.exists([]).map_err(told)? {
        return damaged("it holds rows that refer to rows which are not there");
    }
    Ok((number, count(connection)?))
}

/// What a schema consists of.
fn objects(connection: &Connection) -> Result<Vec<[Option<String>; 4]>, Fault> {
    let sql =
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2";
    let mut statement = connection.prepare(sql).map_err(told)?;
    let rows = statement.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]));
    rows.and_then(Iterator::collect).map_err(told)
}

/// An empty database with the schema of this number.
fn fresh(number: u32) -> Result<Connection, Fault> {
    let mut connection = Connection::open_in_memory().map_err(told)?;
    let upto = SQLITE.iter().filter(|migration| migration.number <= number);
    schema::migrate(
        &mut connection,
        &upto.collect::<Vec<_>>(),
        Timestamp::from_seconds(0),
    )?;
    Ok(connection)
}
