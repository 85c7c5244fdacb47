//! What lies between a node's engine and the database: calls are slow, fail, or happen though their
//! answers are lost. A crashed node's calls never end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use gatewright_core::Kernel;
use gatewright_core::delivery::{Backlog, Claimed, Ledger, Settled, Settlement, Swept, Target};
use gatewright_core::error::{Error, Result};
use gatewright_core::ids::ReceiverId;
use gatewright_delivery::Leases;
use tokio::time::{Instant, sleep, sleep_until};

use crate::chance::Chance;
use crate::world::World;

/// A node's way to the database, and whether the node lives.
pub(crate) struct Link {
    pub(crate) node: u32,
    pub(crate) world: Arc<World>,
    /// Counts down to the statement that fails.
    pub(crate) fails_in: Arc<AtomicI64>,
    chance: Mutex<Chance>,
    dead: AtomicBool,
    stalled_until: Mutex<Instant>,
    slow: Mutex<BTreeMap<&'static str, Duration>>,
}

impl Link {
    pub(crate) fn new(node: u32, world: Arc<World>, seed: u64) -> Self {
        Self {
            node,
            world,
            fails_in: Arc::new(AtomicI64::new(-1)),
            chance: Mutex::new(Chance::new(seed)),
            dead: AtomicBool::new(false),
            stalled_until: Mutex::new(Instant::now()),
            slow: Mutex::default(),
        }
    }

    pub(crate) fn die(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// No call gets through for a while, and no answer.
    pub(crate) fn stall(&self, length: Duration) {
        *self.stalled_until.lock().unwrap() = Instant::now() + length;
    }

    /// Answers to calls of this name take so long.
    pub(crate) fn slow(&self, call: &'static str, length: Duration) {
        self.slow.lock().unwrap().insert(call, length);
    }

    /// All calls get through at once.
    pub(crate) fn heal(&self) {
        self.stall(Duration::ZERO);
        self.slow.lock().unwrap().clear();
    }

    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut Chance) -> T) -> T {
        draw(&mut self.chance.lock().unwrap())
    }

    /// A dead node goes no further than this.
    pub(crate) async fn live(&self) {
        if self.is_dead() {
            std::future::pending::<()>().await;
        }
    }

    /// Makes a call, with all that may happen to it on the way.
    pub(crate) async fn call<T>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.travel().await;
        let rough = self.world.weather.lock().unwrap().rough;
        let outage = self.world.weather.lock().unwrap().outage_until;
        if Instant::now() < outage || (rough && self.draw(|chance| chance.percent(3))) {
            return Err(Error::internal("the call failed"));
        }
        if rough && self.draw(|chance| chance.percent(4)) {
            let statement = self.draw(|chance| chance.between(1, 8));
            let statement = i64::try_from(statement).unwrap();
            self.fails_in.store(statement, Ordering::Relaxed);
        }
        let result = work.await;
        self.fails_in.store(-1, Ordering::Relaxed);
        let slow = self.slow.lock().unwrap().get(name).copied();
        if let Some(length) = slow {
            sleep(length).await;
        }
        self.travel().await;
        if rough && self.draw(|chance| chance.percent(2)) {
            return Err(Error::internal("the answer was lost"));
        }
        result
    }

    async fn travel(&self) {
        self.live().await;
        let rough = self.world.weather.lock().unwrap().rough;
        let luck = self.draw(|chance| chance.between(0, 99));
        match (rough, luck) {
            (false, 0..85) | (true, 0..50) => {}
            (false, _) => sleep(self.draw(|chance| chance.millis(1, 10))).await,
            (true, 50..75) => tokio::task::yield_now().await,
            (true, 75..96) => sleep(self.draw(|chance| chance.millis(1, 60))).await,
            (true, _) => sleep(self.draw(|chance| chance.millis(60, 3000))).await,
        }
        let stalled_until = *self.stalled_until.lock().unwrap();
        if Instant::now() < stalled_until {
            sleep_until(stalled_until).await;
        }
        self.live().await;
    }
}

/// The real ledger behind a link.
pub(crate) struct Linked {
    pub(crate) ledger: Ledger,
    pub(crate) link: Arc<Link>,
}

#[async_trait]
impl Leases for Linked {
    fn kernel(&self) -> &Arc<Kernel> {
        self.ledger.kernel()
    }

    /// The model has no clock of its own to ask.
    async fn agree_on_time(&self) -> Result<()> {
        self.ledger.agree_on_time().await
    }

    async fn drop_leases(&self) -> Result<Swept> {
        self.link
            .call("drop_leases", self.ledger.drop_leases())
            .await
    }

    async fn backlog(&self) -> Result<Vec<Backlog>> {
        self.link.call("backlog", self.ledger.backlog()).await
    }

    async fn claim(&self, receiver: ReceiverId, limit: usize) -> Result<Vec<Claimed>> {
        self.link
            .call("claim", self.ledger.claim(receiver, limit))
            .await
    }

    async fn probe(&self, receiver: ReceiverId) -> Result<Option<Claimed>> {
        self.link.call("probe", self.ledger.probe(receiver)).await
    }

    async fn target(&self, receiver: ReceiverId) -> Result<Option<Arc<Target>>> {
        self.link.call("target", self.ledger.target(receiver)).await
    }

    fn forget(&self, receiver: ReceiverId) {
        self.ledger.forget(receiver);
    }

    async fn start(&self, claimed: &Claimed, left: Duration) -> Result<bool> {
        self.link
            .call("start", self.ledger.start(claimed, left))
            .await
    }

    async fn settle(&self, batch: &[Settled]) -> Result<Settlement> {
        self.link.call("settle", self.ledger.settle(batch)).await
    }

    async fn give_back(&self, claimed: &[Claimed]) -> Result<()> {
        self.link
            .call("give_back", self.ledger.give_back(claimed))
            .await
    }

    async fn notify(&self, receivers: &[ReceiverId]) -> Result<()> {
        self.link
            .call("notify", self.ledger.notify(receivers))
            .await
    }

    async fn sweep(&self) -> Result<Swept> {
        self.link.call("sweep", self.ledger.sweep()).await
    }

    async fn prune(&self) -> Result<u64> {
        self.link.call("prune", self.ledger.prune()).await
    }
}
