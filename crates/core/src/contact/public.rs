use std::sync::Arc;

use ring::hmac;
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value};

use super::draft::{self, Draft};
use super::first::{self, FirstContact};
use super::keys::{Door, Keys};
use super::{names, repo};
use crate::account;
use crate::error::{Denied, Error, Result};
use crate::event::{EventName, Origin, OriginKind};
use crate::kernel::Kernel;
use crate::model::{Contact, ContactInbox, Inbox};
use crate::outbox::{self, Recorded, contact_event};
use crate::transaction::transact;
use crate::validate::present;

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
    pub(super) kernel: Arc<Kernel>,
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
    /// [`Denied::Identity`] for a wrong or missing hash; [`Error::Invalid`] for a malformed email
    /// or phone number.
    pub async fn create(
        &self,
        inbox: &Inbox,
        create: PublicContactCreate,
    ) -> Result<PublicContact> {
        let kernel = &self.kernel;
        check_proof(kernel, inbox, &create.proof)?;
        let source_id = create.source_id.clone();
        let draft = self.draft(create).checked()?;
        let keys = Keys::new(None, source_id, &draft);
        let (first, recorded) = transact!(kernel, |tx| {
            let first = first::settle(kernel, tx, inbox, &keys, &draft, Door::Public).await?;
            let recorded = announce(kernel, tx, inbox, &first).await?;
            Ok((first, recorded))
        })
        .await?;
        recorded.publish(kernel);
        Ok(PublicContact {
            contact: first.contact,
            contact_inbox: first.contact_inbox,
        })
    }

    /// Whether the inbox demands an identity hash.
    pub fn demands_proof(&self, inbox: &Inbox) -> bool {
        is_mandatory(&self.kernel, inbox)
    }

    fn draft(&self, create: PublicContactCreate) -> Draft {
        let name = present(create.name);
        Draft {
            name: name.unwrap_or_else(|| names::random(self.kernel.random.as_ref())),
            identifier: create.proof.identifier,
            email: create.email,
            phone_number: create.phone_number,
            custom_attributes: draft::attributes(create.custom_attributes),
            ..Draft::default()
        }
    }

    /// The contact with this `source_id`; a good proof marks its presence as verified.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Denied::Identity`].
    pub async fn show(
        &self,
        inbox: &Inbox,
        source_id: &str,
        proof: IdentityProof,
    ) -> Result<PublicContact> {
        let kernel = &self.kernel;
        let conn = kernel.db.read();
        let found = repo::presence_by_source(conn, inbox.id, source_id).await?;
        let mut contact_inbox = found.ok_or(Error::NotFound)?;
        let proved = check_proof(kernel, inbox, &proof)?;
        if proved && !contact_inbox.hmac_verified {
            let id = contact_inbox.id;
            contact_inbox = transact!(kernel, |tx| repo::verify(kernel, tx, id).await).await?;
        }
        let contact = repo::find(conn, inbox.account_id, contact_inbox.contact_id).await?;
        Ok(PublicContact {
            contact: contact.ok_or(Error::NotFound)?,
            contact_inbox,
        })
    }
}

async fn announce(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    inbox: &Inbox,
    first: &FirstContact,
) -> Result<Recorded> {
    if !first.contact_created {
        return Ok(Recorded::default());
    }
    let event = contact_event(
        EventName::ContactCreated,
        &account::reference(tx, inbox.account_id).await?,
        &first.contact,
        Vec::new(),
        Origin {
            kind: OriginKind::Public,
            ..Origin::default()
        },
        first.contact.created_at,
    );
    outbox::record(kernel, tx, vec![event]).await
}

/// Whether the identity was proved. A hash is checked when it is sent, or where the inbox demands
/// one.
///
/// # Errors
/// [`Denied::Identity`] for a wrong hash, or a missing one that the inbox demands.
pub(super) fn check_proof(kernel: &Kernel, inbox: &Inbox, proof: &IdentityProof) -> Result<bool> {
    let sent = proof
        .identifier_hash
        .as_deref()
        .filter(|hash| !hash.trim().is_empty());
    if sent.is_none() && !is_mandatory(kernel, inbox) {
        return Ok(false);
    }
    let identifier = proof.identifier.as_deref().unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, inbox.hmac_token.as_bytes());
    let tag = sent.and_then(unhex);
    let proved = tag.is_some_and(|tag| hmac::verify(&key, identifier.as_bytes(), &tag).is_ok());
    if proved {
        Ok(true)
    } else {
        Err(Error::Denied(Denied::Identity))
    }
}

fn is_mandatory(kernel: &Kernel, inbox: &Inbox) -> bool {
    let descriptor = kernel.registry.descriptor(&inbox.channel);
    let public = descriptor.and_then(|descriptor| descriptor.public_client.as_ref());
    let setting = public.and_then(|public| public.hmac_mandatory.get(&inbox.settings));
    setting == Some(&Value::Bool(true))
}

/// The bytes of lower-case hex.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}
