//! Contacts: the people an account talks with (contract, sections 4.1, 5 and 8).

mod first;
mod public;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::ids::{ContactId, InboxId};
use crate::kernel::Kernel;
use crate::model::{Contact, ContactInbox, Inbox};

pub use first::{FirstContact, find_or_create, lookup};
pub use public::{IdentityProof, PublicContact, PublicContactCreate, PublicContacts};

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

/// A contact's presence in one inbox.
#[derive(Debug, Clone)]
pub struct Presence {
    /// The presence.
    pub contact_inbox: ContactInbox,
    /// The inbox.
    pub inbox: Arc<Inbox>,
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
        let _ = (&self.kernel, caller, create);
        Err(Error::internal("not written"))
    }

    /// A contact with its presences.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn show(&self, caller: &Caller, contact: ContactId) -> Result<ContactDetail> {
        let _ = (caller, contact);
        Err(Error::internal("not written"))
    }
}
