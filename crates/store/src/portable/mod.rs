//! Everything from one database into another, whatever their drivers.

mod digest;
mod tables;

use crate::{Dialect, Fault, Query, Row, Statement, Store, Value};
use digest::{RowsDigest, as_kept};
use omniport_protocol::vocabulary::Timestamp;
use tables::{Table, Texts, texts};

/// How far a move has come. A row counts when it was copied, when it was read again on the one side, and when it was
/// read again on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The table that it is at.
    pub table: &'static str,
    /// What is done.
    pub done: u64,
    /// What there is to do.
    pub all: u64,
}

/// A table that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedTable {
    /// Its name.
    pub table: &'static str,
    /// How many rows it has, on both sides.
    pub rows: u64,
    /// SHA-256 over all its rows in the order of their keys, in hexadecimal; the same on both sides.
    pub sha256: String,
}

/// Whom to tell how far it is.
struct Teller<'a> {
    tell: &'a mut (dyn FnMut(Progress) + Send),
    done: u64,
    all: u64,
}

impl Teller<'_> {
    fn did(&mut self, table: &Table, rows: usize) {
        self.done += rows as u64;
        (self.tell)(Progress {
            table: table.name,
            done: self.done.min(self.all),
            all: self.all,
        });
    }
}

impl Store {
    /// Copies everything into `target`, which must be new or empty; then reads both sides again and compares number and
    /// checksum of each table's rows. Nothing may write to either meanwhile: what does is noticed where it changes a
    /// table that was copied already, and the move fails.
    ///
    /// # Errors
    /// [`Fault::Outdated`] or [`Fault::Newer`] of either side; [`Fault::Refused`] where the target holds something or
    /// the sides differ; another [`Fault`] of either. A target that was begun is of no use: remove it.
    pub async fn move_to(
        &self,
        target: &Self,
        now: Timestamp,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Vec<MovedTable>, Fault> {
        self.refuse_any_newer().await?;
        self.refuse_pending().await?;
        target.refuse_any_newer().await?;
        target.make_current(now).await?;
        target.refuse_rows().await?;
        let mut rows = 0;
        for texts in texts(self.dialect()) {
            rows += self.count(Query::list(texts.count, Vec::new())).await?;
        }
        let mut teller = Teller {
            tell,
            done: 0,
            all: rows * 3,
        };
        let begun = |fault| match fault {
            Fault::Unavailable(words) => Fault::Unavailable(format!(
                "{words}; the target holds a part now: remove it, and move again"
            )),
            other => other,
        };
        let (ours, theirs) = (texts(self.dialect()), texts(target.dialect()));
        for (from, to) in ours.iter().zip(theirs) {
            self.copy_table(target, from, to, &mut teller)
                .await
                .map_err(begun)?;
        }
        let mut moved = Vec::new();
        for (from, to) in ours.iter().zip(theirs) {
            let (table, kept) = (from.table, target.dialect());
            let (here, ours) = self.digest(from, kept, &mut teller).await?;
            let (there, theirs) = target.digest(to, kept, &mut teller).await?;
            if (here, &ours) != (there, &theirs) {
                return Err(Fault::Refused(format!(
                    "the table {} has {here} rows here and {there} there, or their values differ: something wrote to \
                     one of the databases meanwhile; stop every server, remove the target, and move again",
                    table.name
                )));
            }
            moved.push(MovedTable {
                table: table.name,
                rows: here,
                sha256: ours,
            });
        }
        Ok(moved)
    }

    async fn refuse_pending(&self) -> Result<(), Fault> {
        let pending = self.pending().await?;
        match (pending.first(), pending.last()) {
            (Some(first), Some(last)) => Err(Fault::Outdated {
                found: first.number - 1,
                known: last.number,
            }),
            _ => Ok(()),
        }
    }

    async fn refuse_rows(&self) -> Result<(), Fault> {
        for texts in texts(self.dialect()) {
            let rows = self.count(Query::list(texts.count, Vec::new())).await?;
            if rows > 0 {
                return Err(Fault::Refused(format!(
                    "the target is not empty (its table {} has {rows} rows): name a new database",
                    texts.table.name
                )));
            }
        }
        Ok(())
    }

    async fn copy_table(
        &self,
        target: &Self,
        from: &Texts,
        to: &Texts,
        teller: &mut Teller<'_>,
    ) -> Result<(), Fault> {
        let table = to.table;
        let mut reader = Reader::new(self, from);
        while let Some(rows) = reader.next().await? {
            let count = rows.len();
            let insert = |row: Vec<Value>| {
                let values = row.into_iter().map(|value| as_kept(value, target.dialect()));
                Statement::one(to.insert, values.collect())
            };
            let written = target
                .write_quietly(rows.into_iter().map(insert).collect())
                .await?;
            if !written.is_applied() {
                return Err(Fault::Refused(format!(
                    "a row of {} does not fit into the target: something else writes to one of the databases; stop \
                     every server, remove the target, and move again",
                    table.name
                )));
            }
            teller.did(table, count);
        }
        if let Some(resume) = to.resume {
            let resumed = target.write(vec![Statement::any(resume, Vec::new())]).await?;
            if !resumed.is_applied() {
                return Err(Fault::Bug(format!("the numbers of {} do not go on", table.name)));
            }
        }
        Ok(())
    }

    /// Number and checksum of a table's rows, as a database that speaks `kept` has them.
    async fn digest(
        &self,
        texts: &Texts,
        kept: Dialect,
        teller: &mut Teller<'_>,
    ) -> Result<(u64, String), Fault> {
        let (mut count, mut digest) = (0, RowsDigest::new());
        let mut reader = Reader::new(self, texts);
        while let Some(rows) = reader.next().await? {
            teller.did(texts.table, rows.len());
            count += rows.len() as u64;
            for row in rows {
                let row: Vec<Value> = row.into_iter().map(|value| as_kept(value, kept)).collect();
                digest.add(&row);
            }
        }
        Ok((count, digest.finish()))
    }
}

/// A table's rows in the order of their keys, a batch at a time.
struct Reader<'a> {
    store: &'a Store,
    texts: &'a Texts,
    after: Option<Vec<Value>>,
}

impl<'a> Reader<'a> {
    const fn new(store: &'a Store, texts: &'a Texts) -> Self {
        Self {
            store,
            texts,
            after: None,
        }
    }

    /// The next rows; none behind the last.
    async fn next(&mut self) -> Result<Option<Vec<Vec<Value>>>, Fault> {
        let sql = if self.after.is_none() {
            self.texts.first
        } else {
            self.texts.after
        };
        let mut params: Vec<Value> = vec![self.texts.table.batch.into()];
        params.extend(self.after.take().unwrap_or_default());
        let rows = self.store.rows(Query::list(sql, params)).await?;
        let rows: Vec<Vec<Value>> = rows.into_iter().map(Row::into_values).collect();
        let Some(last) = rows.last() else {
            return Ok(None);
        };
        self.after = Some(last.iter().take(self.texts.table.key.len()).cloned().collect());
        Ok(Some(rows))
    }
}
