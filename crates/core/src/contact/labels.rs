use gatewright_store::entity::contact_labels;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::Value;

use super::change::{By, Writing};
use super::presences::require;
use super::{Contacts, repo};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::event::Change;
use crate::ids::{AccountId, ContactId};
use crate::model::Contact;
use crate::outbox::Recorded;
use crate::transaction::transact;
use crate::validate::Violations;

/// More labels than this on one contact are refused.
const MOST: usize = 1000;

impl Contacts {
    /// The labels of a contact, in their order.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn labels(&self, caller: &Caller, contact: ContactId) -> Result<Vec<String>> {
        let conn = self.kernel.db.read();
        require(conn, caller.account_id(), contact).await?;
        titles(conn, contact).await
    }

    /// Gives a contact these labels in place of those it has. Blanks and repeats are left out.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for a title of more than 255 characters, or too many.
    pub async fn set_labels(
        &self,
        caller: &Caller,
        contact: ContactId,
        labels: Vec<String>,
    ) -> Result<Vec<String>> {
        let (kernel, account) = (&self.kernel, caller.account_id());
        require(kernel.db.read(), account, contact).await?;
        let labels = checked(labels)?;
        let by = By::caller(caller);
        let recorded = transact!(kernel, |tx| {
            let contact = repo::lock(tx, account, contact).await?;
            let contact = contact.ok_or(Error::NotFound)?;
            let by = &by;
            replace(&Writing { kernel, tx, by }, &contact, &labels).await
        })
        .await?;
        recorded.publish(kernel);
        Ok(labels)
    }
}

fn checked(given: Vec<String>) -> Result<Vec<String>> {
    let mut violations = Violations::default();
    let mut labels: Vec<String> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for label in given {
        let label = label.trim().to_owned();
        if !label.is_empty() && known.insert(label.clone()) {
            labels.push(label);
        }
    }
    if labels.iter().any(|label| label.chars().count() > 255) {
        violations.add("labels", "is too long (maximum is 255 characters)");
    }
    if labels.len() > MOST {
        violations.add("labels", format!("is too long (maximum is {MOST} labels)"));
    }
    violations.check().map(|()| labels)
}

async fn replace(writing: &Writing<'_>, contact: &Contact, labels: &[String]) -> Result<Recorded> {
    let tx = writing.tx;
    let current = titles(tx, contact.id).await?;
    if current == labels {
        return Ok(Recorded::default());
    }
    contact_labels::Entity::delete_many()
        .filter(contact_labels::Column::ContactId.eq(contact.id.get()))
        .exec(tx)
        .await?;
    insert(tx, (contact.account_id, contact.id), labels, 0).await?;
    let changes = vec![changed(current, labels.to_vec())];
    let (_, recorded) = writing.save(contact, contact.clone(), changes).await?;
    Ok(recorded)
}

/// The change of a contact's labels, as events tell it.
pub(super) fn changed(before: Vec<String>, after: Vec<String>) -> Change {
    Change::new("label_list", Value::from(before), Value::from(after))
}

/// The labels of a contact, in their order.
pub(super) async fn titles(conn: &impl ConnectionTrait, contact: ContactId) -> Result<Vec<String>> {
    let titles = contact_labels::Entity::find()
        .select_only()
        .column(contact_labels::Column::Title)
        .filter(contact_labels::Column::ContactId.eq(contact.get()))
        .order_by_asc(contact_labels::Column::Position)
        .order_by_asc(contact_labels::Column::Title)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(titles)
}

/// Adds labels that the contact does not have, from this position on.
pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    (account, contact): (AccountId, ContactId),
    titles: &[String],
    from: usize,
) -> Result<()> {
    if titles.is_empty() {
        return Ok(());
    }
    let rows = titles.iter().enumerate().map(|(index, title)| {
        let position = i32::try_from(from + index).unwrap_or(i32::MAX);
        contact_labels::ActiveModel {
            contact_id: Set(contact.get()),
            title: Set(title.clone()),
            account_id: Set(account.get()),
            position: Set(position),
        }
    });
    contact_labels::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
