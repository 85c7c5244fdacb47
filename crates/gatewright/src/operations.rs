use std::sync::Arc;

use gatewright_core::account::Operator;
use gatewright_core::caller::Caller;
use gatewright_core::delivery::{
    Deliveries, DeliveryFilter, DeliveryRecord, DeliveryWithAttempts, ReplayRange,
};
use gatewright_core::ids::{AccountId, DeliveryId, ReceiverId, TokenId, UserId};
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

    /// Sends the ended deliveries of a range again, of one account or of all, and answers how many.
    ///
    /// # Errors
    /// [`CoreError::NotFound`] without such an account or receiver; [`CoreError::Unprocessable`]
    /// for a receiver that is not served, and a range without a beginning.
    pub async fn replay_range(
        &self,
        account: Option<AccountId>,
        range: &ReplayRange,
    ) -> Result<u64> {
        let service = Deliveries::new(Arc::clone(&self.kernel));
        let mut queued = None;
        for caller in self.callers(account).await? {
            let mut rest = *range;
            loop {
                let replayed = match service.replay_range(&caller, &rest).await {
                    Err(CoreError::NotFound) => break,
                    answer => answer?,
                };
                *queued.get_or_insert(0) += replayed.queued;
                match replayed.next {
                    Some(next) => rest.from_id = Some(next),
                    None => break,
                }
            }
        }
        queued.ok_or_else(|| CoreError::NotFound.into())
    }

    /// Makes dead letters of everything that is queued for a receiver, in whichever account it is,
    /// and answers how many.
    ///
    /// # Errors
    /// [`CoreError::NotFound`] without such a receiver.
    pub async fn purge(&self, receiver: ReceiverId) -> Result<u64> {
        let service = Deliveries::new(Arc::clone(&self.kernel));
        for caller in self.callers(None).await? {
            let mut purged = match service.purge(&caller, receiver).await {
                Err(CoreError::NotFound) => continue,
                answer => answer?,
            };
            let mut dead = purged.dead;
            while purged.more {
                purged = service.purge(&caller, receiver).await?;
                dead += purged.dead;
            }
            return Ok(dead);
        }
        Err(CoreError::NotFound.into())
    }

    /// Closes the database.
    pub async fn close(self) {
        assemble::close(&self.kernel.db).await;
    }

    /// The operator as a caller of this account, or of each.
    async fn callers(&self, account: Option<AccountId>) -> Result<Vec<Caller>> {
        let accounts = if let Some(account) = account {
            vec![account]
        } else {
            let all = self.operator().account_list().await?;
            all.into_iter().map(|account| account.id).collect()
        };
        let mut callers = Vec::with_capacity(accounts.len());
        for account in accounts {
            callers.push(self.caller(account).await?);
        }
        Ok(callers)
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
