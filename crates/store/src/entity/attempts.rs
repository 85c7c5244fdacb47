//! Failed attempts of a delivery.

use sea_orm::entity::prelude::*;

/// A row of `attempts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attempts")]
pub struct Model {
    /// Given by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The delivery; the attempt goes with it.
    pub delivery_id: i64,
    /// Which attempt it was, from 1.
    pub number: i32,
    /// Microseconds UTC.
    pub started_at: i64,
    /// How long it took, milliseconds.
    pub duration_ms: i32,
    /// How it ended, such as `retry` or `failed`.
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    /// HTTP status.
    pub status: Option<i32>,
    /// What went wrong.
    #[sea_orm(column_type = "Text")]
    pub error: Option<String>,
    /// The beginning of the receiver's answer.
    #[sea_orm(column_type = "Text")]
    pub response_excerpt: Option<String>,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
