use std::time::Duration;

use gatewright_core::config::DeliveryConfig;
use serde::{Deserialize, Serialize};

use crate::config::units::{duration, durations, size};

/// `[delivery]`: what goes out, and what happens when it fails.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Delivery {
    /// Pause before each attempt; the first is 0, after the last comes a dead letter. Default 0 s,
    /// 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
    #[serde(with = "durations")]
    pub schedule: Vec<Duration>,
    /// Part by which a pause is stretched at random, 0 to 1. Default 0.1.
    pub jitter: f64,
    /// Attempts during which a failing delivery holds what is ordered behind it. Default 4.
    pub hold_attempts: u32,
    /// Longest exchange with a receiver. Default 15 s.
    #[serde(with = "duration")]
    pub timeout: Duration,
    /// How long a lease lasts beyond the timeout, at least 5 s. Default 15 s.
    #[serde(with = "duration")]
    pub lease_slack: Duration,
    /// Exchanges at a time, with all receivers. Default 256.
    pub concurrency: usize,
    /// Exchanges at a time with one receiver. Default 16.
    pub concurrency_per_receiver: usize,
    /// Bytes of events that are on their way at a time; more wait in the database. Default 64 MiB.
    #[serde(with = "size")]
    pub max_bytes: usize,
    /// Failures in a row after which a receiver is probed. Default 5.
    pub probe_after: u32,
    /// First pause between probes; doubles. Default 5 s.
    #[serde(with = "duration")]
    pub probe_interval: Duration,
    /// Longest pause between probes. Default 5 m.
    #[serde(with = "duration")]
    pub probe_interval_max: Duration,
    /// Time of nothing but failures after which a receiver is disabled. Default 5 d.
    #[serde(with = "duration")]
    pub disable_after: Duration,
    /// How often due deliveries are looked for when nothing wakes the engine. Default 1 s.
    #[serde(with = "duration")]
    pub poll: Duration,
    /// How often attempts that nobody heard of again are looked for, and what was removed is erased.
    /// Default 5 s.
    #[serde(with = "duration")]
    pub sweep: Duration,
}

impl Default for Delivery {
    fn default() -> Self {
        let core = DeliveryConfig::default();
        Self {
            schedule: core.schedule,
            jitter: core.jitter,
            hold_attempts: core.hold_attempts,
            timeout: core.timeout,
            lease_slack: core.lease_slack,
            concurrency: core.concurrency,
            concurrency_per_receiver: core.concurrency_per_receiver,
            max_bytes: core.max_bytes,
            probe_after: core.probe_after,
            probe_interval: core.probe_interval,
            probe_interval_max: core.probe_interval_max,
            disable_after: core.disable_after,
            poll: core.poll,
            sweep: Duration::from_secs(5),
        }
    }
}
