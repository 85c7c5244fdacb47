//! Contacts and conversations that are being erased.

use sea_orm::entity::prelude::*;

/// A row of `erasures`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "erasures")]
pub struct Model {
    /// 0 a contact, 1 a conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: i16,
    /// Which; its row may be gone.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: i64,
    /// The account.
    pub account_id: i64,
    /// The log was looked through up to this event.
    pub after_event: i64,
    /// When it is gone on with; microseconds UTC.
    pub due_at: i64,
    /// Microseconds UTC.
    pub created_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
