//! The seam to the database.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gatewright_core::Kernel;
use gatewright_core::delivery::{Backlog, Claimed, Ledger, Settled, Settlement, Swept, Target};
use gatewright_core::error::Result;
use gatewright_core::ids::ReceiverId;

/// Who leases which delivery and how it ended, as the engine asks for it. Each call is one unit of
/// work that may fail, take long, or have happened though its answer was lost.
///
/// It is [`Ledger`]; the simulation puts delays, errors and crashes in front of it.
#[async_trait]
pub trait Leases: Send + Sync {
    /// What all use cases share.
    fn kernel(&self) -> &Arc<Kernel>;

    /// As [`Ledger::agree_on_time`].
    async fn agree_on_time(&self) -> Result<()>;

    /// As [`Ledger::drop_leases`].
    async fn drop_leases(&self) -> Result<Swept>;

    /// As [`Ledger::backlog`].
    async fn backlog(&self) -> Result<Vec<Backlog>>;

    /// As [`Ledger::claim`].
    async fn claim(&self, receiver: ReceiverId, limit: usize) -> Result<Vec<Claimed>>;

    /// As [`Ledger::probe`].
    async fn probe(&self, receiver: ReceiverId) -> Result<Option<Claimed>>;

    /// As [`Ledger::target`].
    async fn target(&self, receiver: ReceiverId) -> Result<Option<Arc<Target>>>;

    /// As [`Ledger::forget`].
    fn forget(&self, receiver: ReceiverId);

    /// As [`Ledger::start`].
    async fn start(&self, claimed: &Claimed, left: Duration) -> Result<bool>;

    /// As [`Ledger::settle`].
    async fn settle(&self, batch: &[Settled]) -> Result<Settlement>;

    /// As [`Ledger::give_back`].
    async fn give_back(&self, claimed: &[Claimed]) -> Result<()>;

    /// As [`Ledger::notify`].
    async fn notify(&self, receivers: &[ReceiverId]) -> Result<()>;

    /// As [`Ledger::sweep`].
    async fn sweep(&self) -> Result<Swept>;

    /// As [`Ledger::prune`].
    async fn prune(&self) -> Result<u64>;
}

#[async_trait]
impl Leases for Ledger {
    fn kernel(&self) -> &Arc<Kernel> {
        self.kernel()
    }

    async fn agree_on_time(&self) -> Result<()> {
        self.agree_on_time().await
    }

    async fn drop_leases(&self) -> Result<Swept> {
        self.drop_leases().await
    }

    async fn backlog(&self) -> Result<Vec<Backlog>> {
        self.backlog().await
    }

    async fn claim(&self, receiver: ReceiverId, limit: usize) -> Result<Vec<Claimed>> {
        self.claim(receiver, limit).await
    }

    async fn probe(&self, receiver: ReceiverId) -> Result<Option<Claimed>> {
        self.probe(receiver).await
    }

    async fn target(&self, receiver: ReceiverId) -> Result<Option<Arc<Target>>> {
        self.target(receiver).await
    }

    fn forget(&self, receiver: ReceiverId) {
        self.forget(receiver);
    }

    async fn start(&self, claimed: &Claimed, left: Duration) -> Result<bool> {
        self.start(claimed, left).await
    }

    async fn settle(&self, batch: &[Settled]) -> Result<Settlement> {
        self.settle(batch).await
    }

    async fn give_back(&self, claimed: &[Claimed]) -> Result<()> {
        self.give_back(claimed).await
    }

    async fn notify(&self, receivers: &[ReceiverId]) -> Result<()> {
        self.notify(receivers).await
    }

    async fn sweep(&self) -> Result<Swept> {
        self.sweep().await
    }

    async fn prune(&self) -> Result<u64> {
        self.prune().await
    }
}
