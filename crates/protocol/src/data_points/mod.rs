//! Data points: single facts about a person, which apps ask for by name and people consent to one by one.

mod catalogue;
mod name;
mod user_data;

pub use catalogue::{Catalogue, CatalogueError, Category, DataPoint, Sensitivity, ValueKind};
pub use name::{DataPointName, DataPointNameError};
pub use user_data::user_data;

use std::collections::BTreeSet;

/// A set of data points.
pub type DataPoints = BTreeSet<DataPointName>;
