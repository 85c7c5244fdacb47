//! What a removed inbox leaves behind, erased in transactions of bounded size. Each of them can be
//! the last one before the process ends: the next start goes on.

use std::time::Duration;

use gatewright_store::entity::{
    contact_inboxes, conversations, inbound_dedup, inbound_log, inboxes, messages,
};
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::attachment;
use crate::error::Result;
use crate::kernel::Kernel;
use crate::message;
use crate::transaction::transact;

/// How long the row itself stays: longer than any node still believes in the inbox, and than any
/// request that found it still runs. What such a request stores is erased with the rest.
const GRACE: Duration = Duration::from_mins(2);

/// Erases a batch of what removed inboxes leave behind; whether there is more to do now.
///
/// # Errors
/// Database errors; what was erased before stays erased.
pub async fn erase_some(kernel: &Kernel) -> Result<bool> {
    let removed = inboxes::Entity::find()
        .filter(inboxes::Column::RemovedAt.is_not_null())
        .order_by_asc(inboxes::Column::Id)
        .all(kernel.db.read())
        .await?;
    let old = kernel.now().minus(GRACE).0;
    for row in removed {
        let (any, files) = transact!(kernel, |tx| erase_contents(tx, row.id, kernel.batch())
            .await)
        .await?;
        attachment::remove_bytes(kernel, &files).await;
        if any {
            return Ok(true);
        }
        if row.removed_at.is_some_and(|at| at <= old) {
            transact!(kernel, |tx| {
                inboxes::Entity::delete_by_id(row.id).exec(tx).await?;
                Ok(())
            })
            .await?;
        }
    }
    Ok(false)
}

/// One batch; whether there was anything, and files that are nobody's now.
async fn erase_contents(
    tx: &DatabaseTransaction,
    inbox: i64,
    batch: u64,
) -> Result<(bool, Vec<String>)> {
    if let Some(files) = erase_conversations(tx, inbox, batch).await? {
        return Ok((true, files));
    }
    let any = erase_presences(tx, inbox, batch).await? || erase_requests(tx, inbox, batch).await?;
    Ok((any, Vec::new()))
}

/// Messages of the inbox's first conversations, or those conversations once they are empty. Their
/// locks keep away whoever is about to write into them. None when there is no conversation, else the
/// files that are nobody's now.
async fn erase_conversations(
    tx: &DatabaseTransaction,
    inbox: i64,
    batch: u64,
) -> Result<Option<Vec<String>>> {
    let ids: Vec<i64> = conversations::Entity::find()
        .select_only()
        .column(conversations::Column::Id)
        .filter(conversations::Column::InboxId.eq(inbox))
        .order_by_asc(conversations::Column::Id)
        .limit(batch)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    if ids.is_empty() {
        return Ok(None);
    }
    let found: Vec<i64> = messages::Entity::find()
        .select_only()
        .column(messages::Column::Id)
        .filter(messages::Column::ConversationId.is_in(ids.iter().copied()))
        .limit(batch)
        .into_tuple()
        .all(tx)
        .await?;
    if found.is_empty() {
        conversations::Entity::delete_many()
            .filter(conversations::Column::Id.is_in(ids))
            .exec(tx)
            .await?;
        return Ok(Some(Vec::new()));
    }
    message::erase(tx, &found).await.map(Some)
}

async fn erase_presences(tx: &DatabaseTransaction, inbox: i64, batch: u64) -> Result<bool> {
    let ids: Vec<i64> = contact_inboxes::Entity::find()
        .select_only()
        .column(contact_inboxes::Column::Id)
        .filter(contact_inboxes::Column::InboxId.eq(inbox))
        .order_by_asc(contact_inboxes::Column::Id)
        .limit(batch)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    let any = !ids.is_empty();
    if any {
        contact_inboxes::Entity::delete_many()
            .filter(contact_inboxes::Column::Id.is_in(ids))
            .exec(tx)
            .await?;
    }
    Ok(any)
}

/// What is remembered of requests at the inbox's door.
async fn erase_requests(tx: &DatabaseTransaction, inbox: i64, batch: u64) -> Result<bool> {
    let log = Query::select()
        .column(inbound_log::Column::Id)
        .from(inbound_log::Entity)
        .and_where(inbound_log::Column::InboxId.eq(inbox))
        .limit(batch)
        .to_owned();
    let logged = inbound_log::Entity::delete_many()
        .filter(inbound_log::Column::Id.in_subquery(log))
        .exec(tx)
        .await?;
    let keys = Query::select()
        .column(inbound_dedup::Column::DedupKey)
        .from(inbound_dedup::Entity)
        .and_where(inbound_dedup::Column::InboxId.eq(inbox))
        .limit(batch)
        .to_owned();
    let keyed = inbound_dedup::Entity::delete_many()
        .filter(inbound_dedup::Column::InboxId.eq(inbox))
        .filter(inbound_dedup::Column::DedupKey.in_subquery(keys))
        .exec(tx)
        .await?;
    Ok(logged.rows_affected + keyed.rows_affected > 0)
}

#[cfg(test)]
mod tests;
