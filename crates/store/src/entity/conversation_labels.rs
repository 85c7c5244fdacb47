//! Labels of a conversation.

use sea_orm::entity::prelude::*;

/// A row of `conversation_labels`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_labels")]
pub struct Model {
    /// The conversation; the label goes with it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: i64,
    /// The label.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub title: String,
    /// Where the label stands in the conversation's list, from 0.
    pub position: i32,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
