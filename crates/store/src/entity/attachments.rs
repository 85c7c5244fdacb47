//! What is attached to a message: a file, a link, a place.

use sea_orm::entity::prelude::*;

/// A row of `attachments`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attachments")]
pub struct Model {
    /// Drawn from the sequence.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// The message.
    pub message_id: i64,
    /// The stored file, if there is one.
    pub blob_id: Option<i64>,
    /// The contract's number of the file type.
    pub file_type: i16,
    /// The file's extension, without a dot.
    #[sea_orm(column_type = "Text")]
    pub extension: Option<String>,
    /// Where the content lies, if not with us.
    #[sea_orm(column_type = "Text")]
    pub external_url: Option<String>,
    /// Latitude in degrees.
    pub coordinates_lat: Option<f64>,
    /// Longitude in degrees.
    pub coordinates_long: Option<f64>,
    /// The text shown when the attachment cannot be.
    #[sea_orm(column_type = "Text")]
    pub fallback_title: Option<String>,
    /// Further facts, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub meta: Json,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
