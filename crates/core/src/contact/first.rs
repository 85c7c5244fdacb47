use gatewright_channel::{ContactRef, SourceIdRule};
use gatewright_store::entity::contact_inboxes;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::change::busy;
use super::draft::Draft;
use super::keys::{Door, Keys, parse, resolve};
use super::{repo, source_id};
use crate::error::{Error, Result};
use crate::ids::{AccountId, ContactId};
use crate::kernel::Kernel;
use crate::model::{Contact, ContactInbox, Inbox};

/// A contact and its presence, found or made. Where a transaction made or found them, both rows are
/// locked until it ends.
#[derive(Debug, Clone)]
pub struct FirstContact {
    /// The contact.
    pub contact: Contact,
    /// Its presence in the inbox.
    pub contact_inbox: ContactInbox,
    /// Whether the contact was made; then `contact_created` is to be recorded.
    pub contact_created: bool,
    /// Whether the presence was made.
    pub contact_inbox_created: bool,
}

/// Finds or makes the contact that `reference` names, and its presence in the inbox, and locks
/// both. Known contacts are not changed. Safe against others who do the same: of all, one makes
/// them. The caller retries the whole transaction on a serialization failure.
///
/// # Errors
/// [`Error::Unprocessable`] naming the fields, when the reference is empty, malformed, or names
/// two contacts; [`Error::NotFound`] for an unknown `id` or another account's inbox.
pub async fn find_or_create(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    account: AccountId,
    inbox: &Inbox,
    reference: &ContactRef,
) -> Result<FirstContact> {
    let (keys, draft) = parse(account, inbox, reference)?;
    settle(kernel, tx, inbox, &keys, &draft, Door::Channel).await
}

/// The contact that `reference` names and its presence in the inbox, if both exist. Locks nothing.
///
/// # Errors
/// As [`find_or_create`].
pub async fn lookup(
    conn: &impl ConnectionTrait,
    account: AccountId,
    inbox: &Inbox,
    reference: &ContactRef,
) -> Result<Option<(Contact, ContactInbox)>> {
    let (keys, _) = parse(account, inbox, reference)?;
    let Some((contact, presence)) = resolve(conn, inbox, &keys, Door::Channel).await? else {
        return Ok(None);
    };
    Ok(presence.map(|presence| (contact, presence)))
}

/// The presence that a new conversation is made in (contract, section 4.2). With a contact it is
/// found or made, and without a source id made anew where the channel's rule is a random one;
/// without a contact it must exist.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Unprocessable`] for another contact's source id.
pub(crate) async fn presence_for(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    account: AccountId,
    inbox: &Inbox,
    contact_id: Option<ContactId>,
    source_id: Option<&str>,
) -> Result<FirstContact> {
    if inbox.account_id != account {
        return Err(Error::NotFound);
    }
    let source_id = source_id.filter(|source_id| !source_id.trim().is_empty());
    let contact = match (contact_id, source_id) {
        (Some(contact_id), _) => repo::lock(tx, account, contact_id).await?,
        (None, Some(source_id)) => lock_through(tx, inbox, source_id).await?,
        (None, None) => None,
    };
    let contact = contact.ok_or(Error::NotFound)?;
    let (contact_inbox, made) = claim(kernel, tx, &contact, inbox, source_id).await?;
    Ok(FirstContact {
        contact,
        contact_inbox,
        contact_created: false,
        contact_inbox_created: made,
    })
}

/// Locks the contact whose presence has this source id.
async fn lock_through(
    tx: &DatabaseTransaction,
    inbox: &Inbox,
    source_id: &str,
) -> Result<Option<Contact>> {
    for _ in 0..ROUNDS {
        let Some(presence) = repo::presence_by_source(tx, inbox.id, source_id).await? else {
            return Ok(None);
        };
        // Gone: it was merged into another one, which has the presence now.
        if let Some(contact) = repo::lock(tx, inbox.account_id, presence.contact_id).await? {
            return Ok(Some(contact));
        }
    }
    Err(busy())
}

/// The contact of a presence, unlocked.
///
/// # Errors
/// [`Error::NotFound`] when the contact is gone.
pub(crate) async fn of_presence(
    conn: &impl ConnectionTrait,
    row: contact_inboxes::Model,
) -> Result<FirstContact> {
    let mut contact_inbox = repo::presence(row.clone());
    // The presence may have moved to another contact since it was read.
    for _ in 0..ROUNDS {
        let account = AccountId(row.account_id);
        if let Some(contact) = repo::find(conn, account, contact_inbox.contact_id).await? {
            return Ok(FirstContact {
                contact,
                contact_inbox,
                contact_created: false,
                contact_inbox_created: false,
            });
        }
        contact_inbox = repo::find_presence(conn, contact_inbox.id)
            .await?
            .ok_or(Error::NotFound)?;
    }
    Err(Error::NotFound)
}

/// More than enough: each round is lost to somebody who made what was looked for.
pub(super) const ROUNDS: usize = 8;

/// Finds or makes a contact and its presence, and locks both.
pub(super) async fn settle(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    inbox: &Inbox,
    keys: &Keys,
    draft: &Draft,
    door: Door,
) -> Result<FirstContact> {
    for _ in 0..ROUNDS {
        let done = match resolve(tx, inbox, keys, door).await? {
            Some((contact, presence)) => {
                known(kernel, tx, inbox, keys, door, (contact, presence)).await?
            }
            None => unknown(kernel, tx, inbox, keys, draft).await?,
        };
        if let Some(done) = done {
            return Ok(done);
        }
    }
    Err(busy())
}

/// The contact exists. `None` when what was found is gone by now.
async fn known(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    inbox: &Inbox,
    keys: &Keys,
    door: Door,
    (contact, presence): (Contact, Option<ContactInbox>),
) -> Result<Option<FirstContact>> {
    let Some(contact) = repo::lock(tx, contact.account_id, contact.id).await? else {
        return Ok(None);
    };
    // Somebody may have made a presence before the contact was locked.
    let presence = match (presence, &keys.source_id) {
        (None, None) if door == Door::Channel => {
            repo::newest_presence(tx, inbox.id, contact.id).await?
        }
        (presence, _) => presence,
    };
    let (contact_inbox, made) = match presence {
        Some(presence) => match repo::lock_presence(tx, presence.id).await? {
            Some(presence) if presence.contact_id == contact.id => (presence, false),
            _ => return Ok(None),
        },
        None => match claim(kernel, tx, &contact, inbox, keys.source_id.as_deref()).await {
            Ok(claimed) => claimed,
            // The source id was given to another contact in this moment: look again.
            Err(Error::Unprocessable(_)) => return Ok(None),
            Err(error) => return Err(error),
        },
    };
    Ok(Some(FirstContact {
        contact,
        contact_inbox,
        contact_created: false,
        contact_inbox_created: made,
    }))
}

/// The contact does not exist. `None` when somebody else made it in this moment.
async fn unknown(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    inbox: &Inbox,
    keys: &Keys,
    draft: &Draft,
) -> Result<Option<FirstContact>> {
    let Some(contact) = repo::insert(kernel, tx, inbox.account_id, draft).await? else {
        return Ok(None);
    };
    let rule = source_id::rule(kernel, inbox);
    let source_id = source_id::of(kernel, rule, &contact, keys.source_id.as_deref())?;
    if keys.source_id.is_none() {
        make_room(kernel, tx, inbox, &contact, &source_id).await?;
    }
    let made = repo::insert_presence(kernel, tx, &contact, inbox.id, &source_id).await?;
    let Some(contact_inbox) = made else {
        repo::delete(tx, contact.id).await?;
        return Ok(None);
    };
    Ok(Some(FirstContact {
        contact,
        contact_inbox,
        contact_created: true,
        contact_inbox_created: true,
    }))
}

/// Finds or makes the contact's presence with this source id, or with one that the channel's rule
/// makes; answers whether it was made. The contact is locked by the caller.
///
/// # Errors
/// [`Error::Unprocessable`] for another contact's source id, where the rule is a random one.
pub(super) async fn claim(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    contact: &Contact,
    inbox: &Inbox,
    given: Option<&str>,
) -> Result<(ContactInbox, bool)> {
    let rule = source_id::rule(kernel, inbox);
    let source_id = source_id::of(kernel, rule, contact, given)?;
    for _ in 0..ROUNDS {
        if let Some(made) = repo::insert_presence(kernel, tx, contact, inbox.id, &source_id).await?
        {
            return Ok((made, true));
        }
        let Some(found) = repo::presence_by_source(tx, inbox.id, &source_id).await? else {
            continue;
        };
        if found.contact_id == contact.id {
            let locked = repo::lock_presence(tx, found.id).await?;
            return Ok((locked.unwrap_or(found), false));
        }
        if rule == SourceIdRule::Random {
            return Err(Error::Unprocessable(
                "source_id should be unique".to_owned(),
            ));
        }
        make_room(kernel, tx, inbox, contact, &source_id).await?;
    }
    Err(busy())
}

/// Where source ids are made of addresses, the newer contact takes an address over: the earlier
/// contact's presence is renamed.
async fn make_room(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    inbox: &Inbox,
    contact: &Contact,
    source_id: &str,
) -> Result<()> {
    match repo::presence_by_source(tx, inbox.id, source_id).await? {
        Some(earlier) if earlier.contact_id != contact.id => {
            let name = format!("{source_id}-{}", earlier.id);
            repo::rename(kernel, tx, earlier.id, name).await
        }
        _ => Ok(()),
    }
}
