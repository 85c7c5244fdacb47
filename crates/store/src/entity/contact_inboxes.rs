//! A contact's presence in an inbox: the provider's id of the person.

use sea_orm::entity::prelude::*;

/// A row of `contact_inboxes`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_inboxes")]
pub struct Model {
    /// Drawn from the sequence.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The contact.
    pub contact_id: i64,
    /// The inbox.
    pub inbox_id: i64,
    /// The provider's id, unique within the inbox.
    #[sea_orm(column_type = "Text")]
    pub source_id: String,
    /// Whether the contact proved its identity by HMAC.
    pub hmac_verified: bool,
    /// Unique; subscribes to the contact's live stream.
    #[sea_orm(column_type = "Text")]
    pub pubsub_token: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
