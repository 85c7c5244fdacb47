//! Gatewright's face: from a configuration and a list of channels to a running gateway.
//!
//! | to read about | look at |
//! |---|---|
//! | choosing channels, clock and configuration | [`Gatewright::builder`], [`Builder`] |
//! | the running gateway: router, serving, draining | [`Gateway`] |
//! | the command line's view of a gateway that does not run | [`Operations`] |
//! | every setting | [`config`] |
//! | who is handed what, in which order | `assemble` |
//! | `/healthz`, `/readyz`, `/metrics` | `ops` |
//!
//! The example `own_gateway` is a binary of one's own.
//!
//! Deliberately absent: rules, SQL, handlers, and any channel. A gateway that is given no channel
//! works, and offers none.
//!
//! To add a part: build it in `assemble.rs`, and say in [`Gateway::drain`] when it ends.

mod adapters;
mod assemble;
mod backup;
mod builder;
pub mod config;
mod error;
mod gateway;
mod housekeeping;
mod master_key;
mod observe;
mod operations;
mod ops;

pub use backup::Copied;
pub use builder::{Builder, Gatewright};
pub use config::Config;
pub use error::{Error, Result};
pub use gateway::Gateway;
pub use gatewright_core as core;
pub use gatewright_egress as egress;
pub use operations::Operations;
