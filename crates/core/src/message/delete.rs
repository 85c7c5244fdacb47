//! A message is taken back (contract, section 4.3).

use super::{Messages, Stored};
use crate::caller::Caller;
use crate::error::Result;
use crate::ids::{DisplayId, MessageId};
use crate::intake::Command;

impl Messages {
    /// Takes a message's content and files away. Its row stays and says so.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`], and [`crate::error::Denied::Policy`] for an agent outside of
    /// the inbox.
    pub async fn delete(
        &self,
        caller: &Caller,
        conversation: DisplayId,
        message_id: MessageId,
    ) -> Result<Stored> {
        self.change(caller, conversation, Command::DeleteMessage(message_id))
            .await
    }
}
