//! Statements: SQL as data.
//!
//! One text serves `SQLite` and `PostgreSQL` 15: numbered parameters (`?1`, which a driver writes as its database
//! wants them), no functions that only one of them has, flags as 0 and 1. Where the two must differ (the types of
//! columns), both texts stand beside each other: that is only in the migrations.

use crate::Value;

/// How much a query looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// A few rows by their key: microseconds.
    Key,
    /// A page of a list, a count or a search: off the threads that answer requests.
    List,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The text, with parameters `?1`, `?2`...
    pub sql: &'static str,
    /// Their values.
    pub params: Vec<Value>,
    /// How much it looks at.
    pub reach: Reach,
}

impl Query {
    /// A question for a few rows by their key.
    pub const fn key(sql: &'static str, params: Vec<Value>) -> Self {
        Self {
            sql,
            params,
            reach: Reach::Key,
        }
    }

    /// A question for a list, a count or a search.
    pub const fn list(sql: &'static str, params: Vec<Value>) -> Self {
        Self {
            sql,
            params,
            reach: Reach::List,
        }
    }
}

/// How many rows a statement must touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// This many: anything else undoes the transaction.
    Exactly(u64),
    /// Any number.
    Any,
}

impl Rows {
    /// Whether `touched` is what was expected.
    pub const fn accepts(self, touched: u64) -> bool {
        match self {
            Self::Exactly(expected) => touched == expected,
            Self::Any => true,
        }
    }
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The text, with parameters `?1`, `?2`...
    pub sql: &'static str,
    /// Their values.
    pub params: Vec<Value>,
    /// How many rows it must touch.
    pub rows: Rows,
}

impl Statement {
    /// A change of exactly one row: the guard of a decision.
    pub const fn one(sql: &'static str, params: Vec<Value>) -> Self {
        Self {
            sql,
            params,
            rows: Rows::Exactly(1),
        }
    }

    /// A change of as many rows as there are.
    pub const fn any(sql: &'static str, params: Vec<Value>) -> Self {
        Self {
            sql,
            params,
            rows: Rows::Any,
        }
    }
}
