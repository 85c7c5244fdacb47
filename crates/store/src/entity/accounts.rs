//! Tenants.

use sea_orm::entity::prelude::*;

/// A row of `accounts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    /// Given by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Display name.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Language tag of texts made for the account.
    #[sea_orm(column_type = "Text")]
    pub locale: String,
    /// The account's own mail domain.
    #[sea_orm(column_type = "Text")]
    pub domain: Option<String>,
    /// Address shown to contacts.
    #[sea_orm(column_type = "Text")]
    pub support_email: Option<String>,
    /// 0 active, 1 suspended.
    pub status: i16,
    /// Settings of the account, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub settings: Json,
    /// Free attributes, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub custom_attributes: Json,
    /// When a label of the account last changed, microseconds UTC.
    pub labels_changed_at: Option<i64>,
    /// When an inbox of the account last changed, microseconds UTC.
    pub inboxes_changed_at: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
