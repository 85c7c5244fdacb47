use std::sync::Arc;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::kernel::Kernel;
use crate::model::{Contact, ContactInbox, Inbox};

/// A contact that a public client makes (contract, section 5). Blank texts count as absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublicContactCreate {
    /// Its id in the inbox; a random UUID when absent.
    pub source_id: Option<String>,
    /// Who it says it is.
    pub proof: IdentityProof,
    /// Address.
    pub email: Option<String>,
    /// Name; two random words when absent.
    pub name: Option<String>,
    /// E.164.
    pub phone_number: Option<String>,
    /// The account's own attributes, of a new contact.
    pub custom_attributes: Option<Map<String, Value>>,
}

/// Who a public client says it is, and its proof.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdentityProof {
    /// The site's own id of the person.
    pub identifier: Option<String>,
    /// Lower-case hex HMAC-SHA256 of the identifier under the inbox's `hmac_token`.
    pub identifier_hash: Option<String>,
}

/// A contact as public clients know it.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicContact {
    /// The contact.
    pub contact: Contact,
    /// Its presence in the inbox.
    pub contact_inbox: ContactInbox,
}

/// Contacts of the public client API.
#[derive(Clone)]
pub struct PublicContacts {
    kernel: Arc<Kernel>,
}

impl PublicContacts {
    /// The public contacts of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// Finds the contact by `source_id`, `identifier`, `email` or `phone_number`, in this order,
    /// and leaves it as it is; else makes it.
    ///
    /// # Errors
    /// [`crate::error::Denied::Identity`] for a wrong or missing hash; [`Error::Invalid`] for a
    /// malformed email or phone number.
    pub async fn create(
        &self,
        inbox: &Inbox,
        create: PublicContactCreate,
    ) -> Result<PublicContact> {
        let _ = (&self.kernel, inbox, create);
        Err(Error::internal("not written"))
    }

    /// The contact with this `source_id`; a good proof marks its presence as verified.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`crate::error::Denied::Identity`].
    pub async fn show(
        &self,
        inbox: &Inbox,
        source_id: &str,
        proof: IdentityProof,
    ) -> Result<PublicContact> {
        let _ = (inbox, source_id, proof);
        Err(Error::internal("not written"))
    }
}
