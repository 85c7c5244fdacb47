//! Settings of the use cases. The facade reads them from file and environment.

use std::path::PathBuf;
use std::time::Duration;

/// Settings that the use cases share.
#[derive(Debug, Clone)]
pub struct CoreConfig {
    /// Absolute URL under which the gateway is reached, without a trailing slash.
    pub public_url: String,
    /// The write path of messages.
    pub intake: IntakeConfig,
    /// What goes out.
    pub delivery: DeliveryConfig,
    /// Files of messages.
    pub attachments: AttachmentsConfig,
    /// How long what happened is kept.
    pub retention: RetentionConfig,
    /// Room on disks.
    pub storage: StorageConfig,
    /// How long a first answer is kept for its `Idempotency-Key`.
    pub idempotency_ttl: Duration,
    /// How long cached tokens, inboxes and receivers are believed, at most 5 s.
    pub cache_ttl: Duration,
}

/// Settings of files.
#[derive(Debug, Clone)]
pub struct AttachmentsConfig {
    /// The folder in which they lie.
    pub path: PathBuf,
    /// Largest file.
    pub max_file_bytes: u64,
    /// Files that a message may have.
    pub max_files: usize,
    /// How long links to them are good. Longer than an event can still be delivered, since events
    /// carry them.
    pub link_ttl: Duration,
}

/// How long what happened is kept, and how it is removed: in transactions of few rows, with a
/// pause after each, so that nobody who writes waits long.
#[derive(Debug, Clone)]
pub struct RetentionConfig {
    /// Events with their deliveries and attempts. What is open or a dead letter keeps its event
    /// longer.
    pub events: Duration,
    /// Dead letters, from when they died, and inbound requests that were not understood.
    pub dead_letters: Duration,
    /// Inbound requests, and the keys by which their repeats are known.
    pub inbound: Duration,
    /// Uploaded files that no message took.
    pub uploads: Duration,
    /// How often what is too old is looked for.
    pub interval: Duration,
    /// Rows per transaction.
    pub batch: u32,
    /// Pause after each transaction.
    pub pause: Duration,
}

/// Room that must be left on disks; see [`crate::storage`].
#[derive(Debug, Clone, Default)]
pub struct StorageConfig {
    /// Folder of the SQLite file; none on PostgreSQL, whose disk is not seen from here.
    pub database: Option<PathBuf>,
    /// Bytes that must be free there; 0 = not looked at.
    pub database_min_free: u64,
    /// Bytes that must be free where files lie; 0 = not looked at.
    pub attachments_min_free: u64,
}

/// Settings of the write path.
#[derive(Debug, Clone)]
pub struct IntakeConfig {
    /// Writers on PostgreSQL; SQLite always has one.
    pub shards: usize,
    /// Drafts that may wait per shard; more are refused with 503.
    pub queue: usize,
    /// Bytes of drafts that may wait, over all shards; more are refused with 503.
    pub queue_bytes: usize,
    /// Drafts per transaction.
    pub batch: usize,
    /// Messages per conversation and minute; more are refused with 422.
    pub flood_per_minute: i64,
}

/// Settings of deliveries.
#[derive(Debug, Clone)]
pub struct DeliveryConfig {
    /// Pause before each attempt; the first is 0. The last one ends in a dead letter.
    pub schedule: Vec<Duration>,
    /// Part by which each pause is stretched at random, 0.1 = up to 10 %.
    pub jitter: f64,
    /// Attempts during which a failing delivery holds what is ordered behind it.
    pub hold_attempts: u32,
    /// Longest exchange with a receiver.
    pub timeout: Duration,
    /// How long a lease lasts beyond the timeout; at least 5 s.
    pub lease_slack: Duration,
    /// Exchanges at a time, with all receivers.
    pub concurrency: usize,
    /// Exchanges at a time with one receiver.
    pub concurrency_per_receiver: usize,
    /// Bytes of events that are on their way to receivers at a time; more wait in the database.
    pub max_bytes: usize,
    /// Failures in a row after which a receiver is probed.
    pub probe_after: u32,
    /// First pause between probes; doubles.
    pub probe_interval: Duration,
    /// Longest pause between probes.
    pub probe_interval_max: Duration,
    /// Time of nothing but failures after which a receiver is disabled.
    pub disable_after: Duration,
    /// How often due deliveries are looked for when nothing wakes the dispatcher.
    pub poll: Duration,
}

impl Default for CoreConfig {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            intake: IntakeConfig::default(),
            delivery: DeliveryConfig::default(),
            attachments: AttachmentsConfig::default(),
            retention: RetentionConfig::default(),
            storage: StorageConfig::default(),
            idempotency_ttl: Duration::from_hours(24),
            cache_ttl: Duration::from_secs(5),
        }
    }
}

impl Default for AttachmentsConfig {
    fn default() -> Self {
        Self {
            path: PathBuf::from("./data/attachments"),
            max_file_bytes: 40 * 1024 * 1024,
            max_files: 15,
            link_ttl: Duration::from_hours(45 * 24),
        }
    }
}

impl Default for RetentionConfig {
    fn default() -> Self {
        let days = |n: u64| Duration::from_hours(n * 24);
        Self {
            events: days(7),
            dead_letters: days(30),
            inbound: days(30),
            uploads: days(45),
            interval: Duration::from_hours(1),
            batch: 200,
            pause: Duration::from_millis(20),
        }
    }
}

impl Default for IntakeConfig {
    fn default() -> Self {
        Self {
            shards: 2,
            queue: 4096,
            queue_bytes: 32 * 1024 * 1024,
            batch: 256,
            flood_per_minute: 200,
        }
    }
}

impl Default for DeliveryConfig {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Self {
            schedule: vec![
                Duration::ZERO,
                Duration::from_secs(5),
                minutes(5),
                minutes(30),
                minutes(2 * 60),
                minutes(5 * 60),
                minutes(10 * 60),
                minutes(14 * 60),
                minutes(20 * 60),
                minutes(24 * 60),
            ],
            jitter: 0.1,
            hold_attempts: 4,
            timeout: Duration::from_secs(15),
            lease_slack: Duration::from_secs(15),
            concurrency: 256,
            concurrency_per_receiver: 16,
            max_bytes: 64 * 1024 * 1024,
            probe_after: 5,
            probe_interval: Duration::from_secs(5),
            probe_interval_max: minutes(5),
            disable_after: Duration::from_hours(5 * 24),
            poll: Duration::from_secs(1),
        }
    }
}
