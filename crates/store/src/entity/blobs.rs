//! Stored files.

use sea_orm::entity::prelude::*;

/// A row of `blobs`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blobs")]
pub struct Model {
    /// Drawn from the sequence.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// Unique and unguessable; the name in the object store.
    #[sea_orm(column_type = "Text")]
    pub key: String,
    /// The name the file came with.
    #[sea_orm(column_type = "Text")]
    pub filename: String,
    /// Media type.
    #[sea_orm(column_type = "Text")]
    pub content_type: String,
    /// Size in bytes.
    pub byte_size: i64,
    /// Checksum of the content.
    #[sea_orm(column_type = "Text")]
    pub checksum: String,
    /// What was found out about the content (width, height ...), an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Json,
    /// Microseconds UTC.
    pub created_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
