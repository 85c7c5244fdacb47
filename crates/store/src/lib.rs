//! The gateway's store: one schema on SQLite and PostgreSQL, through SeaORM.
//!
//! # Map
//! - [`entity`]: a module per table; plain rows, no relations, no rules.
//! - [`migration`]: how the schema came to be; run by [`migrate()`], looked at by [`pending`].
//! - [`Database`]: the pools and how a write transaction begins.
//! - [`hot`]: the statements that every message and delivery passes, a file per dialect.
//! - [`search`]: how the index of texts keeps up.
//! - [`sequence`]: ids, drawn many at a time in the write transaction.
//! - [`is_retryable`], [`unique_violation`]: what a failed statement means.
//!
//! # Deliberately absent
//! Repositories and conversion to domain types (they live beside the services that use them), and
//! every rule: SQL here states what a row is, never what ought to happen to it.
//!
//! # To add a table
//! A migration with its SQL, an entity module, a fixture and its constraints in this crate's tests.

mod connect;
pub mod copy;
pub mod entity;
mod error;
pub mod hot;
mod migrate;
pub mod migration;
pub mod search;
pub mod sequence;

pub use connect::{Database, DatabaseConfig, Dialect};
pub use error::{OpenError, is_full, is_retryable, is_unavailable, unique_violation};
pub use migrate::{all_migrations, migrate, missing, pending};
