//! The claims of a token (RFC 7519 section 4).

use super::JoseError;
use crate::vocabulary::Timestamp;
use serde_json::{Map, Value};

/// A token's claims, the registered ones of the right type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims(Map<String, Value>);

/// Whom a token is meant for (RFC 7519 section 4.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience<'a> {
    values: Vec<&'a str>,
    single_string: bool,
}

impl<'a> Audience<'a> {
    /// Whether `name` is among them.
    pub fn contains(&self, name: &str) -> bool {
        self.values.contains(&name)
    }

    /// All of them.
    pub fn values(&self) -> &[&'a str] {
        &self.values
    }

    /// Whether the claim is one string and not an array, as FAPI 2.0 demands of client assertions.
    pub const fn is_single_string(&self) -> bool {
        self.single_string
    }
}

impl Claims {
    /// Takes claims, if the registered ones among them have their types: a number in `iss` or a text in `exp` must
    /// never pass for an absent claim.
    ///
    /// # Errors
    /// [`JoseError::Claim`] with the name of the first that has not.
    pub fn new(claims: Map<String, Value>) -> Result<Self, JoseError> {
        let fits = |name: &str, fits: fn(&Value) -> bool| claims.get(name).is_none_or(fits);
        for name in ["iss", "sub", "jti"] {
            if !fits(name, Value::is_string) {
                return Err(JoseError::Claim(name));
            }
        }
        for name in ["exp", "nbf", "iat"] {
            if !fits(name, Value::is_number) {
                return Err(JoseError::Claim(name));
            }
        }
        let texts = |value: &Value| {
            value
                .as_array()
                .is_some_and(|array| array.iter().all(Value::is_string))
        };
        if !fits("aud", Value::is_string) && !claims.get("aud").is_some_and(texts) {
            return Err(JoseError::Claim("aud"));
        }
        Ok(Self(claims))
    }

    /// Any claim.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Any claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// All of them.
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// All of them, to keep.
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    /// Who made it.
    pub fn iss(&self) -> Option<&str> {
        self.text("iss")
    }

    /// Whom it speaks of.
    pub fn sub(&self) -> Option<&str> {
        self.text("sub")
    }

    /// Its own name, for telling a replay.
    pub fn jti(&self) -> Option<&str> {
        self.text("jti")
    }

    /// Whom it is meant for.
    pub fn aud(&self) -> Option<Audience<'_>> {
        match self.get("aud")? {
            Value::String(one) => Some(Audience {
                values: vec![one],
                single_string: true,
            }),
            Value::Array(many) => Some(Audience {
                values: many.iter().filter_map(Value::as_str).collect(),
                single_string: false,
            }),
            _ => None,
        }
    }

    /// When it ends.
    pub fn exp(&self) -> Option<Timestamp> {
        self.moment("exp")
    }

    /// When it begins.
    pub fn nbf(&self) -> Option<Timestamp> {
        self.moment("nbf")
    }

    /// When it was made.
    pub fn iat(&self) -> Option<Timestamp> {
        self.moment("iat")
    }

    /// A claim that is a `NumericDate` (RFC 7519 section 2): a fraction of a second is cut off.
    pub fn moment(&self, name: &str) -> Option<Timestamp> {
        let value = self.get(name)?;
        let seconds = value.as_i64().or_else(|| {
            // Beyond what a moment can be, `as` stays at the nearest: the year 292 billion, either way.
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a cast of a float saturates, which is what is wanted"
            )]
            value.as_f64().map(|seconds| seconds.floor() as i64)
        });
        seconds.map(Timestamp::from_seconds)
    }

    /// Whether `now` lies within `exp`, `nbf` and `iat`, as far as they are there; clocks may differ by
    /// `leeway_seconds`.
    ///
    /// # Errors
    /// [`JoseError::Expired`] or [`JoseError::NotYetValid`].
    pub fn check_times(&self, now: Timestamp, leeway_seconds: i64) -> Result<(), JoseError> {
        if self
            .exp()
            .is_some_and(|end| now.is_at_or_after(end.plus(leeway_seconds)))
        {
            return Err(JoseError::Expired);
        }
        let latest = now.plus(leeway_seconds);
        if [self.nbf(), self.iat()]
            .into_iter()
            .flatten()
            .any(|at| at > latest)
        {
            return Err(JoseError::NotYetValid);
        }
        Ok(())
    }

    /// As [`Self::check_times`], where it must have an end, and one that is at most `longest_seconds` away.
    ///
    /// # Errors
    /// Also [`JoseError::Missing`]; [`JoseError::Claim`] where `exp` is too far away.
    pub fn check_short_lived(
        &self,
        now: Timestamp,
        leeway_seconds: i64,
        longest_seconds: i64,
    ) -> Result<(), JoseError> {
        let end = self.exp().ok_or(JoseError::Missing("exp"))?;
        self.check_times(now, leeway_seconds)?;
        if end > now.plus(longest_seconds).plus(leeway_seconds) {
            return Err(JoseError::Claim("exp"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: &Value) -> Result<Claims, JoseError> {
        Claims::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn registered_claims_have_their_types() {
        let good =
            claims(&json!({"iss": "a", "sub": "b", "aud": ["x", "y"], "exp": 10.9, "jti": "j", "k": {}}));
        let good = good.unwrap();
        assert_eq!(
            (good.iss(), good.sub(), good.jti()),
            (Some("a"), Some("b"), Some("j"))
        );
        assert!(good.aud().unwrap().contains("y") && !good.aud().unwrap().is_single_string());
        assert_eq!(good.exp(), Some(Timestamp::from_seconds(10)));
        assert!(
            claims(&json!({"aud": "x"}))
                .unwrap()
                .aud()
                .unwrap()
                .is_single_string()
        );
        for (name, wrong) in [
            ("iss", json!({"iss": 1})),
            ("sub", json!({"sub": null})),
            ("jti", json!({"jti": []})),
            ("exp", json!({"exp": "1800000000"})),
            ("nbf", json!({"nbf": null})),
            ("iat", json!({"iat": {}})),
            ("aud", json!({"aud": ["x", 1]})),
            ("aud", json!({"aud": {}})),
        ] {
            assert_eq!(claims(&wrong), Err(JoseError::Claim(name)), "{wrong}");
        }
    }

    #[test]
    fn times_are_checked_with_leeway() {
        let now = Timestamp::from_seconds(1_000);
        let check = |value: &Value| claims(value).unwrap().check_times(now, 10);
        assert_eq!(check(&json!({})), Ok(()));
        assert_eq!(check(&json!({"exp": 991, "nbf": 1_010, "iat": 1_010})), Ok(()));
        assert_eq!(check(&json!({"exp": 990})), Err(JoseError::Expired));
        assert_eq!(check(&json!({"exp": -1e300})), Err(JoseError::Expired));
        assert_eq!(check(&json!({"nbf": 1_011})), Err(JoseError::NotYetValid));
        assert_eq!(check(&json!({"iat": 1e300})), Err(JoseError::NotYetValid));
        assert_eq!(check(&json!({"exp": u64::MAX})), Ok(()));
        let short = |value: &Value| claims(value).unwrap().check_short_lived(now, 10, 300);
        assert_eq!(short(&json!({"exp": 1_300})), Ok(()));
        assert_eq!(short(&json!({"exp": 1_311})), Err(JoseError::Claim("exp")));
        assert_eq!(short(&json!({"exp": u64::MAX})), Err(JoseError::Claim("exp")));
        assert_eq!(short(&json!({})), Err(JoseError::Missing("exp")));
        assert_eq!(short(&json!({"exp": 900})), Err(JoseError::Expired));
    }
}
