//! A shard: what queued while its last commit was in flight becomes one transaction.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::command::{Job, Outcome};
use super::held::Share;
use super::{batch, moved};
use crate::error::{Error, Result};
use crate::kernel::Kernel;
#[cfg(feature = "sabotage")]
use crate::sabotage::{self, Bug};
use crate::transaction::transact;

/// A job and who waits for it.
pub(super) struct Draft {
    pub(super) job: Job,
    pub(super) answer: oneshot::Sender<Result<Outcome>>,
    pub(super) held: Share,
}

/// Commits drafts until every sender is gone, or until `closing` and the queue is empty.
pub(super) async fn run(
    kernel: Arc<Kernel>,
    mut queue: mpsc::Receiver<Draft>,
    closing: CancellationToken,
) {
    let most = kernel.config.intake.batch.max(1);
    let mut drafts = Vec::with_capacity(most);
    loop {
        tokio::select! {
            biased;
            () = closing.cancelled(), if !queue.is_closed() => queue.close(),
            taken = queue.recv_many(&mut drafts, most) => match taken {
                0 => return,
                _ => commit(&kernel, std::mem::take(&mut drafts)).await,
            },
        }
    }
}

/// Commits the drafts together; when that fails, one by one, so that only the bad one fails.
async fn commit(kernel: &Kernel, drafts: Vec<Draft>) {
    metrics::histogram!("gatewright_intake_batch_size").record(size(drafts.len()));
    let mut held = Vec::with_capacity(drafts.len());
    let (jobs, waiters): (Vec<Job>, Vec<_>) = drafts
        .into_iter()
        .map(|draft| {
            held.push(draft.held);
            (draft.job, draft.answer)
        })
        .unzip();
    #[cfg(feature = "sabotage")]
    if sabotage::has(Bug::AcknowledgeBeforeCommit) {
        return super::sabotage::commit(kernel, &jobs, waiters).await;
    }
    match moved::run(kernel, &jobs).await {
        Ok(outcomes) => {
            for (waiter, outcome) in waiters.into_iter().zip(outcomes) {
                answer(waiter, outcome);
            }
        }
        // What fails for want of a database fails for each job alone, too, only later.
        Err(error) if jobs.len() == 1 || matches!(error, Error::Unavailable { .. }) => {
            for waiter in waiters {
                answer(waiter, Err(error_of(&error)));
            }
        }
        Err(error) => {
            tracing::warn!(%error, jobs = jobs.len(), "a batch failed; its jobs run one by one");
            for (waiter, job) in waiters.into_iter().zip(jobs) {
                let outcome = moved::run(kernel, std::slice::from_ref(&job)).await;
                answer(
                    waiter,
                    outcome.and_then(|mut one| one.pop().unwrap_or_else(lost)),
                );
            }
        }
    }
}

fn size(len: usize) -> f64 {
    f64::from(u32::try_from(len).unwrap_or(u32::MAX))
}

fn lost() -> Result<Outcome> {
    Err(Error::internal("a batch answered less than it was asked"))
}

/// The waiter may have gone away; what it asked for is stored all the same.
fn answer(waiter: oneshot::Sender<Result<Outcome>>, outcome: Result<Outcome>) {
    drop(waiter.send(outcome));
}

fn error_of(error: &Error) -> Error {
    match error {
        Error::Unavailable {
            reason,
            retry_after_s,
        } => Error::Unavailable {
            reason,
            retry_after_s: *retry_after_s,
        },
        other => Error::internal(format!("{other}: {}", causes(other))),
    }
}

fn causes(error: &Error) -> String {
    std::error::Error::source(error).map_or(String::new(), ToString::to_string)
}

/// Runs jobs in a transaction of their own and tells the delivery engine after the commit.
/// Deadlocks and serialization failures are tried again.
///
/// # Errors
/// Database errors.
pub(crate) async fn run_jobs(kernel: &Kernel, jobs: &[Job]) -> Result<Vec<Result<Outcome>>> {
    let (outcomes, recorded) = transact!(kernel, |tx| batch::run(kernel, tx, jobs).await).await?;
    recorded.publish(kernel);
    Ok(outcomes)
}
