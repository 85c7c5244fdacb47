use std::process::ExitCode;

use anyhow::Context;
use gatewright::Config;
use tokio::net::TcpListener;

use super::{descriptors, first_start, signals};
use crate::cli::Serve;
use crate::{gateway, logs};

/// Runs the gateway until a signal ends it.
pub(crate) async fn run(mut config: Config, options: &Serve) -> anyhow::Result<ExitCode> {
    config.egress.dev |= options.dev;
    config.server.bind = options.bind.unwrap_or(config.server.bind);
    logs::init(&config)?;
    descriptors::ask(&config);
    if config.egress.dev {
        tracing::warn!(
            "callbacks may go to loopback and private addresses (--dev); not for production"
        );
    }
    let bind = config.server.bind;
    let listener = TcpListener::bind(bind)
        .await
        .with_context(|| format!("server.bind: cannot listen on {bind}"))?;
    // With port 0 the system chose one, and links must name it.
    config.server.bind = listener.local_addr()?;
    let stop = signals::stop()?;
    let gateway = gateway(config).build().await?;
    if let Some(first) = gateway.first_start().await? {
        first_start::show(&first, &gateway.config().local_url())?;
    }
    let (address, url) = (gateway.config().server.bind, gateway.config().public_url());
    tracing::info!(%address, public_url = url, "listening");
    gateway.serve(listener, stop).await?;
    Ok(ExitCode::SUCCESS)
}
