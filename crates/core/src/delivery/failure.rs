use async_trait::async_trait;
use sea_orm::DatabaseTransaction;

use crate::error::Result;
use crate::event::{Event, EventName};
use crate::ids::{MessageId, ReceiverId};
use crate::kernel::Kernel;
use crate::model::MessageType;
use crate::outbox::Recorded;

/// Marks a message failed when its delivery at the inbox's own channel has become a dead letter.
#[async_trait]
pub trait FailMessage: Send + Sync {
    /// Does it in `tx`, with the events it causes. `except` is not told of it.
    ///
    /// # Errors
    /// Database errors.
    async fn fail_in(
        &self,
        kernel: &Kernel,
        tx: &DatabaseTransaction,
        message_id: MessageId,
        reason: &str,
        except: ReceiverId,
    ) -> Result<Recorded>;
}

/// The message that fails with a delivery of this event to its inbox's channel, if one does.
pub(super) fn failing_message(event: &Event) -> Option<MessageId> {
    let message = event.snapshot.message.as_ref()?;
    let outgoing = matches!(
        message.message_type,
        MessageType::Outgoing | MessageType::Template
    );
    (event.name == EventName::MessageCreated && outgoing).then_some(message.id)
}

/// What production does about it.
pub(super) struct MessageFailures;

#[async_trait]
impl FailMessage for MessageFailures {
    async fn fail_in(
        &self,
        kernel: &Kernel,
        tx: &DatabaseTransaction,
        message_id: MessageId,
        reason: &str,
        except: ReceiverId,
    ) -> Result<Recorded> {
        crate::message::fail_in(kernel, tx, message_id, reason, except).await
    }
}
