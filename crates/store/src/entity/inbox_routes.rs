//! Which inbox a channel's routing key names.

use sea_orm::entity::prelude::*;

/// A row of `inbox_routes`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox_routes")]
pub struct Model {
    /// Given by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Id of the channel plugin.
    #[sea_orm(column_type = "Text")]
    pub channel: String,
    /// Hexadecimal SHA-256 of the routing key, unique within the channel.
    #[sea_orm(column_type = "Text")]
    pub key_hash: String,
    /// The inbox; the route goes with it.
    pub inbox_id: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
