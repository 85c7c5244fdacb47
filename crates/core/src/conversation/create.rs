use gatewright_store::entity::{account_counters, conversations};
use gatewright_store::sequence::{self, Sequence};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Map, Value};

use super::change::check_attributes;
use super::{Conversations, Located};
use crate::caller::Caller;
use crate::contact::FirstContact;
use crate::error::{Error, Result};
use crate::ids::{AccountId, ContactId, ConversationId, InboxId, UserId};
use crate::intake::batch;
use crate::intake::{Command, Job, NewMessage};
use crate::kernel::Kernel;
use crate::message::MessageCreate;
use crate::model::{ConversationStatus, Inbox};
use crate::outbox::Recorded;
use crate::time::Timestamp;
use crate::transaction::transact;

/// What a conversation is made from (contract, section 4.2).
#[derive(Debug, Clone, Default)]
pub struct ConversationCreate {
    /// The contact's id in the inbox; alone it names an existing presence.
    pub source_id: Option<String>,
    /// The inbox.
    pub inbox_id: Option<InboxId>,
    /// The contact.
    pub contact_id: Option<ContactId>,
    /// System facts.
    pub additional_attributes: Map<String, Value>,
    /// The account's own attributes.
    pub custom_attributes: Map<String, Value>,
    /// The wished status; a blocked contact's conversation starts resolved all the same.
    pub status: Option<ConversationStatus>,
    /// Who answers it.
    pub assignee_id: Option<UserId>,
    /// Until when it is hidden, with `snoozed`.
    pub snoozed_until: Option<Timestamp>,
    /// The first message.
    pub message: Option<MessageCreate>,
}

/// The part of a new conversation's row that the caller chooses.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewConversation {
    pub(crate) additional_attributes: Map<String, Value>,
    pub(crate) custom_attributes: Map<String, Value>,
    pub(crate) status: Option<ConversationStatus>,
    pub(crate) assignee_id: Option<UserId>,
    pub(crate) snoozed_until: Option<Timestamp>,
}

pub(super) async fn create(
    service: &Conversations,
    caller: &Caller,
    mut create: ConversationCreate,
) -> Result<ConversationId> {
    let kernel = &service.kernel;
    check_attributes("additional_attributes", &create.additional_attributes)?;
    check_attributes("custom_attributes", &create.custom_attributes)?;
    let inbox = inbox_of(kernel, caller, &create).await?;
    let message = match create.message.take() {
        Some(message) => Some(message.into_new(kernel, &inbox, Some(&caller.user)).await?),
        None => None,
    };
    let receivers = crate::receiver::repo::receivers(kernel, caller.account_id()).await?;
    let (id, recorded) = transact!(kernel, |tx| create_with(
        kernel,
        tx,
        caller,
        &inbox,
        &receivers,
        &create,
        message.as_ref()
    )
    .await)
    .await?;
    recorded.publish(kernel);
    Ok(id)
}

/// The inbox that the request names, or that its source id belongs to.
async fn inbox_of(
    kernel: &Kernel,
    caller: &Caller,
    create: &ConversationCreate,
) -> Result<std::sync::Arc<Inbox>> {
    let inbox_id = match (create.inbox_id, &create.source_id) {
        (Some(id), _) => id,
        (None, Some(source_id)) => {
            super::repo::inbox_of_source(kernel.db.read(), caller.account_id(), source_id)
                .await?
                .ok_or(Error::NotFound)?
        }
        (None, None) => return Err(Error::NotFound),
    };
    crate::inbox::visible(kernel, caller, inbox_id).await
}

async fn create_with(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    caller: &Caller,
    inbox: &std::sync::Arc<Inbox>,
    receivers: &crate::receiver::Receivers,
    create: &ConversationCreate,
    message: Option<&NewMessage>,
) -> Result<(ConversationId, Recorded)> {
    let first = crate::contact::presence_for(
        kernel,
        tx,
        caller.account_id(),
        inbox,
        create.contact_id,
        create.source_id.as_deref(),
    )
    .await?;
    let new = NewConversation {
        additional_attributes: create.additional_attributes.clone(),
        custom_attributes: create.custom_attributes.clone(),
        status: create.status,
        assignee_id: create.assignee_id,
        snoozed_until: create.snoozed_until,
    };
    let locked = if inbox.lock_to_single_conversation {
        newest(tx, &first, false).await?
    } else {
        None
    };
    let (located, made) = match locked {
        Some(located) => (located, false),
        None => (create_in(kernel, tx, inbox, &first, &new).await?, true),
    };
    let job = |command| Job {
        account: caller.account.clone(),
        inbox: std::sync::Arc::clone(inbox),
        receivers: std::sync::Arc::clone(receivers),
        conversation_id: located.id,
        contact_id: located.contact_id,
        origin: caller.origin(None),
        command,
    };
    let mut jobs = Vec::new();
    if made {
        jobs.push(job(Command::AnnounceConversation));
    }
    if let Some(new) = message {
        jobs.push(job(Command::AddMessage(Box::new(new.clone()))));
    }
    let (outcomes, recorded) = batch::run(kernel, tx, &jobs).await?;
    // The whole call is one transaction: a refused message makes no conversation.
    outcomes.into_iter().collect::<Result<Vec<_>>>()?;
    if let Some(claim) = &caller.claim {
        let ids = [located.id.get()];
        let full = super::repo::full(kernel, tx, caller.account_id(), &ids).await?;
        let made = full.first().ok_or(Error::NotFound)?;
        claim.keep(kernel, tx, &made.view()).await?;
    }
    Ok((located.id, recorded))
}

/// The conversation that a message of this contact belongs to: the newest one that is not
/// resolved; else, where the inbox allows only one, the newest; else a new one. The second part of
/// the answer says whether it was made. The contact inbox is locked by the caller.
pub(crate) async fn choose_or_create(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    inbox: &Inbox,
    first: &FirstContact,
) -> Result<(Located, bool)> {
    if let Some(located) = newest(tx, first, true).await? {
        return Ok((located, false));
    }
    if inbox.lock_to_single_conversation
        && let Some(located) = newest(tx, first, false).await?
    {
        return Ok((located, false));
    }
    let made = create_in(kernel, tx, inbox, first, &NewConversation::default()).await?;
    Ok((made, true))
}

/// The newest conversation of a presence.
pub(crate) async fn newest(
    conn: &impl ConnectionTrait,
    first: &FirstContact,
    unresolved: bool,
) -> Result<Option<Located>> {
    let mut query = conversations::Entity::find()
        .select_only()
        .columns([conversations::Column::Id, conversations::Column::InboxId])
        .filter(conversations::Column::ContactInboxId.eq(first.contact_inbox.id.get()));
    if unresolved {
        query = query.filter(conversations::Column::Status.ne(ConversationStatus::Resolved.code()));
    }
    let found: Option<(i64, i64)> = query
        .order_by_desc(conversations::Column::Id)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(found.map(|(id, inbox_id)| Located {
        id: ConversationId(id),
        inbox_id: InboxId(inbox_id),
        contact_id: first.contact.id,
    }))
}

/// Inserts a conversation. Its announcement is a command of the same transaction.
pub(crate) async fn create_in(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    inbox: &Inbox,
    first: &FirstContact,
    new: &NewConversation,
) -> Result<Located> {
    let now = kernel.now();
    let wished = new.status.unwrap_or(ConversationStatus::Open);
    let status = if first.contact.blocked {
        ConversationStatus::Resolved
    } else {
        wished
    };
    let until = new
        .snoozed_until
        .filter(|_| status == ConversationStatus::Snoozed);
    if let Some(assignee_id) = new.assignee_id {
        crate::user::require_member(tx, inbox.account_id, assignee_id).await?;
    }
    let drawn = sequence::draw(tx, kernel.db.dialect(), &[(Sequence::Conversations, 1)]).await?;
    let id = drawn
        .first()
        .and_then(|ids| ids.first())
        .copied()
        .ok_or_else(|| Error::internal("no id was drawn"))?;
    // The counter is the last lock of the transaction.
    let display_id = next_display_id(tx, inbox.account_id).await?;
    let row = conversations::ActiveModel {
        id: Set(id),
        account_id: Set(inbox.account_id.get()),
        inbox_id: Set(inbox.id.get()),
        contact_id: Set(first.contact.id.get()),
        contact_inbox_id: Set(first.contact_inbox.id.get()),
        display_id: Set(display_id),
        uuid: Set(kernel.random.uuid()),
        status: Set(status.code()),
        priority: Set(None),
        assignee_id: Set(new.assignee_id.map(UserId::get)),
        snoozed_until: Set(until.map(|at| at.0)),
        additional_attributes: Set(Value::Object(new.additional_attributes.clone())),
        custom_attributes: Set(Value::Object(new.custom_attributes.clone())),
        agent_last_seen_at: Set(None),
        assignee_last_seen_at: Set(None),
        contact_last_seen_at: Set(None),
        first_reply_created_at: Set(None),
        waiting_since: Set(Some(now.0)),
        last_activity_at: Set(now.0),
        last_incoming_at: Set(None),
        last_seq: Set(0),
        unread_count: Set(0),
        last_public_message_id: Set(None),
        last_non_activity_message_id: Set(None),
        created_at: Set(now.0),
        updated_at: Set(now.0),
    };
    conversations::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(Located {
        id: ConversationId(id),
        inbox_id: inbox.id,
        contact_id: first.contact.id,
    })
}

async fn next_display_id(tx: &DatabaseTransaction, account_id: AccountId) -> Result<i64> {
    let rows = account_counters::Entity::update_many()
        .col_expr(
            account_counters::Column::Conversations,
            Expr::col(account_counters::Column::Conversations).add(1),
        )
        .filter(account_counters::Column::AccountId.eq(account_id.get()))
        .exec_with_returning(tx)
        .await?;
    rows.first()
        .map(|row| row.conversations)
        .ok_or_else(|| Error::internal("an account has no counter"))
}
