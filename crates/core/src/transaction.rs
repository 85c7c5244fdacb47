//! One unit of work: begin, do, commit, and all of it again when the database asks for it.

use sea_orm::DatabaseTransaction;

use crate::error::{Error, Result};
use crate::intake::shard::{ATTEMPTS, is_retryable};
use crate::kernel::Kernel;

/// Runs `work` in a transaction and commits it. A deadlock or serialization failure runs it again,
/// so it must have no effect but on the database.
///
/// # Errors
/// What `work` answers; nothing is written then.
pub(crate) async fn transact<T>(
    kernel: &Kernel,
    work: impl AsyncFn(&DatabaseTransaction) -> Result<T>,
) -> Result<T> {
    for attempt in 1.. {
        match once(kernel, &work).await {
            Err(error) if attempt < ATTEMPTS && is_retryable(&error) => {}
            done => return done,
        }
    }
    Err(Error::internal("the attempts never end"))
}

async fn once<T>(
    kernel: &Kernel,
    work: &impl AsyncFn(&DatabaseTransaction) -> Result<T>,
) -> Result<T> {
    let tx = kernel.db.begin_write().await?;
    let done = work(&tx).await?;
    tx.commit().await?;
    Ok(done)
}
