use std::process::ExitCode;

use gatewright::Config;

use crate::cli::ConfigCommand;
use crate::output;

/// Says that the configuration is fine, or shows it; that it was loaded means that it is.
pub(crate) fn run(config: &Config, command: &ConfigCommand) -> anyhow::Result<ExitCode> {
    match command {
        ConfigCommand::Check => output::line("the configuration is fine")?,
        ConfigCommand::Print => output::write(&config.to_toml())?,
    }
    Ok(ExitCode::SUCCESS)
}
