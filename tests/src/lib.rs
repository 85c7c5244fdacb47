//! The harness of the integration tests: a whole gateway without a port, on a temporary SQLite
//! file, or on PostgreSQL when `GATEWRIGHT_TEST_DATABASE_URL` is set; a recording listener; actors.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a harness panics where a test must fail"
)]

mod actor;
mod database;
mod doubles;
mod form;
mod gateway;
mod listener;
mod operation;
mod schema;
mod tables;
mod world;

pub use actor::{Actor, Answer};
pub use database::TestDatabase;
pub use doubles::{TestClock, TestRandomness};
pub use form::Form;
pub use gateway::{Options, TestGateway};
pub use listener::{Listener, Received};
pub use operation::{Operation, resolved};
pub use schema::{faults, properties};
pub use tables::{TableReader, Tables};
pub use world::{World, meant, sent};
