//! `omniport audit`.

mod export;
mod list;
mod verify;

use super::Environment;
use super::source::Source;
use crate::Failure;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    Verify(verify::Verify),
    List(list::List),
    Export(export::Export),
}

impl Audit {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::Verify(command) => command.run(environment).await,
            Self::List(command) => command.run(environment).await,
            Self::Export(command) => command.run(environment).await,
        }
    }
}
