//! What goes out, as the database knows it: who leases which delivery, how attempts end, and what
//! people see of it.
//!
//! Map:
//! - [`Ledger`] is the delivery engine's side: it claims, settles, probes, sweeps and prunes. No
//!   HTTP; the engine sends.
//! - `schedule` says when to try again and `health` how a receiver does: pure functions.
//! - [`Deliveries`] is the administrator's side: list, show, replay, purge, trace.
//! - [`EventLog`] reads events in an order that can be resumed.
//!
//! One rule keeps order: the head of a lane (receiver, conversation) is the lowest id in it that is
//! open and not late. Only heads are leased, and what has left its lane never returns to it.

mod claimed;
mod closing;
mod failure;
mod health;
mod identity;
mod ledger;
mod log;
mod probe;
mod prune;
mod purge;
mod record;
mod replay;
mod requeue;
mod schedule;
mod service;
mod settle;
mod sweep;
mod target;
mod trace;
mod verdict;

pub use claimed::{Claimed, Probe};
pub use failure::FailMessage;
pub use identity::Installation;
pub use ledger::{Backlog, Ledger};
pub use log::{EventLog, EventPage};
pub use purge::Purged;
pub use record::{
    AttemptRecord, DeliveryFilter, DeliveryRecord, DeliveryState, DeliveryWithAttempts,
};
pub use replay::{ReplayRange, Replayed};
pub(crate) use requeue::requeue;
pub use service::Deliveries;
pub use settle::{Settled, Settlement};
pub use sweep::Swept;
pub use target::{SECRET_CONTEXT, Target};
pub use trace::{Hop, HopKind, Trace};
