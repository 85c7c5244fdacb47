//! Webhooks an account has set up.

use sea_orm::entity::prelude::*;

/// A row of `webhooks`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhooks")]
pub struct Model {
    /// Given by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The receiver that keeps its deliveries, one for each webhook.
    pub receiver_id: i64,
    /// Where to post, unique within the account.
    #[sea_orm(column_type = "Text")]
    pub url: String,
    /// Display name.
    #[sea_orm(column_type = "Text")]
    pub name: Option<String>,
    /// The only inbox whose events are sent, if set.
    pub inbox_id: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
