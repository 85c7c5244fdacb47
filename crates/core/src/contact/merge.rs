use sea_orm::DatabaseTransaction;

use super::change::{By, Writing, busy, is_taken};
use super::first::ROUNDS;
use super::{Contacts, labels, relations, repo};
use crate::attributes::Attributes;
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::event::Change;
use crate::ids::{AccountId, ContactId};
use crate::kernel::Kernel;
use crate::model::{Contact, ContactKind};
use crate::outbox::Recorded;
use crate::transaction::transact;

impl Contacts {
    /// Makes two contacts one: `base` keeps what it has and gets what it lacks, with the
    /// conversations, messages, presences and labels of `mergee`, which is gone then. A contact
    /// merged with itself stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] for either.
    pub async fn merge(
        &self,
        caller: &Caller,
        base: ContactId,
        mergee: ContactId,
    ) -> Result<Contact> {
        let (kernel, account) = (&self.kernel, caller.account_id());
        if base == mergee {
            let found = repo::find(kernel.db.read(), account, base).await?;
            return found.ok_or(Error::NotFound);
        }
        let by = By::caller(caller);
        for _ in 0..ROUNDS {
            let done = transact!(kernel, |tx| {
                let writing = Writing {
                    kernel,
                    tx,
                    by: &by,
                };
                merge(&writing, account, (base, mergee)).await
            })
            .await;
            if done.as_ref().err().is_some_and(is_taken) {
                continue;
            }
            let (contact, recorded) = done?;
            recorded.publish(kernel);
            return Ok(contact);
        }
        Err(busy())
    }
}

async fn merge(
    writing: &Writing<'_>,
    account: AccountId,
    (base, mergee): (ContactId, ContactId),
) -> Result<(Contact, Recorded)> {
    let mut locked = lock_all(writing.tx, account, &[base, mergee]).await?;
    let mut take = |id| {
        let index = locked.iter().position(|contact: &Contact| contact.id == id);
        index.map(|index| locked.swap_remove(index))
    };
    let (Some(before), Some(mergee)) = (take(base), take(mergee)) else {
        return Err(Error::NotFound);
    };
    let (after, changes) = absorb(writing.kernel, writing.tx, &before, &mergee).await?;
    writing.save(&before, after, changes).await
}

/// Locks those of the contacts that are there, by id, and their presences.
pub(super) async fn lock_all(
    tx: &DatabaseTransaction,
    account: AccountId,
    contacts: &[ContactId],
) -> Result<Vec<Contact>> {
    let mut ids = contacts.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut locked = Vec::with_capacity(ids.len());
    for id in ids {
        locked.extend(repo::lock(tx, account, id).await?);
    }
    let ids: Vec<ContactId> = locked.iter().map(|contact| contact.id).collect();
    relations::lock_presences(tx, account, &ids).await?;
    Ok(locked)
}

/// Moves everything of `mergee` to `base` and removes it; both are locked. Answers what `base`
/// becomes, which the caller writes, and what changed beside its row.
pub(super) async fn absorb(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    base: &Contact,
    mergee: &Contact,
) -> Result<(Contact, Vec<Change>)> {
    let own = labels::titles(tx, base.id).await?;
    let mut more = labels::titles(tx, mergee.id).await?;
    more.retain(|title| !own.contains(title));
    relations::move_all(tx, (mergee.id, base.id), kernel.now()).await?;
    labels::insert(tx, (base.account_id, base.id), &more, own.len()).await?;
    // Before `base` takes over its unique keys.
    repo::delete(tx, mergee.id).await?;
    let mut changes = Vec::new();
    if !more.is_empty() {
        let all = own.iter().chain(&more).cloned().collect();
        changes.push(labels::changed(own, all));
    }
    Ok((merged(base, mergee), changes))
}

/// `base` with what it lacks from `mergee`.
fn merged(base: &Contact, mergee: &Contact) -> Contact {
    let or = |own: &Option<String>, other: &Option<String>| own.clone().or_else(|| other.clone());
    let under = |own: &Attributes, other: &Attributes| other.deep_merged(&own.to_map());
    let name = if base.name.trim().is_empty() {
        mergee.name.clone()
    } else {
        base.name.clone()
    };
    let kind = match base.kind {
        ContactKind::Visitor => mergee.kind,
        known => known,
    };
    Contact {
        name,
        kind,
        email: or(&base.email, &mergee.email),
        phone_number: or(&base.phone_number, &mergee.phone_number),
        identifier: or(&base.identifier, &mergee.identifier),
        additional_attributes: under(&base.additional_attributes, &mergee.additional_attributes),
        custom_attributes: under(&base.custom_attributes, &mergee.custom_attributes),
        ..base.clone()
    }
}
