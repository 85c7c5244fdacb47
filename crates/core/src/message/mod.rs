//! Messages: list, create, report their status, send them again.

mod beside;
mod create;
mod delete;
mod erase;
mod items;
mod list;

use std::sync::Arc;

use gatewright_store::entity::messages;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

pub use create::{MAX_CONTENT, MessageCreate};
pub(crate) use erase::erase;
pub use list::{MessageWindow, MessagesPage};
pub(crate) use list::{by_ids, window_of};

use crate::caller::Caller;
use crate::conversation::{Located, job, locate, locate_for_command, moved};
use crate::error::{Denied, Error, Result};
use crate::event::{Origin, OriginKind};
use crate::ids::{AccountId, DisplayId, MessageId, ReceiverId};
use crate::intake::{Command, Intake, Job, KeptAnswer, Outcome, SetMessageStatus, batch};
use crate::kernel::Kernel;
use crate::model::{AccountRef, Contact, Message, MessageStatus};
use crate::outbox::Recorded;

/// The use cases of messages.
#[derive(Clone)]
pub struct Messages {
    kernel: Arc<Kernel>,
    intake: Arc<Intake>,
}

/// A message as it is stored, with what its view shows.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The message.
    pub message: Message,
    /// The conversation's contact.
    pub contact: Contact,
    /// The caller's own mark, given back.
    pub echo_id: Option<String>,
    /// Whether an earlier request with the same `source_id` stored it.
    pub replayed: bool,
}

impl Messages {
    /// The use cases over a kernel and its write path.
    pub fn new(kernel: Arc<Kernel>, intake: Arc<Intake>) -> Self {
        Self { kernel, intake }
    }

    /// A window of a conversation's messages, ascending.
    ///
    /// # Errors
    /// [`Error::NotFound`], and [`Denied::Policy`] for an agent outside of the inbox.
    pub async fn list(
        &self,
        caller: &Caller,
        conversation: DisplayId,
        window: &MessageWindow,
    ) -> Result<MessagesPage> {
        let located = locate(&self.kernel, caller, conversation).await?;
        list::list(&self.kernel, caller, located, window).await
    }

    /// Stores a message. It is answered when it is durable.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] says what is wrong with the message.
    pub async fn create(
        &self,
        caller: &Caller,
        conversation: DisplayId,
        create: MessageCreate,
    ) -> Result<Stored> {
        let located = locate_for_command(&self.kernel, caller, conversation).await?;
        let inbox = crate::inbox::of(&self.kernel, caller.account_id(), located.inbox_id).await?;
        let echo_id = create.echo_id.clone();
        let mut new = create
            .into_new(&self.kernel, &inbox, Some(&caller.user))
            .await?;
        new.answer = caller.claim.clone().map(|claim| KeptAnswer {
            claim,
            with_contact: false,
        });
        let origin = caller.origin(echo_id.clone());
        let command = Command::AddMessage(Box::new(new));
        self.submit(&caller.account, located, origin, command, echo_id)
            .await
    }

    /// Reports how far a message has come.
    ///
    /// An unknown status or a step that is not allowed changes nothing (contract, section 4.3).
    ///
    /// # Errors
    /// [`Denied::StatusUpdate`] where the channel knows the status itself, [`Error::NotFound`].
    pub async fn update_status(
        &self,
        caller: &Caller,
        conversation: DisplayId,
        message_id: MessageId,
        status: Option<&str>,
        external_error: Option<String>,
    ) -> Result<Stored> {
        let located = locate(&self.kernel, caller, conversation).await?;
        let inbox = crate::inbox::of(&self.kernel, caller.account_id(), located.inbox_id).await?;
        let descriptor = self.kernel.registry.descriptor(&inbox.channel);
        if !descriptor.is_some_and(|descriptor| descriptor.client_status_updates) {
            return Err(Error::Denied(Denied::StatusUpdate));
        }
        let stored = list::one(&self.kernel, located, message_id).await?;
        let Some(status) = status.and_then(MessageStatus::from_name) else {
            return Ok(stored);
        };
        let set = SetMessageStatus {
            message_id,
            status,
            external_error,
            except: None,
        };
        let origin = caller.origin(None);
        let command = Command::SetMessageStatus(set);
        self.submit(&caller.account, located, origin, command, None)
            .await
    }

    /// Sends a failed message again: its status becomes `sent`, and its dead delivery to the
    /// channel is replayed under the same delivery id.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] for an unknown message (contract, section 4.3).
    pub async fn retry(
        &self,
        caller: &Caller,
        conversation: DisplayId,
        message_id: MessageId,
    ) -> Result<Stored> {
        let located = locate(&self.kernel, caller, conversation).await?;
        list::one(&self.kernel, located, message_id)
            .await
            .map_err(|error| match error {
                Error::NotFound => {
                    Error::Unprocessable(format!("Couldn't find Message with 'id'={message_id}"))
                }
                other => other,
            })?;
        self.change(caller, conversation, Command::RetryMessage(message_id))
            .await
    }

    async fn submit(
        &self,
        account: &AccountRef,
        located: Located,
        origin: Origin,
        command: Command,
        echo_id: Option<String>,
    ) -> Result<Stored> {
        let job = job(&self.kernel, account, located, origin, command).await?;
        stored(self.intake.submit(job).await?, echo_id)
    }
}

/// The stored message of an outcome.
pub(crate) fn stored(outcome: Outcome, echo_id: Option<String>) -> Result<Stored> {
    match outcome {
        Outcome::Message {
            message,
            contact,
            replayed,
        } => Ok(Stored {
            message: *message,
            contact: *contact,
            echo_id,
            replayed,
        }),
        _ => Err(moved()),
    }
}

/// Marks a message as failed within `tx`, because its delivery to the inbox's own channel is dead.
/// The receiver that failed is not told.
///
/// # Errors
/// Database errors.
pub async fn fail_in(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    message_id: MessageId,
    reason: &str,
    except: ReceiverId,
) -> Result<Recorded> {
    let set = SetMessageStatus {
        message_id,
        status: MessageStatus::Failed,
        external_error: Some(reason.to_owned()),
        except: Some(except),
    };
    let row = messages::Entity::find_by_id(message_id.get());
    let rows = row.all(tx).await?;
    set_in(kernel, tx, rows, |_| set.clone()).await
}

/// Marks those of an account's messages as sent within `tx` that are marked as failed, because
/// their dead deliveries to the inbox's own channel are replayed. As many queries for one as for
/// many.
///
/// # Errors
/// Database errors.
pub async fn replayed_in(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    account: AccountId,
    messages: &[MessageId],
) -> Result<Recorded> {
    if messages.is_empty() {
        return Ok(Recorded::default());
    }
    let rows = messages::Entity::find()
        .filter(messages::Column::AccountId.eq(account.get()))
        .filter(messages::Column::Id.is_in(messages.iter().map(|id| id.get())))
        .filter(messages::Column::Status.eq(MessageStatus::Failed.code()))
        .all(tx)
        .await?;
    let sent = |message_id| SetMessageStatus {
        message_id,
        status: MessageStatus::Sent,
        external_error: None,
        except: None,
    };
    set_in(kernel, tx, rows, sent).await
}

/// Sets the status of messages of one account.
async fn set_in(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    rows: Vec<messages::Model>,
    set: impl Fn(MessageId) -> SetMessageStatus,
) -> Result<Recorded> {
    let Some(account_id) = rows.first().map(|row| AccountId(row.account_id)) else {
        return Ok(Recorded::default());
    };
    let account = crate::account::reference(tx, account_id).await?;
    // Everything is read through `tx`: the pool may have no second connection to give.
    let receivers = crate::receiver::repo::receivers_in(kernel, tx, account_id).await?;
    let located = list::locate_rows(tx, rows.iter().map(|row| row.conversation_id)).await?;
    let mut jobs = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(located) = located.get(&row.conversation_id) else {
            continue;
        };
        jobs.push(Job {
            inbox: crate::inbox::of_in(kernel, tx, account_id, located.inbox_id).await?,
            receivers: Arc::clone(&receivers),
            account: account.clone(),
            conversation_id: located.id,
            contact_id: located.contact_id,
            origin: Origin {
                kind: OriginKind::System,
                ..Origin::default()
            },
            command: Command::SetMessageStatus(set(MessageId(row.id))),
        });
    }
    let (_, recorded) = batch::run(kernel, tx, &jobs).await?;
    Ok(recorded)
}
