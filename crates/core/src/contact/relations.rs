//! What hangs on a contact: moved with it, and removed with it.

use gatewright_store::entity::{contact_inboxes, conversations, messages};
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::repo;
use crate::error::Result;
use crate::ids::{AccountId, ContactId};
use crate::message;
use crate::model::{ContactInbox, SenderKind};
use crate::time::Timestamp;

/// Locks the presences of contacts that are locked already, by id.
pub(super) async fn lock_presences(
    tx: &DatabaseTransaction,
    account: AccountId,
    contacts: &[ContactId],
) -> Result<Vec<ContactInbox>> {
    let rows = contact_inboxes::Entity::find()
        .filter(contact_inboxes::Column::AccountId.eq(account.get()))
        .filter(contact_inboxes::Column::ContactId.is_in(contacts.iter().map(|id| id.get())))
        .order_by_asc(contact_inboxes::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(repo::presence).collect())
}

/// Gives everything of one contact to another one; both, and their presences, are locked. No rule
/// of conversations is touched: whose a conversation is decides nothing about it.
pub(super) async fn move_all(
    tx: &DatabaseTransaction,
    (from, to): (ContactId, ContactId),
    now: Timestamp,
) -> Result<()> {
    lock_conversations(tx, from).await?;
    messages::Entity::update_many()
        .col_expr(messages::Column::SenderId, Expr::value(to.get()))
        .filter(messages::Column::ConversationId.in_subquery(conversations_of(from)))
        .filter(messages::Column::SenderKind.eq(SenderKind::Contact.code()))
        .filter(messages::Column::SenderId.eq(from.get()))
        .exec(tx)
        .await?;
    conversations::Entity::update_many()
        .col_expr(conversations::Column::ContactId, Expr::value(to.get()))
        .col_expr(conversations::Column::UpdatedAt, Expr::value(now.0))
        .filter(conversations::Column::ContactId.eq(from.get()))
        .exec(tx)
        .await?;
    contact_inboxes::Entity::update_many()
        .col_expr(contact_inboxes::Column::ContactId, Expr::value(to.get()))
        .col_expr(contact_inboxes::Column::UpdatedAt, Expr::value(now.0))
        .filter(contact_inboxes::Column::ContactId.eq(from.get()))
        .exec(tx)
        .await?;
    Ok(())
}

/// What a transaction has removed.
pub(super) struct Removed {
    /// Whether nothing is left.
    pub(super) all: bool,
    /// Conversations that are gone.
    pub(super) conversations: Vec<i64>,
    /// Files that are nobody's now.
    pub(super) files: Vec<String>,
}

/// Removes some of what hangs on a locked contact, oldest first, so that what is left is whole but
/// for its beginning: at most `batch` conversations, and as many messages.
pub(super) async fn remove_some(
    tx: &DatabaseTransaction,
    contact: ContactId,
    batch: u64,
) -> Result<Removed> {
    let conversations: Vec<i64> = conversations::Entity::find()
        .select_only()
        .column(conversations::Column::Id)
        .filter(conversations::Column::ContactId.eq(contact.get()))
        .order_by_asc(conversations::Column::Id)
        .limit(batch)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    let (all_messages, files) = remove_messages(tx, &conversations, batch).await?;
    if !all_messages {
        return Ok(Removed {
            all: false,
            conversations: Vec::new(),
            files,
        });
    }
    let all = is_below(conversations.len(), batch);
    conversations::Entity::delete_many()
        .filter(conversations::Column::Id.is_in(conversations.iter().copied()))
        .exec(tx)
        .await?;
    if all {
        contact_inboxes::Entity::delete_many()
            .filter(contact_inboxes::Column::ContactId.eq(contact.get()))
            .exec(tx)
            .await?;
    }
    Ok(Removed {
        all,
        conversations,
        files,
    })
}

/// Answers whether the conversations have no message left, and the files that are nobody's now.
async fn remove_messages(
    tx: &DatabaseTransaction,
    conversations: &[i64],
    most: u64,
) -> Result<(bool, Vec<String>)> {
    if conversations.is_empty() {
        return Ok((true, Vec::new()));
    }
    let ids: Vec<i64> = messages::Entity::find()
        .select_only()
        .column(messages::Column::Id)
        .filter(messages::Column::ConversationId.is_in(conversations.iter().copied()))
        .order_by_asc(messages::Column::ConversationId)
        .order_by_asc(messages::Column::Seq)
        .limit(most)
        .into_tuple()
        .all(tx)
        .await?;
    let all = is_below(ids.len(), most);
    Ok((all, message::erase(tx, &ids).await?))
}

fn is_below(len: usize, limit: u64) -> bool {
    u64::try_from(len).is_ok_and(|len| len < limit)
}

async fn lock_conversations(tx: &DatabaseTransaction, contact: ContactId) -> Result<()> {
    let _: Vec<i64> = conversations::Entity::find()
        .select_only()
        .column(conversations::Column::Id)
        .filter(conversations::Column::ContactId.eq(contact.get()))
        .order_by_asc(conversations::Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    Ok(())
}

fn conversations_of(contact: ContactId) -> SelectStatement {
    conversations::Entity::find()
        .select_only()
        .column(conversations::Column::Id)
        .filter(conversations::Column::ContactId.eq(contact.get()))
        .into_query()
}
