//! Sends what is due: takes leased deliveries, makes attempts, writes how they ended.
//!
//! | to read about | look at |
//! |---|---|
//! | starting, draining, waiting until all is quiet | [`Engine`] |
//! | how many deliveries are held at a time, and who waits for a place | `desk` |
//! | how many exchanges run at a time | `turns` |
//! | one attempt, by webhook or by channel | `attempt` |
//! | writing outcomes in batches, and the next of a lane | `writer` |
//! | looking for what is due, probes, expired leases, old events | `claimer`, `keeper` |
//! | wake-ups across nodes | `listen` |
//! | what is asked of the database | [`Leases`] |
//!
//! What an outcome means (retry, dead letter, probe) is decided in `gatewright_core::delivery`, in
//! the transaction that writes it. Whatever happens here, the database knows: a process that dies
//! loses leases, never deliveries.
//!
//! Deliberately absent: SQL, rules, and any knowledge of a particular channel.

mod attempt;
mod claimer;
mod config;
mod desk;
mod engine;
mod keeper;
mod leases;
mod listen;
mod metrics;
mod turns;
mod writer;

pub use config::EngineConfig;
pub use engine::{Drained, Engine};
pub use leases::Leases;
