//! Which users work in which inbox.

use sea_orm::entity::prelude::*;

/// A row of `inbox_members`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox_members")]
pub struct Model {
    /// The inbox; the membership goes with it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub inbox_id: i64,
    /// The user; the membership goes with them.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// Microseconds UTC.
    pub created_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
