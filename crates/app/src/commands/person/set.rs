//! `omniport person set`.

use super::super::Environment;
use super::super::source::Source;
use super::{Role, assignment, shown};
use crate::{Failure, output};
use clap::{ArgGroup, Args};
use omniport_engine::people::PersonChange;

/// Change a person's roles and data: it counts from their next request on
///
/// Developers may register apps, maintainers may review them. Taking a role away undoes nothing that was done with it: apps
/// of somebody who is no developer any more go on working, and their team still sees them.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("change").args(["add_roles", "remove_roles", "values", "unset"]).required(true).multiple(true),
    after_help = "Examples:\n  omniport person set asha --add-role developer\n  omniport person set asha --set person.full_name=\"Asha R. Rao\" --unset student.branch.name"
)]
pub(in super::super) struct Set {
    /// Their sign-in name
    #[arg(value_name = "USERNAME")]
    username: String,
    /// A role to give them; may be given again
    #[arg(long = "add-role", value_name = "ROLE")]
    add_roles: Vec<Role>,
    /// A role to take away; may be given again
    #[arg(long = "remove-role", value_name = "ROLE")]
    remove_roles: Vec<Role>,
    /// A data point's value; may be given again. Lists are separated by commas
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    values: Vec<(String, String)>,
    /// A data point of which nothing is to be on file; may be given again
    #[arg(long, value_name = "NAME")]
    unset: Vec<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Set {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let engine = self.source.engine(environment).await?;
        let change = PersonChange {
            add_roles: self.add_roles.into_iter().map(Into::into).collect(),
            remove_roles: self.remove_roles.into_iter().map(Into::into).collect(),
            set: self.values,
            unset: self.unset,
        };
        let done = engine.change_person(&self.username, &change).await?;
        let done = done.map_err(|error| Failure::new(format!("nothing was changed: {error}")))?;
        let mut told = shown(&done.person);
        if self.json {
            told["changed"] = done.changed.into();
            return output::json(&told);
        }
        let name = output::plain(&done.person.username);
        if !done.changed {
            return output::line(&format!("{name} is so already; nothing was changed."));
        }
        let roles = match (done.person.is_developer, done.person.is_maintainer) {
            (true, true) => "a developer and a maintainer",
            (true, false) => "a developer",
            (false, true) => "a maintainer",
            (false, false) => "neither developer nor maintainer",
        };
        let count = done.person.data.len();
        let facts = if count == 1 { "fact" } else { "facts" };
        output::line(&format!("{name} is {roles} now, with {count} {facts} on file."))
    }
}
