use super::relations::{self, Portion, remove_some};
use super::{Contacts, repo};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::ids::ContactId;
use crate::transaction::transact;

/// What one transaction removes: an ordinary contact whole, of a large one so much that others get
/// their turn in between.
const PORTION: Portion = Portion {
    conversations: 100,
    messages: 1000,
};

impl Contacts {
    /// Removes a contact with its conversations, messages and presences. What was told about them
    /// is still delivered: events carry their own copy.
    ///
    /// A contact with very much is removed in several transactions, its oldest messages first and
    /// itself last. Broken off in between, it is there with its newest messages, and removing it
    /// again goes on.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; [`Error::NotFound`].
    pub async fn delete(&self, caller: &Caller, id: ContactId) -> Result<()> {
        caller.require_administrator()?;
        let (kernel, account) = (&self.kernel, caller.account_id());
        loop {
            let done = transact!(kernel, |tx| {
                let contact = repo::lock(tx, account, id).await?;
                let contact = contact.ok_or(Error::NotFound)?;
                relations::lock_presences(tx, account, &[contact.id]).await?;
                let done = remove_some(tx, contact.id, PORTION).await?;
                if done {
                    repo::delete(tx, contact.id).await?;
                }
                Ok(done)
            })
            .await?;
            if done {
                return Ok(());
            }
        }
    }
}
