//! Values on their way into and out of a database.

use crate::Fault;
use omniport_protocol::data_points::{DataPointName, DataPoints};
use omniport_protocol::vocabulary::{ClientId, GrantId, PersonId, Scope, SecretHash, Timestamp};
use serde::de::DeserializeOwned;
use std::fmt;

/// A value, as every database we speak to knows it. Yes and no are 1 and 0; moments are seconds.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number (64 bits).
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// Sizes only: a value may be a password's hash or a person's data.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Int(number) => write!(f, "Int({number})"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Blob(bytes) => write!(f, "Blob({} bytes)", bytes.len()),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Int(yes.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl From<SecretHash> for Value {
    fn from(hash: SecretHash) -> Self {
        Self::Blob(hash.as_bytes().to_vec())
    }
}

impl From<GrantId> for Value {
    fn from(grant: GrantId) -> Self {
        Self::Blob(grant.0.as_bytes().to_vec())
    }
}

impl From<PersonId> for Value {
    fn from(person: PersonId) -> Self {
        Self::Int(person.0)
    }
}

impl From<&ClientId> for Value {
    fn from(client: &ClientId) -> Self {
        client.as_str().into()
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::Int(at.seconds())
    }
}

impl From<&Scope> for Value {
    fn from(scope: &Scope) -> Self {
        Self::Text(scope.to_string())
    }
}

impl From<&DataPoints> for Value {
    fn from(points: &DataPoints) -> Self {
        let names: Vec<&str> = points.iter().map(DataPointName::as_str).collect();
        Self::Text(names.join(" "))
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer, read column by column in the order of its query.
///
/// Every getter takes the next column, and fails with [`Fault::Corrupt`] where it is not what was expected.
#[derive(Debug)]
pub struct Row {
    values: std::vec::IntoIter<Value>,
    column: usize,
}

impl Row {
    /// A row of these values.
    pub fn new(values: Vec<Value>) -> Self {
        Self {
            values: values.into_iter(),
            column: 0,
        }
    }

    /// The values that have not been read yet.
    pub(crate) fn into_values(self) -> Vec<Value> {
        self.values.collect()
    }

    fn corrupt(&self, what: &'static str) -> Fault {
        Fault::Corrupt {
            column: self.column,
            what,
        }
    }

    fn take(&mut self) -> Result<Value, Fault> {
        self.column += 1;
        self.values.next().ok_or_else(|| self.corrupt("a value"))
    }

    /// A number, or null.
    pub fn opt_int(&mut self) -> Result<Option<i64>, Fault> {
        match self.take()? {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(number)),
            _ => Err(self.corrupt("a number or null")),
        }
    }

    /// A number.
    pub fn int(&mut self) -> Result<i64, Fault> {
        self.opt_int()?.ok_or_else(|| self.corrupt("a number"))
    }

    /// A text, or null.
    pub fn opt_text(&mut self) -> Result<Option<String>, Fault> {
        match self.take()? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            _ => Err(self.corrupt("a text or null")),
        }
    }

    /// A text.
    pub fn text(&mut self) -> Result<String, Fault> {
        self.opt_text()?.ok_or_else(|| self.corrupt("a text"))
    }

    /// Bytes, or null.
    pub fn opt_blob(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        match self.take()? {
            Value::Null => Ok(None),
            Value::Blob(bytes) => Ok(Some(bytes)),
            _ => Err(self.corrupt("bytes or null")),
        }
    }

    /// Bytes.
    pub fn blob(&mut self) -> Result<Vec<u8>, Fault> {
        self.opt_blob()?.ok_or_else(|| self.corrupt("bytes"))
    }

    /// Yes or no.
    pub fn flag(&mut self) -> Result<bool, Fault> {
        Ok(self.int()? != 0)
    }

    /// A small number, or null.
    pub fn opt_number(&mut self) -> Result<Option<u32>, Fault> {
        let number = self.opt_int()?.map(u32::try_from).transpose();
        number.map_err(|_| self.corrupt("a number of 32 bits"))
    }

    /// A small number.
    pub fn number(&mut self) -> Result<u32, Fault> {
        self.opt_number()?.ok_or_else(|| self.corrupt("a number"))
    }

    /// A moment, or null.
    pub fn opt_at(&mut self) -> Result<Option<Timestamp>, Fault> {
        Ok(self.opt_int()?.map(Timestamp::from_seconds))
    }

    /// A moment.
    pub fn at(&mut self) -> Result<Timestamp, Fault> {
        Ok(Timestamp::from_seconds(self.int()?))
    }

    /// A person's number.
    pub fn person(&mut self) -> Result<PersonId, Fault> {
        Ok(PersonId(self.int()?))
    }

    /// A client's identifier, or none.
    pub fn opt_client(&mut self) -> Result<Option<ClientId>, Fault> {
        let text = self.opt_text()?;
        let parsed = text.map(|text| ClientId::parse(&text)).transpose();
        parsed.map_err(|_| self.corrupt("a client identifier"))
    }

    /// A client's identifier.
    pub fn client(&mut self) -> Result<ClientId, Fault> {
        self.parsed("a client_id", |text| ClientId::parse(text).ok())
    }

    /// A hash, or null.
    pub fn opt_hash(&mut self) -> Result<Option<SecretHash>, Fault> {
        let bytes = self.opt_blob()?.map(<[u8; 32]>::try_from).transpose();
        let bytes = bytes.map_err(|_| self.corrupt("32 bytes"))?;
        Ok(bytes.map(SecretHash::from_bytes))
    }

    /// A hash.
    pub fn hash(&mut self) -> Result<SecretHash, Fault> {
        self.opt_hash()?.ok_or_else(|| self.corrupt("32 bytes"))
    }

    /// A grant's identifier, or null.
    pub fn opt_grant(&mut self) -> Result<Option<GrantId>, Fault> {
        let id = self.opt_blob()?.map(|bytes| uuid::Uuid::from_slice(&bytes));
        let id = id.transpose().map_err(|_| self.corrupt("16 bytes"))?;
        Ok(id.map(GrantId))
    }

    /// A scope; an empty text is the scope that names nothing.
    pub fn scope(&mut self) -> Result<Scope, Fault> {
        self.parsed("a scope", |text| {
            if text.is_empty() {
                Some(Scope::default())
            } else {
                Scope::parse(text).ok()
            }
        })
    }

    /// Data points, separated by spaces.
    pub fn data_points(&mut self) -> Result<DataPoints, Fault> {
        self.parsed("names of data points", |text| {
            text.split_whitespace()
                .map(|name| DataPointName::parse(name).ok())
                .collect()
        })
    }

    /// A text that `parse` understands.
    pub fn parsed<T>(
        &mut self,
        what: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Fault> {
        let text = self.text()?;
        parse(&text).ok_or_else(|| self.corrupt(what))
    }

    /// A JSON text, or null.
    pub fn opt_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Fault> {
        let value = self.opt_text()?.map(|text| serde_json::from_str(&text));
        value.transpose().map_err(|_| self.corrupt("JSON as we wrote it"))
    }

    /// A JSON text.
    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        self.opt_json()?.ok_or_else(|| self.corrupt("JSON"))
    }
}

/// `value` as a JSON text.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<Value, Fault> {
    to_json_text(value).map(Value::Text)
}

/// The same, as a text.
pub(crate) fn to_json_text<T: serde::Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value)
        .map_err(|error| Fault::Bug(format!("a value cannot be written as JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_row_reads_in_order_and_refuses_what_it_did_not_expect() {
        let mut row = Row::new(vec![Value::Int(7), "x".into(), Value::Null, vec![1_u8].into()]);
        assert_eq!(row.person().unwrap(), PersonId(7));
        assert_eq!(row.text().unwrap(), "x");
        assert_eq!(row.opt_at().unwrap(), None);
        assert!(matches!(row.hash(), Err(Fault::Corrupt { column: 4, .. })));
        assert!(matches!(row.int(), Err(Fault::Corrupt { column: 5, .. })));
    }

    #[test]
    fn what_was_not_written_by_us_is_corrupt() {
        let mut row = Row::new(vec![
            Value::Int(-1),
            "\n".into(),
            "a\"b".into(),
            "Not A Name".into(),
            "{".into(),
            "7".into(),
            Value::Int(1),
            Value::Null,
            vec![1_u8].into(),
        ]);
        assert!(row.number().is_err());
        assert!(row.client().is_err());
        assert!(row.scope().is_err());
        assert!(row.data_points().is_err());
        assert!(row.json::<String>().is_err());
        assert!(row.int().is_err());
        assert!(row.blob().is_err());
        assert!(row.text().is_err());
        assert!(row.opt_grant().is_err());
    }

    #[test]
    fn debug_never_shows_a_text_or_bytes() {
        let values = [Value::from("hush"), Value::from(vec![1_u8, 2]), Value::Null];
        assert_eq!(format!("{values:?}"), "[Text(4 bytes), Blob(2 bytes), Null]");
    }

    fn any_value() -> impl Strategy<Value = super::Value> {
        use super::Value;
        prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::Int),
            "\\PC{0,40}".prop_map(Value::Text),
            proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::Blob),
        ]
    }

    proptest! {
        #[test]
        fn any_row_is_read_or_called_corrupt(value in any_value()) {
            let row = || Row::new(vec![value.clone()]);
            let corrupt = |fault: Option<Fault>| fault.is_none_or(|f| matches!(f, Fault::Corrupt { column: 1, .. }));
            prop_assert!(corrupt(row().number().err()));
            prop_assert!(corrupt(row().client().err()));
            prop_assert!(corrupt(row().hash().err()));
            prop_assert!(corrupt(row().opt_grant().err()));
            prop_assert!(corrupt(row().scope().err()));
            prop_assert!(corrupt(row().data_points().err()));
            prop_assert!(corrupt(row().json::<Vec<String>>().err()));
        }

        #[test]
        fn what_was_written_reads_back(names in proptest::collection::btree_set("[a-z]{1,8}\\.[a-z_]{0,8}[a-z]", 0..9)) {
            // Only names that begin as the grammar wants it.
            let points: DataPoints = names.iter().filter_map(|name| DataPointName::parse(name).ok()).collect();
            prop_assert_eq!(Row::new(vec![(&points).into()]).data_points().unwrap(), points);
            let scope = Scope::of(names);
            prop_assert_eq!(Row::new(vec![(&scope).into()]).scope().unwrap(), scope);
        }
    }
}
