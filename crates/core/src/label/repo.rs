//! Labels, the tags that carry their titles, and their rows.

use gatewright_store::entity::{contact_labels, conversation_labels, conversations, labels};
use sea_orm::sea_query::{Expr, OnConflict, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use super::{Draft, Label};
use crate::error::Result;
use crate::ids::{AccountId, LabelId};
use crate::time::Timestamp;

pub(super) fn from_row(row: labels::Model) -> Label {
    Label {
        id: LabelId(row.id),
        title: row.title,
        description: row.description,
        color: row.color,
        show_on_sidebar: row.show_on_sidebar,
    }
}

/// The account's labels, by title.
pub(super) async fn all(conn: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Label>> {
    let rows = labels::Entity::find()
        .filter(labels::Column::AccountId.eq(account.get()))
        .order_by_asc(labels::Column::Title)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

pub(super) async fn find(
    conn: &impl ConnectionTrait,
    account: AccountId,
    id: LabelId,
) -> Result<Option<Label>> {
    let row = labels::Entity::find_by_id(id.get())
        .filter(labels::Column::AccountId.eq(account.get()))
        .one(conn)
        .await?;
    Ok(row.map(from_row))
}

/// The row of a label of the account, locked until the transaction ends.
pub(super) async fn lock(
    tx: &impl ConnectionTrait,
    account: AccountId,
    id: LabelId,
) -> Result<Option<labels::Model>> {
    let row = labels::Entity::find_by_id(id.get())
        .filter(labels::Column::AccountId.eq(account.get()))
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(row)
}

/// Makes a label; `None` when the account has one with this title.
pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    account: AccountId,
    draft: &Draft,
    now: Timestamp,
) -> Result<Option<Label>> {
    let row = labels::ActiveModel {
        account_id: Set(account.get()),
        title: Set(draft.title.clone()),
        description: Set(draft.description.clone()),
        color: Set(draft.color.clone()),
        show_on_sidebar: Set(draft.show_on_sidebar),
        created_at: Set(now.0),
        updated_at: Set(now.0),
        ..Default::default()
    };
    let inserted = labels::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    if inserted == 0 {
        return Ok(None);
    }
    let row = labels::Entity::find()
        .filter(labels::Column::AccountId.eq(account.get()))
        .filter(labels::Column::Title.eq(&draft.title))
        .one(tx)
        .await?;
    Ok(row.map(from_row))
}

/// Gives the account's conversations and contacts the new title for the old one. One that has both
/// keeps one.
pub(super) async fn retag(
    tx: &impl ConnectionTrait,
    account: AccountId,
    before: &str,
    after: &str,
) -> Result<()> {
    retag_contacts(tx, account, before, after).await?;
    retag_conversations(tx, account, before, after).await
}

async fn retag_contacts(
    tx: &impl ConnectionTrait,
    account: AccountId,
    before: &str,
    after: &str,
) -> Result<()> {
    let tagged = contact_labels::Entity::find()
        .select_only()
        .column(contact_labels::Column::ContactId)
        .filter(contact_labels::Column::AccountId.eq(account.get()))
        .filter(contact_labels::Column::Title.eq(after))
        .into_query();
    contact_labels::Entity::delete_many()
        .filter(contact_labels::Column::AccountId.eq(account.get()))
        .filter(contact_labels::Column::Title.eq(before))
        .filter(contact_labels::Column::ContactId.in_subquery(tagged))
        .exec(tx)
        .await?;
    contact_labels::Entity::update_many()
        .col_expr(contact_labels::Column::Title, Expr::value(after))
        .filter(contact_labels::Column::AccountId.eq(account.get()))
        .filter(contact_labels::Column::Title.eq(before))
        .exec(tx)
        .await?;
    Ok(())
}

async fn retag_conversations(
    tx: &impl ConnectionTrait,
    account: AccountId,
    before: &str,
    after: &str,
) -> Result<()> {
    let tagged = conversation_labels::Entity::find()
        .select_only()
        .column(conversation_labels::Column::ConversationId)
        .filter(conversation_labels::Column::Title.eq(after))
        .into_query();
    conversation_labels::Entity::delete_many()
        .filter(conversation_labels::Column::Title.eq(before))
        .filter(conversation_labels::Column::ConversationId.in_subquery(of_account(account)))
        .filter(conversation_labels::Column::ConversationId.in_subquery(tagged))
        .exec(tx)
        .await?;
    conversation_labels::Entity::update_many()
        .col_expr(conversation_labels::Column::Title, Expr::value(after))
        .filter(conversation_labels::Column::Title.eq(before))
        .filter(conversation_labels::Column::ConversationId.in_subquery(of_account(account)))
        .exec(tx)
        .await?;
    Ok(())
}

fn of_account(account: AccountId) -> SelectStatement {
    conversations::Entity::find()
        .select_only()
        .column(conversations::Column::Id)
        .filter(conversations::Column::AccountId.eq(account.get()))
        .into_query()
}

/// Whether there was such a label.
pub(super) async fn delete(
    tx: &impl ConnectionTrait,
    account: AccountId,
    id: LabelId,
) -> Result<bool> {
    let deleted = labels::Entity::delete_by_id(id.get())
        .filter(labels::Column::AccountId.eq(account.get()))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected > 0)
}
