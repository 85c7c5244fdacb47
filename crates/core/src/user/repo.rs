//! Users, their memberships, and their rows.

use gatewright_store::entity::{access_tokens, account_users, accounts, inbox_members, users};
use sea_orm::sea_query::{NullOrdering, OnConflict, Order, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult,
    IdenStatic, Iterable, JoinType, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait,
    RelationDef, Select,
};
use serde_json::{Map, Value};

use super::{UserCreate, UserCreated};
use crate::account;
use crate::attributes::Attributes;
use crate::caller::Principal;
use crate::error::{Error, Result};
use crate::ids::{AccountId, InboxId, TokenId, UserId};
use crate::kernel::Kernel;
use crate::model::{AccountStatus, Membership, Role, User, UserRef};
use crate::time::Timestamp;
use crate::token;

/// A user from its row.
pub(crate) fn from_rows(row: users::Model, memberships: Vec<Membership>) -> User {
    User {
        id: UserId(row.id),
        name: row.name,
        display_name: row.display_name,
        email: row.email,
        confirmed: row.confirmed_at.is_some(),
        pubsub_token: row.pubsub_token,
        message_signature: row.message_signature,
        ui_settings: Attributes::from(row.ui_settings),
        custom_attributes: Attributes::from(row.custom_attributes),
        memberships,
    }
}

/// A membership from its row, in an account that is in use.
pub(crate) fn membership(row: &account_users::Model, account_name: String) -> Result<Membership> {
    let unknown = || Error::internal("a stored membership has an unknown number");
    Ok(Membership {
        account_id: AccountId(row.account_id),
        account_name,
        account_status: AccountStatus::Active,
        role: Role::from_code(row.role).ok_or_else(unknown)?,
        inviter_id: row.inviter_id.map(UserId),
        availability: match row.availability {
            0 => "online",
            1 => "offline",
            2 => "busy",
            _ => return Err(unknown()),
        },
        auto_offline: row.auto_offline,
        active_at: row.active_at.map(Timestamp),
    })
}

/// The owner of the token with this hash, with its accounts, in one query.
pub(crate) async fn by_token_hash(
    conn: &impl ConnectionTrait,
    hash: &str,
) -> Result<Option<Principal>> {
    let token: RelationDef = users::Entity::belongs_to(access_tokens::Entity)
        .from(users::Column::Id)
        .to(access_tokens::Column::OwnerId)
        .into();
    let query = with_memberships()
        .join(JoinType::InnerJoin, token)
        .column_as(access_tokens::Column::Id, "token_id")
        .filter(access_tokens::Column::OwnerKind.eq(token::repo::OWNER_USER))
        .filter(access_tokens::Column::TokenHash.eq(hash));
    let rows = conn.query_all(&query.into_query()).await?;
    let token_id = match rows.first() {
        Some(row) => TokenId(row.try_get("", "token_id")?),
        None => return Ok(None),
    };
    let user = group(&rows)?.pop();
    Ok(user.map(|user| Principal { token_id, user }))
}

pub(crate) async fn find(conn: &impl ConnectionTrait, id: UserId) -> Result<Option<User>> {
    let query = with_memberships().filter(users::Column::Id.eq(id.get()));
    Ok(group(&conn.query_all(&query.into_query()).await?)?.pop())
}

/// The user as messages and events name it.
pub(crate) async fn reference(conn: &impl ConnectionTrait, id: UserId) -> Result<Option<UserRef>> {
    let row = users::Entity::find_by_id(id.get()).one(conn).await?;
    Ok(row.map(|row| from_rows(row, Vec::new()).to_ref()))
}

/// The users of an account with all their accounts, by name.
pub(super) async fn of_account(
    conn: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<User>> {
    let query = with_memberships().filter(users::Column::Id.in_subquery(members(account)));
    let mut users = group(&conn.query_all(&query.into_query()).await?)?;
    users.sort_by_cached_key(|user| (user.name.to_lowercase(), user.id));
    Ok(users)
}

/// The members of an inbox who are in the account, with all their accounts, by id.
pub(crate) async fn of_inbox(
    conn: &impl ConnectionTrait,
    account: AccountId,
    inbox: InboxId,
) -> Result<Vec<User>> {
    let in_inbox = inbox_members::Entity::find()
        .select_only()
        .column(inbox_members::Column::UserId)
        .filter(inbox_members::Column::InboxId.eq(inbox.get()))
        .into_query();
    let query = with_memberships()
        .filter(users::Column::Id.in_subquery(in_inbox))
        .filter(users::Column::Id.in_subquery(members(account)));
    group(&conn.query_all(&query.into_query()).await?)
}

/// The ids of the users of an account.
pub(crate) async fn ids_of_account(
    conn: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<i64>> {
    let ids = account_users::Entity::find()
        .select_only()
        .column(account_users::Column::UserId)
        .filter(account_users::Column::AccountId.eq(account.get()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(ids)
}

/// The user's row, locked until the transaction ends.
pub(super) async fn lock(tx: &impl ConnectionTrait, id: UserId) -> Result<Option<users::Model>> {
    let found = users::Entity::find_by_id(id.get())
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(found)
}

/// The user's stored password, if it has one.
pub(super) async fn password_hash(
    conn: &impl ConnectionTrait,
    id: UserId,
) -> Result<Option<String>> {
    let row = users::Entity::find_by_id(id.get()).one(conn).await?;
    Ok(row.and_then(|row| row.password_hash))
}

/// The user's place in an account, locked until the transaction ends.
///
/// # Errors
/// [`Error::NotFound`] for somebody who is not in the account.
pub(super) async fn lock_membership(
    tx: &impl ConnectionTrait,
    account: AccountId,
    user: UserId,
) -> Result<account_users::Model> {
    account_users::Entity::find()
        .filter(account_users::Column::AccountId.eq(account.get()))
        .filter(account_users::Column::UserId.eq(user.get()))
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or(Error::NotFound)
}

/// Remembers that the user works in the account now.
///
/// # Errors
/// [`Error::NotFound`] for somebody who is not in the account.
pub(crate) async fn set_active(
    tx: &impl ConnectionTrait,
    account: AccountId,
    user: UserId,
    now: Timestamp,
) -> Result<()> {
    let row = lock_membership(tx, account, user).await?;
    let mut row: account_users::ActiveModel = row.into();
    row.active_at = Set(Some(now.0));
    row.updated_at = Set(now.0);
    row.update(tx).await?;
    Ok(())
}

/// Refuses a user who is not in the account.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn require_member(
    conn: &impl ConnectionTrait,
    account: AccountId,
    user: UserId,
) -> Result<()> {
    let found = account_users::Entity::find()
        .filter(account_users::Column::AccountId.eq(account.get()))
        .filter(account_users::Column::UserId.eq(user.get()))
        .one(conn)
        .await?;
    found.map(drop).ok_or(Error::NotFound)
}

fn members(account: AccountId) -> SelectStatement {
    account_users::Entity::find()
        .select_only()
        .column(account_users::Column::UserId)
        .filter(account_users::Column::AccountId.eq(account.get()))
        .into_query()
}

/// Users beside their memberships and accounts, most recently active first. A row for each
/// membership, columns under the prefixes `u_`, `m_` and `a_`.
fn with_memberships() -> Select<users::Entity> {
    let member: RelationDef = users::Entity::belongs_to(account_users::Entity)
        .from(users::Column::Id)
        .to(account_users::Column::UserId)
        .into();
    let account: RelationDef = account_users::Entity::belongs_to(accounts::Entity)
        .from(account_users::Column::AccountId)
        .to(accounts::Column::Id)
        .into();
    let mut query = users::Entity::find()
        .select_only()
        .join(JoinType::LeftJoin, member)
        .join(JoinType::LeftJoin, account)
        .column_as(accounts::Column::Name, "a_name")
        .column_as(accounts::Column::Status, "a_status")
        .order_by_asc(users::Column::Id)
        .order_by_with_nulls(
            account_users::Column::ActiveAt,
            Order::Desc,
            NullOrdering::Last,
        )
        .order_by_asc(account_users::Column::AccountId);
    for column in users::Column::iter() {
        query = query.column_as(column, format!("u_{}", column.as_str()));
    }
    for column in account_users::Column::iter() {
        query = query.column_as(column, format!("m_{}", column.as_str()));
    }
    query
}

/// Users in the order of their first rows, each with its memberships.
fn group(rows: &[QueryResult]) -> Result<Vec<User>> {
    let mut found: Vec<User> = Vec::new();
    for row in rows {
        let user = users::Model::from_query_result(row, "u_")?;
        if found.last().map(|last| last.id.get()) != Some(user.id) {
            found.push(from_rows(user, Vec::new()));
        }
        let belongs: Option<i64> = row.try_get("m_", "id")?;
        if let (Some(_), Some(last)) = (belongs, found.last_mut()) {
            let member = account_users::Model::from_query_result(row, "m_")?;
            let mut membership = membership(&member, row.try_get("a_", "name")?)?;
            membership.account_status = account::repo::status(row.try_get("a_", "status")?)?;
            last.memberships.push(membership);
        }
    }
    Ok(found)
}

/// Makes a user with its token, or finds it by its email, and adds it to the account.
///
/// # Errors
/// [`Error::Invalid`] for somebody who is in the account already.
pub(crate) async fn create(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    create: &UserCreate,
    password_hash: Option<String>,
) -> Result<UserCreated> {
    let row = user_row(kernel, create, password_hash);
    users::Entity::insert(row)
        .on_conflict(
            OnConflict::column(users::Column::Email)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    let user = users::Entity::find()
        .filter(users::Column::Email.eq(&create.email))
        .one(conn)
        .await?
        .ok_or_else(|| Error::internal("a user was not stored"))?;
    let id = UserId(user.id);
    if !join(conn, create, id, kernel.now()).await? {
        return Err(Error::invalid("user", "has already been taken"));
    }
    let token = token::repo::of_user_or_new(kernel, conn, id).await?;
    let user = find(conn, id)
        .await?
        .ok_or_else(|| Error::internal("a user was not stored"))?;
    Ok(UserCreated { user, token })
}

fn user_row(kernel: &Kernel, create: &UserCreate, hash: Option<String>) -> users::ActiveModel {
    let now = kernel.now().0;
    users::ActiveModel {
        email: Set(create.email.clone()),
        name: Set(create.name.clone()),
        display_name: Set(None),
        password_hash: Set(hash),
        pubsub_token: Set(kernel.random.token()),
        message_signature: Set(None),
        ui_settings: Set(Value::Object(Map::new())),
        custom_attributes: Set(Value::Object(Map::new())),
        confirmed_at: Set(Some(now)),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
}

/// Adds the user to the account; `false` when it is there already.
async fn join(
    conn: &impl ConnectionTrait,
    create: &UserCreate,
    user: UserId,
    now: Timestamp,
) -> Result<bool> {
    let row = account_users::ActiveModel {
        account_id: Set(create.account_id.get()),
        user_id: Set(user.get()),
        role: Set(create.role.code()),
        inviter_id: Set(None),
        availability: Set(0),
        auto_offline: Set(true),
        active_at: Set(None),
        created_at: Set(now.0),
        updated_at: Set(now.0),
        ..Default::default()
    };
    let inserted = account_users::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(conn)
        .await?;
    Ok(inserted > 0)
}

/// Whether there is such a user.
pub(super) async fn set_password(
    conn: &impl ConnectionTrait,
    id: UserId,
    hash: String,
    now: Timestamp,
) -> Result<bool> {
    let Some(row) = users::Entity::find_by_id(id.get()).one(conn).await? else {
        return Ok(false);
    };
    let mut row: users::ActiveModel = row.into();
    row.password_hash = Set(Some(hash));
    row.updated_at = Set(now.0);
    row.update(conn).await?;
    Ok(true)
}
