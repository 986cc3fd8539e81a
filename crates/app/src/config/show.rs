//! The configuration as it is in force, for `config show`. Nothing secret stands in it: a database's address is shown
//! without its password, and an encryption key not at all.

use super::{Config, EncryptionKey, KEYS, Key, Loaded};
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// As TOML that could be a configuration file, each line with where it was said.
pub fn toml(loaded: &Loaded) -> String {
    let values = values(&loaded.config);
    let mut text = String::new();
    let mut section = "";
    for key in KEYS {
        if key.section != section {
            section = key.section;
            let gap = if text.is_empty() { "" } else { "\n" };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{gap}[{section}]");
        }
        let origin = loaded.origin(key);
        let _ = match find(&values, key) {
            // A JSON text or number is one of TOML's too (TOML 1.0, "String": the same escapes).
            Some(value) => writeln!(text, "{} = {value}  # {origin}", key.name),
            None => writeln!(text, "# {} is not set", key.name),
        };
    }
    text.trim_end().to_owned()
}

/// As a JSON object, section by section; `origins` has where each setting was said.
pub fn json(loaded: &Loaded) -> Value {
    let mut shown = values(&loaded.config);
    let origins: Map<String, Value> = KEYS
        .iter()
        .map(|key| (key.path(), loaded.origin(key).to_string().into()))
        .collect();
    if let Some(sections) = shown.as_object_mut() {
        sections.insert("origins".to_owned(), origins.into());
    }
    shown
}

fn values(config: &Config) -> Value {
    let mut shown = config.clone();
    shown.database.url = without_password(&shown.database.url);
    shown.keys.encryption_key = shown.keys.encryption_key.map(|_| EncryptionKey::hidden());
    // A struct of texts and numbers is always JSON.
    serde_json::to_value(shown).unwrap_or_default()
}

fn find<'a>(values: &'a Value, key: &Key) -> Option<&'a Value> {
    values.get(key.section)?.get(key.name)
}

/// A database's address with `***` for the password in it, if there is one.
pub(super) fn without_password(url: &str) -> String {
    let hidden = || {
        let (scheme, rest) = url.split_once("://")?;
        let (user, host) = rest.rsplit_once('@')?;
        let (name, _) = user.split_once(':')?;
        Some(format!("{scheme}://{name}:***@{host}"))
    };
    hidden().unwrap_or_else(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{Flags, load};
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn what_is_shown_is_a_configuration_again() {
        let environment = BTreeMap::from([(
            "OMNIPORT_INSTITUTION_NAME".to_owned(),
            "A \"B\" \u{e9}".to_owned(),
        )]);
        let loaded = load(&Flags::default(), &environment).unwrap();
        let text = toml(&loaded);
        assert!(
            text.contains("# from OMNIPORT_INSTITUTION_NAME") && text.contains("# issuer is not set"),
            "{text}"
        );
        let again: Config = ::toml::from_str(&text).unwrap();
        assert_eq!(again, loaded.config);
        assert_eq!(json(&loaded)["tokens"]["code_seconds"], 60);
        let origins = &json(&loaded)["origins"];
        assert_eq!(origins["institution.name"], "from OMNIPORT_INSTITUTION_NAME");
        assert_eq!(origins["server.issuer"], "default");
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(
            without_password("postgres://a:hush@db/x"),
            "postgres://a:***@db/x"
        );
        assert_eq!(
            without_password("postgres://a:h@ush@db/x"),
            "postgres://a:***@db/x"
        );
        assert_eq!(without_password("sqlite:a@b.db"), "sqlite:a@b.db");
    }
}
