//! Webhooks and their rows.

use gatewright_store::entity::{inboxes, receivers, webhooks};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, JoinType,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationDef, Select,
};

use super::Webhook;
use crate::error::{Error, Result};
use crate::ids::{AccountId, InboxId, ReceiverId, WebhookId};
use crate::kernel::Kernel;
use crate::receiver::repo as receiver_rows;
use crate::time::Timestamp;

/// The account's webhooks, by id.
pub(super) async fn all(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Webhook>> {
    load(conn, joined(account)).await
}

/// The webhook as it is shown.
pub(super) async fn find(
    conn: &impl ConnectionTrait,
    account: AccountId,
    id: WebhookId,
) -> Result<Option<Webhook>> {
    let query = joined(account).filter(webhooks::Column::Id.eq(id.get()));
    Ok(load(conn, query).await?.pop())
}

/// Webhooks beside the subscriptions of their receivers and the names of their inboxes.
fn joined(account: AccountId) -> Select<webhooks::Entity> {
    let receiver: RelationDef = webhooks::Entity::belongs_to(receivers::Entity)
        .from(webhooks::Column::ReceiverId)
        .to(receivers::Column::Id)
        .into();
    let inbox: RelationDef = webhooks::Entity::belongs_to(inboxes::Entity)
        .from(webhooks::Column::InboxId)
        .to(inboxes::Column::Id)
        .into();
    webhooks::Entity::find()
        .join(JoinType::InnerJoin, receiver)
        .join(JoinType::LeftJoin, inbox)
        .column_as(receivers::Column::Subscriptions, "subscriptions")
        .column_as(inboxes::Column::Name, "inbox_name")
        .filter(webhooks::Column::AccountId.eq(account.get()))
        .order_by_asc(webhooks::Column::Id)
}

async fn load(
    conn: &impl ConnectionTrait,
    query: Select<webhooks::Entity>,
) -> Result<Vec<Webhook>> {
    let rows = conn.query_all(&query.into_query()).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let inbox_id: Option<i64> = row.try_get("", "inbox_id")?;
        let inbox_name: Option<String> = row.try_get("", "inbox_name")?;
        let subscriptions: serde_json::Value = row.try_get("", "subscriptions")?;
        found.push(Webhook {
            id: WebhookId(row.try_get("", "id")?),
            account_id: AccountId(row.try_get("", "account_id")?),
            receiver_id: ReceiverId(row.try_get("", "receiver_id")?),
            url: row.try_get("", "url")?,
            name: row.try_get("", "name")?,
            subscriptions: receiver_rows::subscriptions(&subscriptions),
            inbox: inbox_id.map(InboxId).zip(inbox_name),
        });
    }
    Ok(found)
}

/// The row of a webhook of the account, locked until the transaction ends.
pub(super) async fn lock(
    tx: &impl ConnectionTrait,
    account: AccountId,
    id: WebhookId,
) -> Result<Option<webhooks::Model>> {
    let found = webhooks::Entity::find_by_id(id.get())
        .filter(webhooks::Column::AccountId.eq(account.get()))
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(found)
}

/// A webhook to make.
pub(super) struct NewWebhook<'a> {
    pub(super) account: AccountId,
    pub(super) receiver: ReceiverId,
    pub(super) url: &'a str,
    pub(super) name: Option<String>,
    pub(super) inbox: Option<InboxId>,
}

/// Makes a webhook; `None` when the account has one with this URL.
pub(super) async fn insert(
    kernel: &Kernel,
    tx: &impl ConnectionTrait,
    new: NewWebhook<'_>,
) -> Result<Option<WebhookId>> {
    let now = kernel.now().0;
    let row = webhooks::ActiveModel {
        account_id: Set(new.account.get()),
        receiver_id: Set(new.receiver.get()),
        url: Set(new.url.to_owned()),
        name: Set(new.name),
        inbox_id: Set(new.inbox.map(InboxId::get)),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let inserted = webhooks::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    if inserted == 0 {
        return Ok(None);
    }
    let row = webhooks::Entity::find()
        .filter(webhooks::Column::ReceiverId.eq(new.receiver.get()))
        .one(tx)
        .await?;
    let row = row.ok_or_else(|| Error::internal("a webhook was not stored"))?;
    Ok(Some(WebhookId(row.id)))
}

/// Writes what changed.
pub(super) async fn update(
    tx: &impl ConnectionTrait,
    row: webhooks::Model,
    name: Option<String>,
    inbox: Option<InboxId>,
    url: &str,
    now: Timestamp,
) -> Result<()> {
    let mut row: webhooks::ActiveModel = row.into();
    row.url = Set(url.to_owned());
    row.name = Set(name);
    row.inbox_id = Set(inbox.map(InboxId::get));
    row.updated_at = Set(now.0);
    let updated = row.update(tx).await;
    match updated {
        Ok(_) => Ok(()),
        Err(error) if gatewright_store::unique_violation(&error).is_some() => {
            Err(Error::invalid("url", "has already been taken"))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn delete(tx: &impl ConnectionTrait, id: WebhookId) -> Result<()> {
    webhooks::Entity::delete_by_id(id.get()).exec(tx).await?;
    Ok(())
}
