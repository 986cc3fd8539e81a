//! `omniport person`.

mod import;
mod password;
mod set;

use super::Environment;
use super::source::Source;
use crate::{Failure, bounded, output};
use clap::{Args, Subcommand, ValueEnum};
use omniport_engine::people::{PersonDraft, PlatformRole};
use omniport_protocol::vocabulary::Secret;
use omniport_store::portal::PersonRecord;
use serde_json::{Value, json};

/// Most bytes of a password on standard input: 1,024 characters, and a line end.
const MAX_PASSWORD: u64 = 8_192;
/// People read from the store at a time.
const PAGE: u32 = 500;

#[derive(Debug, Subcommand)]
pub(super) enum Person {
    Add(Add),
    Import(import::Import),
    Set(set::Set),
    SetPassword(password::SetPassword),
    List(List),
    /// Disable a person: they are signed out and what they allowed apps is dead, at once
    #[command(after_help = "Example:\n  omniport person disable asha")]
    Disable(Switch),
    /// Enable a person: they may sign in again, and what they allowed apps lives again
    #[command(after_help = "Example:\n  omniport person enable asha")]
    Enable(Switch),
}

impl Person {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::Add(command) => command.run(environment).await,
            Self::Import(command) => command.run(environment).await,
            Self::Set(command) => command.run(environment).await,
            Self::SetPassword(command) => command.run(environment).await,
            Self::List(command) => command.run(environment).await,
            Self::Disable(command) => command.run(true, environment).await,
            Self::Enable(command) => command.run(false, environment).await,
        }
    }
}

/// What somebody may do beside signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Reviews apps
    Maintainer,
    /// Registers apps
    Developer,
}

/// Add a person, the password from standard input
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  printf %s \"$PASSWORD\" | omniport person add --username asha --password-stdin \\\n    --role developer --set person.full_name=\"Asha Rao\" --set person.roles=Student"
)]
pub(super) struct Add {
    /// The name to sign in with
    #[arg(long)]
    username: String,
    /// Read the password (8 to 1,024 characters) from standard input; a line end behind it does not count
    #[arg(long, required = true)]
    password_stdin: bool,
    /// What they may do beside signing in; may be given again
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<Role>,
    /// A data point's value; may be given again. Lists are separated by commas
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    values: Vec<(String, String)>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl From<Role> for PlatformRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Maintainer => Self::Maintainer,
            Role::Developer => Self::Developer,
        }
    }
}

fn assignment(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text
        .split_once('=')
        .ok_or("write NAME=VALUE, such as person.full_name=\"Asha Rao\"")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

/// A password from standard input; a line end behind it does not count.
fn read_password() -> Result<Secret, Failure> {
    let read = bounded::text(
        std::io::stdin().lock(),
        MAX_PASSWORD,
        "the password",
        "standard input",
    )?;
    let line = read.strip_suffix('\n');
    Ok(Secret::new(line.map_or(read.as_str(), |line| {
        line.strip_suffix('\r').unwrap_or(line)
    })))
}

impl Add {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.new_or_existing(environment).await?;
        let password = read_password()?;
        let draft = PersonDraft {
            username: self.username.clone(),
            password: Some(password),
            roles: self.roles.into_iter().map(PlatformRole::from).collect(),
            values: self.values,
        };
        let id = engine
            .add_person(draft)
            .await?
            .map_err(|error| Failure::new(format!("the person was not added: {error}")))?;
        if self.json {
            output::json(&json!({"id": id.0, "username": self.username}))
        } else {
            output::line(&format!(
                "Added {} with user number {id}.",
                output::plain(&self.username)
            ))
        }
    }
}

/// List the people, by number
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport person list --json")]
pub(super) struct List {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl List {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let mut people = Vec::new();
        let mut after = None;
        loop {
            let page = engine.store().people(after, PAGE).await?;
            let Some(last) = page.last() else {
                break;
            };
            after = Some(last.id);
            people.extend(page.iter().map(shown));
        }
        if self.json {
            return output::json(&Value::Array(people));
        }
        if people.is_empty() {
            return output::line("There is nobody yet. Add somebody with `omniport person add`.");
        }
        let cell = |person: &Value, name: &str| match person.get(name) {
            Some(Value::String(text)) => output::plain(text),
            Some(Value::Array(words)) => words
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(", "),
            Some(Value::Bool(true)) => "disabled".to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let columns = ["id", "username", "name", "roles", "disabled"];
        let rows: Vec<Vec<String>> = people
            .iter()
            .map(|person| columns.iter().map(|name| cell(person, name)).collect())
            .collect();
        output::line(&output::table(
            &["NUMBER", "USERNAME", "NAME", "ROLES", ""],
            &rows,
        ))
    }
}

/// Whether a person may be here.
#[derive(Debug, Args)]
pub(super) struct Switch {
    /// Their sign-in name
    #[arg(value_name = "USERNAME")]
    username: String,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Switch {
    async fn run(self, disable: bool, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let person = engine
            .set_disabled(&self.username, disable)
            .await?
            .ok_or_else(|| {
                Failure::new(format!(
                    "nobody has the username '{}'; `omniport person list` shows who there is",
                    self.username
                ))
            })?;
        if self.json {
            return output::json(&json!({
                "id": person.id.0,
                "username": person.username,
                "disabled": person.disabled,
            }));
        }
        let what = if person.disabled {
            "disabled and signed out everywhere"
        } else {
            "enabled"
        };
        output::line(&format!("{} is {what}.", output::plain(&person.username)))
    }
}

/// A person without what only they and the apps they allowed may see.
fn shown(person: &PersonRecord) -> Value {
    let name = person
        .data
        .iter()
        .find(|(name, _)| name.as_str() == "person.full_name")
        .map(|(_, value)| value);
    let roles = [
        (person.is_developer, "developer"),
        (person.is_maintainer, "maintainer"),
    ];
    let roles: Vec<&str> = roles
        .into_iter()
        .filter_map(|(has, word)| has.then_some(word))
        .collect();
    json!({
        "id": person.id.0,
        "username": person.username,
        "name": name,
        "roles": roles,
        "disabled": person.disabled,
    })
}
