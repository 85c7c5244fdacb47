//! What the gateway means: domain types, use cases, the write path of messages, events and the
//! bodies rendered from them. No HTTP server, no provider.

#[macro_use]
mod coded;

pub mod access;
pub mod account;
pub mod attachment;
pub mod attributes;
pub mod caller;
pub mod channel_catalogue;
pub mod check;
pub mod cipher;
pub mod config;
pub mod contact;
pub mod conversation;
pub mod delivery;
pub mod dispatch;
pub mod door;
pub mod erasure;
pub mod error;
pub mod event;
pub mod filter;
pub mod idempotency;
pub mod ids;
pub mod inbox;
pub mod intake;
pub mod kernel;
pub mod label;
#[cfg(test)]
mod lists;
pub mod message;
pub mod model;
pub mod outbox;
pub mod public;
pub mod random;
pub mod receiver;
pub mod registry;
pub mod retention;
mod rows;
mod sabotage;
pub mod storage;
#[cfg(test)]
mod testing;
pub mod time;
pub mod token;
mod transaction;
pub mod typing;
pub mod user;
mod validate;
pub mod webhook;
pub mod wire;

pub use attributes::Attributes;
pub use caller::{Caller, Principal};
pub use config::CoreConfig;
pub use error::{Error, Result};
pub use gatewright_channel as channel;
pub use kernel::Kernel;
pub use random::{Randomness, SystemRandomness};
pub use time::{Clock, SystemClock, Timestamp};
