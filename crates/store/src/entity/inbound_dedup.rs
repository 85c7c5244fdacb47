//! Provider events that were already taken in.

use sea_orm::entity::prelude::*;

/// A row of `inbound_dedup`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbound_dedup")]
pub struct Model {
    /// The inbox.
    #[sea_orm(primary_key, auto_increment = false)]
    pub inbox_id: i64,
    /// The channel's key of the event, unique within the inbox.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub dedup_key: String,
    /// The message it became.
    pub message_id: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
