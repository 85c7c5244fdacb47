use std::collections::HashMap;

use gatewright_store::entity::{conversations, messages};
use gatewright_store::hot::intake::{self as hot, Wanted};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::Stored;
use crate::caller::Caller;
use crate::conversation::{ConversationFull, Located};
use crate::error::{Error, Result};
use crate::ids::{ContactId, ConversationId, InboxId, MessageId};
use crate::kernel::Kernel;
use crate::model::{Message, MessageType, UserRef};
use crate::rows;

/// Which messages to list (contract, section 4.3).
#[derive(Debug, Clone, Copy, Default)]
pub struct MessageWindow {
    /// Ids below this one.
    pub before: Option<MessageId>,
    /// Ids above this one; with `before`, from this one.
    pub after: Option<MessageId>,
    /// Leave out private notes and activities.
    pub public_only: bool,
}

/// A window of messages with their conversation.
#[derive(Debug, Clone)]
pub struct MessagesPage {
    /// The conversation.
    pub conversation: ConversationFull,
    /// Who answers it.
    pub assignee: Option<UserRef>,
    /// The messages, ascending.
    pub messages: Vec<Message>,
}

pub(super) async fn list(
    kernel: &Kernel,
    caller: &Caller,
    located: Located,
    window: &MessageWindow,
) -> Result<MessagesPage> {
    let conn = kernel.db.read();
    let ids = [located.id.get()];
    let conversation = crate::conversation::repo::full(kernel, conn, caller.account_id(), &ids)
        .await?
        .pop()
        .ok_or(Error::NotFound)?;
    let assignee = match conversation.row.assignee_id {
        Some(id) => crate::user::reference(conn, id).await?,
        None => None,
    };
    let messages = window_of(kernel, conn, located.id, window).await?;
    Ok(MessagesPage {
        conversation,
        assignee,
        messages,
    })
}

/// The messages of a window, ascending.
pub(crate) async fn window_of(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    conversation_id: ConversationId,
    window: &MessageWindow,
) -> Result<Vec<Message>> {
    let mut query = messages::Entity::find()
        .select_only()
        .column(messages::Column::Id)
        .filter(messages::Column::ConversationId.eq(conversation_id.get()));
    if window.public_only {
        query = query
            .filter(messages::Column::Private.eq(false))
            .filter(messages::Column::MessageType.ne(MessageType::Activity.code()));
    }
    query = match (window.after, window.before) {
        (None, None) => query.order_by_desc(messages::Column::Seq).limit(20),
        (None, Some(before)) => until(conn, query, conversation_id, before)
            .await?
            .order_by_desc(messages::Column::Seq)
            .limit(20),
        (Some(after), None) => query
            .filter(messages::Column::Seq.gt(number(conn, conversation_id, after).await?))
            .order_by_asc(messages::Column::Seq)
            .limit(100),
        (Some(after), Some(before)) => until(conn, query, conversation_id, before)
            .await?
            .filter(messages::Column::Seq.gte(number(conn, conversation_id, after).await?))
            .filter(messages::Column::Id.gte(after.get()))
            .order_by_asc(messages::Column::Seq)
            .limit(1000),
    };
    let ids: Vec<i64> = query.into_tuple().all(conn).await?;
    by_ids(kernel, conn, ids).await
}

async fn until(
    conn: &impl ConnectionTrait,
    query: Select<messages::Entity>,
    conversation: ConversationId,
    before: MessageId,
) -> Result<Select<messages::Entity>> {
    let last = number(conn, conversation, before).await?;
    Ok(query
        .filter(messages::Column::Seq.lte(last))
        .filter(messages::Column::Id.lt(before.get())))
}

/// The number up to which the conversation's messages have ids up to this one; 0 when none has. Messages
/// are listed by their numbers, which rise with the ids and have the index. For an id that is not of
/// this conversation, such as 0, the numbers are halved until it is found between two.
async fn number(
    conn: &impl ConnectionTrait,
    conversation: ConversationId,
    id: MessageId,
) -> Result<i64> {
    let of_conversation = messages::Entity::find()
        .select_only()
        .columns([messages::Column::Id, messages::Column::Seq])
        .filter(messages::Column::ConversationId.eq(conversation.get()))
        .order_by_desc(messages::Column::Seq);
    let newest = |found: Select<messages::Entity>| found.into_tuple::<(i64, i64)>().one(conn);
    let its_own = of_conversation
        .clone()
        .filter(messages::Column::Id.eq(id.get()));
    if let Some((_, seq)) = newest(its_own).await? {
        return Ok(seq);
    }
    let last = newest(of_conversation.clone()).await?;
    let (mut low, mut high) = (0, last.map_or(0, |(_, seq)| seq));
    while low < high {
        let middle = high - (high - low) / 2;
        let up_to = of_conversation
            .clone()
            .filter(messages::Column::Seq.lte(middle));
        match newest(up_to).await? {
            Some((found, seq)) if found > id.get() => high = seq - 1,
            _ => low = middle,
        }
    }
    Ok(low)
}

/// Stored messages, by ascending id. One query.
pub(crate) async fn by_ids(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    ids: Vec<i64>,
) -> Result<Vec<Message>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = Wanted {
        messages: ids,
        ..Wanted::default()
    };
    let loaded = hot::load(conn, kernel.db.dialect(), &wanted).await?;
    let links = kernel.links();
    let mut found = loaded
        .messages
        .into_iter()
        .map(|row| rows::message(row, &links))
        .collect::<Result<Vec<Message>>>()?;
    found.sort_by_key(|message| message.id);
    Ok(found)
}

/// One message of a conversation, with its contact.
pub(super) async fn one(kernel: &Kernel, located: Located, id: MessageId) -> Result<Stored> {
    let wanted = Wanted {
        conversations: vec![located.id.get()],
        messages: vec![id.get()],
        ..Wanted::default()
    };
    let loaded = hot::load(kernel.db.read(), kernel.db.dialect(), &wanted).await?;
    let links = kernel.links();
    let message = loaded
        .messages
        .into_iter()
        .map(|row| rows::message(row, &links))
        .find(|m| {
            m.as_ref()
                .is_ok_and(|m| m.id == id && m.conversation_id == located.id)
        })
        .ok_or(Error::NotFound)??;
    let contact = loaded.contacts.into_iter().next().ok_or(Error::NotFound)?;
    Ok(Stored {
        message,
        contact: rows::contact(contact)?,
        echo_id: None,
        replayed: false,
    })
}

/// Where conversations stand, by their rows.
pub(super) async fn locate_rows(
    conn: &impl ConnectionTrait,
    ids: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, Located>> {
    let found: Vec<(i64, i64, i64)> = conversations::Entity::find()
        .select_only()
        .columns([
            conversations::Column::Id,
            conversations::Column::InboxId,
            conversations::Column::ContactId,
        ])
        .filter(conversations::Column::Id.is_in(ids))
        .into_tuple()
        .all(conn)
        .await?;
    let located = found.into_iter().map(|(id, inbox, contact)| {
        let located = Located {
            id: ConversationId(id),
            inbox_id: InboxId(inbox),
            contact_id: ContactId(contact),
        };
        (id, located)
    });
    Ok(located.collect())
}
