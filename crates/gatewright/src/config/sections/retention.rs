use std::time::Duration;

use gatewright_core::config::RetentionConfig;
use serde::{Deserialize, Serialize};

use crate::config::units::duration;

/// `[retention]`: how long what happened is kept, and how it is removed.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Events with their deliveries and attempts. What is still to be delivered, and dead letters,
    /// keep theirs longer. Default 168 h.
    #[serde(with = "duration")]
    pub events: Duration,
    /// Dead letters, from when they died, and inbound requests that were not understood. Default
    /// 720 h.
    #[serde(with = "duration")]
    pub dead_letters: Duration,
    /// Requests of providers, and the keys by which their repeats are known. Default 720 h.
    #[serde(with = "duration")]
    pub inbound: Duration,
    /// Uploaded files that no message took. Default 1080 h.
    #[serde(with = "duration")]
    pub uploads: Duration,
    /// How often what is too old is looked for. Default 1 h.
    #[serde(with = "duration")]
    pub interval: Duration,
    /// Rows that one transaction removes, 1 to 1000. Default 200.
    pub batch: u32,
    /// Pause after each transaction, in which others write. Default 20 ms.
    #[serde(with = "duration")]
    pub pause: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        let core = RetentionConfig::default();
        Self {
            events: core.events,
            dead_letters: core.dead_letters,
            inbound: core.inbound,
            uploads: core.uploads,
            interval: core.interval,
            batch: core.batch,
            pause: core.pause,
        }
    }
}
