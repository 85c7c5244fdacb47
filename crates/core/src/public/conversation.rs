//! A contact's own conversations: list, show, resolve, look, type.

use std::collections::HashMap;

use gatewright_store::entity::{conversations, messages};
use gatewright_store::hot::intake::{self as hot, Wanted};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{Presence, PublicClient, origin};
use crate::conversation::{Located, job, moved};
use crate::error::{Error, Result};
use crate::event::Typing;
use crate::ids::{ConversationId, DisplayId, InboxId, MessageId};
use crate::intake::{Actor, Command, ContactSaw, Outcome, SetStatus};
use crate::kernel::Kernel;
use crate::model::{Contact, Conversation, ConversationStatus, Message, MessageType};
use crate::rows;
use crate::time::Timestamp;
use crate::typing::{self, Told, TypingStatus};
use crate::wire::PublicConversation;

/// Messages that one transaction marks as read.
const READ_AT_ONCE: usize = 100;

/// A conversation as its contact's own client sees it.
#[derive(Debug, Clone)]
pub struct ContactConversation {
    /// The row.
    pub row: Conversation,
    /// Whose it is.
    pub contact: Contact,
    /// All its messages that are neither private nor activity, oldest first.
    pub messages: Vec<Message>,
}

impl ContactConversation {
    /// The conversation as the public client API shows it.
    pub fn view(&self) -> PublicConversation {
        PublicConversation::new(&self.row, &self.contact, &self.messages)
    }
}

impl PublicClient {
    /// The conversations of the contact's presence, or of the whole contact where the presence is
    /// verified; the oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown inbox or contact.
    pub async fn conversations(
        &self,
        identifier: &str,
        source_id: &str,
    ) -> Result<Vec<ContactConversation>> {
        let presence = self.presence(identifier, source_id).await?;
        let conn = self.kernel.db.read();
        let ids: Vec<i64> = conversations::Entity::find()
            .select_only()
            .column(conversations::Column::Id)
            .filter(visible(&presence))
            .order_by_asc(conversations::Column::Id)
            .into_tuple()
            .all(conn)
            .await?;
        load(&self.kernel, conn, &presence, &ids).await
    }

    /// One of the conversations that [`Self::conversations`] lists.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn conversation(
        &self,
        identifier: &str,
        source_id: &str,
        id: DisplayId,
    ) -> Result<ContactConversation> {
        let presence = self.presence(identifier, source_id).await?;
        let located = self.locate_visible(&presence, id).await?;
        self.reload(&presence, located).await
    }

    /// The contact resolves a conversation; one that is resolved stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn resolve(
        &self,
        identifier: &str,
        source_id: &str,
        id: DisplayId,
    ) -> Result<ContactConversation> {
        let presence = self.presence(identifier, source_id).await?;
        let located = self.locate_visible(&presence, id).await?;
        let set = SetStatus {
            status: Some(ConversationStatus::Resolved),
            snoozed_until: None,
            actor: Actor::Contact,
        };
        self.submit(&presence, located, Command::SetStatus(set))
            .await?;
        self.reload(&presence, located).await
    }

    /// Notes that the contact has looked, and marks what was on its way to it as read, some
    /// messages per transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn update_last_seen(
        &self,
        identifier: &str,
        source_id: &str,
        id: DisplayId,
    ) -> Result<()> {
        let presence = self.presence(identifier, source_id).await?;
        let located = self.locate_visible(&presence, id).await?;
        let (conn, at) = (self.kernel.db.read(), self.kernel.now());
        let mut after = MessageId(0);
        loop {
            let messages = unseen(conn, located.id, at, after).await?;
            after = messages.last().copied().unwrap_or(after);
            let more = messages.len() == READ_AT_ONCE;
            let saw = ContactSaw { at, messages };
            self.submit(&presence, located, Command::ContactSaw(saw))
                .await?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Tells that the contact types, or has stopped. Unknown words (`None`) tell nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn toggle_typing(
        &self,
        identifier: &str,
        source_id: &str,
        id: DisplayId,
        status: Option<TypingStatus>,
    ) -> Result<()> {
        let presence = self.presence(identifier, source_id).await?;
        let located = self.locate_visible(&presence, id).await?;
        let Some(status) = status else {
            return Ok(());
        };
        let told = Told {
            account: &presence.account,
            located,
            status,
            typing: Typing {
                user: None,
                is_private: false,
            },
            origin: origin(None),
        };
        typing::tell(&self.kernel, told).await
    }

    async fn submit(
        &self,
        presence: &Presence,
        located: Located,
        command: Command,
    ) -> Result<Outcome> {
        let account = &presence.account;
        let job = job(&self.kernel, account, located, origin(None), command).await?;
        match self.intake.submit(job).await? {
            Outcome::Moved => Err(moved()),
            outcome => Ok(outcome),
        }
    }

    async fn locate_visible(&self, presence: &Presence, id: DisplayId) -> Result<Located> {
        let found: Option<(i64, i64)> = conversations::Entity::find()
            .select_only()
            .columns([conversations::Column::Id, conversations::Column::InboxId])
            .filter(visible(presence))
            .filter(conversations::Column::DisplayId.eq(id.get()))
            .into_tuple()
            .one(self.kernel.db.read())
            .await?;
        let (id, inbox_id) = found.ok_or(Error::NotFound)?;
        Ok(Located {
            id: ConversationId(id),
            inbox_id: InboxId(inbox_id),
            contact_id: presence.first.contact.id,
        })
    }

    async fn reload(&self, presence: &Presence, located: Located) -> Result<ContactConversation> {
        let conn = self.kernel.db.read();
        load(&self.kernel, conn, presence, &[located.id.get()])
            .await?
            .pop()
            .ok_or(Error::NotFound)
    }
}

/// What the conversation routes of a presence show (contract, section 5).
fn visible(presence: &Presence) -> Condition {
    let first = &presence.first;
    let of_account = conversations::Column::AccountId.eq(presence.account.id.get());
    let own = if first.contact_inbox.hmac_verified {
        conversations::Column::ContactId.eq(first.contact.id.get())
    } else {
        conversations::Column::ContactInboxId.eq(first.contact_inbox.id.get())
    };
    Condition::all().add(of_account).add(own)
}

/// Conversations with all their public messages, in the order of `ids`. Three queries, however many
/// there are.
async fn load(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    presence: &Presence,
    ids: &[i64],
) -> Result<Vec<ContactConversation>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = Wanted {
        conversations: ids.to_vec(),
        ..Wanted::default()
    };
    let loaded = hot::load(conn, kernel.db.dialect(), &wanted).await?;
    let mut messages: HashMap<ConversationId, Vec<Message>> = HashMap::new();
    let shown = public_ids(conn, ids).await?;
    for message in crate::message::by_ids(kernel, conn, shown).await? {
        let of = messages.entry(message.conversation_id).or_default();
        of.push(message);
    }
    let mut found = HashMap::new();
    for loaded in loaded.conversations {
        let row = rows::conversation(loaded.row)?;
        let conversation = ContactConversation {
            contact: presence.first.contact.clone(),
            messages: messages.remove(&row.id).unwrap_or_default(),
            row,
        };
        found.insert(conversation.row.id.get(), conversation);
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

async fn public_ids(conn: &impl ConnectionTrait, conversations: &[i64]) -> Result<Vec<i64>> {
    let found = messages::Entity::find()
        .select_only()
        .column(messages::Column::Id)
        .filter(messages::Column::ConversationId.is_in(conversations.iter().copied()))
        .filter(messages::Column::Private.eq(false))
        .filter(messages::Column::MessageType.ne(MessageType::Activity.code()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found)
}

/// Messages to the contact that are on their way and were made until `at`, by id.
async fn unseen(
    conn: &impl ConnectionTrait,
    conversation: ConversationId,
    at: Timestamp,
    after: MessageId,
) -> Result<Vec<MessageId>> {
    let found: Vec<i64> = messages::Entity::find()
        .select_only()
        .column(messages::Column::Id)
        .filter(messages::Column::ConversationId.eq(conversation.get()))
        .filter(messages::Column::Id.gt(after.get()))
        .filter(messages::Column::CreatedAt.lte(at.0))
        // As the partial index has it: a parameter would hide that it fits.
        .filter(Expr::cust("status IN (0, 1) AND message_type <> 0"))
        .order_by_asc(messages::Column::Id)
        .limit(u64::try_from(READ_AT_ONCE).unwrap_or(u64::MAX))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found.into_iter().map(MessageId).collect())
}
