//! What the commands do, a file each.

pub(crate) mod account;
pub(crate) mod backup;
pub(crate) mod config;
pub(crate) mod deliveries;
mod descriptors;
mod first_start;
pub(crate) mod migrate;
pub(crate) mod openapi;
pub(crate) mod serve;
mod signals;
pub(crate) mod token;
pub(crate) mod user;
pub(crate) mod webhook;
