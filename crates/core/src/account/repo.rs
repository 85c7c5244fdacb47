//! Accounts and their rows.

use gatewright_store::entity::{account_counters, accounts};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::model::{Account, AccountRef, AccountStatus};
use crate::time::Timestamp;

pub(super) fn from_row(row: accounts::Model) -> Result<Account> {
    Ok(Account {
        id: AccountId(row.id),
        name: row.name,
        locale: row.locale,
        status: status(row.status)?,
        created_at: Timestamp(row.created_at),
    })
}

/// The status behind a stored number.
pub(crate) fn status(code: i16) -> Result<AccountStatus> {
    AccountStatus::from_code(code)
        .ok_or_else(|| Error::internal("a stored account status has an unknown number"))
}

pub(crate) async fn find(conn: &impl ConnectionTrait, id: AccountId) -> Result<Option<Account>> {
    accounts::Entity::find_by_id(id.get())
        .one(conn)
        .await?
        .map(from_row)
        .transpose()
}

/// The account as events name it.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn reference(conn: &impl ConnectionTrait, id: AccountId) -> Result<AccountRef> {
    let row = accounts::Entity::find_by_id(id.get())
        .one(conn)
        .await?
        .ok_or(Error::NotFound)?;
    Ok(AccountRef { id, name: row.name })
}

pub(crate) async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Account>> {
    let rows = accounts::Entity::find()
        .order_by_asc(accounts::Column::Id)
        .all(conn)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Whether there is an account.
pub(crate) async fn any(conn: &impl ConnectionTrait) -> Result<bool> {
    Ok(accounts::Entity::find().one(conn).await?.is_some())
}

/// Makes an account with its counters.
pub(crate) async fn insert(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    name: &str,
    locale: &str,
) -> Result<Account> {
    let empty = || Value::Object(Map::new());
    let row = accounts::ActiveModel {
        name: Set(name.to_owned()),
        locale: Set(locale.to_owned()),
        domain: Set(None),
        support_email: Set(None),
        status: Set(AccountStatus::Active.code()),
        settings: Set(empty()),
        custom_attributes: Set(empty()),
        labels_changed_at: Set(None),
        inboxes_changed_at: Set(None),
        created_at: Set(now.0),
        updated_at: Set(now.0),
        ..Default::default()
    };
    let account = accounts::Entity::insert(row)
        .exec_with_returning(conn)
        .await?;
    let counters = account_counters::ActiveModel {
        account_id: Set(account.id),
        conversations: Set(0),
    };
    account_counters::Entity::insert(counters)
        .exec_without_returning(conn)
        .await?;
    from_row(account)
}

pub(crate) async fn set_status(
    conn: &impl ConnectionTrait,
    id: AccountId,
    status: AccountStatus,
    now: Timestamp,
) -> Result<Option<Account>> {
    let Some(row) = accounts::Entity::find_by_id(id.get()).one(conn).await? else {
        return Ok(None);
    };
    let mut row: accounts::ActiveModel = row.into();
    row.status = Set(status.code());
    row.updated_at = Set(now.0);
    Ok(Some(from_row(row.update(conn).await?)?))
}

/// The account's whole row.
pub(super) async fn row(
    conn: &impl ConnectionTrait,
    id: AccountId,
) -> Result<Option<accounts::Model>> {
    Ok(accounts::Entity::find_by_id(id.get()).one(conn).await?)
}

/// As [`row`], locked until the transaction ends.
pub(super) async fn lock(
    tx: &impl ConnectionTrait,
    id: AccountId,
) -> Result<Option<accounts::Model>> {
    let found = accounts::Entity::find_by_id(id.get())
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(found)
}

/// Remembers that a label of the account changed. Clients ask for it as a cache key.
pub(crate) async fn labels_changed(
    tx: &impl ConnectionTrait,
    id: AccountId,
    now: Timestamp,
) -> Result<()> {
    mark(tx, id, accounts::Column::LabelsChangedAt, now).await
}

/// Remembers that an inbox of the account changed.
pub(crate) async fn inboxes_changed(
    tx: &impl ConnectionTrait,
    id: AccountId,
    now: Timestamp,
) -> Result<()> {
    mark(tx, id, accounts::Column::InboxesChangedAt, now).await
}

async fn mark(
    tx: &impl ConnectionTrait,
    id: AccountId,
    column: accounts::Column,
    now: Timestamp,
) -> Result<()> {
    accounts::Entity::update_many()
        .col_expr(column, Expr::value(now.0))
        .filter(accounts::Column::Id.eq(id.get()))
        .exec(tx)
        .await?;
    Ok(())
}
