use sea_orm::FromQueryResult;
use serde::Serialize;

use crate::hot::columns::row;

/// A receiver with queued deliveries.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct BacklogRow {
    /// The receiver.
    pub receiver_id: i64,
    /// Its state.
    pub state: i16,
    /// When its next probe is due.
    pub probe_due_at: Option<i64>,
    /// The earliest time at which one of them is due.
    pub oldest_due_at: i64,
}

/// A delivery that was leased just now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct LeasedRow {
    /// Its id.
    pub id: i64,
    /// To whom.
    pub receiver_id: i64,
    /// Of what.
    pub event_id: i64,
    /// Its order.
    pub lane: Option<i64>,
    /// Attempts made.
    pub attempts: i32,
    /// Whether it left its lane.
    pub late: bool,
    /// How often it was replayed.
    pub replays: i32,
    /// When it was due.
    pub due_at: i64,
}

/// A delivery that was taken out of its lease or its queue by the sweeper.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct SweptRow {
    /// Its id.
    pub id: i64,
    /// To whom.
    pub receiver_id: i64,
    /// Of what.
    pub event_id: i64,
    /// Its state now: queued or dead.
    pub state: i16,
}

/// An event of the log.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct EventRow {
    /// Its id.
    pub id: i64,
    /// Its account.
    pub account_id: i64,
    /// The message it is about.
    pub message_id: Option<i64>,
    /// What happened.
    pub name: String,
    /// When.
    pub occurred_at: i64,
    /// Who made it happen, JSON.
    pub origin: String,
    /// The rows after the change, JSON.
    pub snapshot: String,
}

/// How a receiver does. Locked until the end of the transaction when it was read.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct HealthRow {
    /// The receiver.
    pub id: i64,
    /// Its account.
    pub account_id: i64,
    /// What kind it is.
    pub kind: i16,
    /// The inbox whose channel it is.
    pub inbox_id: Option<i64>,
    /// Where to post.
    pub url: Option<String>,
    /// Its state.
    pub state: i16,
    /// Why.
    pub state_reason: Option<String>,
    /// Failures in a row.
    pub failures: i32,
    /// When the first of them was.
    pub first_failure_at: Option<i64>,
    /// When the next probe is due.
    pub probe_due_at: Option<i64>,
    /// The pause before it, in milliseconds.
    pub probe_interval_ms: Option<i64>,
}

/// An old event, and whether something still needs it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct PruneRow {
    /// Its id.
    pub id: i64,
    /// When it happened.
    pub occurred_at: i64,
    /// Whether a delivery of it is open or died too recently.
    pub kept: bool,
}

/// A new lease.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    /// The node's clock.
    pub now: i64,
    /// Proof of the lease.
    pub token: i64,
    /// How long it lasts.
    pub length: i64,
}

/// A lease that somebody thinks it holds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Held {
    /// The delivery.
    pub id: i64,
    /// Proof of the lease.
    pub token: i64,
}

/// An ordered queue of one receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Lane {
    /// The receiver.
    pub receiver_id: i64,
    /// The conversation's id, or minus the contact's.
    pub lane: i64,
}

row! {
    /// How a leased delivery goes on.
    #[derive(Debug, Clone)]
    pub struct Finish {
        /// The delivery.
        pub id: i64,
        /// Proof of the lease.
        pub token: i64,
        /// Its state from now on.
        pub state: i16,
        /// When it is due.
        pub due_at: i64,
        /// Attempts made.
        pub attempts: i32,
        /// Whether it left its lane.
        pub late: bool,
        /// HTTP status of the attempt.
        pub status: Option<i32>,
        /// What went wrong.
        pub error: Option<String>,
        /// When the attempt began.
        pub attempt_at: i64,
        /// How long it took, in milliseconds.
        pub duration_ms: i32,
        /// When it ended for good.
        pub finished_at: Option<i64>,
    }
}

/// A failed attempt.
#[derive(Debug, Clone, Serialize)]
pub struct NewAttempt {
    /// The delivery.
    pub delivery_id: i64,
    /// Which attempt it was, from 1.
    pub number: i32,
    /// When it began.
    pub started_at: i64,
    /// How long it took, in milliseconds.
    pub duration_ms: i32,
    /// How it ended.
    pub outcome: &'static str,
    /// HTTP status.
    pub status: Option<i32>,
    /// What went wrong.
    pub error: Option<String>,
    /// Beginning of the receiver's answer.
    pub excerpt: Option<String>,
}

/// An id that a provider gave to a message of ours.
#[derive(Debug, Clone, Serialize)]
pub struct ProviderId {
    /// The inbox.
    pub inbox_id: i64,
    /// The provider's id.
    pub provider_id: String,
    /// The message.
    pub message_id: i64,
}
