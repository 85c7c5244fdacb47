//! Provider ids of messages the gateway sent (one message may become several).

use sea_orm::entity::prelude::*;

/// A row of `message_provider_ids`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message_provider_ids")]
pub struct Model {
    /// The inbox.
    #[sea_orm(primary_key, auto_increment = false)]
    pub inbox_id: i64,
    /// The provider's id, unique within the inbox.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub provider_id: String,
    /// The message.
    pub message_id: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
