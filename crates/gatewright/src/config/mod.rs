//! The configuration: one TOML file, and the environment over it.
//!
//! | to read about | look at |
//! |---|---|
//! | the keys and their defaults | [`sections`] |
//! | where values come from, and the error that names a key | [`load`](Config::load) |
//! | what must fit together | [`validate`](Config::validate) |
//! | durations, sizes and lists as they are written | `units` |
//!
//! To add a key: a documented field with its default in its section, a rule in `validate.rs` when
//! not every value works, and its use in `convert.rs`.

mod convert;
mod error;
mod load;
mod print;
pub(crate) mod secret;
pub mod sections;
mod units;
mod validate;

use serde::{Deserialize, Serialize};

pub use error::{ConfigError, Problem};
pub use load::Source;
pub use secret::SecretText;
pub use sections::LogFormat;

/// Every setting. The default is what an empty file means.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Connections and their limits.
    pub server: sections::Server,
    /// What one request may ask.
    pub http: sections::Http,
    /// Where everything is kept.
    pub database: sections::Database,
    /// The key under which secrets are stored.
    pub secrets: sections::Secrets,
    /// Files of messages.
    pub attachments: sections::Attachments,
    /// The write path of messages.
    pub intake: sections::Intake,
    /// What goes out.
    pub delivery: sections::Delivery,
    /// How long what happened is kept.
    pub retention: sections::Retention,
    /// Where the gateway may send.
    pub egress: sections::Egress,
    /// What is logged.
    pub log: sections::Log,
    /// How channels are run.
    pub channels: sections::Channels,
}
