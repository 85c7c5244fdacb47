//! Placeholder.

pub mod entity;
pub mod migration;
