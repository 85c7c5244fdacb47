use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value};

use super::Contacts;
use super::draft::Draft;
use super::first::ROUNDS;
use super::keys::Keys;
use super::{ContactDetail, presences_of, repo};
use crate::attributes::Attributes;
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::event::{Change, EventName, Origin};
use crate::ids::{AccountId, ContactId};
use crate::kernel::Kernel;
use crate::model::{AccountRef, Contact, ContactKind};
use crate::outbox::{self, Recorded, contact_event};
use crate::time::iso_or_null;
use crate::transaction::transact;
use crate::validate::Violations;

/// A change of a contact: what is `None` stays, a blank text clears its field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContactUpdate {
    /// Name, at most 255 characters.
    pub name: Option<String>,
    /// The caller's own id, unique per account.
    pub identifier: Option<String>,
    /// Address, unique per account.
    pub email: Option<String>,
    /// E.164, unique per account.
    pub phone_number: Option<String>,
    /// Whether its messages reopen nothing.
    pub blocked: Option<bool>,
    /// System facts, put over those that are there.
    pub additional_attributes: Option<Map<String, Value>>,
    /// The account's own attributes, put over those that are there.
    pub custom_attributes: Option<Map<String, Value>>,
}

impl Contacts {
    /// Changes a contact. When nothing changes, nothing is written and nobody is told.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] with the contract's texts, for a taken email, phone
    /// number or identifier, too.
    pub async fn update(
        &self,
        caller: &Caller,
        contact: ContactId,
        update: &ContactUpdate,
    ) -> Result<ContactDetail> {
        let changed = |before: &Contact| updated(before, update);
        self.change(caller, contact, changed).await
    }

    /// Removes some of the account's own attributes from a contact.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn destroy_custom_attributes(
        &self,
        caller: &Caller,
        contact: ContactId,
        names: &[String],
    ) -> Result<ContactDetail> {
        let changed = |before: &Contact| {
            let mut attributes = before.custom_attributes.to_map();
            attributes.retain(|name, _| !names.contains(name));
            Ok(Contact {
                custom_attributes: attributes.into(),
                ..before.clone()
            })
        };
        self.change(caller, contact, changed).await
    }

    async fn change(
        &self,
        caller: &Caller,
        id: ContactId,
        changed: impl Fn(&Contact) -> Result<Contact> + Sync,
    ) -> Result<ContactDetail> {
        let (kernel, account) = (&self.kernel, caller.account_id());
        let by = By::caller(caller);
        for _ in 0..ROUNDS {
            let done = transact!(kernel, |tx| {
                let before = repo::lock(tx, account, id).await?.ok_or(Error::NotFound)?;
                let after = changed(&before)?;
                let by = &by;
                let writing = Writing { kernel, tx, by };
                writing.save(&before, after, Vec::new()).await
            })
            .await;
            if done.as_ref().err().is_some_and(is_taken) {
                continue;
            }
            let (contact, recorded) = done?;
            recorded.publish(kernel);
            let presences = presences_of(kernel, kernel.db.read(), &contact).await?;
            return Ok(ContactDetail { contact, presences });
        }
        Err(busy())
    }
}

/// Who changes a contact.
pub(super) struct By {
    pub(super) account: AccountRef,
    pub(super) origin: Origin,
}

impl By {
    pub(super) fn caller(caller: &Caller) -> Self {
        Self {
            account: caller.account.clone(),
            origin: caller.origin(None),
        }
    }
}

/// The contact after the update, checked.
fn updated(before: &Contact, update: &ContactUpdate) -> Result<Contact> {
    let or = |new: &Option<String>, old: &Option<String>| new.clone().or_else(|| old.clone());
    let over = |old: &Attributes, new: &Option<Map<String, Value>>| match new {
        Some(new) => old.merged(new),
        None => old.clone(),
    };
    let draft = Draft {
        name: update.name.clone().unwrap_or_else(|| before.name.clone()),
        identifier: or(&update.identifier, &before.identifier),
        email: or(&update.email, &before.email),
        phone_number: or(&update.phone_number, &before.phone_number),
        blocked: update.blocked.unwrap_or(before.blocked),
        additional_attributes: over(&before.additional_attributes, &update.additional_attributes),
        custom_attributes: over(&before.custom_attributes, &update.custom_attributes),
    };
    draft.checked().map(|draft| put(before, draft))
}

/// The contact with the parts of a draft that was checked.
pub(super) fn put(before: &Contact, draft: Draft) -> Contact {
    let kind = match before.kind {
        ContactKind::Visitor => draft.kind(),
        known => known,
    };
    Contact {
        name: draft.name,
        identifier: draft.identifier,
        email: draft.email,
        phone_number: draft.phone_number,
        blocked: draft.blocked,
        kind,
        additional_attributes: draft.additional_attributes,
        custom_attributes: draft.custom_attributes,
        ..before.clone()
    }
}

/// A transaction that changes a contact which it has locked.
pub(super) struct Writing<'a> {
    pub(super) kernel: &'a Kernel,
    pub(super) tx: &'a DatabaseTransaction,
    pub(super) by: &'a By,
}

impl Writing<'_> {
    /// Writes the contact and its event, when something changed: a field, or what `others` says of
    /// what is not in its row. Answers it as it is stored.
    ///
    /// # Errors
    /// [`Error::Invalid`] for keys that another contact has. [`is_taken`] when another one took
    /// them in this moment: then the transaction is void.
    pub(super) async fn save(
        &self,
        before: &Contact,
        mut after: Contact,
        others: Vec<Change>,
    ) -> Result<(Contact, Recorded)> {
        let (kernel, tx, by) = (self.kernel, self.tx, self.by);
        let mut changes = changes(before, &after);
        changes.extend(others);
        if changes.is_empty() {
            return Ok((after, Recorded::default()));
        }
        refuse_taken(tx, before, &after).await?;
        let now = kernel.now();
        after.updated_at = now;
        repo::update(tx, &after).await?;
        changes.push(Change::new(
            "updated_at",
            before.updated_at.iso(),
            now.iso(),
        ));
        let event = contact_event(
            EventName::ContactUpdated,
            &by.account,
            &after,
            changes,
            by.origin.clone(),
            now,
        );
        let recorded = outbox::record(kernel, tx, vec![event]).await?;
        Ok((after, recorded))
    }
}

fn changes(before: &Contact, after: &Contact) -> Vec<Change> {
    let kind = |kind: ContactKind| Value::from(kind.as_str());
    let all = |contact: &Contact| {
        [
            ("name", contact.name.clone().into()),
            ("email", contact.email.clone().into()),
            ("phone_number", contact.phone_number.clone().into()),
            ("identifier", contact.identifier.clone().into()),
            ("blocked", contact.blocked.into()),
            ("contact_type", kind(contact.kind)),
            ("last_activity_at", iso_or_null(contact.last_activity_at)),
            (
                "additional_attributes",
                contact.additional_attributes.to_value(),
            ),
            ("custom_attributes", contact.custom_attributes.to_value()),
        ]
    };
    all(before)
        .into_iter()
        .zip(all(after))
        .filter(|((_, old), (_, new))| old != new)
        .map(|((name, old), (_, new))| Change::new(name, old, new))
        .collect()
}

async fn refuse_taken(tx: &DatabaseTransaction, before: &Contact, after: &Contact) -> Result<()> {
    let new = |old: &Option<String>, new: &Option<String>| new.clone().filter(|_| old != new);
    let draft = Draft {
        identifier: new(&before.identifier, &after.identifier),
        email: new(&before.email, &after.email),
        phone_number: new(&before.phone_number, &after.phone_number),
        ..Draft::default()
    };
    taken(tx, before.account_id, &draft).await?.check()
}

/// Which of the keys are another contact's.
pub(super) async fn taken(
    tx: &DatabaseTransaction,
    account: AccountId,
    draft: &Draft,
) -> Result<Violations> {
    let keys = Keys::new(None, None, draft);
    let others = repo::named(tx, account, &keys, None).await?;
    let mut violations = Violations::default();
    let of = |contact: &Contact| {
        [&contact.email, &contact.identifier, &contact.phone_number].map(Option::clone)
    };
    let own = [&draft.email, &draft.identifier, &draft.phone_number];
    let others: Vec<_> = others.iter().map(of).collect();
    let names = ["email", "identifier", "phone_number"];
    for (index, name) in names.into_iter().enumerate() {
        if own[index].is_some() && others.iter().any(|other| other[index] == *own[index]) {
            violations.add(name, "has already been taken");
        }
    }
    Ok(violations)
}

/// Whether a transaction failed because another one took a unique key in the same moment: the next
/// try sees who has it.
pub(super) fn is_taken(error: &Error) -> bool {
    let Error::Internal(cause) = error else {
        return false;
    };
    cause
        .downcast_ref::<sea_orm::DbErr>()
        .is_some_and(|error| gatewright_store::unique_violation(error).is_some())
}

pub(super) fn busy() -> Error {
    Error::Conflict("the contact is being changed by others; try again".to_owned())
}
