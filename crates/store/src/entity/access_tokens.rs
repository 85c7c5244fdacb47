//! Tokens of the API, one for each owner.

use sea_orm::entity::prelude::*;

/// A row of `access_tokens`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_tokens")]
pub struct Model {
    /// Given by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// 0 user, 1 agent bot, 2 platform app.
    pub owner_kind: i16,
    /// Id in the owner's table.
    pub owner_id: i64,
    /// Hexadecimal SHA-256 of the token, unique: tokens are looked up by it.
    #[sea_orm(column_type = "Text")]
    pub token_hash: String,
    /// The token under the master key, because the contract shows it again.
    #[sea_orm(column_type = "Text")]
    pub token_sealed: String,
    /// Microseconds UTC.
    pub created_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
