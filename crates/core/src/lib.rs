//! What the gateway means: domain types, use cases, the write path of messages, events and the
//! bodies rendered from them. No HTTP server, no provider.

#[macro_use]
mod coded;

pub mod attributes;
pub mod error;
pub mod event;
pub mod ids;
pub mod model;
pub mod random;
pub mod time;
pub mod wire;

pub use attributes::Attributes;
pub use error::{Error, Result};
pub use gatewright_channel as channel;
pub use random::{Randomness, SystemRandomness};
pub use time::{Clock, SystemClock, Timestamp};
