//! Labels that an account offers. What hangs on a conversation is a free tag with the same title.

use sea_orm::entity::prelude::*;

/// A row of `labels`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "labels")]
pub struct Model {
    /// Given by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// Unique per account, stored in lower case.
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// What it is for.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
    /// Its color, as clients wrote it.
    #[sea_orm(column_type = "Text")]
    pub color: String,
    /// Whether clients list it on their sidebar; unknown when nobody said.
    pub show_on_sidebar: Option<bool>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
