//! One event for one receiver, with its last attempt.

use sea_orm::entity::prelude::*;

/// A row of `deliveries`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    /// Drawn from the sequence.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The event.
    pub event_id: i64,
    /// The receiver.
    pub receiver_id: i64,
    /// Deliveries of one receiver and lane keep their order: the conversation's id, minus the
    /// contact's id, or none.
    pub lane: Option<i64>,
    /// 0 queued, 1 leased, 2 delivered, 3 dead.
    pub state: i16,
    /// Whether the delivery no longer holds its lane.
    pub late: bool,
    /// Attempts made since it was queued or replayed.
    pub attempts: i32,
    /// When the next attempt is due, microseconds UTC.
    pub due_at: i64,
    /// Names the lease; outcomes are written only under it.
    pub lease_token: Option<i64>,
    /// When the lease ends, microseconds UTC.
    pub lease_until: Option<i64>,
    /// Whether an attempt of a channel without idempotent send was started under the lease.
    pub started: bool,
    /// HTTP status of the last attempt.
    pub last_status: Option<i32>,
    /// What went wrong in the last attempt.
    #[sea_orm(column_type = "Text")]
    pub last_error: Option<String>,
    /// When the last attempt began, microseconds UTC.
    pub last_attempt_at: Option<i64>,
    /// How long the last attempt took, milliseconds.
    pub last_duration_ms: Option<i32>,
    /// When it was delivered or died, microseconds UTC.
    pub finished_at: Option<i64>,
    /// How often it was replayed.
    pub replays: i32,
    /// Microseconds UTC.
    pub created_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
