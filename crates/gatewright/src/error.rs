use crate::config::ConfigError;

/// Result of building or running a gateway.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a gateway could not be built or operated. `Display` is one line for the operator; the chain
/// of sources has the details.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database could not be opened or brought up to date.
    #[error("the database {database} {what}")]
    Database {
        /// The database's URL, without its password.
        database: String,
        /// What failed.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The tables are older than this program, and `database.auto_migrate` is off.
    #[error(
        "the database needs {} migration(s) first ({}); run `gatewright migrate`",
        .0.len(), .0.join(", ")
    )]
    Pending(Vec<String>),
    /// A use case refused or failed.
    #[error(transparent)]
    Core(#[from] gatewright_core::Error),
}

impl Error {
    /// A wrong key of the configuration.
    pub(crate) fn config(key: &str, message: impl Into<String>) -> Self {
        Self::Config(ConfigError::one(key, message))
    }
}
