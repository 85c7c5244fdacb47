//! Logs, to standard error: standard output belongs to the commands.

use std::io::{self, IsTerminal};

use anyhow::Context;
use gatewright::Config;
use gatewright::config::LogFormat;
use tracing_subscriber::EnvFilter;

/// Starts logging as configured.
///
/// # Errors
/// When `log.level` is none.
pub(crate) fn init(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::builder()
        .parse(&config.log.level)
        .with_context(|| {
            let level = &config.log.level;
            format!("log.level: `{level}` is neither a level like `info` nor directives")
        })?;
    let human = match config.log.format {
        LogFormat::Auto => io::stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    if human {
        logs.with_ansi(io::stderr().is_terminal()).init();
    } else {
        logs.json().flatten_event(true).init();
    }
    Ok(())
}
