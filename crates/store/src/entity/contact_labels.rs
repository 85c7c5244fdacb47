//! Labels of a contact.

use sea_orm::entity::prelude::*;

/// A row of `contact_labels`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_labels")]
pub struct Model {
    /// The contact; the label goes with it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: i64,
    /// The label.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub title: String,
    /// The contact's account.
    pub account_id: i64,
    /// Where the label stands in the contact's list, from 0.
    pub position: i32,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
