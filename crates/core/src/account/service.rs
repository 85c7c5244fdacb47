use std::sync::Arc;

use gatewright_store::entity::accounts;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use super::{AccountChange, AccountFacts, AccountSettings, repo};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::kernel::Kernel;
use crate::model::Account;
use crate::time::Timestamp;
use crate::transaction::transact;
use crate::user;

/// An account as its own users see it (contract, section 4.7).
#[derive(Debug, Clone, PartialEq)]
pub struct AccountDetail {
    /// The account.
    pub account: Account,
    /// Its own mail domain.
    pub domain: Option<String>,
    /// Address shown to contacts.
    pub support_email: Option<String>,
    /// What it has set.
    pub settings: AccountSettings,
    /// What else is known of it.
    pub facts: Option<AccountFacts>,
    /// When a label last changed.
    pub labels_changed_at: Option<Timestamp>,
    /// When an inbox last changed.
    pub inboxes_changed_at: Option<Timestamp>,
}

/// Accounts, for those who work in them.
#[derive(Clone)]
pub struct Accounts {
    kernel: Arc<Kernel>,
}

impl Accounts {
    /// The accounts of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// The caller's account.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is gone meanwhile.
    pub async fn show(&self, caller: &Caller) -> Result<AccountDetail> {
        let row = repo::row(self.kernel.db.read(), caller.account_id()).await?;
        detail(row.ok_or(Error::NotFound)?)
    }

    /// Changes what is given.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; [`Error::Invalid`] names what is wrong.
    pub async fn update(&self, caller: &Caller, change: AccountChange) -> Result<AccountDetail> {
        caller.require_administrator()?;
        let change = change.checked()?;
        let (account, now) = (caller.account_id(), self.kernel.now());
        let changed = transact!(self.kernel, |tx| {
            let row = repo::lock(tx, account).await?.ok_or(Error::NotFound)?;
            let mut row = change.clone().apply(row)?;
            row.updated_at = Set(now.0);
            detail(row.update(tx).await?)
        })
        .await?;
        // They carry the account's name.
        self.kernel.caches.principals.invalidate_all();
        Ok(changed)
    }

    /// Remembers that the caller works in the account now.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it has left meanwhile.
    pub async fn update_active_at(&self, caller: &Caller) -> Result<()> {
        let (account, now) = (caller.account_id(), self.kernel.now());
        transact!(self.kernel, |tx| {
            user::set_active(tx, account, caller.user.id, now).await
        })
        .await
    }
}

fn detail(row: accounts::Model) -> Result<AccountDetail> {
    Ok(AccountDetail {
        domain: row.domain.clone(),
        support_email: row.support_email.clone(),
        settings: AccountSettings::from_stored(row.settings.clone()),
        facts: AccountFacts::from_stored(&row.custom_attributes),
        labels_changed_at: row.labels_changed_at.map(Timestamp),
        inboxes_changed_at: row.inboxes_changed_at.map(Timestamp),
        account: repo::from_row(row)?,
    })
}
