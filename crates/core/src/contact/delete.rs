use super::relations::{self, Removed, remove_some};
use super::{Contacts, repo};
use crate::attachment;
use crate::caller::Caller;
use crate::erasure::{self, Subject};
use crate::error::{Error, Result};
use crate::ids::{AccountId, ContactId};
use crate::kernel::Kernel;
use crate::transaction::transact;

impl Contacts {
    /// Removes a contact with its conversations, messages and presences, and from the log what is
    /// told of them to nobody any more: see [`crate::erasure`]. What is still to be delivered is
    /// delivered, since events carry their own copy.
    ///
    /// A contact with very much is removed in several transactions, its oldest messages first and
    /// itself last. Broken off in between, it is finished by itself.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; [`Error::NotFound`].
    pub async fn delete(&self, caller: &Caller, id: ContactId) -> Result<()> {
        caller.require_administrator()?;
        let (kernel, account) = (&self.kernel, caller.account_id());
        let mut left = remove(kernel, account, id).await?.ok_or(Error::NotFound)?;
        while left {
            kernel.breathe().await;
            // Somebody else may have finished it.
            left = remove(kernel, account, id).await?.unwrap_or(false);
        }
        Ok(())
    }
}

/// Removes some of a contact, and itself when nothing is left of it. Answers whether there is more
/// to do; `None` when there is no such contact.
pub(crate) async fn remove(
    kernel: &Kernel,
    account: AccountId,
    id: ContactId,
) -> Result<Option<bool>> {
    let removed = transact!(kernel, |tx| {
        let Some(contact) = repo::lock(tx, account, id).await? else {
            return Ok(None);
        };
        erasure::begin(kernel, tx, account, Subject::Contact(contact.id)).await?;
        relations::lock_presences(tx, account, &[contact.id]).await?;
        let removed = remove_some(tx, contact.id, kernel.batch()).await?;
        let gone = Subject::Conversations(&removed.conversations);
        erasure::begin(kernel, tx, account, gone).await?;
        if removed.all {
            repo::delete(tx, contact.id).await?;
        }
        Ok(Some(removed))
    })
    .await?;
    let Some(Removed { all, files, .. }) = removed else {
        return Ok(None);
    };
    attachment::remove_bytes(kernel, &files).await;
    Ok(Some(!all))
}
