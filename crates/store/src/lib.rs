//! Placeholder.

pub mod entity;
