//! Data points: single facts about a person, which apps ask for by name and people consent to one by one.

mod catalogue;
mod name;
mod role;
mod synthetic;
mod user_data;
mod value;

pub use catalogue::{Catalogue, CatalogueError, Category, DataPoint, Sensitivity, ValueKind};
pub use name::{DataPointName, DataPointNameError};
pub use role::is_active_role;
pub use synthetic::synthetic;
pub use user_data::{Told, user_data};
pub use value::ValueError;

use std::collections::BTreeSet;

/// A set of data points.
pub type DataPoints = BTreeSet<DataPointName>;
