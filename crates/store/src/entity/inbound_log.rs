//! Raw provider requests, as they came.

use sea_orm::entity::prelude::*;

/// A row of `inbound_log`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbound_log")]
pub struct Model {
    /// Given by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The inbox.
    pub inbox_id: i64,
    /// Id of the channel plugin.
    #[sea_orm(column_type = "Text")]
    pub channel: String,
    /// HTTP method.
    #[sea_orm(column_type = "Text")]
    pub method: String,
    /// Path and query, as they came.
    #[sea_orm(column_type = "Text")]
    pub path: String,
    /// Headers, JSON text.
    #[sea_orm(column_type = "Text")]
    pub headers: String,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// 0 processed, 1 dead (verified, but not understood).
    pub state: i16,
    /// Why it is dead.
    #[sea_orm(column_type = "Text")]
    pub error: Option<String>,
    /// Microseconds UTC.
    pub received_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
