use std::collections::HashMap;

use gatewright_store::entity::{
    account_users, contact_inboxes, conversation_labels, conversations, inbox_members, inboxes,
    users,
};
use gatewright_store::hot::intake::{self as hot, Wanted};
use gatewright_store::hot::row::LoadedMessage;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::{Conversation, ConversationFull, Located};
use crate::attachment::Links;
use crate::error::{Error, Result};
use crate::ids::{AccountId, ContactId, ConversationId, DisplayId, InboxId, UserId};
use crate::intake::state::can_reply;
use crate::kernel::Kernel;
use crate::model::Message;
use crate::rows;
use crate::wire::AgentView;

/// Finds a conversation of the account by its number.
pub(crate) async fn locate(
    conn: &impl ConnectionTrait,
    account_id: AccountId,
    display_id: DisplayId,
) -> Result<Option<Located>> {
    // By a unique key: a limit would be one more parameter, and SQLite prepares such a statement again
    // each time.
    let found: Vec<(i64, i64, i64)> = conversations::Entity::find()
        .select_only()
        .columns([
            conversations::Column::Id,
            conversations::Column::InboxId,
            conversations::Column::ContactId,
        ])
        .filter(conversations::Column::AccountId.eq(account_id.get()))
        .filter(conversations::Column::DisplayId.eq(display_id.get()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found
        .into_iter()
        .next()
        .map(|(id, inbox, contact)| Located {
            id: ConversationId(id),
            inbox_id: InboxId(inbox),
            contact_id: ContactId(contact),
        }))
}

/// Selects the ids of the account's presences with this source id. Naming the inboxes lets the
/// unique index find them.
pub(super) fn presences(account_id: AccountId, source_id: &str) -> SelectStatement {
    let of_account = inboxes::Entity::find()
        .select_only()
        .column(inboxes::Column::Id)
        .filter(inboxes::Column::AccountId.eq(account_id.get()))
        .into_query();
    contact_inboxes::Entity::find()
        .select_only()
        .column(contact_inboxes::Column::Id)
        .filter(contact_inboxes::Column::InboxId.in_subquery(of_account))
        .filter(contact_inboxes::Column::SourceId.eq(source_id))
        .into_query()
}

/// The inbox of the account's oldest presence with this source id.
pub(super) async fn inbox_of_source(
    conn: &impl ConnectionTrait,
    account_id: AccountId,
    source_id: &str,
) -> Result<Option<InboxId>> {
    let found = contact_inboxes::Entity::find()
        .filter(contact_inboxes::Column::Id.in_subquery(presences(account_id, source_id)))
        .order_by_asc(contact_inboxes::Column::Id)
        .one(conn)
        .await?;
    Ok(found.map(|row| InboxId(row.inbox_id)))
}

/// The labels of a conversation, in order.
pub(super) async fn labels(conn: &impl ConnectionTrait, id: ConversationId) -> Result<Vec<String>> {
    Ok(conversation_labels::Entity::find()
        .select_only()
        .column(conversation_labels::Column::Title)
        .filter(conversation_labels::Column::ConversationId.eq(id.get()))
        .order_by_asc(conversation_labels::Column::Position)
        .order_by_asc(conversation_labels::Column::Title)
        .into_tuple()
        .all(conn)
        .await?)
}

/// Whether the user is a member of the inbox.
pub(crate) async fn is_member(
    conn: &impl ConnectionTrait,
    inbox_id: InboxId,
    user_id: UserId,
) -> Result<bool> {
    let key = (inbox_id.get(), user_id.get());
    Ok(inbox_members::Entity::find_by_id(key)
        .one(conn)
        .await?
        .is_some())
}

/// Loads conversations of one account with all that their views show, in the order of `ids`.
/// Four queries at most, however many there are.
pub(crate) async fn full(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    account_id: AccountId,
    ids: &[i64],
) -> Result<Vec<ConversationFull>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = Wanted {
        conversations: ids.to_vec(),
        tops: ids.to_vec(),
        ..Wanted::default()
    };
    let loaded = hot::load(conn, kernel.db.dialect(), &wanted).await?;
    let mut contacts = HashMap::new();
    for row in loaded.contacts {
        let contact = rows::contact(row)?;
        contacts.insert(contact.id, contact);
    }
    let presences: HashMap<i64, _> = loaded
        .contact_inboxes
        .into_iter()
        .map(|row| (row.id, rows::contact_inbox(row)))
        .collect();
    let messages = by_conversation(loaded.messages, &kernel.links())?;
    let assigned: Vec<i64> = loaded
        .conversations
        .iter()
        .filter_map(|loaded| loaded.row.assignee_id)
        .collect();
    let agents = agents(conn, account_id, assigned).await?;

    let of = loaded.conversations.iter();
    let of = of.map(|loaded| InboxId(loaded.row.inbox_id)).collect();
    let inboxes = crate::inbox::many(kernel, conn, account_id, &of).await?;

    let mut found = HashMap::new();
    for loaded in loaded.conversations {
        let row: Conversation = rows::conversation(loaded.row)?;
        if row.account_id != account_id {
            continue;
        }
        // Without its inbox it is being erased.
        let Some(inbox) = inboxes.get(&row.inbox_id) else {
            continue;
        };
        let missing = || Error::internal("a conversation has no contact");
        let tops = messages.get(&row.id);
        let descriptor = kernel.registry.descriptor(&inbox.channel);
        let window = descriptor.and_then(|d| d.reply_window.hours(&inbox.settings));
        let full = ConversationFull {
            contact: contacts.get(&row.contact_id).cloned().ok_or_else(missing)?,
            contact_inbox: presences
                .get(&row.contact_inbox_id.get())
                .cloned()
                .ok_or_else(missing)?,
            labels: loaded.labels,
            assignee: row.assignee_id.and_then(|id| agents.get(&id).cloned()),
            channel: kernel.registry.wire_type(&inbox.channel).to_owned(),
            newest: tops
                .and_then(|all| all.iter().max_by_key(|m| m.seq))
                .cloned(),
            last_non_activity: tops
                .and_then(|all| {
                    all.iter()
                        .find(|m| Some(m.id) == row.last_non_activity_message_id)
                })
                .cloned(),
            can_reply: can_reply(window, row.last_incoming_at, kernel.now()),
            row,
        };
        found.insert(full.row.id.get(), full);
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

fn by_conversation(
    rows: Vec<LoadedMessage>,
    links: &Links<'_>,
) -> Result<HashMap<ConversationId, Vec<Message>>> {
    let mut messages: HashMap<ConversationId, Vec<Message>> = HashMap::new();
    for row in rows {
        let message = rows::message(row, links)?;
        messages
            .entry(message.conversation_id)
            .or_default()
            .push(message);
    }
    Ok(messages)
}

/// Users of the account, as agents.
pub(crate) async fn agents(
    conn: &impl ConnectionTrait,
    account_id: AccountId,
    ids: Vec<i64>,
) -> Result<HashMap<UserId, AgentView>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let members = account_users::Entity::find()
        .filter(account_users::Column::AccountId.eq(account_id.get()))
        .filter(account_users::Column::UserId.is_in(ids.iter().copied()))
        .all(conn)
        .await?;
    let users = users::Entity::find()
        .filter(users::Column::Id.is_in(ids))
        .all(conn)
        .await?;
    let by_user: HashMap<i64, _> = members.into_iter().map(|row| (row.user_id, row)).collect();
    let mut agents = HashMap::new();
    for row in users {
        let Some(member) = by_user.get(&row.id) else {
            continue;
        };
        let user = crate::user::from_rows(row, Vec::new());
        let membership = crate::user::membership(member, String::new())?;
        agents.insert(user.id, AgentView::new(&user, &membership));
    }
    Ok(agents)
}
