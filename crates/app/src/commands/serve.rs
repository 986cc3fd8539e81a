//! `omniport serve`.

use super::Environment;
use super::source::Source;
use crate::config::Config;
use crate::encryption_key::{self, Missing};
use crate::http::{Front, Metrics, Peers, compose_behind};
use crate::server::tls::{Authorities, Tls};
use crate::{Failure, logging, server, wiring};
use clap::Args;
use omniport_engine::Engine;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

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
        let _log = logging::start(config.log);
        wiring::addresses(&config)?;
        let authorities = Arc::new(Authorities::load(&config.tls)?);
        let tls = Tls::load(&config.tls, authorities.clone())?;
        // The port first: it may be 0, and then the issuer is only known once one is found.
        let listener = server::bind(config.server.listen).await?;
        let mtls_listener = match config.tls.mtls_listen {
            Some(address) => Some(server::bind(address).await?),
            None => None,
        };
        let address = server::address_of(&listener)?;
        let engine = Arc::new(wiring::engine(&config, config.issuer_at(address)?).await?);
        wiring::registration_on(&engine).await?;
        let keys = encryption_key::settings(&config, &engine, Missing::MakeIfNew).await?;
        engine.open_keys(&keys).await?;
        let stop = server::stop_signal()?;
        let (never, ended) = watch::channel(false);
        let issuer = engine.settings().issuer.clone();
        let peers = Peers::new(
            config.server.trusted_proxies.clone(),
            config.tls.client_certificates.then_some(authorities),
        );
        let metrics_listener = match config.metrics.listen {
            Some(address) => Some(server::bind(address).await?),
            None => None,
        };
        let (site, metrics) = compose_behind(engine.clone(), peers, metrics_listener.is_none());
        if let Some(tls) = &tls {
            for warning in tls.warnings(&issuer, engine.now()) {
                tracing::warn!("{warning}");
            }
        }
        if let Some(listener) = &mtls_listener {
            let mtls_address = server::address_of(listener)?;
            tracing::info!(%mtls_address, "callers are asked for a certificate here");
        }
        if let Some(listener) = &metrics_listener {
            let metrics_address = server::address_of(listener)?;
            tracing::info!(%metrics_address, "/metrics answers here");
        }
        tracing::info!(%address, issuer, "ready");
        tokio::select! {
            () = listeners(&config, listener, mtls_listener, tls.as_ref(), site, stop) => {}
            // These never end by themselves; what is being written when the server ends is one transaction, which
            // happens or not.
            () = engine.keep_house() => {}
            () = engine.keep_keys(&keys) => {}
            () = measured(metrics_listener, metrics, ended) => {}
            failed = keep_fresh(tls.as_ref(), &engine) => failed?,
            () = engine.keep_flow() => {}
        }
        if let Err(fault) = engine.flush_flow().await {
            tracing::warn!(error = %fault, "what apps' last requests came to was not written down");
        }
        drop(never);
        tracing::info!("stopped");
        Ok(())
    }
}

/// Serves on both addresses until `stop`.
async fn listeners(
    config: &Config,
    listener: TcpListener,
    mtls_listener: Option<TcpListener>,
    tls: Option<&Tls>,
    site: Front,
    stop: watch::Receiver<bool>,
) {
    let asks = config.tls.client_certificates;
    let first = tls.map(|tls| tls.speaker(asks && mtls_listener.is_none()));
    let main = server::serve_as(listener, first, site.clone(), stop.clone());
    let second = async {
        if let (Some(listener), Some(tls)) = (mtls_listener, tls) {
            server::serve_as(listener, Some(tls.speaker(asks)), site, stop).await;
        }
    };
    tokio::join!(main, second);
}

/// Serves `/metrics` on its own listener, to the very end; never ends.
async fn measured(listener: Option<TcpListener>, metrics: Metrics, ended: watch::Receiver<bool>) {
    if let Some(listener) = listener {
        server::serve(listener, metrics.alone(), ended).await;
    }
    std::future::pending::<()>().await;
}

/// Takes changed TLS files; never ends.
async fn keep_fresh(tls: Option<&Tls>, engine: &Engine) -> Result<(), Failure> {
    match tls {
        Some(tls) => {
            tls.keep_fresh(server::hangup_signal()?, &engine.settings().issuer)
                .await;
            Ok(())
        }
        None => std::future::pending().await,
    }
}
