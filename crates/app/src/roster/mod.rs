//! People from a file: read, looked through wholly, then added. Somebody who is there already is left as they are, so
//! that running the same file again changes nothing.

mod add;
mod csv_rfc4180;
mod entry;

pub(crate) use add::{Outcome, Plan, add};
pub(crate) use entry::{PersonEntry, parse};

use crate::{Failure, output};
use serde_json::{Value, json};

/// Most mistakes that are told at once.
const MAX_TOLD: usize = 50;

/// All the mistakes of a file, a line each, and that nothing was written.
pub(crate) fn refuse(mut mistakes: Vec<String>) -> Failure {
    let more = mistakes.len().saturating_sub(MAX_TOLD);
    mistakes.truncate(MAX_TOLD);
    if more > 0 {
        mistakes.push(format!("and {more} more"));
    }
    mistakes.push("nothing was written".to_owned());
    Failure::new(mistakes.join("\n"))
}

/// What became of somebody, or of an app, in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Became {
    /// They were added.
    Added,
    /// They were there, and stayed as they were.
    Kept,
}

impl Became {
    /// The word of it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Kept => "kept",
        }
    }
}

/// The people of an answer in JSON.
pub(crate) fn json(outcomes: &[Outcome]) -> Value {
    let shown = |one: &Outcome| {
        json!({
            "id": one.id.0,
            "username": one.username,
            "result": one.became.as_str(),
            "differs": one.differs,
        })
    };
    outcomes.iter().map(shown).collect()
}

/// The people of an answer in words: how many, and who is not as the file says.
pub(crate) fn tell(outcomes: &[Outcome]) -> Result<(), Failure> {
    let kept = outcomes.iter().filter(|one| one.became == Became::Kept).count();
    output::line(&format!(
        "People: {} added, {kept} were there and stayed as they are.",
        outcomes.len() - kept
    ))?;
    for one in outcomes.iter().filter(|one| !one.differs.is_empty()) {
        warn(&one.username, &one.differs, "; `omniport person set` changes it");
    }
    Ok(())
}

/// Says that what is kept is not what the file says.
pub(crate) fn warn(name: &str, differs: &[&str], instead: &str) {
    output::complain(&output::plain(&format!(
        "warning: {name} is there already with other {} than in the file, and stayed so{instead}",
        differs.join(" and ")
    )));
}
