//! `omniport keys`.

use super::Environment;
use super::source::Source;
use crate::encryption_key::{self, Missing};
use crate::{Failure, output};
use clap::{Args, Subcommand};
use omniport_engine::keys::{RotateHow, rotation};
use omniport_store::portal::SigningKey;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    List(List),
    Rotate(Rotate),
}

impl Keys {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::List(command) => command.run(environment).await,
            Self::Rotate(command) => command.run(environment).await,
        }
    }
}

/// List the signing keys: which sign, which come next, and which are only kept for what they signed
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  omniport keys list --database sqlite:/var/lib/omniport/omniport.db")]
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
        let now = engine.now();
        let mut keys = engine.store().signing_keys().await?;
        keys.retain(|key| !rotation::is_over(key, now));
        let standing = |key: &SigningKey| rotation::standing(key, &keys, now).as_str();
        if self.json {
            let list = keys.iter().map(|key| as_json(key, standing(key)));
            return output::json(&json!({"keys": list.collect::<Vec<_>>()}));
        }
        if keys.is_empty() {
            return output::line(
                "There are no signing keys yet: `omniport serve` makes them when it starts.",
            );
        }
        let rows: Vec<Vec<String>> = keys
            .iter()
            .map(|key| {
                vec![
                    output::plain(&key.algorithm),
                    standing(key).to_owned(),
                    output::moment(key.active_at.seconds()),
                    key.ends_at
                        .map_or_else(String::new, |end| output::moment(end.seconds())),
                    output::plain(&key.kid),
                ]
            })
            .collect();
        output::line(&output::table(
            &["ALGORITHM", "STANDS", "SIGNS FROM", "KEPT UNTIL", "KEY ID"],
            &rows,
        ))
    }
}

/// Make new signing keys
///
/// They are published first and sign two hours later, when everybody has fetched them; the old ones are kept as long as
/// anything that they signed. Running servers take the change within seconds. This happens by itself every
/// 90 days, or as often as the configuration says.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  omniport keys rotate\n  omniport keys rotate --now\n\nExit codes: 0 done, or new keys wait already; 1 failed; 2 wrong use."
)]
pub(super) struct Rotate {
    /// Let the new keys sign at once; the old ones are still kept
    #[arg(long)]
    now: bool,
    /// A key has leaked, or the encryption key is lost: throw the old keys away. What they signed is void, and apps must
    /// fetch the new ones
    #[arg(long, conflicts_with = "now")]
    discard_old: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
}

impl Rotate {
    async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let config = self.source.load(environment)?.config;
        let engine = self.source.engine(environment).await?;
        let (how, missing) = match (self.now, self.discard_old) {
            (_, true) => (RotateHow::DiscardOld, Missing::Make),
            (true, false) => (RotateHow::Now, Missing::MakeIfNew),
            (false, false) => (RotateHow::Ahead, Missing::MakeIfNew),
        };
        let settings = encryption_key::settings(&config, &engine, missing).await?;
        let made = engine.rotate_keys(&settings, how).await?.made;
        if self.json {
            let now = engine.now();
            let list = made.iter().map(|key| {
                let standing = if now.is_at_or_after(key.active_at) {
                    "current"
                } else {
                    "next"
                };
                as_json(key, standing)
            });
            return output::json(&json!({"made": list.collect::<Vec<_>>()}));
        }
        let Some(first) = made.first() else {
            return output::line(
                "New keys wait already; `omniport keys list` shows from when they sign. Nothing was made.",
            );
        };
        output::line(&match how {
            RotateHow::Ahead => format!(
                "{} new keys are published, and sign from {}.",
                made.len(),
                output::moment(first.active_at.seconds())
            ),
            RotateHow::Now => format!(
                "{} new keys sign now; the old ones are kept for what they signed.",
                made.len()
            ),
            RotateHow::DiscardOld => format!("{} new keys sign now; the old ones are gone.", made.len()),
        })
    }
}

fn as_json(key: &SigningKey, standing: &str) -> Value {
    json!({
        "kid": key.kid,
        "algorithm": key.algorithm,
        "standing": standing,
        "generation": key.generation,
        "created_at": key.created_at,
        "active_at": key.active_at,
        "ends_at": key.ends_at,
    })
}
