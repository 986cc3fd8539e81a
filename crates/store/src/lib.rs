//! What must outlive a restart: statements as data, and the drivers that run them.
//!
//! The rules speak in [`Load`](omniport_protocol::effect::Load)s and
//! [`Write`](omniport_protocol::effect::Write)s; [`Store::load`] and [`Store::apply`] turn them into SQL texts
//! with parameters and, for a change, the number of rows it must touch. A [`Driver`] runs a list of those in one
//! transaction and knows nothing of OAuth. What the portal and the commands ask for beyond that are methods of
//! [`Store`], with plain records in [`portal`].
//!
//! A change whose row count is wrong, or that meets a constraint, undoes its whole transaction and is reported as
//! [`Written::Conflict`]: whoever decided it looks again and decides again.
#![forbid(unsafe_code)]

mod address;
mod apply;
mod authorities;
mod changes;
mod driver;
mod fault;
mod generations;
mod load;
mod migrations;
mod patience;
mod portable;
pub mod portal;
mod postgres;
mod sqlite;
mod statement;
mod store;
mod tables;
mod telling;
mod value;

pub use address::Address;
pub use authorities::system_authorities;
pub use changes::{Kept, LEASE, Topic};
pub use driver::{Activity, Dialect, Driver, Written};
pub use fault::Fault;
pub use migrations::{AppliedMigration, Migration};
pub use patience::{PATIENCE, patiently};
pub use portable::{MovedTable, Progress};
pub use postgres::Postgres;
pub use sqlite::{Backup, Restored, Sqlite, backup, refuse_served, restore};
pub use statement::{Query, Reach, Rows, Statement};
pub use store::Store;
pub use value::{Row, Value};
