//! People who work in accounts: agents and administrators.

use sea_orm::entity::prelude::*;

/// A row of `users`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Given by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Unique, stored in lower case.
    #[sea_orm(column_type = "Text")]
    pub email: String,
    /// Full name.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The name shown to contacts instead of `name`.
    #[sea_orm(column_type = "Text")]
    pub display_name: Option<String>,
    /// Argon2id in PHC form; without one the user cannot sign in by password.
    #[sea_orm(column_type = "Text")]
    pub password_hash: Option<String>,
    /// Unique; subscribes to the user's live stream.
    #[sea_orm(column_type = "Text")]
    pub pubsub_token: String,
    /// Text put under the user's messages by clients.
    #[sea_orm(column_type = "Text")]
    pub message_signature: Option<String>,
    /// Settings of the user's clients, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub ui_settings: Json,
    /// Free attributes, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub custom_attributes: Json,
    /// When the address was confirmed, microseconds UTC.
    pub confirmed_at: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
