use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use sea_orm::ConnectionTrait;

use super::{ContactDetail, Contacts, Presence, first, repo, source_id};
use crate::caller::Caller;
use crate::channel::SourceIdRule;
use crate::error::{Error, Result};
use crate::ids::{AccountId, ContactId, InboxId};
use crate::inbox::{self, Inboxes};
use crate::kernel::Kernel;
use crate::model::{Contact, ContactInbox, Inbox};
use crate::transaction::transact;
use crate::validate::present;

/// A presence of a contact to find or make (contract, section 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactInboxCreate {
    /// The inbox.
    pub inbox_id: InboxId,
    /// The contact's id there; made by the channel's rule when blank.
    pub source_id: Option<String>,
    /// Whether the contact proved its identity, of a new presence.
    pub hmac_verified: bool,
}

/// An inbox in which a contact can be written to.
#[derive(Debug, Clone)]
pub struct Contactable {
    /// The contact's id there; one that is not stored yet when it has none.
    pub source_id: String,
    /// The inbox.
    pub inbox: Arc<Inbox>,
}

impl Contacts {
    /// Finds or makes the contact's presence in an inbox.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown contact or inbox; [`crate::error::Denied::Policy`] for an
    /// agent outside of the inbox; [`Error::Unprocessable`] for another contact's source id.
    pub async fn create_presence(
        &self,
        caller: &Caller,
        contact: ContactId,
        create: &ContactInboxCreate,
    ) -> Result<Presence> {
        let (kernel, account) = (&self.kernel, caller.account_id());
        require(kernel.db.read(), account, contact).await?;
        let inbox = inbox::visible(kernel, caller, create.inbox_id).await?;
        let given = present(create.source_id.clone());
        let contact_inbox = transact!(kernel, |tx| {
            let contact = repo::lock(tx, account, contact).await?;
            let contact = contact.ok_or(Error::NotFound)?;
            let (presence, made) =
                first::claim(kernel, tx, &contact, &inbox, given.as_deref()).await?;
            if made && create.hmac_verified {
                repo::verify(kernel, tx, presence.id).await
            } else {
                Ok(presence)
            }
        })
        .await?;
        Ok(Presence {
            contact_inbox,
            inbox,
        })
    }

    /// The inboxes that the caller sees and in which the contact can be written to, by id: where
    /// source ids are made of an address, those for which the contact has one.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn contactable(
        &self,
        caller: &Caller,
        contact: ContactId,
    ) -> Result<Vec<Contactable>> {
        let kernel = &self.kernel;
        let (conn, account) = (kernel.db.read(), caller.account_id());
        let contact = repo::find(conn, account, contact).await?;
        let contact = contact.ok_or(Error::NotFound)?;
        let known = repo::presences(conn, account, &[contact.id]).await?;
        let newest: HashMap<InboxId, &ContactInbox> =
            known.iter().map(|one| (one.inbox_id, one)).collect();
        let inboxes = Inboxes::new(Arc::clone(kernel)).list(caller).await?;
        let contactable = inboxes.into_iter().filter_map(|inbox| {
            let rule = source_id::rule(kernel, &inbox);
            let source_id = match newest.get(&inbox.id) {
                Some(presence) if rule == SourceIdRule::Random => presence.source_id.clone(),
                _ => source_id::of(kernel, rule, &contact, None).ok()?,
            };
            Some(Contactable { source_id, inbox })
        });
        Ok(contactable.collect())
    }

    /// The contact that is known by a source id in an inbox that the caller sees; `None` when
    /// nobody is.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown inbox; [`crate::error::Denied::Policy`].
    pub async fn find_by_source(
        &self,
        caller: &Caller,
        inbox: InboxId,
        source_id: &str,
    ) -> Result<Option<ContactDetail>> {
        let inbox = inbox::visible(&self.kernel, caller, inbox).await?;
        let conn = self.kernel.db.read();
        let Some(presence) = repo::presence_by_source(conn, inbox.id, source_id).await? else {
            return Ok(None);
        };
        match self.show(caller, presence.contact_id).await {
            Err(Error::NotFound) => Ok(None),
            found => found.map(Some),
        }
    }
}

/// Asserts that the account has the contact.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn require(
    conn: &impl ConnectionTrait,
    account: AccountId,
    contact: ContactId,
) -> Result<()> {
    let found = repo::find(conn, account, contact).await?;
    found.map(drop).ok_or(Error::NotFound)
}

/// The presences of a contact, by id.
pub(super) async fn presences_of(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    contact: &Contact,
) -> Result<Vec<Presence>> {
    let details = detailed(kernel, conn, vec![contact.clone()]).await?;
    Ok(details.into_iter().flat_map(|one| one.presences).collect())
}

/// Contacts of one account with their presences: two queries at most, however many they are.
pub(super) async fn detailed(
    kernel: &Kernel,
    conn: &impl ConnectionTrait,
    contacts: Vec<Contact>,
) -> Result<Vec<ContactDetail>> {
    let Some(account) = contacts.first().map(|contact| contact.account_id) else {
        return Ok(Vec::new());
    };
    let ids: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
    let rows = repo::presences(conn, account, &ids).await?;
    let of: BTreeSet<InboxId> = rows.iter().map(|row| row.inbox_id).collect();
    let inboxes = inbox::many(kernel, conn, account, &of).await?;
    let mut by_contact: HashMap<ContactId, Vec<Presence>> = HashMap::new();
    for contact_inbox in rows {
        if let Some(inbox) = inboxes.get(&contact_inbox.inbox_id) {
            let inbox = Arc::clone(inbox);
            let all = by_contact.entry(contact_inbox.contact_id).or_default();
            all.push(Presence {
                contact_inbox,
                inbox,
            });
        }
    }
    let with = |contact: Contact| ContactDetail {
        presences: by_contact.remove(&contact.id).unwrap_or_default(),
        contact,
    };
    Ok(contacts.into_iter().map(with).collect())
}
