//! Gatewright's face.

pub mod config;
mod error;
mod master_key;

pub use config::Config;
pub use error::{Error, Result};
