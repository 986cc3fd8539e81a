//! The layers of the configuration, put over each other: default, file, environment, flag.

use super::{Config, ConfigError, KEYS, Key, Kind, check};
use crate::bounded;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Largest configuration file.
const MAX_FILE: u64 = 1 << 20;
/// Most items of a list.
const MAX_ITEMS: usize = 1_000;

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--listen`
    pub listen: Option<String>,
    /// `--issuer`
    pub issuer: Option<String>,
    /// `--database`
    pub database: Option<String>,
}

impl Flags {
    fn value(&self, key: &Key) -> Option<(&'static str, &String)> {
        match (key.section, key.name) {
            ("server", "listen") => self.listen.as_ref().map(|value| ("--listen", value)),
            ("server", "issuer") => self.issuer.as_ref().map(|value| ("--issuer", value)),
            ("database", "url") => self.database.as_ref().map(|value| ("--database", value)),
            _ => None,
        }
    }
}

/// Where a value was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is the default.
    Default,
    /// In the file.
    File(PathBuf),
    /// In this variable of the environment.
    Environment(String),
    /// In this flag.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "in {}", path.display()),
            Self::Environment(name) => write!(f, "from {name}"),
            Self::Flag(name) => write!(f, "from {name}"),
        }
    }
}

/// A configuration, and where each value of it was said.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The values.
    pub config: Config,
    origins: BTreeMap<String, Origin>,
    strangers: Vec<String>,
}

impl Loaded {
    /// Where the value of a setting was said.
    pub fn origin(&self, key: &Key) -> &Origin {
        self.origins.get(&key.path()).unwrap_or(&Origin::Default)
    }

    /// The variables of the environment that look like ours and are none: misspelt, or another program's.
    pub fn strangers(&self) -> &[String] {
        &self.strangers
    }
}

/// Loads the configuration.
///
/// # Errors
/// [`ConfigError`]: everything that is wrong.
pub fn load(flags: &Flags, environment: &BTreeMap<String, String>) -> Result<Loaded, ConfigError> {
    let mut layers = Layers::default();
    let file = flags
        .config
        .clone()
        .or_else(|| environment.get("OMNIPORT_CONFIG").map(PathBuf::from));
    if let Some(path) = file {
        let text = bounded::read(&path, MAX_FILE, "the configuration file");
        match text {
            Ok(text) => layers.add_file(&path, &text),
            Err(failure) => layers.wrong.push(ConfigError::File(failure.to_string())),
        }
    }
    layers.add_environment(environment);
    for key in KEYS {
        if let Some((flag, value)) = flags.value(key) {
            layers.add(key, Value::String(value.clone()), Origin::Flag(flag));
        }
    }
    layers.finish()
}

#[derive(Default)]
struct Layers {
    table: Table,
    origins: BTreeMap<String, Origin>,
    strangers: Vec<String>,
    wrong: Vec<ConfigError>,
}

impl Layers {
    fn add_file(&mut self, path: &Path, text: &str) {
        let origin = Origin::File(path.to_owned());
        let table: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => return self.wrong.push(broken(path, text, &error)),
        };
        for (section, keys) in table {
            let known = KEYS.iter().any(|key| key.section == section);
            let (Value::Table(keys), true) = (keys, known) else {
                let told = if known { as_section(&section) } else { sections() };
                self.wrong.push(unknown(&section, &origin, told));
                continue;
            };
            for (name, value) in keys {
                let Some(key) = Key::find(&section, &name) else {
                    let key = format!("{section}.{name}");
                    self.wrong.push(unknown(&key, &origin, names(&section)));
                    continue;
                };
                self.add(key, beside(path, key, value), origin.clone());
            }
        }
    }

    /// Adds `OMNIPORT_SECTION_KEY` and the short names, which win over the long ones. A variable whose second word is
    /// no section may be another program's: it is noted and left alone.
    fn add_environment(&mut self, environment: &BTreeMap<String, String>) {
        for (variable, text) in environment {
            let Some(rest) = variable.strip_prefix("OMNIPORT_") else {
                continue;
            };
            let rest = rest.to_lowercase();
            let (section, name) = rest.split_once('_').unwrap_or((&rest, ""));
            let origin = Origin::Environment(variable.clone());
            match Key::find(section, name) {
                Some(key) => self.add(key, from_text(key, text), origin),
                None if is_elsewhere(variable) => {}
                None if !name.is_empty() && KEYS.iter().any(|key| key.section == section) => {
                    let key = format!("{section}.{name}");
                    self.wrong.push(unknown(&key, &origin, names(section)));
                }
                None => self.strangers.push(variable.clone()),
            }
        }
        for key in KEYS {
            if let Some((variable, text)) = key
                .short_variable()
                .and_then(|name| Some((name, environment.get(name)?)))
            {
                self.add(
                    key,
                    from_text(key, text),
                    Origin::Environment(variable.to_owned()),
                );
            }
        }
    }

    fn add(&mut self, key: &Key, value: Value, origin: Origin) {
        let fits = match (&key.kind, &value) {
            (Kind::Text(check), Value::String(text)) => check(text),
            (Kind::Path, Value::String(text)) => check::is_path(text),
            (Kind::Integer(range), Value::Integer(number)) => range.contains(number),
            (Kind::Flag, Value::Boolean(_)) => true,
            (Kind::List(check), Value::Array(items)) => {
                items.len() <= MAX_ITEMS && items.iter().all(|item| item.as_str().is_some_and(check))
            }
            _ => false,
        };
        if !fits {
            self.wrong.push(ConfigError::Value {
                key: key.path(),
                value: shown(key, &value),
                origin,
                expected: key.expected.to_owned(),
            });
            return;
        }
        let section = self
            .table
            .entry(key.section)
            .or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(section) = section {
            section.insert(key.name.to_owned(), value);
        }
        self.origins.insert(key.path(), origin);
    }

    fn finish(mut self) -> Result<Loaded, ConfigError> {
        match self.wrong.len() {
            0 => {}
            1 => return Err(self.wrong.remove(0)),
            _ => return Err(ConfigError::Several(self.wrong)),
        }
        // Each value passed its check, so this only fails where a check and its type disagree.
        let config = self
            .table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::File(error.to_string()))?;
        Ok(Loaded {
            config,
            origins: self.origins,
            strangers: self.strangers,
        })
    }
}

/// Whether a variable is looked at in another place (`OMNIPORT_CONFIG`, the short names), or is one that Kubernetes sets
/// beside a service named `omniport` (<https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>).
fn is_elsewhere(variable: &str) -> bool {
    variable == "OMNIPORT_CONFIG"
        || KEYS.iter().any(|key| key.short_variable() == Some(variable))
        || variable.starts_with("OMNIPORT_PORT")
        || variable.starts_with("OMNIPORT_SERVICE_")
}

/// A path in the configuration file at `file` counts from that file's folder.
fn beside(file: &Path, key: &Key, value: Value) -> Value {
    match (&key.kind, &value, file.parent()) {
        (Kind::Path, Value::String(path), Some(folder)) if !path.is_empty() => {
            Value::String(folder.join(path).display().to_string())
        }
        _ => value,
    }
}

/// A file that is not TOML.
fn broken(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let line = error.span().map_or(1, |span| {
        text.get(..span.start).unwrap_or(text).lines().count().max(1)
    });
    let words = error.message().replace('\n', ", ");
    ConfigError::File(format!("{}, line {line}: {words}", path.display()))
}

/// A variable's text as its setting's type; what is none stays a text, and the check refuses it.
fn from_text(key: &Key, text: &str) -> Value {
    match key.kind {
        Kind::Integer(_) => text
            .trim()
            .parse()
            .map_or_else(|_| Value::String(text.to_owned()), Value::Integer),
        Kind::Flag => text
            .trim()
            .parse()
            .map_or_else(|_| Value::String(text.to_owned()), Value::Boolean),
        Kind::List(_) => Value::Array(
            text.split([',', ' '])
                .filter(|item| !item.is_empty())
                .map(|item| Value::String(item.to_owned()))
                .collect(),
        ),
        Kind::Text(_) | Kind::Path => Value::String(text.to_owned()),
    }
}

/// A refused value for the message: cut, and without what may be a password.
fn shown(key: &Key, value: &Value) -> String {
    let text: String = match value {
        Value::String(text) if key.section == "database" => super::show::without_password(text),
        // Perhaps a key with one letter too many: it must not stand in a log.
        _ if key.section == "keys" && key.name == "encryption_key" => "***".to_owned(),
        other => other.to_string(),
    };
    let cut: String = text.chars().filter(|c| !c.is_control()).take(100).collect();
    if cut.len() < text.len() {
        format!("{cut}...")
    } else {
        cut
    }
}

fn unknown(key: &str, origin: &Origin, known: String) -> ConfigError {
    ConfigError::Unknown {
        key: key.chars().filter(|c| !c.is_control()).take(100).collect(),
        origin: origin.clone(),
        known,
    }
}

/// What to write in place of a section's name with a value.
fn as_section(section: &str) -> String {
    format!(
        "it is a section: write [{section}] on a line of its own, and its settings below it; {}",
        names(section)
    )
}

fn sections() -> String {
    let mut sections: Vec<&str> = KEYS.iter().map(|key| key.section).collect();
    sections.dedup();
    format!("the sections are {}", sections.join(", "))
}

fn names(section: &str) -> String {
    let names: Vec<&str> = KEYS
        .iter()
        .filter(|key| key.section == section)
        .map(|key| key.name)
        .collect();
    format!("[{section}] has {}", names.join(", "))
}

#[cfg(test)]
mod tests;
