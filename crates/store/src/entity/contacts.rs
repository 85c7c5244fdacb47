//! The people an account talks with.

use sea_orm::entity::prelude::*;

/// A row of `contacts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts")]
pub struct Model {
    /// Drawn from the sequence.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The account.
    pub account_id: i64,
    /// Display name, may be empty.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Lower case; unique within the account.
    #[sea_orm(column_type = "Text")]
    pub email: Option<String>,
    /// E.164; unique within the account.
    #[sea_orm(column_type = "Text")]
    pub phone_number: Option<String>,
    /// The id in the account's own system; unique within the account.
    #[sea_orm(column_type = "Text")]
    pub identifier: Option<String>,
    /// Whether messages of the contact are refused.
    pub blocked: bool,
    /// 0 visitor, 1 lead, 2 customer.
    pub contact_type: i16,
    /// Attributes set by the gateway and its channels, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub additional_attributes: Json,
    /// Free attributes, an object.
    #[sea_orm(column_type = "JsonBinary")]
    pub custom_attributes: Json,
    /// Microseconds UTC.
    pub last_activity_at: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
