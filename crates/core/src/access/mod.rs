//! Who calls: tokens to principals, principals to callers (contract, sections 1.1 and 1.3).

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::account;
use crate::caller::{Caller, Principal};
use crate::cipher::sha256_hex;
use crate::error::{Denied, Error, Result, Unauthenticated};
use crate::ids::AccountId;
use crate::kernel::Kernel;
use crate::model::AccountStatus;
use crate::user;

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
        let token = token.map(str::trim).filter(|token| !token.is_empty());
        let token = token.ok_or(Error::Unauthenticated(Unauthenticated::Missing))?;
        let hash = sha256_hex(token.as_bytes());
        let cache = &self.kernel.caches.principals;
        if let Some(principal) = cache.get(&hash) {
            return Ok(principal);
        }
        let found = user::repo::by_token_hash(self.kernel.db.read(), &hash).await?;
        let found = found.ok_or(Error::Unauthenticated(Unauthenticated::InvalidToken))?;
        let principal = Arc::new(found);
        cache.insert(hash, Arc::clone(&principal));
        Ok(principal)
    }

    /// Lets a principal into an account.
    ///
    /// # Errors
    /// In the contract's order: [`Error::NotFound`] without such an account, then
    /// [`Denied::Suspended`], then [`Denied::NotMember`].
    pub async fn enter(&self, principal: &Principal, account: AccountId) -> Result<Caller> {
        let memberships = &principal.user.memberships;
        match memberships
            .iter()
            .find(|membership| membership.account_id == account)
        {
            Some(membership) => Caller::enter(principal, membership),
            None => Err(self.refusal(account).await?),
        }
    }

    /// Why somebody who is not a member stays outside.
    async fn refusal(&self, account: AccountId) -> Result<Error> {
        let found = account::repo::find(self.kernel.db.read(), account).await?;
        Ok(match found.map(|account| account.status) {
            None => Error::NotFound,
            Some(AccountStatus::Suspended) => Error::Denied(Denied::Suspended),
            Some(AccountStatus::Active) => Error::Denied(Denied::NotMember),
        })
    }
}
