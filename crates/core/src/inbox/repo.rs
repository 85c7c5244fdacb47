//! Inboxes, their members and routes, and their rows.

use std::collections::BTreeMap;

use gatewright_channel::{ChannelDescriptor, InboxKey};
use gatewright_store::entity::{inbox_members, inbox_routes, inboxes};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::Value;

use crate::cipher::sha256_hex;
use crate::error::{Error, Result};
use crate::ids::{AccountId, InboxId, ReceiverId, UserId};
use crate::kernel::Kernel;
use crate::model::Inbox;
use crate::time::Timestamp;

const HMAC_CONTEXT: &str = "inbox_hmac_token";

/// The inbox of a row.
pub(super) fn from_row(kernel: &Kernel, row: inboxes::Model) -> Result<Inbox> {
    Ok(Inbox {
        id: InboxId(row.id),
        account_id: AccountId(row.account_id),
        channel: row.channel,
        name: row.name,
        settings: row.settings,
        preferences: serde_json::from_value(row.preferences)?,
        lock_to_single_conversation: row.lock_to_single_conversation,
        identifier: row.identifier,
        hmac_token: kernel.cipher.open(HMAC_CONTEXT, &row.hmac_token_sealed)?,
        receiver_id: row.receiver_id.map(ReceiverId),
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}

/// Seals the key of identity hashes.
pub(super) fn seal_hmac_token(kernel: &Kernel, token: &str) -> String {
    kernel.cipher.seal(HMAC_CONTEXT, token)
}

/// A row by its id alone: for caches, which check the account, and for the channel host. As
/// everywhere here, what was removed is not found.
pub(super) async fn any_account(
    conn: &impl ConnectionTrait,
    id: InboxId,
) -> Result<Option<inboxes::Model>> {
    let found = inboxes::Entity::find_by_id(id.get())
        .filter(inboxes::Column::RemovedAt.is_null())
        .one(conn)
        .await?;
    Ok(found)
}

/// The row of an inbox of the account, locked until the transaction ends.
pub(super) async fn lock(
    tx: &impl ConnectionTrait,
    account: AccountId,
    id: InboxId,
) -> Result<Option<inboxes::Model>> {
    let found = inboxes::Entity::find_by_id(id.get())
        .filter(inboxes::Column::AccountId.eq(account.get()))
        .filter(inboxes::Column::RemovedAt.is_null())
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(found)
}

pub(super) async fn of_account(
    conn: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<inboxes::Model>> {
    let rows = inboxes::Entity::find()
        .filter(inboxes::Column::AccountId.eq(account.get()))
        .filter(inboxes::Column::RemovedAt.is_null())
        .order_by_asc(inboxes::Column::Id)
        .all(conn)
        .await?;
    Ok(rows)
}

/// The rows of those of these inboxes that the account has.
pub(super) async fn by_ids(
    conn: &impl ConnectionTrait,
    account: AccountId,
    ids: &[InboxId],
) -> Result<Vec<inboxes::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = inboxes::Entity::find()
        .filter(inboxes::Column::AccountId.eq(account.get()))
        .filter(inboxes::Column::Id.is_in(ids.iter().map(|id| id.get())))
        .filter(inboxes::Column::RemovedAt.is_null())
        .all(conn)
        .await?;
    Ok(rows)
}

pub(super) async fn id_of_identifier(
    conn: &impl ConnectionTrait,
    identifier: &str,
) -> Result<Option<InboxId>> {
    let row = inboxes::Entity::find()
        .filter(inboxes::Column::Identifier.eq(identifier))
        .filter(inboxes::Column::RemovedAt.is_null())
        .one(conn)
        .await?;
    Ok(row.map(|row| InboxId(row.id)))
}

/// The inboxes of the account in which the user works.
pub(super) async fn ids_of_member(
    conn: &impl ConnectionTrait,
    account: AccountId,
    user: UserId,
) -> Result<Vec<InboxId>> {
    let ids: Vec<i64> = inbox_members::Entity::find()
        .select_only()
        .column(inbox_members::Column::InboxId)
        .join(
            sea_orm::JoinType::InnerJoin,
            inbox_members::Entity::belongs_to(inboxes::Entity)
                .from(inbox_members::Column::InboxId)
                .to(inboxes::Column::Id)
                .into(),
        )
        .filter(inbox_members::Column::UserId.eq(user.get()))
        .filter(inboxes::Column::AccountId.eq(account.get()))
        .filter(inboxes::Column::RemovedAt.is_null())
        .order_by_asc(inbox_members::Column::InboxId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(ids.into_iter().map(InboxId).collect())
}

/// The inbox that a channel's routing key names.
pub(super) async fn route(
    conn: &impl ConnectionTrait,
    channel: &str,
    key_hash: &str,
) -> Result<Option<InboxId>> {
    let row = inbox_routes::Entity::find()
        .filter(inbox_routes::Column::Channel.eq(channel))
        .filter(inbox_routes::Column::KeyHash.eq(key_hash))
        .one(conn)
        .await?;
    Ok(row.map(|row| InboxId(row.inbox_id)))
}

/// Registers the keys by which requests name the inbox, in place of earlier ones.
///
/// # Errors
/// [`Error::Invalid`] naming the setting whose value is another inbox's key already.
pub(super) async fn set_routes(
    conn: &impl ConnectionTrait,
    descriptor: &ChannelDescriptor,
    inbox: InboxId,
    settings: &Value,
    path_token: &str,
) -> Result<()> {
    inbox_routes::Entity::delete_many()
        .filter(inbox_routes::Column::InboxId.eq(inbox.get()))
        .exec(conn)
        .await?;
    for (key, setting) in keys(descriptor, settings, path_token) {
        let row = inbox_routes::ActiveModel {
            channel: Set(descriptor.id.clone()),
            key_hash: Set(sha256_hex(key.as_bytes())),
            inbox_id: Set(inbox.get()),
            ..Default::default()
        };
        let inserted = inbox_routes::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(conn)
            .await?;
        if inserted == 0 {
            return Err(Error::invalid(&setting, "has already been taken"));
        }
    }
    Ok(())
}

/// The keys of an inbox and the settings that hold them.
fn keys(
    descriptor: &ChannelDescriptor,
    settings: &Value,
    path_token: &str,
) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    for route in &descriptor.inbound {
        match &route.inbox {
            InboxKey::Setting(pointer) => {
                let key = pointer.get(settings).map(|value| match value {
                    Value::String(text) => text.trim().to_owned(),
                    other => other.to_string(),
                });
                let name = pointer.0.rsplit('/').next().unwrap_or_default();
                if let Some(key) = key.filter(|key| !key.is_empty()) {
                    keys.insert(key, name.to_owned());
                }
            }
            InboxKey::Path(name) => drop(keys.insert(path_token.to_owned(), name.clone())),
            InboxKey::Body(_) => {}
        }
    }
    keys
}
