//! Who calls: tokens to principals, principals to callers (contract, sections 1.1 and 1.3).

use std::sync::Arc;

use crate::caller::{Caller, Principal};
use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::kernel::Kernel;

/// The door: proves who calls and whether it may enter an account.
#[derive(Clone)]
pub struct Access {
    kernel: Arc<Kernel>,
}

impl Access {
    /// The door of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// The owner of a token. A blank token counts as none.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] without a token or with one that nobody has.
    pub async fn authenticate(&self, token: Option<&str>) -> Result<Arc<Principal>> {
        let _ = (&self.kernel, token);
        Err(Error::internal("not written"))
    }

    /// Lets a principal into an account.
    ///
    /// # Errors
    /// In the contract's order: [`Error::NotFound`] without such an account, then
    /// [`crate::error::Denied::Suspended`], then [`crate::error::Denied::NotMember`].
    pub async fn enter(&self, principal: &Principal, account: AccountId) -> Result<Caller> {
        let _ = (principal, account);
        Err(Error::internal("not written"))
    }
}
