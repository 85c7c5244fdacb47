//! A deliberate bug for the proofs: jobs are answered before they are durable. A crash test that
//! does not fail with it proves nothing. Only the feature `sabotage` calls it.

use std::time::Duration;

use tokio::sync::oneshot;

use super::batch;
use super::command::{Job, Outcome};
use crate::error::Result;
use crate::kernel::Kernel;

type Waiters = Vec<oneshot::Sender<Result<Outcome>>>;

/// Runs the jobs, answers, waits, and only then commits.
pub(super) async fn commit(kernel: &Kernel, jobs: &[Job], waiters: Waiters) {
    if let Err(error) = try_commit(kernel, jobs, waiters).await {
        tracing::error!(%error, "what was acknowledged is not stored");
    }
}

async fn try_commit(kernel: &Kernel, jobs: &[Job], waiters: Waiters) -> Result<()> {
    let tx = kernel.db.begin_write().await?;
    let (outcomes, recorded) = batch::run(kernel, &tx, jobs).await?;
    for (waiter, outcome) in waiters.into_iter().zip(outcomes) {
        drop(waiter.send(outcome));
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    tx.commit().await?;
    recorded.publish(kernel);
    Ok(())
}
