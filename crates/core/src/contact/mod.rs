//! Contacts: the people an account talks with (contract, sections 4.1, 5 and 8).

mod change;
mod delete;
mod draft;
mod filter;
mod first;
mod identify;
mod keys;
mod labels;
mod list;
mod merge;
mod names;
mod presences;
mod public;
mod relations;
mod repo;
mod search;
mod sort;
mod source_id;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::event::EventName;
use crate::ids::{ContactId, InboxId};
use crate::inbox;
use crate::kernel::Kernel;
use crate::model::{Contact, ContactInbox, Inbox};
use crate::outbox::{self, Recorded, contact_event};
use crate::registry::Registry;
use crate::transaction::transact;
use crate::validate::present;
use crate::wire::{
    ContactCreated, ContactInboxCreated, ContactInboxView, ContactView, InboxRecord, InboxSlim,
};
use draft::Draft;
use presences::presences_of;

pub use change::ContactUpdate;
pub(crate) use delete::remove;
pub use first::{FirstContact, find_or_create, lookup};
pub(crate) use first::{of_presence, presence_for};
pub use identify::PublicContactUpdate;
pub use list::{ContactPage, ContactQuery, PAGE};
pub(crate) use presences::require;
pub use presences::{ContactInboxCreate, Contactable};
pub use public::{IdentityProof, PublicContact, PublicContactCreate, PublicContacts};
pub use sort::{Sort, SortBy};

/// A contact to make. Blank texts count as absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContactCreate {
    /// Name, at most 255 characters.
    pub name: Option<String>,
    /// The caller's own id, unique per account.
    pub identifier: Option<String>,
    /// Address, unique per account.
    pub email: Option<String>,
    /// E.164, unique per account.
    pub phone_number: Option<String>,
    /// Whether its messages reopen nothing.
    pub blocked: bool,
    /// System facts.
    pub additional_attributes: Option<Map<String, Value>>,
    /// The account's own attributes.
    pub custom_attributes: Option<Map<String, Value>>,
    /// The inbox it is made present in.
    pub inbox_id: Option<InboxId>,
    /// Its id there; made by the channel's rule when absent.
    pub source_id: Option<String>,
}

/// A contact with its presences.
#[derive(Debug, Clone)]
pub struct ContactDetail {
    /// The contact.
    pub contact: Contact,
    /// Its presences, by id. A new contact has one when an inbox was named, else none.
    pub presences: Vec<Presence>,
}

impl ContactDetail {
    /// The contact and the presence that was made with it, as their creation is answered.
    pub fn created(&self, registry: &Registry) -> ContactCreated {
        let presence = self.presences.first();
        let record = |presence: &Presence| {
            let channel = &presence.inbox.channel;
            InboxRecord::new(&presence.inbox, registry.wire_type(channel))
        };
        ContactCreated {
            contact: ContactView::new(
                &self.contact,
                Some(presence_views(registry, &self.presences)),
            ),
            contact_inbox: ContactInboxCreated {
                inbox: presence.map(record),
                source_id: presence.map(|presence| presence.contact_inbox.source_id.clone()),
            },
        }
    }
}

/// Presences as a contact's view lists them.
pub fn presence_views(registry: &Registry, presences: &[Presence]) -> Vec<ContactInboxView> {
    presences.iter().map(|one| one.view(registry)).collect()
}

/// A contact's presence in one inbox.
#[derive(Debug, Clone)]
pub struct Presence {
    /// The presence.
    pub contact_inbox: ContactInbox,
    /// The inbox.
    pub inbox: Arc<Inbox>,
}

impl Presence {
    /// The presence as bodies show it.
    pub fn view(&self, registry: &Registry) -> ContactInboxView {
        ContactInboxView {
            source_id: self.contact_inbox.source_id.clone(),
            inbox: InboxSlim::new(&self.inbox, registry.wire_type(&self.inbox.channel)),
        }
    }
}

/// The contacts.
#[derive(Clone)]
pub struct Contacts {
    kernel: Arc<Kernel>,
}

impl Contacts {
    /// The contacts of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// Makes a contact, and its presence when an inbox is named. Nothing is found again: a taken
    /// email, phone number or identifier is refused.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the contract's texts; [`Error::NotFound`] for an unknown inbox;
    /// [`Error::Unprocessable`] for a taken `source_id`.
    pub async fn create(&self, caller: &Caller, create: ContactCreate) -> Result<ContactDetail> {
        let kernel = &self.kernel;
        let new = prepare(kernel, caller, &create).await?;
        let (detail, recorded) =
            transact!(kernel, |tx| create_in(kernel, tx, caller, &new).await).await?;
        recorded.publish(kernel);
        Ok(detail)
    }

    /// A contact with its presences.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn show(&self, caller: &Caller, contact: ContactId) -> Result<ContactDetail> {
        let (conn, account) = (self.kernel.db.read(), caller.account_id());
        let contact = repo::find(conn, account, contact)
            .await?
            .ok_or(Error::NotFound)?;
        let presences = presences_of(&self.kernel, conn, &contact).await?;
        Ok(ContactDetail { contact, presences })
    }
}

/// A contact whose parts are checked, and the inbox it is made present in.
pub(crate) struct NewContact {
    draft: Draft,
    inbox: Option<Arc<Inbox>>,
    source_id: Option<String>,
}

/// Checks a contact to make. Comes before the transaction, which must need no second connection.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::NotFound`] for an unknown inbox.
pub(crate) async fn prepare(
    kernel: &Kernel,
    caller: &Caller,
    create: &ContactCreate,
) -> Result<NewContact> {
    let draft = Draft::from(create).checked()?;
    let inbox = match create.inbox_id {
        Some(inbox) => Some(inbox::of(kernel, caller.account_id(), inbox).await?),
        None => None,
    };
    Ok(NewContact {
        draft,
        inbox,
        source_id: present(create.source_id.clone()),
    })
}

/// [`Contacts::create`] within a transaction of the caller, who publishes what was recorded after
/// the commit.
pub(crate) async fn create_in(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    caller: &Caller,
    new: &NewContact,
) -> Result<(ContactDetail, Recorded)> {
    let (account, draft) = (caller.account_id(), &new.draft);
    let Some(contact) = repo::insert(kernel, tx, account, draft).await? else {
        let taken = change::taken(tx, account, draft).await?;
        return Err(taken.check().err().unwrap_or_else(change::busy));
    };
    let mut presences = Vec::new();
    if let Some(inbox) = new.inbox.clone() {
        let (contact_inbox, made) =
            first::claim(kernel, tx, &contact, &inbox, new.source_id.as_deref()).await?;
        debug_assert!(made, "a new contact has no presence to be found");
        presences.push(Presence {
            contact_inbox,
            inbox,
        });
    }
    let event = contact_event(
        EventName::ContactCreated,
        &caller.account,
        &contact,
        Vec::new(),
        caller.origin(None),
        contact.created_at,
    );
    let recorded = outbox::record(kernel, tx, vec![event]).await?;
    let detail = ContactDetail { contact, presences };
    if let Some(claim) = &caller.claim {
        let answer = BTreeMap::from([("payload", detail.created(&kernel.registry))]);
        claim.keep(kernel, tx, &answer).await?;
    }
    Ok((detail, recorded))
}

impl From<&ContactCreate> for Draft {
    fn from(create: &ContactCreate) -> Self {
        Self {
            name: create.name.clone().unwrap_or_default(),
            identifier: create.identifier.clone(),
            email: create.email.clone(),
            phone_number: create.phone_number.clone(),
            blocked: create.blocked,
            additional_attributes: draft::attributes(create.additional_attributes.clone()),
            custom_attributes: draft::attributes(create.custom_attributes.clone()),
        }
    }
}
