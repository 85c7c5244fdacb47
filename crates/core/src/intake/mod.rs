//! The write path of every message, whoever made it.
//!
//! Commands queue in shards by conversation. A shard takes what queued while its last commit was
//! in flight and commits it as one transaction: lock, load, [`decide`], draw ids, write. Nobody is
//! answered before the commit.

pub(crate) mod batch;
mod bind;
pub mod command;
pub mod decide;
mod held;
mod label_rows;
mod moved;
#[cfg(feature = "sabotage")]
mod sabotage;
pub(crate) mod shard;
pub mod state;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use command::{
    Actor, Assign, Command, ContactSaw, Job, KeptAnswer, NewMessage, Outcome, SetLabels,
    SetMessageStatus, SetPriority, SetStatus, Submission,
};
use held::Held;
use shard::Draft;

use crate::error::{Error, Result};
use crate::kernel::Kernel;

/// The shards. They end with [`Intake::drain`], or when every handle is gone.
pub struct Intake {
    shards: Vec<mpsc::Sender<Draft>>,
    held: Held,
    tasks: TaskTracker,
    closing: CancellationToken,
}

impl Intake {
    /// Starts the shards: one on SQLite, which has one writer, else as many as configured.
    pub fn start(kernel: &Arc<Kernel>) -> Arc<Self> {
        let config = &kernel.config.intake;
        let count = match kernel.db.dialect() {
            gatewright_store::Dialect::Sqlite => 1,
            gatewright_store::Dialect::Postgres => config.shards.max(1),
        };
        let tasks = TaskTracker::new();
        let closing = CancellationToken::new();
        let shards = (0..count)
            .map(|_| {
                let (sender, queue) = mpsc::channel(config.queue.max(1));
                tasks.spawn(shard::run(Arc::clone(kernel), queue, closing.clone()));
                sender
            })
            .collect();
        tasks.close();
        Arc::new(Self {
            shards,
            held: Held::new(config.queue_bytes),
            tasks,
            closing,
        })
    }

    /// Queues a job and waits until it is committed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the queue is full, in number or in bytes; nothing was done then.
    /// Otherwise what the rules refuse.
    pub async fn submit(&self, job: Job) -> Result<Outcome> {
        let shard = usize::try_from(job.conversation_id.get()).unwrap_or(0) % self.shards.len();
        let (answer, waiter) = oneshot::channel();
        let held = self.held.take(job.command.bytes()).ok_or_else(full)?;
        self.shards[shard]
            .try_send(Draft { job, answer, held })
            .map_err(|_| full())?;
        waiter
            .await
            .map_err(|_| Error::internal("the intake stopped before it answered"))?
    }

    /// Takes no more jobs, commits what is queued, and ends. Jobs that come later are refused with
    /// [`Error::Unavailable`].
    pub async fn drain(&self) {
        self.closing.cancel();
        self.tasks.wait().await;
    }

    /// Whether every shard still runs.
    pub fn is_alive(&self) -> bool {
        !self.closing.is_cancelled() && self.tasks.len() == self.shards.len()
    }
}

fn full() -> Error {
    metrics::counter!("gatewright_intake_refused_total").increment(1);
    Error::Unavailable {
        reason: "the intake queue is full",
        retry_after_s: 1,
    }
}
