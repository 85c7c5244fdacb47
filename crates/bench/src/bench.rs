//! What all measurements share.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::database::{Scratch, Server, Store};
use crate::options::Options;

/// The options, and what was found.
pub(crate) struct Bench {
    pub(crate) options: Options,
    /// The gateway's binary.
    pub(crate) gateway: PathBuf,
    pub(crate) postgres: Option<Server>,
}

impl Bench {
    pub(crate) async fn new(mut options: Options) -> Result<Self> {
        let gateway = gateway(&options).await?;
        std::fs::create_dir_all(&options.out)?;
        options.out = std::fs::canonicalize(&options.out)?;
        let postgres = Server::find(&options.postgres).await;
        Ok(Self {
            options,
            gateway,
            postgres,
        })
    }

    /// The databases that there are.
    pub(crate) fn stores(&self) -> Vec<Store> {
        match self.postgres {
            Some(_) => vec![Store::Sqlite, Store::Postgres],
            None => vec![Store::Sqlite],
        }
    }

    /// An empty database.
    pub(crate) async fn scratch(&self, store: Store) -> Result<Scratch> {
        Scratch::make(store, &self.scratch_folder(), self.postgres.as_ref()).await
    }

    /// Where the gateway that runs leaves its log.
    pub(crate) fn log(&self) -> PathBuf {
        self.options.out.join("gateway.log")
    }

    fn scratch_folder(&self) -> PathBuf {
        self.options.out.join("scratch")
    }

    /// `full`, or `quick` in a quick run.
    pub(crate) fn size(&self, full: u64, quick: u64) -> u64 {
        if self.options.quick { quick } else { full }
    }
}

/// The binary that was named, or the one beside this program: under cargo, not an old one.
async fn gateway(options: &Options) -> Result<PathBuf> {
    let binary = if let Some(binary) = &options.gateway {
        binary.clone()
    } else {
        if let Some(cargo) = &options.cargo {
            build(cargo).await?;
        }
        std::env::current_exe()?.with_file_name("gatewright")
    };
    std::fs::canonicalize(&binary).with_context(|| {
        let binary = binary.display();
        format!("{binary} is not there: cargo build --release -p gatewright-bin")
    })
}

async fn build(cargo: &Path) -> Result<()> {
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "-p", "gatewright-bin"]);
    if !command.status().await?.success() {
        bail!("the gateway does not build");
    }
    Ok(())
}
