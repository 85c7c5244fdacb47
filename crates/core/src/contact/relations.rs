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

/// How much one transaction removes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Portion {
    pub(super) conversations: u64,
    pub(super) messages: u64,
}

/// Removes a portion of what hangs on a locked contact, oldest first, so that what is left is whole
/// but for its beginning. Answers whether nothing is left.
pub(super) async fn remove_some(
    tx: &DatabaseTransaction,
    contact: ContactId,
    portion: Portion,
) -> Result<bool> {
    let conversations: Vec<i64> = conversations::Entity::find()
        .select_only()
        .column(conversations::Column::Id)
        .filter(conversations::Column::ContactId.eq(contact.get()))
        .order_by_asc(conversations::Column::Id)
        .limit(portion.conversations)
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    if !remove_messages(tx, &conversations, portion.messages).await? {
        return Ok(false);
    }
    let all = is_below(conversations.len(), portion.conversations);
    conversations::Entity::delete_many()
        .filter(conversations::Column::Id.is_in(conversations))
        .exec(tx)
        .await?;
    if all {
        contact_inboxes::Entity::delete_many()
            .filter(contact_inboxes::Column::ContactId.eq(contact.get()))
            .exec(tx)
            .await?;
    }
    Ok(all)
}

/// Answers whether the conversations have no message left.
async fn remove_messages(
    tx: &DatabaseTransaction,
    conversations: &[i64],
    most: u64,
) -> Result<bool> {
    if conversations.is_empty() {
        return Ok(true);
    }
    let ids: Vec<i64> = messages::Entity::find()
        .select_only()
        .column(messages::Column::Id)
        .filter(messages::Column::ConversationId.is_in(conversations.iter().copied()))
        .order_by_asc(messages::Column::ConversationId)
        .order_by_asc(messages::Column::Id)
        .limit(most)
        .into_tuple()
        .all(tx)
        .await?;
    let all = is_below(ids.len(), most);
    message::erase(tx, &ids).await?;
    Ok(all)
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
