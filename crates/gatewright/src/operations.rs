use std::sync::Arc;

use gatewright_core::account::Operator;
use gatewright_core::caller::Caller;
use gatewright_core::delivery::{Deliveries, DeliveryFilter, DeliveryRecord, DeliveryWithAttempts};
use gatewright_core::ids::{AccountId, DeliveryId, TokenId, UserId};
use gatewright_core::model::{AccountRef, Role, UserRef};
use gatewright_core::{Error as CoreError, Kernel};

use crate::{Result, assemble};

/// The operator's commands on a database, with no part of a gateway running.
///
/// A gateway that runs on the same database notices what is done here within
/// `database.cache_ttl`, and finds replayed deliveries at its next poll.
pub struct Operations {
    kernel: Arc<Kernel>,
}

impl Operations {
    pub(crate) fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// Accounts, users and tokens.
    pub fn operator(&self) -> Operator {
        Operator::new(Arc::clone(&self.kernel))
    }

    /// The deliveries of an account that match, the newest first.
    ///
    /// # Errors
    /// [`CoreError::NotFound`] without such an account.
    pub async fn deliveries(
        &self,
        account: AccountId,
        filter: &DeliveryFilter,
    ) -> Result<Vec<DeliveryRecord>> {
        let caller = self.caller(account).await?;
        Ok(Deliveries::new(Arc::clone(&self.kernel))
            .list(&caller, filter)
            .await?)
    }

    /// Sends a delivery again that has ended, in whichever account it is.
    ///
    /// # Errors
    /// [`CoreError::NotFound`] without such a delivery; [`CoreError::Unprocessable`] for one that
    /// has not ended or whose receiver is not served.
    pub async fn replay(&self, id: DeliveryId) -> Result<DeliveryWithAttempts> {
        let service = Deliveries::new(Arc::clone(&self.kernel));
        for account in self.operator().account_list().await? {
            let caller = self.caller(account.id).await?;
            match service.replay(&caller, id).await {
                Err(CoreError::NotFound) => {}
                answer => return Ok(answer?),
            }
        }
        Err(CoreError::NotFound.into())
    }

    /// Closes the database.
    pub async fn close(self) {
        assemble::close(&self.kernel.db).await;
    }

    /// The operator as a caller of the account. It has no token and no user: ids are 0.
    async fn caller(&self, account: AccountId) -> Result<Caller> {
        let account = self.operator().account_show(account).await?;
        Ok(Caller {
            account: AccountRef {
                id: account.id,
                name: account.name,
            },
            role: Role::Administrator,
            token_id: TokenId(0),
            user: UserRef {
                id: UserId(0),
                name: "Operator".to_owned(),
                available_name: "Operator".to_owned(),
                email: String::new(),
            },
            claim: None,
        })
    }
}

impl std::fmt::Debug for Operations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Operations")
    }
}
