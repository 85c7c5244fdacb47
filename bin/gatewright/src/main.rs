//! The reference binary: the built-in channels, and a command line around the library.
//!
//! | to read about | look at |
//! |---|---|
//! | which channels are built in | [`gateway`] |
//! | commands and their options | `cli` |
//! | what a command does | `command`, a file each |
//!
//! Exit codes: 0 fine, 1 failed (one line on standard error), 2 wrong usage.
//!
//! To add a channel, add a line to [`gateway`]. To add a command, add a file to `command`, its
//! options in `cli`, and an arm to [`run`].

mod cli;
mod command;
mod logs;
mod output;

use std::process::ExitCode;

use clap::Parser;
use gatewright::config::Source;
use gatewright::{Builder, Config, Gatewright};
use gatewright_plugin_api::ApiChannel;

use cli::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            output::complain(&format!("gatewright: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let source = Source::process(cli.config);
    let config = || Config::load(&source);
    match cli.command.unwrap_or_default() {
        Command::Serve(options) => command::serve::run(config()?, &options).await,
        Command::Migrate { check } => {
            let config = config()?;
            logs::init(&config)?;
            command::migrate::run(&gateway(config), check).await
        }
        Command::Backup { folder } => {
            let config = config()?;
            logs::init(&config)?;
            command::backup::backup(&gateway(config), &folder).await
        }
        Command::Restore { folder } => {
            let config = config()?;
            logs::init(&config)?;
            command::backup::restore(&gateway(config), &folder).await
        }
        // Needs no configuration: the document is that of the channels.
        Command::Openapi(options) => {
            command::openapi::run(&gateway(Config::default()).spec(), &options)
        }
        Command::Webhook(command) => command::webhook::run(&command),
        Command::Config(command) => command::config::run(&config()?, &command),
        Command::Account(command) => {
            operate(config()?, async |operations| {
                command::account::run(operations, &command).await
            })
            .await
        }
        Command::User(command) => {
            operate(config()?, async |operations| {
                command::user::run(operations, &command).await
            })
            .await
        }
        Command::Token(command) => {
            operate(config()?, async |operations| {
                command::token::run(operations, &command).await
            })
            .await
        }
        Command::Deliveries(command) => {
            operate(config()?, async |operations| {
                command::deliveries::run(operations, &command).await
            })
            .await
        }
    }
}

/// A gateway with every channel that is built in.
fn gateway(config: Config) -> Builder {
    Gatewright::builder().config(config).channel::<ApiChannel>()
}

/// Runs a command on the database, and closes it whatever comes of it.
async fn operate(
    config: Config,
    command: impl AsyncFnOnce(&gatewright::Operations) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    logs::init(&config)?;
    let operations = gateway(config).open().await?;
    let done = command(&operations).await;
    operations.close().await;
    done.map(|()| ExitCode::SUCCESS)
}
