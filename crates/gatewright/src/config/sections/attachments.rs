use std::path::PathBuf;
use std::time::Duration;

use gatewright_core::config::AttachmentsConfig;
use serde::{Deserialize, Serialize};

use crate::config::units::{duration, size};

/// `[attachments]`: files of messages.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attachments {
    /// The folder in which they lie; nodes of one database share it. Default: `attachments` beside
    /// the SQLite file, and `./data/attachments` with PostgreSQL.
    pub path: Option<PathBuf>,
    /// Room that must be left on the disk of the folder; with less, requests with files are
    /// answered 503 until there is room again. 0 = do not look. Default 64 MiB.
    #[serde(with = "size")]
    pub min_free: usize,
    /// Largest file. Default 40 MiB.
    #[serde(with = "size")]
    pub max_file_bytes: usize,
    /// Files of one message. Default 15.
    pub max_files: usize,
    /// How long links to files are good; events carry them, and can be delivered again for 38
    /// days. Default 45 days.
    #[serde(with = "duration")]
    pub link_ttl: Duration,
    /// Longest time to the answer of a request with files. Default 10 min.
    #[serde(with = "duration")]
    pub upload_timeout: Duration,
}

impl Default for Attachments {
    fn default() -> Self {
        let AttachmentsConfig {
            path: _,
            max_file_bytes,
            max_files,
            link_ttl,
        } = AttachmentsConfig::default();
        Self {
            path: None,
            min_free: 64 * 1024 * 1024,
            max_file_bytes: usize::try_from(max_file_bytes).unwrap_or(usize::MAX),
            max_files,
            link_ttl,
            upload_timeout: Duration::from_mins(10),
        }
    }
}
