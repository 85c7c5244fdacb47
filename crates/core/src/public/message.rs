//! A contact's own messages: list, and answer what asks for an answer.

use super::submitted::Submitted;
use super::{PublicClient, origin, survey};
use crate::conversation::job;
use crate::error::Result;
use crate::ids::{DisplayId, MessageId};
use crate::intake::{Command, Job, Submission, batch};
use crate::kernel::Kernel;
use crate::message::{MessageWindow, Stored, stored, window_of};
use crate::model::{Contact, Message};
use crate::transaction::transact;

/// A window of a conversation's messages, as the contact sees them.
#[derive(Debug, Clone)]
pub struct ContactMessages {
    /// Whose conversation it is.
    pub contact: Contact,
    /// Its messages that are neither private nor activity, ascending.
    pub messages: Vec<Message>,
}

impl PublicClient {
    /// The newest 20 messages, or those before one, in whichever conversation of the contact.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`].
    pub async fn messages(
        &self,
        identifier: &str,
        source_id: &str,
        conversation: DisplayId,
        before: Option<MessageId>,
    ) -> Result<ContactMessages> {
        let presence = self.presence(identifier, source_id).await?;
        let located = self.locate(&presence, conversation).await?;
        let window = MessageWindow {
            before,
            after: None,
            public_only: true,
        };
        let conn = self.kernel.db.read();
        Ok(ContactMessages {
            messages: window_of(&self.kernel, conn, located.id, &window).await?,
            contact: presence.first.contact,
        })
    }

    /// Keeps what the contact answered to a message.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`], also for what the contact cannot see;
    /// [`crate::Error::Unprocessable`] for a survey that is too old.
    pub async fn message_submit(
        &self,
        identifier: &str,
        source_id: &str,
        conversation: DisplayId,
        message_id: MessageId,
        submitted: Submitted,
    ) -> Result<Stored> {
        let presence = self.presence(identifier, source_id).await?;
        let located = self.locate(&presence, conversation).await?;
        let command = Command::Submit(Submission {
            message_id,
            attributes: submitted.attributes(),
        });
        let account = &presence.account;
        let job = job(&self.kernel, account, located, origin(None), command).await?;
        submit(&self.kernel, job, &submitted).await
    }
}

/// Keeps the answer, and the response of a survey in the same transaction.
pub(super) async fn submit(kernel: &Kernel, job: Job, submitted: &Submitted) -> Result<Stored> {
    let jobs = [job];
    let (stored, recorded) = transact!(kernel, |tx| {
        let (outcomes, recorded) = batch::run(kernel, tx, &jobs).await?;
        let outcome = outcomes.into_iter().next();
        let outcome = outcome.ok_or_else(|| crate::Error::internal("a batch answered nothing"))?;
        let stored = stored(outcome?, None)?;
        if stored.message.content_type == "input_csat" {
            survey::respond(kernel, tx, &stored.message, submitted).await?;
        }
        Ok((stored, recorded))
    })
    .await?;
    recorded.publish(kernel);
    Ok(stored)
}
