use gatewright_core::config::IntakeConfig;
use serde::{Deserialize, Serialize};

use crate::config::units::size;

/// `[intake]`: the write path of messages.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Intake {
    /// Writers on PostgreSQL; SQLite always has one. Default 2.
    pub shards: usize,
    /// Messages that may wait per writer; more are answered 503. Default 4096.
    pub queue: usize,
    /// Bytes of messages that may wait, with all writers; more are answered 503. Default 32 MiB.
    #[serde(with = "size")]
    pub queue_bytes: usize,
    /// Messages per transaction, at most 256. Default 256.
    pub batch: usize,
    /// Messages per conversation and minute; more are answered 422. Default 200.
    pub flood_per_minute: i64,
}

impl Default for Intake {
    fn default() -> Self {
        let IntakeConfig {
            shards,
            queue,
            queue_bytes,
            batch,
            flood_per_minute,
        } = IntakeConfig::default();
        Self {
            shards,
            queue,
            queue_bytes,
            batch,
            flood_per_minute,
        }
    }
}
