//! Who belongs to which account, and as what.

use sea_orm::entity::prelude::*;

/// A row of `account_users`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_users")]
pub struct Model {
    /// Given by the database.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The account; the membership goes with it.
    pub account_id: i64,
    /// The user; the membership goes with it.
    pub user_id: i64,
    /// 0 agent, 1 administrator.
    pub role: i16,
    /// The user who invited this one.
    pub inviter_id: Option<i64>,
    /// 0 online, 1 offline, 2 busy, as the user chose it.
    pub availability: i16,
    /// Whether the user counts as offline when no client is connected.
    pub auto_offline: bool,
    /// When the user last used the account, microseconds UTC.
    pub active_at: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

/// No relations: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
