use gatewright_store::entity::{contact_labels, contacts};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    Select,
};

use super::presences::detailed;
use super::sort::{Sort, ordered, ordered_nulls_last};
use super::{ContactDetail, Contacts, filter, repo, search};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::kernel::Kernel;
use crate::model::Contact;

/// Contacts of a page.
pub const PAGE: u64 = 15;

/// More labels than this in one question are refused: each is a parameter of the statement.
const LABELS_MAX: usize = 100;

/// Which page of contacts, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactQuery {
    /// The order; by id when empty.
    pub sort: Vec<Sort>,
    /// Page of [`PAGE`], from 1.
    pub page: u64,
    /// With any of these labels; empty = any or none.
    pub labels: Vec<String>,
    /// Whether the contacts' presences are asked for.
    pub presences: bool,
}

/// One page of contacts.
#[derive(Debug, Clone, Default)]
pub struct ContactPage {
    /// How many there are over all pages; `None` when nothing was asked.
    pub count: Option<i64>,
    /// The page.
    pub contacts: Vec<ContactDetail>,
}

impl Contacts {
    /// Contacts that have an email, a phone number or an identifier.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] for too many labels.
    pub async fn list(&self, caller: &Caller, query: &ContactQuery) -> Result<ContactPage> {
        if query.labels.len() > LABELS_MAX {
            return Err(Error::Unprocessable(format!(
                "labels must not have more than {LABELS_MAX} titles"
            )));
        }
        let account = caller.account_id();
        let mut found = of(account).add(is_listed());
        if !query.labels.is_empty() {
            found = found.add(labelled(account, &query.labels));
        }
        page(&self.kernel, account, found, query).await
    }

    /// Contacts whose name, email, phone number, company or identifier contains `text`; the
    /// identifier with regard to case. A blank text finds nothing and counts nothing.
    ///
    /// # Errors
    /// Database errors.
    pub async fn search(
        &self,
        caller: &Caller,
        text: &str,
        query: &ContactQuery,
    ) -> Result<ContactPage> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(ContactPage::default());
        }
        let account = caller.account_id();
        let found = of(account).add(search::contains(self.kernel.db.dialect(), text));
        page(&self.kernel, account, found, query).await
    }

    /// Contacts for which the conditions hold (contract, section 4.1). No conditions hold for all.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] with the contract's texts.
    pub async fn filter(
        &self,
        caller: &Caller,
        conditions: &[crate::filter::Condition],
        query: &ContactQuery,
    ) -> Result<ContactPage> {
        let account = caller.account_id();
        let conditions = filter::condition(account, conditions, self.kernel.now())?;
        let found = of(account).add(conditions);
        page(&self.kernel, account, found, query).await
    }
}

fn of(account: AccountId) -> Condition {
    Condition::all().add(contacts::Column::AccountId.eq(account.get()))
}

/// Somebody who can be named or reached; the predicate of the lists' indexes, to the letter.
fn is_listed() -> Condition {
    Condition::any()
        .add(contacts::Column::Email.is_not_null())
        .add(contacts::Column::PhoneNumber.is_not_null())
        .add(contacts::Column::Identifier.is_not_null())
}

fn labelled(account: AccountId, titles: &[String]) -> Condition {
    let with = contact_labels::Entity::find()
        .select_only()
        .column(contact_labels::Column::ContactId)
        .filter(contact_labels::Column::AccountId.eq(account.get()))
        .filter(contact_labels::Column::Title.is_in(titles))
        .into_query();
    Condition::all().add(contacts::Column::Id.in_subquery(with))
}

/// A page and the number of all: six queries at most, however many contacts there are.
async fn page(
    kernel: &Kernel,
    account: AccountId,
    found: Condition,
    query: &ContactQuery,
) -> Result<ContactPage> {
    let conn = kernel.db.read();
    // Neither waits for the other: both may have to look through all contacts.
    let (rows, count) = tokio::try_join!(rows(conn, found.clone(), query), count(conn, found))?;
    let contacts = rows.into_iter().map(repo::contact);
    let contacts = contacts.collect::<Result<Vec<Contact>>>()?;
    debug_assert!(contacts.iter().all(|contact| contact.account_id == account));
    let contacts = if query.presences {
        detailed(kernel, conn, contacts).await?
    } else {
        contacts.into_iter().map(alone).collect()
    };
    Ok(ContactPage {
        count: Some(count),
        contacts,
    })
}

fn alone(contact: Contact) -> ContactDetail {
    ContactDetail {
        contact,
        presences: Vec::new(),
    }
}

async fn count(conn: &impl ConnectionTrait, found: Condition) -> Result<i64> {
    let count: Option<i64> = contacts::Entity::find()
        .select_only()
        .expr_as(
            Expr::col((contacts::Entity, contacts::Column::Id)).count(),
            "count",
        )
        .filter(found)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(count.unwrap_or_default())
}

/// The rows of a page. Where contacts may lack the first value of the order, those that have it
/// are one ordered list and those that lack it another behind it: so each is read by an index.
async fn rows(
    conn: &impl ConnectionTrait,
    found: Condition,
    query: &ContactQuery,
) -> Result<Vec<contacts::Model>> {
    let before = offset(query.page);
    let Some(first) = query.sort.first().filter(|first| first.is_optional()) else {
        let all = ordered(contacts::Entity::find().filter(found), &query.sort);
        return window(conn, all, (before, PAGE)).await;
    };
    let with = found.clone().add(first.indexed().is_not_null());
    let having = ordered(contacts::Entity::find().filter(with.clone()), &query.sort);
    let mut rows = window(conn, having, (before, PAGE)).await?;
    let got = u64::try_from(rows.len()).unwrap_or(PAGE);
    if got < PAGE {
        let skip = if got == 0 && before > 0 {
            let all = u64::try_from(count(conn, with).await?).unwrap_or_default();
            before.saturating_sub(all)
        } else {
            0
        };
        let without = contacts::Entity::find().filter(found.add(first.indexed().is_null()));
        let lacking = ordered_nulls_last(without, &query.sort[1..]);
        rows.extend(window(conn, lacking, (skip, PAGE - got)).await?);
    }
    Ok(rows)
}

async fn window(
    conn: &impl ConnectionTrait,
    query: Select<contacts::Entity>,
    (offset, limit): (u64, u64),
) -> Result<Vec<contacts::Model>> {
    Ok(query.offset(offset).limit(limit).all(conn).await?)
}

/// Rows before a page; pages far beyond the end are empty, not errors.
fn offset(page: u64) -> u64 {
    PAGE * Ord::min(page.saturating_sub(1), 1_000_000_000)
}
