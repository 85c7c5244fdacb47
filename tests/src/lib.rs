//! The harness of the integration tests: a whole gateway without a port, on a temporary SQLite
//! file, or on PostgreSQL when `GATEWRIGHT_TEST_DATABASE_URL` is set; a recording listener; actors.

mod actor;
mod database;
mod doubles;
mod gateway;
mod listener;
mod operation;
mod tables;
mod world;

pub use actor::{Actor, Answer};
pub use database::TestDatabase;
pub use doubles::{TestClock, TestRandomness};
pub use gateway::{Options, TestGateway};
pub use listener::{Listener, Received};
pub use operation::{Operation, resolved};
pub use tables::{TableReader, Tables};
pub use world::World;
