//! Accounts: as the operator of the gateway makes and suspends them, and as their own users see
//! and change them.

mod change;
pub(crate) mod repo;
mod service;
mod settings;
mod setup;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::kernel::Kernel;
use crate::model::{Account, AccountStatus};
use crate::transaction::transact;
use crate::validate::Violations;

pub use change::AccountChange;
pub(crate) use repo::reference;
pub use service::{AccountDetail, Accounts};
pub use settings::{AccountFacts, AccountSettings};
pub use setup::{FirstStart, Setup};

/// What the operator of the gateway may do, from the command line: accounts here, users in
/// [`crate::user`], tokens in [`crate::token`]. Nothing of it is reachable over HTTP.
#[derive(Clone)]
pub struct Operator {
    pub(crate) kernel: Arc<Kernel>,
}

impl Operator {
    /// The operator of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// Makes an account. `locale` is a language code like `en`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a blank or too long name, or a locale that is no code.
    pub async fn account_create(&self, name: &str, locale: &str) -> Result<Account> {
        let name = name.trim();
        let mut violations = Violations::default();
        violations.required("name", name);
        violations.max_chars("name", name, 255);
        if !is_locale(locale) {
            violations.add("locale", "must be a language code like en or pt_BR");
        }
        violations.check()?;
        let now = self.kernel.now();
        transact!(self.kernel, |tx| repo::insert(tx, now, name, locale).await).await
    }

    /// Every account, by id.
    ///
    /// # Errors
    /// Database errors.
    pub async fn account_list(&self) -> Result<Vec<Account>> {
        repo::all(self.kernel.db.read()).await
    }

    /// One account.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn account_show(&self, account: AccountId) -> Result<Account> {
        let found = repo::find(self.kernel.db.read(), account).await?;
        found.ok_or(Error::NotFound)
    }

    /// Refuses the account at every door: at once on this node, on others within
    /// [`crate::CoreConfig::cache_ttl`].
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn account_suspend(&self, account: AccountId) -> Result<Account> {
        self.set_status(account, AccountStatus::Suspended).await
    }

    /// Lets a suspended account in again.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn account_activate(&self, account: AccountId) -> Result<Account> {
        self.set_status(account, AccountStatus::Active).await
    }

    async fn set_status(&self, id: AccountId, status: AccountStatus) -> Result<Account> {
        let now = self.kernel.now();
        let changed = transact!(self.kernel, |tx| repo::set_status(tx, id, status, now)
            .await)
        .await?;
        self.kernel.caches.principals.invalidate_all();
        changed.ok_or(Error::NotFound)
    }
}

/// `en`, `pt_BR`, `zh-CN`: two or three letters, and perhaps a region.
fn is_locale(text: &str) -> bool {
    let mut parts = text.split(['_', '-']);
    let language = parts.next().unwrap_or_default();
    let region_fits = parts.next().is_none_or(|region| {
        (2..=4).contains(&region.len()) && region.chars().all(|c| c.is_ascii_alphanumeric())
    });
    (2..=3).contains(&language.len())
        && language.chars().all(|c| c.is_ascii_lowercase())
        && region_fits
        && parts.next().is_none()
}
