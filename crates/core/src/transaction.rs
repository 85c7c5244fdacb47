//! One unit of work: begin, do, commit, and all of it again when the database asks for it.

use sea_orm::DatabaseTransaction;

use crate::error::{Error, Result};

/// How often a transaction is tried that lost against another one.
pub(crate) const ATTEMPTS: u64 = 8;

/// `transact!(kernel, |tx| work)`: a future that runs `work` in a transaction and commits it. A
/// deadlock or serialization failure runs it again, so it must have no effect but on the database.
/// Nothing is written when `work` answers an error.
///
/// A macro, because a closure that borrows both its surroundings and the transaction makes no
/// future that is provably `Send`.
macro_rules! transact {
    ($kernel:expr, |$tx:ident| $work:expr) => {
        async {
            let mut attempt = 0;
            loop {
                attempt += 1;
                let done = match $kernel.db.begin_write().await {
                    Err(error) => Err($crate::error::Error::from(error)),
                    Ok(transaction) => {
                        let done = async {
                            let $tx = &transaction;
                            $work
                        };
                        let done = done.await;
                        $crate::transaction::finish(transaction, done).await
                    }
                };
                match done {
                    Err(error) if $crate::transaction::again(attempt, &error) => {}
                    done => break done,
                }
            }
        }
    };
}
pub(crate) use transact;

/// Commits what worked; what did not is rolled back.
pub(crate) async fn finish<T>(transaction: DatabaseTransaction, done: Result<T>) -> Result<T> {
    let value = done?;
    transaction.commit().await?;
    Ok(value)
}

/// Whether a transaction that failed so on this attempt may succeed when it is tried again.
pub(crate) fn again(attempt: u64, error: &Error) -> bool {
    let Error::Internal(cause) = error else {
        return false;
    };
    attempt < ATTEMPTS
        && cause
            .downcast_ref::<sea_orm::DbErr>()
            .is_some_and(gatewright_store::is_retryable)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::access::Access;
    use crate::contact::{ContactCreate, Contacts};
    use crate::inbox::InboxChange;
    use crate::testing::World;
    use crate::webhook::{WebhookChange, Webhooks};

    fn is_send<T: Send>(value: T) -> T {
        value
    }

    #[tokio::test]
    async fn the_futures_of_use_cases_can_change_threads() {
        let world = World::new().await;
        let kernel = || Arc::clone(&world.kernel);
        let caller = world.administrator().await;
        let (webhooks, contacts) = (Webhooks::new(kernel()), Contacts::new(kernel()));
        let (inboxes, operator) = (world.inboxes(), world.operator());
        let refused = is_send(webhooks.create(&caller, WebhookChange::default()));
        assert!(refused.await.is_err());
        let refused = is_send(inboxes.create(&caller, InboxChange::default()));
        assert!(refused.await.is_err());
        let made = is_send(contacts.create(&caller, ContactCreate::default()));
        assert!(made.await.is_ok());
        let token = is_send(operator.token_reset(caller.user.id)).await.unwrap();
        let access = Access::new(kernel());
        assert!(is_send(access.authenticate(Some(&token))).await.is_ok());
    }
}
