//! Values on the wire, in `PostgreSQL`'s binary formats.

use crate::Value;
use bytes::BytesMut;
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

type Refused = Box<dyn Error + Sync + Send>;

impl Value {
    /// The type to announce where nothing is prepared; of null the server finds it out.
    pub(super) const fn postgres_type(&self) -> Type {
        match self {
            Self::Null => Type::UNKNOWN,
            Self::Int(_) => Type::INT8,
            Self::Text(_) => Type::TEXT,
            Self::Blob(_) => Type::BYTEA,
        }
    }
}

/// `PostgreSQL` cannot hold U+0000 in a text; it becomes U+FFFD, as in HTML: what somebody typed must neither break
/// a request nor match what does not hold it.
fn without_nul(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}").into()
    } else {
        text.into()
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Refused> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(number), &Type::INT8) => number.to_sql(ty, out),
            (Self::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(ty, out),
            (Self::Text(text), &Type::TEXT | &Type::VARCHAR) => without_nul(text).as_ref().to_sql(ty, out),
            (Self::Blob(bytes), &Type::BYTEA) => bytes.as_slice().to_sql(ty, out),
            _ => Err(format!("a parameter of another type than {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Refused> {
        match *ty {
            Type::INT8 => i64::from_sql(ty, raw).map(Self::Int),
            Type::INT4 => i32::from_sql(ty, raw).map(|number| Self::Int(number.into())),
            Type::TEXT | Type::VARCHAR => String::from_sql(ty, raw).map(Self::Text),
            Type::BYTEA => Ok(Self::Blob(raw.to_vec())),
            _ => Err(format!("a column of the type {ty}").into()),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Refused> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round(value: &Value, ty: &Type) -> Option<Value> {
        let mut out = BytesMut::new();
        match value.to_sql(ty, &mut out).ok()? {
            IsNull::Yes => Value::from_sql_null(ty).ok(),
            IsNull::No => Value::from_sql(ty, &out).ok(),
        }
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        assert_eq!(round(&Value::Int(1), &Type::TEXT), None);
        assert_eq!(round(&Value::Int(i64::MAX), &Type::INT4), None);
        assert_eq!(round(&"x".into(), &Type::INT8), None);
        assert!(Value::from_sql(&Type::BOOL, &[1]).is_err());
    }

    #[test]
    fn a_nul_is_replaced() {
        assert_eq!(round(&"a\0b".into(), &Type::TEXT), Some("a\u{fffd}b".into()));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(number: i64, text in "\\PC{0,40}", bytes: Vec<u8>) {
            for value in [number.into(), text.into(), Value::from(bytes), Value::Null] {
                prop_assert_eq!(round(&value, &value.postgres_type()), Some(value));
            }
        }
    }
}
