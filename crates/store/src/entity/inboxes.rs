//! Connected accounts of a channel.

use sea_orm::entity::prelude::*;

/// A row of `inboxes`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inboxes")]
pub struct Model {
    /// Given by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// Id of the channel plugin.
    #[sea_orm(column_type = "Text")]
    pub channel: String,
    /// Display name.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The channel's settings without its secrets, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub settings: Json,
    /// The channel's secrets under the master key.
    #[sea_orm(column_type = "Text")]
    pub secrets_sealed: Option<String>,
    /// Version of the settings' form, as the channel declares it.
    pub settings_version: i32,
    /// The settings every inbox has (greeting, business hours ...), an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub preferences: Json,
    /// Whether a contact's next message reopens the newest conversation.
    pub lock_to_single_conversation: bool,
    /// Unique; names the inbox in public routes.
    #[sea_orm(column_type = "Text")]
    pub identifier: String,
    /// The key of contact identity checks, under the master key.
    #[sea_orm(column_type = "Text")]
    pub hmac_token_sealed: String,
    /// Unique and unguessable; names the inbox in provider routes.
    #[sea_orm(column_type = "Text")]
    pub path_token: String,
    /// The receiver of the inbox's own channel.
    pub receiver_id: Option<i64>,
    /// When it was taken out of service, microseconds UTC; what is left of it is being erased.
    pub removed_at: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
