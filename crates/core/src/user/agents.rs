use std::sync::Arc;

use super::repo;
use crate::caller::Caller;
use crate::error::Result;
use crate::kernel::Kernel;
use crate::model::User;

/// The people of an account (contract, section 4.5).
#[derive(Clone)]
pub struct Agents {
    kernel: Arc<Kernel>,
}

impl Agents {
    /// The people of this gateway's accounts.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// Everybody in the caller's account, by name.
    ///
    /// # Errors
    /// Database errors.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<User>> {
        repo::of_account(self.kernel.db.read(), caller.account_id()).await
    }
}
