//! Receivers and their rows: one for each inbox and each webhook.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gatewright_channel::Outbound;
use gatewright_store::entity::{inboxes, receivers};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;

use super::{Receiver, ReceiverKind, ReceiverState, Receivers};
use crate::delivery::SECRET_CONTEXT;
use crate::error::{Error, Result};
use crate::event::EventName;
use crate::ids::{AccountId, InboxId, ReceiverId};
use crate::kernel::Kernel;
use crate::registry::Registry;
use crate::time::Timestamp;

/// How long the earlier secret goes on signing after a rotation.
const BOTH_VALID: Duration = Duration::from_hours(24);

/// A receiver to make.
#[derive(Debug)]
pub(crate) struct NewReceiver {
    pub(crate) account_id: AccountId,
    pub(crate) kind: ReceiverKind,
    pub(crate) inbox_id: Option<InboxId>,
    pub(crate) url: Option<String>,
    pub(crate) subscriptions: Vec<EventName>,
}

/// The account's receivers, believed for at most [`crate::CoreConfig::cache_ttl`].
///
/// # Errors
/// Database errors.
pub async fn receivers(kernel: &Kernel, account: AccountId) -> Result<Receivers> {
    if let Some(receivers) = kernel.caches.receivers.get(&account) {
        return Ok(receivers);
    }
    let found = of_account(kernel.db.read(), &kernel.registry, account).await?;
    let receivers: Receivers = Arc::from(found);
    kernel
        .caches
        .receivers
        .insert(account, Arc::clone(&receivers));
    Ok(receivers)
}

/// As [`receivers()`], for use within a transaction: what the cache lacks is read through `tx`. A
/// second connection could wait for ever, when all of them are held by transactions that wait for
/// this one. What an unfinished transaction sees is not cached.
///
/// # Errors
/// Database errors.
pub async fn receivers_in(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    account: AccountId,
) -> Result<Receivers> {
    match kernel.caches.receivers.get(&account) {
        Some(receivers) => Ok(receivers),
        None => Ok(of_account(tx, &kernel.registry, account).await?.into()),
    }
}

/// The account's receivers that may be told anything, by id: active or probing. A channel that
/// takes events is left out while its target is blank.
///
/// # Errors
/// Database errors.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    registry: &Registry,
    account: AccountId,
) -> Result<Vec<Receiver>> {
    let served = [ReceiverState::Active.code(), ReceiverState::Probing.code()];
    let rows = receivers::Entity::find()
        .filter(receivers::Column::AccountId.eq(account.get()))
        .filter(receivers::Column::State.is_in(served))
        .order_by_asc(receivers::Column::Id)
        .all(conn)
        .await?;
    let untargeted: Vec<i64> = rows
        .iter()
        .filter(|row| row.url.is_none())
        .filter_map(|row| row.inbox_id)
        .collect();
    let channels = channels(conn, account, untargeted).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let shaped = row.url.is_none() && takes_messages(registry, &channels, row.inbox_id);
        if row.url.is_some() || shaped {
            found.push(from_row(&row, shaped)?);
        }
    }
    Ok(found)
}

async fn channels(
    conn: &impl ConnectionTrait,
    account: AccountId,
    ids: Vec<i64>,
) -> Result<HashMap<i64, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(i64, String)> = inboxes::Entity::find()
        .select_only()
        .columns([inboxes::Column::Id, inboxes::Column::Channel])
        .filter(inboxes::Column::AccountId.eq(account.get()))
        .filter(inboxes::Column::Id.is_in(ids))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found.into_iter().collect())
}

fn takes_messages(
    registry: &Registry,
    channels: &HashMap<i64, String>,
    inbox: Option<i64>,
) -> bool {
    let channel = inbox.and_then(|inbox| channels.get(&inbox));
    let descriptor = channel.and_then(|channel| registry.descriptor(channel));
    descriptor.is_some_and(|descriptor| descriptor.outbound == Outbound::Messages)
}

fn from_row(row: &receivers::Model, message_shaped: bool) -> Result<Receiver> {
    let unknown = || Error::internal("a stored receiver has an unknown number");
    Ok(Receiver {
        id: ReceiverId(row.id),
        account_id: AccountId(row.account_id),
        kind: ReceiverKind::from_code(row.kind).ok_or_else(unknown)?,
        inbox_id: row.inbox_id.map(InboxId),
        subscriptions: subscriptions(&row.subscriptions),
        message_shaped,
        state: ReceiverState::from_code(row.state).ok_or_else(unknown)?,
    })
}

/// The events that a receiver's row names.
pub(crate) fn subscriptions(stored: &Value) -> Vec<EventName> {
    let names = stored.as_array().into_iter().flatten();
    names
        .filter_map(|name| EventName::from_name(name.as_str()?))
        .collect()
}

fn names(subscriptions: &[EventName]) -> Value {
    subscriptions
        .iter()
        .map(|name| Value::from(name.as_str()))
        .collect()
}

/// Makes a receiver with a signing secret of its own, which is answered in clear.
pub(crate) async fn insert(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    new: NewReceiver,
) -> Result<(ReceiverId, String)> {
    let now = kernel.now().0;
    let secret = kernel.random.signing_secret();
    let row = receivers::ActiveModel {
        account_id: Set(new.account_id.get()),
        kind: Set(new.kind.code()),
        inbox_id: Set(new.inbox_id.map(InboxId::get)),
        url: Set(new.url),
        subscriptions: Set(names(&new.subscriptions)),
        secret_sealed: Set(kernel.cipher.seal(SECRET_CONTEXT, &secret)),
        previous_secret_sealed: Set(None),
        previous_secret_until: Set(None),
        state: Set(ReceiverState::Active.code()),
        state_reason: Set(None),
        failures: Set(0),
        first_failure_at: Set(None),
        probe_due_at: Set(None),
        probe_interval_ms: Set(None),
        probe_lease_until: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let row = receivers::Entity::insert(row)
        .exec_with_returning(conn)
        .await?;
    Ok((ReceiverId(row.id), secret))
}

/// The receiver's row in the account.
pub(crate) async fn find(
    conn: &impl ConnectionTrait,
    account: AccountId,
    id: ReceiverId,
) -> Result<Option<receivers::Model>> {
    let found = receivers::Entity::find_by_id(id.get())
        .filter(receivers::Column::AccountId.eq(account.get()))
        .one(conn)
        .await?;
    Ok(found)
}

/// Points a receiver elsewhere and forgets how often the earlier target failed.
pub(crate) async fn retarget(
    conn: &impl ConnectionTrait,
    row: receivers::Model,
    url: Option<String>,
    now: Timestamp,
) -> Result<receivers::Model> {
    let mut row: receivers::ActiveModel = row.into();
    row.url = Set(url);
    row.state = Set(ReceiverState::Active.code());
    row.state_reason = Set(None);
    row.failures = Set(0);
    row.first_failure_at = Set(None);
    row.probe_due_at = Set(None);
    row.probe_interval_ms = Set(None);
    row.probe_lease_until = Set(None);
    row.updated_at = Set(now.0);
    Ok(row.update(conn).await?)
}

/// Changes what a receiver wants.
pub(crate) async fn subscribe(
    conn: &impl ConnectionTrait,
    row: receivers::Model,
    subscriptions: &[EventName],
    now: Timestamp,
) -> Result<receivers::Model> {
    let mut row: receivers::ActiveModel = row.into();
    row.subscriptions = Set(names(subscriptions));
    row.updated_at = Set(now.0);
    Ok(row.update(conn).await?)
}

/// Takes a receiver out of service for good. The row stays, as deliveries point at it.
pub(crate) async fn remove(
    conn: &impl ConnectionTrait,
    row: receivers::Model,
    now: Timestamp,
) -> Result<()> {
    let mut row: receivers::ActiveModel = row.into();
    row.state = Set(ReceiverState::Removed.code());
    row.state_reason = Set(Some("removed".to_owned()));
    row.updated_at = Set(now.0);
    row.update(conn).await?;
    Ok(())
}

/// Mints a new secret, which is answered in clear; the earlier one is valid for 24 h beside it.
pub(crate) async fn rotate(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    row: receivers::Model,
) -> Result<String> {
    let now = kernel.now();
    let secret = kernel.random.signing_secret();
    let earlier = row.secret_sealed.clone();
    let mut row: receivers::ActiveModel = row.into();
    row.secret_sealed = Set(kernel.cipher.seal(SECRET_CONTEXT, &secret));
    row.previous_secret_sealed = Set(Some(earlier));
    row.previous_secret_until = Set(Some(now.plus(BOTH_VALID).0));
    row.updated_at = Set(now.0);
    row.update(conn).await?;
    Ok(secret)
}

/// The secrets that sign what goes to a receiver, newest first: one, or two after a rotation.
///
/// # Errors
/// Secrets that do not open.
pub fn signing_secrets(kernel: &Kernel, row: &receivers::Model) -> Result<Vec<String>> {
    let mut secrets = vec![kernel.cipher.open(SECRET_CONTEXT, &row.secret_sealed)?];
    let until = row.previous_secret_until.map(Timestamp);
    if let (Some(sealed), Some(until)) = (&row.previous_secret_sealed, until)
        && until > kernel.now()
    {
        secrets.push(kernel.cipher.open(SECRET_CONTEXT, sealed)?);
    }
    Ok(secrets)
}
