//! Accounts, as the operator of the gateway makes and suspends them.

mod setup;

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::kernel::Kernel;
use crate::model::Account;

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
    /// [`Error::Invalid`] for a blank or too long name.
    pub async fn account_create(&self, name: &str, locale: &str) -> Result<Account> {
        let _ = (&self.kernel, name, locale);
        Err(Error::internal("not written"))
    }

    /// Every account, by id.
    ///
    /// # Errors
    /// Database errors.
    pub async fn account_list(&self) -> Result<Vec<Account>> {
        Err(Error::internal("not written"))
    }

    /// Refuses the account at every door from now on.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn account_suspend(&self, account: AccountId) -> Result<Account> {
        let _ = account;
        Err(Error::internal("not written"))
    }

    /// Lets a suspended account in again.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn account_activate(&self, account: AccountId) -> Result<Account> {
        let _ = account;
        Err(Error::internal("not written"))
    }
}
