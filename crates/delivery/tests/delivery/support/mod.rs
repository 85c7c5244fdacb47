//! A gateway's delivery side on a database of its own.

mod channel;
mod databases;
mod message;
pub(crate) mod rows;
mod sink;
mod snapshot;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use gatewright_core::channel::plugin;
use gatewright_core::cipher::Cipher;
use gatewright_core::delivery::{FailMessage, Ledger};
use gatewright_core::error::Result;
use gatewright_core::ids::{AccountId, MessageId, ReceiverId};
use gatewright_core::kernel::{Kernel, KernelParts};
use gatewright_core::outbox::Recorded;
use gatewright_core::registry::Registry;
use gatewright_core::{Clock, CoreConfig, Randomness, Timestamp};
use gatewright_delivery::{Engine, EngineConfig};
use gatewright_egress::{Client, ClientConfig, Policy};
use gatewright_store::Database;
use sea_orm::DatabaseTransaction;

pub(crate) use channel::{Careless, Events, Messages, Scripted, accept, refuse, retry, uncertain};
pub(crate) use databases::{on_each, on_postgres};
pub(crate) use sink::Sink;

/// Far longer than any test runs.
pub(crate) const LONG: Duration = Duration::from_hours(1);

/// A clock that stands still until it is told to move.
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn set(&self, at: Timestamp) {
        self.0.store(at.0, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Repeatable, never repeating bytes.
struct TestRandomness(AtomicU64);

impl Randomness for TestRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            chunk.copy_from_slice(&number.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Remembers which messages were marked failed.
#[derive(Default)]
pub(crate) struct Failures(Mutex<Vec<(MessageId, String, ReceiverId)>>);

impl Failures {
    pub(crate) fn all(&self) -> Vec<(MessageId, String, ReceiverId)> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl FailMessage for Failures {
    async fn fail_in(
        &self,
        _: &Kernel,
        _: &DatabaseTransaction,
        message_id: MessageId,
        reason: &str,
        except: ReceiverId,
    ) -> Result<Recorded> {
        self.0
            .lock()
            .unwrap()
            .push((message_id, reason.to_owned(), except));
        Ok(Recorded::default())
    }
}

/// One node over a database.
pub(crate) struct World {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) channel: Arc<Scripted>,
    pub(crate) failures: Arc<Failures>,
    pub(crate) account: AccountId,
}

/// Settings without chance, so that times can be foretold.
pub(crate) fn config() -> CoreConfig {
    let mut config = CoreConfig::default();
    config.delivery.jitter = 0.0;
    config.delivery.poll = LONG;
    config
}

impl World {
    pub(crate) async fn new(db: Database) -> Self {
        Self::with(db, config()).await
    }

    pub(crate) async fn with(db: Database, config: CoreConfig) -> Self {
        let account = rows::account(&db).await;
        Self::node(db, config, account, 1)
    }

    /// Another node over the same database; `seed` sets its randomness apart.
    pub(crate) fn node(db: Database, config: CoreConfig, account: AccountId, seed: u64) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(1_768_900_502_113_000)));
        let random: Arc<dyn Randomness> = Arc::new(TestRandomness(AtomicU64::new(seed << 32)));
        let kernel = Arc::new(Kernel::from(KernelParts {
            config,
            db,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            cipher: Cipher::new(&[7; 32], Arc::clone(&random)),
            random,
            registry: Registry::new([
                plugin::<Events>(),
                plugin::<Messages>(),
                plugin::<Careless>(),
            ]),
        }));
        let failures = Arc::new(Failures::default());
        let ledger = Ledger::with_failures(
            Arc::clone(&kernel),
            Arc::clone(&failures) as Arc<dyn FailMessage>,
        );
        Self {
            kernel,
            ledger,
            clock,
            channel: Arc::default(),
            failures,
            account,
        }
    }

    pub(crate) async fn engine(&self) -> Engine {
        let client = Client::new(ClientConfig {
            policy: Policy {
                dev: true,
                ..Policy::default()
            },
            ..ClientConfig::default()
        });
        self.engine_with(client).await
    }

    pub(crate) async fn engine_with(&self, client: Client) -> Engine {
        let config = EngineConfig {
            sweep_every: LONG,
            prune_every: LONG,
            ..EngineConfig::default()
        };
        let channel = Arc::clone(&self.channel);
        Engine::start(config, self.ledger.clone(), client, channel)
            .await
            .unwrap()
    }

    pub(crate) fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap();
        self.clock.0.fetch_add(micros, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

pub(crate) fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}
