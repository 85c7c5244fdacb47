//! Where everything is kept: entities, migrations, connections, and the hot statements.
//!
//! | to read about | look at |
//! |---|---|
//! | the tables | [`entity`], a file per table |
//! | how they are made | [`migration`], which never imports entities |
//! | the statements that every message passes | [`hot`] |
//! | pools and transactions | [`Database`] |
//! | ids | [`sequence`] |
//!
//! Deliberately absent: rules. What is written is decided in `gatewright-core`.
//!
//! To add a table: a migration, an entity, and the test that compares the two tells what differs.

mod connect;
pub mod entity;
pub mod hot;
pub mod migration;
pub mod migration;
pub mod sequence;

pub use connect::{Database, DatabaseConfig, Dialect, is_retryable, unique_violation};

