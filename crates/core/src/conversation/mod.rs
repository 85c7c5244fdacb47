//! Conversations: list, create, show, set their status.

mod change;
mod create;
mod delete;
mod filter;
mod list;
mod of_contact;
mod query;
pub(crate) mod repo;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use change::Assignment;
pub use create::ConversationCreate;
pub(crate) use create::{NewConversation, choose_or_create, create_in, newest};
pub use list::{AssigneeFilter, ConversationFilter, ConversationKind, ConversationPage, SortBy};
pub use query::Counts;

use crate::caller::Caller;
use crate::error::{Denied, Error, Result};
use crate::event::Origin;
use crate::filter::Condition;
use crate::ids::{AccountId, ContactId, ConversationId, DisplayId, InboxId};
use crate::intake::{Actor, Command, Intake, Job, Outcome, SetStatus};
use crate::kernel::Kernel;
use crate::model::{AccountRef, Contact, ContactInbox, Conversation, ConversationStatus, Message};
use crate::time::Timestamp;
use crate::wire::{AgentView, ConversationParts, ConversationView};

/// The use cases of conversations.
#[derive(Clone)]
pub struct Conversations {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) intake: Arc<Intake>,
}

/// Where a conversation stands: enough to queue a command for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Located {
    pub(crate) id: ConversationId,
    pub(crate) inbox_id: InboxId,
    pub(crate) contact_id: ContactId,
}

/// A conversation with all that its view shows.
#[derive(Debug, Clone)]
pub struct ConversationFull {
    /// The row.
    pub row: Conversation,
    /// Whose it is.
    pub contact: Contact,
    /// Through which presence.
    pub contact_inbox: ContactInbox,
    /// Free tags.
    pub labels: Vec<String>,
    /// Who answers it; nobody when the user has left the account.
    pub assignee: Option<AgentView>,
    /// Its channel's type on the wire.
    pub channel: String,
    /// Its newest message of any kind.
    pub newest: Option<Message>,
    /// Its newest message that is not activity.
    pub last_non_activity: Option<Message>,
    /// Whether the contact can be answered now.
    pub can_reply: bool,
}

impl ConversationFull {
    /// The conversation as REST shows it.
    pub fn view(&self) -> ConversationView {
        ConversationView::new(ConversationParts {
            row: &self.row,
            contact: &self.contact,
            contact_inbox: &self.contact_inbox,
            labels: self.labels.clone(),
            assignee: self.assignee.clone(),
            channel: &self.channel,
            newest: self.newest.as_ref(),
            last_non_activity: self.last_non_activity.as_ref(),
            can_reply: self.can_reply,
        })
    }
}

impl Conversations {
    /// The use cases over a kernel and its write path.
    pub fn new(kernel: Arc<Kernel>, intake: Arc<Intake>) -> Self {
        Self { kernel, intake }
    }

    /// One page of the conversations that the caller sees, and the counters.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a filter by something that does not exist.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: &ConversationFilter,
    ) -> Result<ConversationPage> {
        list::list(&self.kernel, caller, filter).await
    }

    /// The counters of a list alone.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn meta(&self, caller: &Caller, filter: &ConversationFilter) -> Result<Counts> {
        list::meta(&self.kernel, caller, filter).await
    }

    /// One page of the conversations that the caller sees and for which the conditions hold.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] says which condition cannot be asked.
    pub async fn filter(
        &self,
        caller: &Caller,
        conditions: &[Condition],
        page: u64,
    ) -> Result<ConversationPage> {
        filter::filter(&self.kernel, caller, conditions, page).await
    }

    /// One conversation.
    ///
    /// # Errors
    /// [`Error::NotFound`], and [`Denied::Policy`] for an agent outside of its inbox.
    pub async fn show(&self, caller: &Caller, id: DisplayId) -> Result<ConversationFull> {
        let located = self.locate(caller, id).await?;
        self.full(caller.account_id(), located.id).await
    }

    /// Makes a conversation, with a first message if there is one, in one transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown inbox, contact or source id, [`Error::Unprocessable`]
    /// for a source id of another contact.
    pub async fn create(
        &self,
        caller: &Caller,
        create: ConversationCreate,
    ) -> Result<ConversationFull> {
        let id = create::create(self, caller, create).await?;
        self.full(caller.account_id(), id).await
    }

    /// Sets the status, or toggles it when `status` is absent.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub async fn toggle_status(
        &self,
        caller: &Caller,
        id: DisplayId,
        status: Option<ConversationStatus>,
        snoozed_until: Option<Timestamp>,
    ) -> Result<Conversation> {
        let located = self.locate(caller, id).await?;
        let actor = Actor::User {
            user: caller.user.clone(),
            takes_over: !caller.is_administrator(),
        };
        let command = Command::SetStatus(SetStatus {
            status,
            snoozed_until,
            actor,
        });
        let job = job(
            &self.kernel,
            &caller.account,
            located,
            caller.origin(None),
            command,
        )
        .await?;
        match self.intake.submit(job).await? {
            Outcome::Conversation(row) => Ok(*row),
            _ => Err(moved()),
        }
    }

    /// Finds a conversation that the caller may see.
    pub(crate) async fn locate(&self, caller: &Caller, id: DisplayId) -> Result<Located> {
        locate(&self.kernel, caller, id).await
    }

    async fn full(&self, account_id: AccountId, id: ConversationId) -> Result<ConversationFull> {
        // A conversation made a moment ago is there on the writing connection for certain.
        let conn = self.kernel.db.read();
        repo::full(&self.kernel, conn, account_id, &[id.get()])
            .await?
            .pop()
            .ok_or(Error::NotFound)
    }
}

/// Finds a conversation that the caller may see.
pub(crate) async fn locate(kernel: &Kernel, caller: &Caller, id: DisplayId) -> Result<Located> {
    let conn = kernel.db.read();
    let located = repo::locate(conn, caller.account_id(), id)
        .await?
        .ok_or(Error::NotFound)?;
    if !caller.is_administrator()
        && !repo::is_member(conn, located.inbox_id, caller.user.id).await?
    {
        return Err(Error::Denied(Denied::Policy));
    }
    Ok(located)
}

/// As [`locate`], believed for a while: for commands, which find under the conversation's lock
/// whether it is still there and still its contact's.
pub(crate) async fn locate_for_command(
    kernel: &Kernel,
    caller: &Caller,
    id: DisplayId,
) -> Result<Located> {
    let key = (caller.account_id(), id);
    // An agent's membership is looked at each time.
    if !caller.is_administrator() {
        return locate(kernel, caller, id).await;
    }
    if let Some(located) = kernel.caches.conversations.get(&key) {
        return Ok(located);
    }
    let located = locate(kernel, caller, id).await?;
    kernel.caches.conversations.insert(key, located);
    Ok(located)
}

/// A job for a conversation, with what is looked up for it.
pub(crate) async fn job(
    kernel: &Kernel,
    account: &AccountRef,
    located: Located,
    origin: Origin,
    command: Command,
) -> Result<Job> {
    Ok(Job {
        account: account.clone(),
        inbox: crate::inbox::of(kernel, account.id, located.inbox_id).await?,
        receivers: crate::receiver::repo::receivers(kernel, account.id).await?,
        conversation_id: located.id,
        contact_id: located.contact_id,
        origin,
        command,
    })
}

/// The conversation changed hands while the command was on its way.
pub(crate) fn moved() -> Error {
    Error::Unavailable {
        reason: "the conversation is being merged",
        retry_after_s: 1,
    }
}
