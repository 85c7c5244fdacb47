use gatewright_channel::ContactRef;
use sea_orm::ConnectionTrait;

use super::draft::Draft;
use super::repo;
use crate::error::{Error, Result};
use crate::ids::{AccountId, ContactId};
use crate::model::{Contact, ContactInbox, Inbox};
use crate::validate::present;

/// By what a contact is looked for, in stored form.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    pub(super) id: Option<ContactId>,
    pub(super) source_id: Option<String>,
    pub(super) identifier: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone_number: Option<String>,
}

impl Keys {
    /// The keys of a contact in stored form.
    pub(super) fn new(id: Option<ContactId>, source_id: Option<String>, draft: &Draft) -> Self {
        Self {
            id,
            source_id: present(source_id),
            identifier: draft.identifier.clone(),
            email: draft.email.clone(),
            phone_number: draft.phone_number.clone(),
        }
    }

    fn is_empty(&self) -> bool {
        self.id.is_none()
            && self.source_id.is_none()
            && self.identifier.is_none()
            && self.email.is_none()
            && self.phone_number.is_none()
    }
}

/// Through which door a contact comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// A channel: keys that name two contacts are an error, and without a source id the newest
    /// presence serves.
    Channel,
    /// The public client API: the first key that names a contact decides, and without a source id
    /// a presence is made (contract, section 5).
    Public,
}

/// What a channel's reference is looked for by, and what a new contact gets.
pub(super) fn parse(
    account: AccountId,
    inbox: &Inbox,
    reference: &ContactRef,
) -> Result<(Keys, Draft)> {
    if inbox.account_id != account {
        return Err(Error::NotFound);
    }
    let draft = Draft::from(reference)
        .checked()
        .map_err(|error| match error {
            Error::Invalid(attributes) => {
                let text =
                    |a: &crate::error::Attribute| format!("contact.{} {}", a.name, a.message);
                let texts: Vec<String> = attributes.iter().map(text).collect();
                Error::Unprocessable(texts.join(", "))
            }
            other => other,
        })?;
    let keys = Keys::new(
        reference.id.map(ContactId),
        reference.source_id.clone(),
        &draft,
    );
    if keys.is_empty() {
        return Err(Error::Unprocessable(
            "contact must have one of contact_id, source_id, identifier, email, phone_number"
                .to_owned(),
        ));
    }
    Ok((keys, draft))
}

/// The contact that the keys name, and its presence if it has the one that is asked for.
pub(super) async fn resolve(
    conn: &impl ConnectionTrait,
    inbox: &Inbox,
    keys: &Keys,
    door: Door,
) -> Result<Option<(Contact, Option<ContactInbox>)>> {
    let through = match &keys.source_id {
        Some(source_id) => repo::presence_by_source(conn, inbox.id, source_id).await?,
        None => None,
    };
    let through_id = through.as_ref().map(|presence| presence.contact_id);
    let found = repo::named(conn, inbox.account_id, keys, through_id).await?;
    let Some(contact) = choose(found, keys, through_id, door)? else {
        return Ok(None);
    };
    let presence = match (through, &keys.source_id) {
        (Some(presence), _) if presence.contact_id == contact.id => Some(presence),
        (None, None) if door == Door::Channel => {
            repo::newest_presence(conn, inbox.id, contact.id).await?
        }
        _ => None,
    };
    Ok(Some((contact, presence)))
}

/// The contact of the first key that names one.
fn choose(
    found: Vec<Contact>,
    keys: &Keys,
    through: Option<ContactId>,
    door: Door,
) -> Result<Option<Contact>> {
    let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
    let by = |fits: &dyn Fn(&Contact) -> bool| found.iter().find(|c| fits(c)).map(|c| c.id);
    if keys.id.is_some() && by(&|contact| keys.id == Some(contact.id)).is_none() {
        return Err(Error::NotFound);
    }
    let named = [
        ("contact_id", by(&|contact| keys.id == Some(contact.id))),
        ("source_id", by(&|contact| through == Some(contact.id))),
        (
            "identifier",
            by(&|contact| same(&contact.identifier, &keys.identifier)),
        ),
        ("email", by(&|contact| same(&contact.email, &keys.email))),
        (
            "phone_number",
            by(&|contact| same(&contact.phone_number, &keys.phone_number)),
        ),
    ];
    let mut named = named.into_iter().filter_map(|(name, id)| Some((name, id?)));
    let Some((first, chosen)) = named.next() else {
        return Ok(None);
    };
    if door == Door::Channel
        && let Some((other, _)) = named.find(|(_, id)| *id != chosen)
    {
        return Err(Error::Unprocessable(format!(
            "contact.{first} and contact.{other} name two different contacts; send one of them"
        )));
    }
    Ok(found.into_iter().find(|contact| contact.id == chosen))
}
