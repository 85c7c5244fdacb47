use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::secret::{SecretText, serialize_url};
use crate::config::units::{duration, size};

/// `[database]`: where everything is kept.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite://path/to/file.db` or `postgres://user@host/database`. Default
    /// `sqlite://./data/gatewright.db`.
    #[serde(serialize_with = "serialize_url")]
    pub url: String,
    /// Connections to PostgreSQL, at least 4. Default 16.
    pub max_connections: u32,
    /// Reading connections on SQLite, beside the one that writes. Default 4.
    pub read_connections: u32,
    /// How long to wait for a free connection. Default 5 s.
    #[serde(with = "duration")]
    pub acquire_timeout: Duration,
    /// How long cached tokens, inboxes and receivers are believed, at most 5 s. Default 5 s.
    #[serde(with = "duration")]
    pub cache_ttl: Duration,
    /// Room that must be left on the disk of the SQLite file; with less, writes are answered 503
    /// until there is room again. 0 = do not look. Default 64 MiB.
    #[serde(with = "size")]
    pub min_free: usize,
    /// Whether a start brings the tables up to date. Default true; without it, run `gatewright
    /// migrate` first.
    pub auto_migrate: bool,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite://./data/gatewright.db".to_owned(),
            max_connections: 16,
            read_connections: 4,
            acquire_timeout: Duration::from_secs(5),
            cache_ttl: Duration::from_secs(5),
            min_free: 64 * 1024 * 1024,
            auto_migrate: true,
        }
    }
}

impl Database {
    /// Whether the URL names a SQLite file.
    pub fn is_sqlite(&self) -> bool {
        self.url.trim().starts_with("sqlite:")
    }
}

/// `[secrets]`: the key under which secrets are stored.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Secrets {
    /// The key itself: 32 random bytes in base64.
    pub master_key: Option<SecretText>,
    /// A file that holds the key. Default: `master.key` beside the SQLite file, made at the first
    /// start.
    pub master_key_file: Option<PathBuf>,
}

/// `[channels]`: how channels are run.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Channels {
    /// Puts every channel behind its JSON form, as if it ran in another process; for tests.
    /// Default false.
    pub loopback: bool,
}
