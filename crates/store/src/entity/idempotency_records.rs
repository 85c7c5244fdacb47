//! Answers given under an `Idempotency-Key`.

use sea_orm::entity::prelude::*;

/// A row of `idempotency_records`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_records")]
pub struct Model {
    /// The access token of the caller.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_id: i64,
    /// The caller's key, unique within the token.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub key: String,
    /// Hexadecimal hash of the request: the same key with another request is refused.
    #[sea_orm(column_type = "Text")]
    pub request_hash: String,
    /// What kind of resource the request made.
    #[sea_orm(column_type = "Text")]
    pub resource: String,
    /// The stored answer, JSON text; none while the request runs.
    #[sea_orm(column_type = "Text")]
    pub answer: Option<String>,
    /// Microseconds UTC.
    pub created_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
