use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gatewright_core::Kernel;
use gatewright_core::delivery::{Claimed, Installation};
use gatewright_core::dispatch::{Born, Dispatch, Slot};
use gatewright_core::error::Result;
use gatewright_core::event::Event;
use gatewright_core::ids::ReceiverId;
use gatewright_core::registry::ChannelDeliver;
use gatewright_egress::Client;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::attempt::ephemeral::Ephemeral;
use crate::desk::Desk;
use crate::metrics;
use crate::turns::Turns;
use crate::writer::Ended;
use crate::{EngineConfig, Leases, attempt, claimer, keeper, listen, writer};

/// The delivery engine of this node. Cheap to clone; dropping it leaves it running until
/// [`Engine::drain`].
#[derive(Clone)]
pub struct Engine {
    ctx: Arc<Ctx>,
}

/// What was left when the engine stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Attempts that were cut off. Their leases run out, and they are made again.
    pub unfinished: usize,
}

/// What the parts of the engine share.
pub(crate) struct Ctx {
    pub(crate) ledger: Arc<dyn Leases>,
    pub(crate) client: Client,
    pub(crate) channels: Arc<dyn ChannelDeliver>,
    pub(crate) installation: Installation,
    pub(crate) config: EngineConfig,
    pub(crate) desk: Arc<Desk>,
    pub(crate) turns: Turns,
    /// Cancelled first: looks for no more work.
    pub(crate) draining: CancellationToken,
    /// Cancelled last: attempts and the writer end, finished or not.
    pub(crate) stop: CancellationToken,
    /// Attempts that were ever started.
    started: AtomicU64,
    /// Whether wake-ups of other nodes are heard.
    pub(crate) listening: watch::Sender<bool>,
    ended: UnboundedSender<Ended>,
    tasks: TaskTracker,
}

/// A leased delivery with its place.
pub(crate) struct Job {
    pub(crate) claimed: Claimed,
    pub(crate) slot: Slot,
    /// Deliveries of its lane that went before it in the same place.
    pub(crate) chain: u32,
}

/// The engine, as the write path sees it. It holds no kernel, so that the kernel can hold it.
struct Entrance {
    desk: Arc<Desk>,
    arrivals: UnboundedSender<Arrival>,
}

/// What the write path hands over. Each holds a place, which bounds their number.
enum Arrival {
    Born(Job),
    Ephemeral(Ephemeral),
}

impl Engine {
    /// Starts the engine, and attaches it to the kernel.
    ///
    /// # Errors
    /// Database errors while the installation's name is read or old leases are dropped.
    pub async fn start(
        config: EngineConfig,
        ledger: impl Leases + 'static,
        client: Client,
        channels: Arc<dyn ChannelDeliver>,
    ) -> Result<Self> {
        let kernel = Arc::clone(ledger.kernel());
        let installation = Installation::load(kernel.db.read()).await?;
        ledger.agree_on_time().await?;
        if config.drop_leases {
            ledger.drop_leases().await?;
        }
        let delivery = &kernel.config.delivery;
        let desk = Desk::new(
            delivery.concurrency,
            delivery.concurrency_per_receiver,
            delivery.max_bytes,
        );
        let turns = Turns::new(delivery.concurrency, delivery.concurrency_per_receiver);
        let (ended, written) = unbounded_channel();
        let (arrivals, arrived) = unbounded_channel();
        let ctx = Arc::new(Ctx {
            ledger: Arc::new(ledger),
            client,
            channels,
            installation,
            config,
            desk: Arc::clone(&desk),
            turns,
            draining: CancellationToken::new(),
            stop: CancellationToken::new(),
            started: AtomicU64::new(0),
            listening: watch::Sender::new(false),
            ended,
            tasks: TaskTracker::new(),
        });
        kernel.attach_dispatch(Arc::new(Entrance { desk, arrivals }));
        ctx.run(writer::run(Arc::clone(&ctx), written));
        ctx.run(take_arrivals(Arc::clone(&ctx), arrived));
        ctx.run(claimer::run(Arc::clone(&ctx)));
        ctx.run(keeper::poll(Arc::clone(&ctx)));
        ctx.run(keeper::sweep(Arc::clone(&ctx)));
        ctx.run(keeper::prune(Arc::clone(&ctx)));
        ctx.run(keeper::erase(Arc::clone(&ctx)));
        ctx.run(listen::run(Arc::clone(&ctx)));
        Ok(Self { ctx })
    }

    /// Looks for what is due now, without waiting for the next poll.
    pub async fn poke(&self) {
        keeper::look(&self.ctx).await;
    }

    /// Resolves when no attempt runs, no outcome is unwritten and no receiver waits to be looked at.
    pub async fn idle(&self) {
        self.ctx.desk.quiet().await;
    }

    /// Resolves when nothing is left that is due now: erases what removed inboxes left, looks,
    /// waits until all is quiet, and looks again until that starts no attempt.
    pub async fn settle_all(&self) {
        keeper::erase_all(&self.ctx).await;
        loop {
            self.idle().await;
            let before = self.ctx.started.load(Ordering::Acquire);
            self.poke().await;
            self.idle().await;
            if self.ctx.started.load(Ordering::Acquire) == before {
                return;
            }
        }
    }

    /// Resolves when wake-ups of other nodes are heard; never on SQLite, which has one node.
    pub async fn listening(&self) {
        let mut listening = self.ctx.listening.subscribe();
        // The sender lives as long as the engine.
        drop(listening.wait_for(|listening| *listening).await);
    }

    /// Stops: takes no more work, waits for running attempts up to `deadline`, writes how they
    /// ended, and gives back what has not started.
    pub async fn drain(&self, deadline: Duration) -> Drained {
        self.ctx.desk.close();
        self.ctx.draining.cancel();
        let finished = tokio::time::timeout(deadline, self.ctx.desk.empty())
            .await
            .is_ok();
        let unfinished = if finished { 0 } else { self.ctx.desk.in_use() };
        self.ctx.stop.cancel();
        self.ctx.tasks.close();
        self.ctx.tasks.wait().await;
        Drained { unfinished }
    }

    /// Whether it takes work: neither draining nor stopped.
    pub fn is_running(&self) -> bool {
        !self.ctx.draining.is_cancelled() && !self.ctx.tasks.is_empty()
    }

    /// What all use cases share.
    pub fn kernel(&self) -> &Arc<Kernel> {
        self.ctx.ledger.kernel()
    }
}

impl Ctx {
    /// Starts an attempt.
    pub(crate) fn spawn(self: &Arc<Self>, job: Job) {
        self.started.fetch_add(1, Ordering::Release);
        let ctx = Arc::clone(self);
        let held = self.desk.hold(job.claimed.event.bytes());
        self.tasks.spawn(async move {
            let _held = held;
            tokio::select! {
                biased;
                () = attempt::run(&ctx, job) => {}
                () = ctx.stop.cancelled() => {}
            }
        });
    }

    /// Makes the one attempt of what is kept nowhere.
    fn spawn_ephemeral(self: &Arc<Self>, ephemeral: Ephemeral) {
        let ctx = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = attempt::ephemeral::run(&ctx, ephemeral) => {}
                () = ctx.stop.cancelled() => {}
            }
        });
    }

    /// Hands over how an attempt ended, with its place.
    pub(crate) fn end(&self, ended: Ended) {
        if self.ended.send(ended).is_err() {
            tracing::warn!("an outcome came after the writer had stopped; its attempt is repeated");
        }
    }

    fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }
}

/// Starts what was handed over. It goes on while the engine drains, because who reserved a place
/// before may still use it.
async fn take_arrivals(ctx: Arc<Ctx>, mut arrived: UnboundedReceiver<Arrival>) {
    loop {
        tokio::select! {
            biased;
            () = ctx.stop.cancelled() => return,
            arrival = arrived.recv() => match arrival {
                Some(Arrival::Born(job)) => ctx.spawn(job),
                Some(Arrival::Ephemeral(ephemeral)) => ctx.spawn_ephemeral(ephemeral),
                None => return,
            },
        }
    }
}

impl Dispatch for Entrance {
    fn reserve(&self, receiver: ReceiverId) -> Option<Slot> {
        self.desk.take(receiver)
    }

    fn born(&self, deliveries: Vec<Born>) {
        for born in deliveries {
            let job = Job {
                claimed: Claimed::from(&born),
                slot: born.slot,
                chain: 0,
            };
            // After the end the lease runs out, and another node or the next start sends it.
            drop(self.arrivals.send(Arrival::Born(job)));
        }
    }

    fn ephemeral(&self, receiver_id: ReceiverId, event: Arc<Event>) {
        let Some(slot) = self.desk.take_spare(receiver_id) else {
            return metrics::ephemeral("dropped");
        };
        let ephemeral = Ephemeral {
            receiver_id,
            event,
            slot,
        };
        drop(self.arrivals.send(Arrival::Ephemeral(ephemeral)));
    }

    fn wake(&self, receivers: &[ReceiverId]) {
        self.desk.want(receivers.iter().copied(), true);
    }
}
