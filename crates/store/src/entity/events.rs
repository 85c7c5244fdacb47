//! What happened. The log outlives the rows it speaks of, so it points at the account only.

use sea_orm::entity::prelude::*;

/// A row of `events`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Drawn from the sequence; the order of events.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The inbox it happened in.
    pub inbox_id: Option<i64>,
    /// The conversation it happened in.
    pub conversation_id: Option<i64>,
    /// The contact it is about.
    pub contact_id: Option<i64>,
    /// The message it is about.
    pub message_id: Option<i64>,
    /// The event's name, such as `message_created`.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Microseconds UTC.
    pub occurred_at: i64,
    /// Who caused it, JSON text.
    #[sea_orm(column_type = "Text")]
    pub origin: String,
    /// The rows after the change, the changes and the actor, versioned JSON text.
    #[sea_orm(column_type = "Text")]
    pub snapshot: String,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
