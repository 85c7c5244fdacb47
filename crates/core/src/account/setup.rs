use std::sync::Arc;

use crate::error::{Error, Result};
use crate::kernel::Kernel;
use crate::model::{Account, User};

/// What is done once per installation.
#[derive(Clone)]
pub struct Setup {
    kernel: Arc<Kernel>,
}

/// What the first start made.
#[derive(Debug, Clone)]
pub struct FirstStart {
    /// The first account.
    pub account: Account,
    /// Its administrator.
    pub user: User,
    /// The administrator's token, in clear.
    pub token: String,
}

impl Setup {
    /// The setup of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// Makes the first account, its administrator and its token; `None` when an account exists.
    /// Of several nodes that start together, one makes them.
    ///
    /// # Errors
    /// Database errors.
    pub async fn first_start(&self) -> Result<Option<FirstStart>> {
        let _ = &self.kernel;
        Err(Error::internal("not written"))
    }

    /// The installation's id: 8 random base58 characters, made once.
    ///
    /// # Errors
    /// Database errors.
    pub async fn installation_id(&self) -> Result<String> {
        Err(Error::internal("not written"))
    }

    /// Checks that the stored secrets were sealed under this master key, and remembers the key's
    /// fingerprint the first time.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] naming `secrets.master_key` when it is another key.
    pub async fn check_master_key(&self) -> Result<()> {
        Err(Error::internal("not written"))
    }
}
