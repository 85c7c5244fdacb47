//! One process of the gateway, from its start to its crash.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use gatewright_core::channel::plugin;
use gatewright_core::cipher::Cipher;
use gatewright_core::delivery::Ledger;
use gatewright_core::dispatch::{Born, Slot};
use gatewright_core::event::{Event, EventName, Origin, Snapshot};
use gatewright_core::ids::{AccountId, DeliveryId, EventId, ReceiverId};
use gatewright_core::kernel::{Kernel, KernelParts};
use gatewright_core::model::AccountRef;
use gatewright_core::registry::Registry;
use gatewright_core::{CoreConfig, Randomness, Timestamp};
use gatewright_delivery::{Engine, EngineConfig};
use gatewright_egress::{Client, ClientConfig};
use sea_orm::IntoMockRow;
use tokio::time::Instant;

use crate::chance::Dice;
use crate::link::{Link, Linked};
use crate::model::{ACTIVE, Connection, Model, Note, Observer, PROBING};
use crate::receiver::{Careful, Careless, Wire};
use crate::rows;
use crate::world::World;

/// A running node.
pub(crate) struct Node {
    pub(crate) link: Arc<Link>,
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) engine: Engine,
}

struct Reporter {
    world: Arc<World>,
    node: u32,
}

impl Observer for Reporter {
    fn changed(&self, model: &Model, note: Note) {
        self.world
            .watch
            .lock()
            .unwrap()
            .changed(model, self.node, note);
    }
}

impl Node {
    /// Starts it. `number` is no other node's of the history.
    pub(crate) async fn start(world: &Arc<World>, number: u32, seed: u64) -> Arc<Self> {
        let seed = seed ^ (u64::from(number) << 32);
        let link = Arc::new(Link::new(number, Arc::clone(world), seed));
        let kernel = kernel(world, &link, seed);
        let linked = Linked {
            ledger: Ledger::new(Arc::clone(&kernel)),
            link: Arc::clone(&link),
        };
        let config = EngineConfig {
            sweep_every: Duration::from_secs(4),
            prune_every: Duration::from_hours(1_000),
            drop_leases: false,
        };
        let wire = Arc::new(Wire {
            link: Arc::clone(&link),
        });
        let engine = Engine::start(config, linked, client(), wire).await.unwrap();
        Arc::new(Self {
            link,
            kernel,
            engine,
        })
    }

    /// Writes an event for receivers, as the write path does: what may start at once is born leased
    /// and handed over, if the transaction and its answer come through.
    pub(crate) async fn write(
        self: Arc<Self>,
        receivers: Vec<i64>,
        lane: Option<i64>,
        poison: bool,
    ) {
        let mut born = Vec::new();
        let mut queued = Vec::new();
        let written = self
            .link
            .call("write", async {
                (born, queued) = self.write_once(&receivers, lane, poison);
                Ok(())
            })
            .await;
        if written.is_ok() {
            if !born.is_empty() {
                self.kernel.dispatch().born(born);
            }
            if !queued.is_empty() {
                self.kernel.dispatch().wake(&queued);
            }
        }
    }

    fn write_once(
        &self,
        receivers: &[i64],
        lane: Option<i64>,
        poison: bool,
    ) -> (Vec<Born>, Vec<ReceiverId>) {
        let world = &self.link.world;
        let length = world.config.timeout + world.config.lease_slack;
        let until = Instant::now() + length;
        let token = self.kernel.random.number();
        let mut model = world.model.lock().unwrap();
        let event = event(model.events.len(), self.kernel.now());
        let stored = rows::event(&event).into_mock_row();
        model.events.insert(event.id.get(), stored);
        let (mut born, mut queued) = (Vec::new(), Vec::new());
        for receiver in receivers {
            let state = model.receivers[receiver].state;
            if !matches!(state, ACTIVE | PROBING) {
                continue;
            }
            let id = i64::try_from(model.deliveries.len()).unwrap() + 1;
            let receiver_id = ReceiverId(*receiver);
            let first = state == ACTIVE && model.is_free(*receiver, lane);
            let slot = first
                .then(|| self.kernel.dispatch().reserve(receiver_id))
                .flatten();
            let mut row = rows::delivery(id, &event, *receiver, lane);
            if slot.is_some() {
                let length = i64::try_from(length.as_micros()).unwrap();
                (row.state, row.lease_token) = (crate::model::LEASED, Some(token));
                row.lease_until = Some(model.now() + length);
            }
            model.deliveries.insert(id, row);
            if poison {
                world.weather.lock().unwrap().poison.insert(id);
            }
            let birth = Birth {
                id,
                receiver_id,
                lane,
                token,
                until,
            };
            world
                .watch
                .lock()
                .unwrap()
                .wrote(&model, self.link.node, id);
            match slot {
                Some(slot) => born.push(birth.with(slot, &event)),
                None => queued.push(receiver_id),
            }
        }
        (born, queued)
    }
}

struct Birth {
    id: i64,
    receiver_id: ReceiverId,
    lane: Option<i64>,
    token: i64,
    until: Instant,
}

impl Birth {
    fn with(self, slot: Slot, event: &Arc<Event>) -> Born {
        Born {
            id: DeliveryId(self.id),
            receiver_id: self.receiver_id,
            event: Arc::clone(event),
            lane: self.lane,
            lease_token: self.token,
            lease_until: self.until,
            slot,
        }
    }
}

/// An event without substance, quickly written and read.
pub(crate) fn event(number: usize, now: Timestamp) -> Arc<Event> {
    Arc::new(Event {
        id: EventId(i64::try_from(number).unwrap() + 1),
        account_id: AccountId(1),
        name: EventName::ReceiverDisabled,
        occurred_at: now,
        origin: Origin::default(),
        snapshot: Snapshot::new(AccountRef {
            id: AccountId(1),
            name: "Acme".to_owned(),
        }),
    })
}

fn kernel(world: &Arc<World>, link: &Link, seed: u64) -> Arc<Kernel> {
    let random: Arc<dyn Randomness> = Arc::new(Dice::new(seed));
    let reporter = Reporter {
        world: Arc::clone(world),
        node: link.node,
    };
    let config = CoreConfig {
        delivery: world.config.clone(),
        // Caches know no time but the real one, in which a history takes none.
        cache_ttl: Duration::ZERO,
        ..CoreConfig::default()
    };
    let wrong_by = i64::try_from(link.draw(|chance| chance.between(0, 600_000))).unwrap() - 300_000;
    Arc::new(Kernel::from(KernelParts {
        config,
        db: Connection::open(
            Arc::clone(&world.model),
            Arc::new(reporter),
            Arc::clone(&link.fails_in),
        ),
        clock: Arc::new(world.clock.wrong_by(wrong_by)),
        cipher: Cipher::new(&[7; 32], Arc::clone(&random)),
        random,
        registry: registry(),
    }))
}

fn registry() -> Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    let channels = || Registry::new([plugin::<Careful>(), plugin::<Careless>()]);
    REGISTRY.get_or_init(channels).clone()
}

/// Never used: all receivers are channels.
fn client() -> Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT
        .get_or_init(|| Client::new(ClientConfig::default()))
        .clone()
}
