//! `omniport person import`.

use super::super::Environment;
use super::super::source::Source;
use crate::roster::{self, Plan};
use crate::{Failure, bounded, output};
use clap::Args;
use std::path::PathBuf;

/// Largest file, in bytes: more than 100,000 people.
const MAX_FILE: u64 = 64 << 20;

/// Add the people of a CSV or JSON file
///
/// The file is looked through wholly before anybody is added; then they get their numbers in the file's order. Who is
/// there already is left as they are, so the same file can be used again, also after it was interrupted; `omniport person
/// set` changes them.
#[derive(Debug, Args)]
#[command(
    after_help = "A CSV file begins with a line of column names: username, and where wanted password, roles (maintainer, developer;\nseparated by spaces) and data points by name. A JSON file is a list of objects with username, password, roles (a\nlist) and values (an object of data points by name). Without a password a person cannot sign in until\n`omniport person set-password` gives them one.\n\nExample:\n  cat > people.csv <<END\n  username,password,roles,person.full_name,person.roles\n  asha,correct horse,developer,Asha Rao,Student\n  END\n  omniport person import people.csv"
)]
pub(in super::super) struct Import {
    /// The file; its name ends in .csv or .json
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Import {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let text = bounded::read(&self.file, MAX_FILE, "the file")?;
        let entries = roster::parse(&self.file, &text)?;
        let engine = self.source.new_or_existing(environment).await?;
        let mut mistakes = Vec::new();
        let plan = Plan::of(&engine, entries, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(roster::refuse(mistakes));
        }
        let people = roster::add(&engine, plan).await?;
        if self.json {
            return output::json(&roster::json(&people));
        }
        roster::tell(&people)
    }
}
