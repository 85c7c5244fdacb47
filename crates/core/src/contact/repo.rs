//! Contacts, their presences, and their rows.

use gatewright_store::entity::{contact_inboxes, contacts};
use gatewright_store::sequence::{self, Sequence};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::draft::Draft;
use super::keys::Keys;
use crate::attributes::Attributes;
use crate::error::{Error, Result};
use crate::ids::{AccountId, ContactId, ContactInboxId, InboxId};
use crate::kernel::Kernel;
use crate::model::{Contact, ContactInbox, ContactKind};
use crate::time::Timestamp;

pub(super) fn contact(row: contacts::Model) -> Result<Contact> {
    let unknown = || Error::internal("a stored contact has an unknown number");
    Ok(Contact {
        id: ContactId(row.id),
        account_id: AccountId(row.account_id),
        name: row.name,
        email: row.email,
        phone_number: row.phone_number,
        identifier: row.identifier,
        blocked: row.blocked,
        kind: ContactKind::from_code(row.contact_type).ok_or_else(unknown)?,
        additional_attributes: Attributes::from(row.additional_attributes),
        custom_attributes: Attributes::from(row.custom_attributes),
        last_activity_at: row.last_activity_at.map(Timestamp),
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}

pub(super) fn presence(row: contact_inboxes::Model) -> ContactInbox {
    ContactInbox {
        id: ContactInboxId(row.id),
        contact_id: ContactId(row.contact_id),
        inbox_id: InboxId(row.inbox_id),
        source_id: row.source_id,
        hmac_verified: row.hmac_verified,
        pubsub_token: row.pubsub_token,
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    }
}

pub(super) async fn find(
    conn: &impl ConnectionTrait,
    account: AccountId,
    id: ContactId,
) -> Result<Option<Contact>> {
    let found = contacts::Entity::find_by_id(id.get())
        .filter(contacts::Column::AccountId.eq(account.get()))
        .one(conn)
        .await?;
    found.map(contact).transpose()
}

/// As [`find`], and locks the row until the transaction ends.
pub(super) async fn lock(
    tx: &impl ConnectionTrait,
    account: AccountId,
    id: ContactId,
) -> Result<Option<Contact>> {
    let found = contacts::Entity::find_by_id(id.get())
        .filter(contacts::Column::AccountId.eq(account.get()))
        .lock_exclusive()
        .one(tx)
        .await?;
    found.map(contact).transpose()
}

/// The contacts that any of the keys names, at most one for each.
pub(super) async fn named(
    conn: &impl ConnectionTrait,
    account: AccountId,
    keys: &Keys,
    through: Option<ContactId>,
) -> Result<Vec<Contact>> {
    let mut any = Condition::any();
    for id in [keys.id, through].into_iter().flatten() {
        any = any.add(contacts::Column::Id.eq(id.get()));
    }
    let texts = [
        (contacts::Column::Identifier, &keys.identifier),
        (contacts::Column::Email, &keys.email),
        (contacts::Column::PhoneNumber, &keys.phone_number),
    ];
    for (column, text) in texts {
        if let Some(text) = text {
            any = any.add(column.eq(text));
        }
    }
    if any.is_empty() {
        return Ok(Vec::new());
    }
    let rows = contacts::Entity::find()
        .filter(contacts::Column::AccountId.eq(account.get()))
        .filter(any)
        .all(conn)
        .await?;
    rows.into_iter().map(contact).collect()
}

/// Makes a contact; `None` when another has its email, phone number or identifier.
pub(super) async fn insert(
    kernel: &Kernel,
    tx: &impl ConnectionTrait,
    account: AccountId,
    draft: &Draft,
) -> Result<Option<Contact>> {
    let now = kernel.now();
    let row = contacts::Model {
        id: draw(kernel, tx, Sequence::Contacts).await?,
        account_id: account.get(),
        name: draft.name.clone(),
        email: draft.email.clone(),
        phone_number: draft.phone_number.clone(),
        identifier: draft.identifier.clone(),
        blocked: draft.blocked,
        contact_type: draft.kind().code(),
        additional_attributes: draft.additional_attributes.to_value(),
        custom_attributes: draft.custom_attributes.to_value(),
        last_activity_at: None,
        created_at: now.0,
        updated_at: now.0,
    };
    let active: contacts::ActiveModel = row.clone().into();
    let inserted = contacts::Entity::insert(active.reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    if inserted == 0 {
        Ok(None)
    } else {
        contact(row).map(Some)
    }
}

/// Writes the fields of a contact that the transaction has locked.
pub(super) async fn update(tx: &impl ConnectionTrait, contact: &Contact) -> Result<()> {
    let row = contacts::ActiveModel {
        id: Set(contact.id.get()),
        name: Set(contact.name.clone()),
        email: Set(contact.email.clone()),
        phone_number: Set(contact.phone_number.clone()),
        identifier: Set(contact.identifier.clone()),
        blocked: Set(contact.blocked),
        contact_type: Set(contact.kind.code()),
        additional_attributes: Set(contact.additional_attributes.to_value()),
        custom_attributes: Set(contact.custom_attributes.to_value()),
        last_activity_at: Set(contact.last_activity_at.map(|at| at.0)),
        updated_at: Set(contact.updated_at.0),
        ..Default::default()
    };
    row.update(tx).await?;
    Ok(())
}

/// Removes a contact that nothing points at any more; its labels go with it.
pub(super) async fn delete(tx: &impl ConnectionTrait, id: ContactId) -> Result<()> {
    contacts::Entity::delete_by_id(id.get()).exec(tx).await?;
    Ok(())
}

/// The presence with this source id.
pub(super) async fn presence_by_source(
    conn: &impl ConnectionTrait,
    inbox: InboxId,
    source_id: &str,
) -> Result<Option<ContactInbox>> {
    let found = contact_inboxes::Entity::find()
        .filter(contact_inboxes::Column::InboxId.eq(inbox.get()))
        .filter(contact_inboxes::Column::SourceId.eq(source_id))
        .one(conn)
        .await?;
    Ok(found.map(presence))
}

/// The newest presence of the contact in the inbox.
pub(super) async fn newest_presence(
    conn: &impl ConnectionTrait,
    inbox: InboxId,
    contact: ContactId,
) -> Result<Option<ContactInbox>> {
    let found = contact_inboxes::Entity::find()
        .filter(contact_inboxes::Column::ContactId.eq(contact.get()))
        .filter(contact_inboxes::Column::InboxId.eq(inbox.get()))
        .order_by_desc(contact_inboxes::Column::Id)
        .one(conn)
        .await?;
    Ok(found.map(presence))
}

/// The presences of contacts, by id.
pub(super) async fn presences(
    conn: &impl ConnectionTrait,
    account: AccountId,
    contacts: &[ContactId],
) -> Result<Vec<ContactInbox>> {
    if contacts.is_empty() {
        return Ok(Vec::new());
    }
    let ids = contacts.iter().map(|contact| contact.get());
    let rows = contact_inboxes::Entity::find()
        .filter(contact_inboxes::Column::AccountId.eq(account.get()))
        .filter(contact_inboxes::Column::ContactId.is_in(ids))
        .order_by_asc(contact_inboxes::Column::Id)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(presence).collect())
}

/// The presence as it is now.
pub(super) async fn find_presence(
    conn: &impl ConnectionTrait,
    id: ContactInboxId,
) -> Result<Option<ContactInbox>> {
    let found = contact_inboxes::Entity::find_by_id(id.get())
        .one(conn)
        .await?;
    Ok(found.map(presence))
}

/// The presence as it is now, locked until the transaction ends.
pub(super) async fn lock_presence(
    tx: &impl ConnectionTrait,
    id: ContactInboxId,
) -> Result<Option<ContactInbox>> {
    let found = contact_inboxes::Entity::find_by_id(id.get())
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(found.map(presence))
}

/// Makes a presence; `None` when the source id is taken.
pub(super) async fn insert_presence(
    kernel: &Kernel,
    tx: &impl ConnectionTrait,
    contact: &Contact,
    inbox: InboxId,
    source_id: &str,
) -> Result<Option<ContactInbox>> {
    let now = kernel.now().0;
    let row = contact_inboxes::Model {
        id: draw(kernel, tx, Sequence::ContactInboxes).await?,
        account_id: contact.account_id.get(),
        contact_id: contact.id.get(),
        inbox_id: inbox.get(),
        source_id: source_id.to_owned(),
        hmac_verified: false,
        pubsub_token: kernel.random.token(),
        created_at: now,
        updated_at: now,
    };
    let active: contact_inboxes::ActiveModel = row.clone().into();
    let inserted = contact_inboxes::Entity::insert(active.reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok((inserted > 0).then(|| presence(row)))
}

/// Gives a presence another source id.
pub(super) async fn rename(
    kernel: &Kernel,
    tx: &impl ConnectionTrait,
    id: ContactInboxId,
    source_id: String,
) -> Result<()> {
    let row = contact_inboxes::ActiveModel {
        id: Set(id.get()),
        source_id: Set(source_id),
        updated_at: Set(kernel.now().0),
        ..Default::default()
    };
    row.update(tx).await?;
    Ok(())
}

/// Notes that the contact proved its identity.
pub(super) async fn verify(
    kernel: &Kernel,
    tx: &impl ConnectionTrait,
    id: ContactInboxId,
) -> Result<ContactInbox> {
    let row = contact_inboxes::ActiveModel {
        id: Set(id.get()),
        hmac_verified: Set(true),
        updated_at: Set(kernel.now().0),
        ..Default::default()
    };
    Ok(presence(row.update(tx).await?))
}

async fn draw(kernel: &Kernel, tx: &impl ConnectionTrait, of: Sequence) -> Result<i64> {
    let drawn = sequence::draw(tx, kernel.db.dialect(), &[(of, 1)]).await?;
    let id = drawn.first().and_then(|ids| ids.first()).copied();
    id.ok_or_else(|| Error::internal("a sequence drew nothing"))
}
