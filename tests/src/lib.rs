//! The harness of the integration tests: a whole gateway without a port, on a temporary SQLite
//! file, or on PostgreSQL when `GATEWRIGHT_TEST_DATABASE_URL` is set; a recording listener; actors.

#![expect(
    clippy::missing_panics_doc,
    reason = "a harness fails its test by panicking"
)]

mod actor;
mod database;
mod doubles;
mod gateway;
mod listener;

pub use actor::{Actor, Answer};
pub use database::TestDatabase;
pub use doubles::{TestClock, TestRandomness};
pub use gateway::{Options, TestGateway};
pub use listener::{Listener, Received};
