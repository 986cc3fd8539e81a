//! `omniport serve`.

use super::Environment;
use super::source::Source;
use crate::{Failure, compose, logging, server, wiring};
use clap::Args;
use std::sync::Arc;

/// Serve the site until SIGTERM or Ctrl-C
#[derive(Debug, Args)]
#[command(
    after_help = "Every setting can also be given as OMNIPORT_SECTION_KEY; `omniport config show` lists them.\n\nExamples:\n  omniport serve --database sqlite:/var/lib/omniport/omniport.db \\\n    --issuer https://omniport.example.org\n  OMNIPORT_LOG_FORMAT=json omniport serve --config /etc/omniport.toml"
)]
pub(super) struct Serve {
    #[command(flatten)]
    source: Source,
}

impl Serve {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let config = self.source.load(environment)?.config;
        logging::start(config.log);
        // The port first: it may be 0, and then the issuer is only known once one is found.
        let listener = server::bind(config.server.listen).await?;
        let address = server::address_of(&listener)?;
        let engine = Arc::new(wiring::engine(&config, config.server.issuer_at(address)?).await?);
        let stop = server::stop_signal()?;
        let issuer = engine.settings().issuer.clone();
        let router = compose(engine.clone());
        tracing::info!(%address, issuer, "ready");
        tokio::select! {
            () = server::serve(listener, router, stop) => {}
            // Never ends by itself; what it is at when the server ends is one transaction, which happens or not.
            () = engine.keep_swept() => {}
        }
        tracing::info!("stopped");
        Ok(())
    }
}
