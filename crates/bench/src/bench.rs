//! What all measurements share.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::database::{Scratch, Server, Store};
use crate::options::Options;

/// The options, and what was found.
pub(crate) struct Bench {
    pub(crate) options: Options,
    pub(crate) postgres: Option<Server>,
}

impl Bench {
    pub(crate) async fn new(mut options: Options) -> Result<Self> {
        let binary = &options.gateway;
        options.gateway = std::fs::canonicalize(binary).with_context(|| {
            format!(
                "{} is not there: cargo build --release --workspace --bins",
                binary.display()
            )
        })?;
        std::fs::create_dir_all(&options.out)?;
        options.out = std::fs::canonicalize(&options.out)?;
        let postgres = Server::find(&options.postgres).await;
        Ok(Self { options, postgres })
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
