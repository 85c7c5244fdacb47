use std::path::PathBuf;
use std::sync::Arc;

use gatewright_channel::{ChannelType, Plugin};
use gatewright_core::registry::Registry;
use gatewright_core::{Clock, Randomness, SystemClock, SystemRandomness};
use gatewright_egress::{Resolve, SystemResolver};
use gatewright_store::Database;
use serde_json::Value;

use crate::{Config, Gateway, Operations, Result, assemble, master_key};

/// Where a gateway begins.
#[derive(Debug, Clone, Copy)]
pub struct Gatewright;

impl Gatewright {
    /// A builder with the default configuration, no channel, and the system's clock, randomness
    /// and resolver.
    pub fn builder() -> Builder {
        Builder {
            config: Config::default(),
            plugins: Vec::new(),
            clock: Arc::new(SystemClock::default()),
            random: Arc::new(SystemRandomness),
            resolver: Arc::new(SystemResolver),
        }
    }
}

/// What a gateway is made of.
#[derive(Clone)]
pub struct Builder {
    pub(crate) config: Config,
    pub(crate) plugins: Vec<Arc<dyn Plugin>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Randomness>,
    pub(crate) resolver: Arc<dyn Resolve>,
}

impl Builder {
    /// Uses this configuration.
    #[must_use]
    pub fn config(self, config: Config) -> Self {
        Self { config, ..self }
    }

    /// Builds a channel in.
    #[must_use]
    pub fn channel<T: ChannelType>(self) -> Self {
        self.plugin(gatewright_channel::plugin::<T>())
    }

    /// Builds in a channel whose type is not known here; of two with one id, the later wins.
    #[must_use]
    pub fn plugin(mut self, plugin: Arc<dyn Plugin>) -> Self {
        self.plugins.push(plugin);
        self
    }

    /// Takes the time from this clock.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Takes ids, tokens and keys from this randomness.
    #[must_use]
    pub fn randomness(self, random: Arc<dyn Randomness>) -> Self {
        Self { random, ..self }
    }

    /// Looks up names of receivers with this resolver.
    #[must_use]
    pub fn resolver(self, resolver: Arc<dyn Resolve>) -> Self {
        Self { resolver, ..self }
    }

    /// The OpenAPI document of a gateway with these channels. Needs no database and no valid
    /// configuration.
    pub fn spec(&self) -> Value {
        gatewright_http::spec(&self.registry())
    }

    /// Opens the database, brings it up to date, and starts every part. Nothing listens yet: see
    /// [`Gateway::serve`] and [`Gateway::router`].
    ///
    /// # Errors
    /// What is wrong with the configuration, the database or the master key.
    pub async fn build(self) -> Result<Gateway> {
        assemble::gateway(self).await
    }

    /// Opens the database for the operator's commands, without starting anything. A gateway may
    /// run on it meanwhile.
    ///
    /// # Errors
    /// As [`Self::build`].
    pub async fn open(self) -> Result<Operations> {
        Ok(Operations::new(assemble::kernel(&self).await?))
    }

    /// Names of the migrations that the database needs, in order. Changes nothing.
    ///
    /// # Errors
    /// What is wrong with the configuration or the database.
    pub async fn pending(&self) -> Result<Vec<String>> {
        self.config.validate()?;
        if assemble::is_absent(&self.config)? {
            return Ok(gatewright_store::all_migrations());
        }
        let database = assemble::open(&self.config).await?;
        let pending = assemble::pending(&self.config, &database).await;
        assemble::close(&database).await;
        pending
    }

    /// Brings the database up to date, and answers which migrations ran. Of several processes that
    /// do it together, one does.
    ///
    /// # Errors
    /// What is wrong with the configuration or the database.
    pub async fn migrate(&self) -> Result<Vec<String>> {
        self.config.validate()?;
        let database: Database = assemble::open(&self.config).await?;
        let applied = assemble::migrate(&self.config, &database).await;
        assemble::close(&database).await;
        applied
    }

    /// The file of the master key, when none is set and it is not there.
    pub fn absent_key_file(&self) -> Option<PathBuf> {
        master_key::absent_file(&self.config)
    }

    pub(crate) fn registry(&self) -> Registry {
        Registry::new(self.plugins.iter().cloned())
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let channels: Vec<_> = self
            .plugins
            .iter()
            .map(|plugin| &plugin.descriptor().id)
            .collect();
        f.debug_struct("Builder")
            .field("config", &self.config)
            .field("channels", &channels)
            .finish_non_exhaustive()
    }
}
