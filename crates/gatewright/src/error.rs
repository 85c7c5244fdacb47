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
    /// A backup or restore that was refused, or failed.
    #[error("{0}")]
    Backup(String),
    /// A use case refused or failed.
    #[error(transparent)]
    Core(#[from] gatewright_core::Error),
}

impl Error {
    /// What is wrong with a file of a backup.
    pub(crate) fn backup_of(path: &std::path::Path, error: impl std::error::Error) -> Self {
        let first: &dyn std::error::Error = &error;
        let chain = std::iter::successors(Some(first), |error| error.source());
        let texts: Vec<String> = chain.map(ToString::to_string).collect();
        Self::Backup(format!("{}: {}", path.display(), texts.join(": ")))
    }

    /// A wrong key of the configuration.
    pub(crate) fn config(key: &str, message: impl Into<String>) -> Self {
        Self::Config(ConfigError::one(key, message))
    }
}
