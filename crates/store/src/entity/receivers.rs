//! Whoever is sent events: an inbox's channel, a webhook, an agent bot, an automation.

use sea_orm::entity::prelude::*;

/// A row of `receivers`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receivers")]
pub struct Model {
    /// Given by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// 0 channel, 1 webhook, 2 agent bot, 3 automation.
    pub kind: i16,
    /// The inbox of a channel receiver; not a foreign key, because the inbox points here.
    pub inbox_id: Option<i64>,
    /// Where to post.
    #[sea_orm(column_type = "Text")]
    pub url: Option<String>,
    /// Names of the events sent, an array; a channel receiver gets all.
    #[sea_orm(column_type = "JsonBinary")]
    pub subscriptions: Json,
    /// The signing secret, under the master key.
    #[sea_orm(column_type = "Text")]
    pub secret_sealed: String,
    /// The secret before the last rotation, under the master key.
    #[sea_orm(column_type = "Text")]
    pub previous_secret_sealed: Option<String>,
    /// Until when the previous secret signs too, microseconds UTC.
    pub previous_secret_until: Option<i64>,
    /// 0 active, 1 probing, 2 disabled, 3 removed.
    pub state: i16,
    /// Why the receiver is in this state.
    #[sea_orm(column_type = "Text")]
    pub state_reason: Option<String>,
    /// Failed attempts in a row.
    pub failures: i32,
    /// When the present row of failures began, microseconds UTC.
    pub first_failure_at: Option<i64>,
    /// When the next probe is due, microseconds UTC.
    pub probe_due_at: Option<i64>,
    /// The present pause between probes, milliseconds.
    pub probe_interval_ms: Option<i64>,
    /// Until when one node holds the right to probe, microseconds UTC.
    pub probe_lease_until: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
