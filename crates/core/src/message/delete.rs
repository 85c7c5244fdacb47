//! A message is taken back (contract, section 4.3).

use super::{Messages, Stored, stored};
use crate::attachment;
use crate::caller::Caller;
use crate::conversation::{job, locate, moved};
use crate::error::Result;
use crate::ids::{DisplayId, MessageId};
use crate::intake::{Command, batch};
use crate::transaction::transact;

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
        let located = locate(&self.kernel, caller, conversation).await?;
        let command = Command::DeleteMessage(message_id);
        let origin = caller.origin(None);
        let jobs = [job(&self.kernel, &caller.account, located, origin, command).await?];
        let (outcomes, recorded) = transact!(self.kernel, |tx| {
            let (outcomes, recorded) = batch::run(&self.kernel, tx, &jobs).await?;
            let outcomes = outcomes.into_iter().collect::<Result<Vec<_>>>()?;
            attachment::revoke(tx, &[message_id.get()]).await?;
            Ok((outcomes, recorded))
        })
        .await?;
        recorded.publish(&self.kernel);
        let outcome = outcomes.into_iter().next();
        outcome.map_or_else(|| Err(moved()), |outcome| stored(outcome, None))
    }
}
