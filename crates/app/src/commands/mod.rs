//! The commands. Each is a file; this one parses, runs, and turns what came of it into an exit code:
//! 0 done, 1 failed, 2 wrong use.

mod api;
mod app;
mod audit;
mod backup;
mod config;
mod db;
mod demo;
mod keys;
mod person;
mod registration_token;
mod restore;
mod serve;
mod setup;
mod source;

use crate::{Failure, output};
use clap::{Parser, Subcommand};
use std::collections::BTreeMap;
use std::ffi::OsString;

/// Environment as the commands read it.
type Environment = BTreeMap<String, String>;

/// Omniport: an OAuth 2.0 authorisation server with a developer portal.
#[derive(Debug, Parser)]
#[command(
    name = "omniport",
    version,
    about = "An OAuth 2.0 authorisation server with a developer portal",
    after_help = "Start here:\n  omniport demo     a complete instance with sample people and a sample app\n  omniport serve    the real thing\n\nExit codes: 0 done, 1 failed, 2 wrong use.",
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(demo::Demo),
    Setup(setup::Setup),
    /// Add, import, list, disable and enable people
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "Examples:\n  omniport person list\n  omniport person disable asha"
    )]
    Person(person::Person),
    /// Add, review and list apps
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "Examples:\n  omniport app list --status pending\n  omniport app approve \"$CLIENT_ID\" --comment \"Welcome.\""
    )]
    App(app::App),
    /// APIs that take our access tokens, and which apps may use them
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "Examples:\n  omniport api list\n  omniport api approve https://library.example/api --app \"$CLIENT_ID\""
    )]
    Api(api::Api),
    /// Check and show the configuration
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "Examples:\n  omniport config check --config /etc/omniport.toml\n  omniport config show"
    )]
    Config(config::Config),
    /// List and rotate the signing keys
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "Examples:\n  omniport keys list\n  omniport keys rotate --now"
    )]
    Keys(keys::Keys),
    /// Tokens by which apps may register themselves
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "Examples:\n  omniport registration-token add --name \"Robotics lab\"\n  omniport registration-token list"
    )]
    RegistrationToken(registration_token::RegistrationToken),
    /// Verify, list and export the audit log
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "Examples:\n  omniport audit verify\n  omniport audit list --person mai"
    )]
    Audit(audit::Audit),
    /// Look after the database
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "Examples:\n  omniport db migrate --database sqlite:/var/lib/omniport/omniport.db\n  omniport db sweep"
    )]
    Db(db::Db),
    Backup(backup::Backup),
    Restore(restore::Restore),
}

/// Runs the command line `args` (the program's name first) and answers its exit code.
///
/// `environment` is where `OMNIPORT_...` is looked for; what is not UTF-8 in it is not ours.
pub fn run<A, T, E>(args: A, environment: E) -> u8
where
    A: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
    E: IntoIterator<Item = (OsString, OsString)>,
{
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no mistake; where they cannot be printed nobody is there to read them.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    let environment = environment
        .into_iter()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    match cli.command.run(&environment) {
        Ok(()) => 0,
        Err(failure) => {
            // Several mistakes at once, or a parser's words, stand on a line each.
            for line in failure.to_string().lines() {
                output::complain(&output::plain(line));
            }
            failure.exit_code()
        }
    }
}

impl Command {
    fn run(self, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::Serve(command) => many_threads(command.run(environment)),
            Self::Demo(command) => many_threads(command.run(environment)),
            Self::Setup(command) => one_thread(command.run(environment)),
            Self::Person(command) => one_thread(command.run(environment)),
            Self::Api(command) => one_thread(command.run(environment)),
            Self::App(command) => one_thread(command.run(environment)),
            Self::Config(command) => command.run(environment),
            Self::Keys(command) => one_thread(command.run(environment)),
            Self::RegistrationToken(command) => one_thread(command.run(environment)),
            Self::Audit(command) => one_thread(command.run(environment)),
            Self::Db(command) => one_thread(command.run(environment)),
            Self::Backup(command) => command.run(environment),
            Self::Restore(command) => one_thread(command.run(environment)),
        }
    }
}

/// Runs a server's work: a thread a core.
fn many_threads(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    block_on(&mut tokio::runtime::Builder::new_multi_thread(), work)
}

/// Runs a short command's work.
fn one_thread(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    block_on(&mut tokio::runtime::Builder::new_current_thread(), work)
}

fn block_on(
    builder: &mut tokio::runtime::Builder,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let runtime = builder.enable_all().build();
    runtime
        .map_err(|error| Failure::new(format!("no thread can be started: {error}")))?
        .block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn code(args: &[&str]) -> u8 {
        run(["omniport"].iter().chain(args), Vec::new())
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example_in_its_help() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            let help = command.clone().render_long_help().to_string();
            let example = if path.trim() == "omniport" {
                "Start here:"
            } else {
                "Example"
            };
            let examples = help.split_once(example).map(|(_, examples)| examples);
            assert!(
                examples.is_some_and(|examples| examples.contains(path.trim())),
                "{path}: {help}"
            );
            command.get_subcommands().for_each(|leaf| check(leaf, &path));
        }
        check(&Cli::command(), "");
    }

    #[test]
    fn exit_codes_tell_done_from_failed_from_wrong_use() {
        assert_eq!(code(&["--help"]), 0);
        assert_eq!(code(&["--version"]), 0);
        assert_eq!(code(&["person", "add", "--help"]), 0);
        assert_eq!(code(&["config", "show", "--json"]), 0);
        assert_eq!(code(&["config", "check", "--config", "/no/such"]), 1);
        assert_eq!(code(&["app", "list", "--database", "nothing:at-all"]), 1);
        assert_eq!(code(&["app", "list", "--database", "sqlite:/no/such"]), 1);
        for wrong in [
            &[][..],
            &["srve"],
            &["serve", "--port", "1"],
            &["person", "add"],
            &["person", "disable"],
            &["person", "enable"],
            &["person", "add", "--username", "a"],
            &[
                "person",
                "add",
                "--username",
                "a",
                "--password-stdin",
                "--role",
                "king",
            ],
            &[
                "person",
                "add",
                "--username",
                "a",
                "--password-stdin",
                "--set",
                "person.full_name",
            ],
            &["person", "import"],
            &["person", "set-password", "a"],
            &["person", "set", "a"],
            &["person", "set", "--add-role", "developer"],
            &["setup"],
            &["app", "approve"],
            &["app", "reject", "id"],
            &["app", "suspend", "id"],
            &["app", "add", "--owner", "a"],
            &["backup"],
            &["restore"],
            &["keys", "rotate", "--now", "--discard-old"],
            &["audit", "list", "--since", "yesterday"],
            &["audit", "verify", "--head", "x"],
            &["db", "move"],
            &["db", "sweep", "now"],
            &["demo", "--walkthrough", "--data", "x"],
            &["demo", "--listen", "here"],
            &["serve", "--listen", "here"],
            &["config", "check", "--issuer", "http://a.example"],
        ] {
            assert_eq!(code(wrong), 2, "{wrong:?}");
        }
    }
}
