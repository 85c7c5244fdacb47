use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value};

use super::change::{By, Writing, busy, is_taken, put};
use super::draft::Draft;
use super::first::ROUNDS;
use super::keys::Keys;
use super::merge::{absorb, lock_all};
use super::public::check_proof;
use super::{IdentityProof, PublicContact, PublicContacts, repo};
use crate::account;
use crate::error::{Error, Result};
use crate::event::{Change, Origin, OriginKind};
use crate::ids::ContactId;
use crate::model::{Contact, ContactInbox, Inbox};
use crate::outbox::Recorded;
use crate::transaction::transact;
use crate::validate::present;

/// What a public client says of its contact (contract, section 5). Blank values are left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublicContactUpdate {
    /// Who it says it is; not stored.
    pub proof: IdentityProof,
    /// Address.
    pub email: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// E.164.
    pub phone_number: Option<String>,
    /// The account's own attributes, merged into those that are there.
    pub custom_attributes: Option<Map<String, Value>>,
}

/// How one try ended: `None` when somebody else changed what it looked at.
type Try = Option<(PublicContact, Recorded)>;

impl PublicContacts {
    /// Identifies and changes the contact with this `source_id`. When another contact has the sent
    /// email or phone number, this one is merged into it. An email weighs more: a phone number
    /// whose owner has another email is skipped. A good proof marks the presence as verified.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`crate::error::Denied::Identity`]; [`Error::Invalid`] for a malformed
    /// email or phone number.
    pub async fn update(
        &self,
        inbox: &Inbox,
        source_id: &str,
        update: PublicContactUpdate,
    ) -> Result<PublicContact> {
        let kernel = &self.kernel;
        let known = repo::presence_by_source(kernel.db.read(), inbox.id, source_id).await?;
        let known = known.ok_or(Error::NotFound)?;
        let proved = check_proof(kernel, inbox, &update.proof)?;
        let said = Said::new(update)?;
        let by = By {
            account: account::reference(kernel.db.read(), inbox.account_id).await?,
            origin: Origin {
                kind: OriginKind::Public,
                ..Origin::default()
            },
        };
        for _ in 0..ROUNDS {
            let done = transact!(kernel, |tx| {
                let by = &by;
                let writing = Writing { kernel, tx, by };
                identify(&writing, inbox, &known, &said, proved).await
            })
            .await;
            if done.as_ref().err().is_some_and(is_taken) {
                continue;
            }
            if let Some((contact, recorded)) = done? {
                recorded.publish(kernel);
                return Ok(contact);
            }
        }
        Err(busy())
    }
}

/// What a client says, in stored form.
struct Said {
    name: Option<String>,
    email: Option<String>,
    phone_number: Option<String>,
    custom_attributes: Map<String, Value>,
}

impl Said {
    fn new(update: PublicContactUpdate) -> Result<Self> {
        let name = present(update.name);
        let draft = Draft {
            name: name.clone().unwrap_or_default(),
            email: update.email,
            phone_number: update.phone_number,
            ..Draft::default()
        };
        let draft = draft.checked()?;
        Ok(Self {
            name,
            email: draft.email,
            phone_number: draft.phone_number,
            custom_attributes: update.custom_attributes.unwrap_or_default(),
        })
    }

    fn keys(&self) -> Keys {
        Keys {
            email: self.email.clone(),
            phone_number: self.phone_number.clone(),
            ..Keys::default()
        }
    }

    /// Whether the owner of the phone number may be the same person.
    fn fits(&self, owner: &Contact) -> bool {
        self.email.is_none() || owner.email.is_none() || owner.email == self.email
    }
}

async fn identify(
    writing: &Writing<'_>,
    inbox: &Inbox,
    known: &ContactInbox,
    said: &Said,
    proved: bool,
) -> Result<Try> {
    let (kernel, tx) = (writing.kernel, writing.tx);
    let Some((own, others)) = lock(tx, inbox, known, said).await? else {
        return Ok(None);
    };
    let one = unite(writing, own, others, said).await?;
    let (before, after, changes) = (one.before, one.after, one.changes);
    let (contact, recorded) = writing.save(&before, after, changes).await?;
    if proved {
        repo::verify(kernel, tx, known.id).await?;
    }
    let presence = repo::find_presence(tx, known.id).await?;
    let contact_inbox = presence.ok_or(Error::NotFound)?;
    let contact = PublicContact {
        contact,
        contact_inbox,
    };
    Ok(Some((contact, recorded)))
}

/// Locks the presence's contact and the owners of the sent keys; `None` when they changed while
/// they were looked for, as locks are taken by id only.
async fn lock(
    tx: &DatabaseTransaction,
    inbox: &Inbox,
    known: &ContactInbox,
    said: &Said,
) -> Result<Option<(Contact, Vec<Contact>)>> {
    let account = inbox.account_id;
    let presence = repo::find_presence(tx, known.id).await?;
    let own = presence.ok_or(Error::NotFound)?.contact_id;
    let owners = repo::named(tx, account, &said.keys(), None).await?;
    let mut ids: Vec<ContactId> = owners.iter().map(|owner| owner.id).collect();
    ids.push(own);
    let mut locked = lock_all(tx, account, &ids).await?;
    let presence = repo::find_presence(tx, known.id).await?;
    if presence.ok_or(Error::NotFound)?.contact_id != own {
        return Ok(None);
    }
    let index = locked.iter().position(|contact| contact.id == own);
    Ok(index.map(|index| (locked.swap_remove(index), locked)))
}

/// A contact before and after it was identified.
struct United {
    before: Contact,
    after: Contact,
    changes: Vec<Change>,
}

/// Merges the contact into the owner of the email, then into that of the phone number, and gives
/// what survives the values that were sent.
async fn unite(
    writing: &Writing<'_>,
    own: Contact,
    others: Vec<Contact>,
    said: &Said,
) -> Result<United> {
    let with = |has: fn(&Contact) -> &Option<String>, sent: &Option<String>| {
        let owner = others.iter().find(|one| sent.is_some() && has(one) == sent);
        owner.cloned()
    };
    let of_email = with(|contact| &contact.email, &said.email);
    let of_phone = with(|contact| &contact.phone_number, &said.phone_number);
    let may_phone = of_phone.as_ref().is_none_or(|owner| said.fits(owner));
    let mut one = United {
        before: own.clone(),
        after: own,
        changes: Vec::new(),
    };
    let owners = [of_email, of_phone.filter(|_| may_phone)];
    for owner in owners.into_iter().flatten() {
        if owner.id != one.after.id {
            let (after, changes) = absorb(writing.kernel, writing.tx, &owner, &one.after).await?;
            let before = owner;
            one = United {
                before,
                after,
                changes,
            };
        }
    }
    one.after = told(&one.after, said, may_phone);
    Ok(one)
}

/// The contact with the values that were sent.
fn told(contact: &Contact, said: &Said, with_phone: bool) -> Contact {
    let or = |new: &Option<String>, old: &Option<String>| new.clone().or_else(|| old.clone());
    let phone_number = said.phone_number.clone().filter(|_| with_phone);
    let draft = Draft {
        name: said.name.clone().unwrap_or_else(|| contact.name.clone()),
        identifier: contact.identifier.clone(),
        email: or(&said.email, &contact.email),
        phone_number: or(&phone_number, &contact.phone_number),
        blocked: contact.blocked,
        additional_attributes: contact.additional_attributes.clone(),
        custom_attributes: contact
            .custom_attributes
            .deep_merged(&said.custom_attributes),
    };
    put(contact, draft)
}
