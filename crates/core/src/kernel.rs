//! What all use cases share.

use std::hash::Hash;
use std::sync::{Arc, OnceLock};

use gatewright_store::Database;
use moka::sync::Cache;

use crate::attachment::{BlobStore, Links, Signer};
use crate::caller::Principal;
use crate::cipher::Cipher;
use crate::config::CoreConfig;
use crate::conversation::Located;
use crate::delivery::Target;
use crate::dispatch::{Dispatch, NoDispatch};
use crate::idempotency::RunningKeys;
use crate::ids::{AccountId, DisplayId, InboxId, ReceiverId};
use crate::model::Inbox;
use crate::random::Randomness;
use crate::receiver::Receivers;
use crate::registry::{ChannelRuntime, Registry};
use crate::storage::Storage;
use crate::time::{Clock, Timestamp};

/// Configuration, database, clock, randomness, channels and caches. Services hold it in an `Arc`.
pub struct Kernel {
    /// Settings.
    pub config: CoreConfig,
    /// The database.
    pub db: Database,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Randomness>,
    /// Secrets at rest.
    pub cipher: Cipher,
    /// The channels.
    pub registry: Registry,
    /// The bytes of files.
    pub blobs: BlobStore,
    /// Room on the disks.
    pub storage: Arc<Storage>,
    pub(crate) signer: Signer,
    /// Short-lived copies of what rarely changes.
    pub caches: Caches,
    pub(crate) running: RunningKeys,
    pub(crate) dispatch: OnceLock<Arc<dyn Dispatch>>,
    pub(crate) runtime: OnceLock<Arc<dyn ChannelRuntime>>,
}

/// What a [`Kernel`] is made of.
pub struct KernelParts {
    /// Settings.
    pub config: CoreConfig,
    /// The database, migrated.
    pub db: Database,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Randomness>,
    /// Secrets at rest.
    pub cipher: Cipher,
    /// The channels.
    pub registry: Registry,
}

impl From<KernelParts> for Kernel {
    /// Empty caches, nothing attached, and no file looked at.
    fn from(parts: KernelParts) -> Self {
        Self {
            caches: Caches::new(&parts.config),
            blobs: BlobStore::new(parts.config.attachments.path.clone()),
            storage: Arc::new(Storage::new(
                &parts.config.storage,
                &parts.config.attachments,
            )),
            signer: Signer::new(&parts.cipher),
            running: RunningKeys::default(),
            config: parts.config,
            db: parts.db,
            clock: parts.clock,
            random: parts.random,
            cipher: parts.cipher,
            registry: parts.registry,
            dispatch: OnceLock::new(),
            runtime: OnceLock::new(),
        }
    }
}

impl Kernel {
    /// Rows that one transaction removes: few, since on SQLite nobody else writes meanwhile.
    pub(crate) fn batch(&self) -> u64 {
        u64::from(self.config.retention.batch)
    }

    /// Lets others write between two transactions that remove rows.
    pub(crate) async fn breathe(&self) {
        let pause = self.config.retention.pause;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Now, for leases and for what is due.
    pub fn steady(&self) -> Timestamp {
        self.clock.steady()
    }

    /// Makes links to files that are good from now on.
    pub(crate) fn links(&self) -> Links<'_> {
        Links::new(self)
    }

    /// The delivery engine of this node; one that takes nothing while none is attached.
    pub fn dispatch(&self) -> &dyn Dispatch {
        self.dispatch
            .get()
            .map_or(&NoDispatch, |dispatch| dispatch.as_ref())
    }

    /// Attaches the delivery engine; the first one stays.
    pub fn attach_dispatch(&self, dispatch: Arc<dyn Dispatch>) {
        drop(self.dispatch.set(dispatch));
    }

    /// The running inboxes, once attached.
    pub fn runtime(&self) -> Option<&Arc<dyn ChannelRuntime>> {
        self.runtime.get()
    }

    /// Attaches the running inboxes; the first ones stay.
    pub fn attach_runtime(&self, runtime: Arc<dyn ChannelRuntime>) {
        drop(self.runtime.set(runtime));
    }
}

/// Copies of found rows, believed for at most [`CoreConfig::cache_ttl`] and dropped on change.
/// Absence is never cached, nor is anything that counts.
pub struct Caches {
    /// Token owners, by the token's hash.
    pub principals: Cache<String, Arc<Principal>>,
    /// Inboxes.
    pub inboxes: Cache<InboxId, Arc<Inbox>>,
    /// Public identifiers of inboxes.
    pub identifiers: Cache<String, InboxId>,
    /// Receivers of an account.
    pub receivers: Cache<AccountId, Receivers>,
    /// Where receivers are, with their signing secrets.
    pub targets: Cache<ReceiverId, Arc<Target>>,
    /// Where conversations stand, by their account and number.
    pub(crate) conversations: Cache<(AccountId, DisplayId), Located>,
}

impl Caches {
    /// Caches for these settings.
    pub fn new(config: &CoreConfig) -> Self {
        Self {
            principals: cache(config),
            inboxes: cache(config),
            identifiers: cache(config),
            receivers: cache(config),
            targets: cache(config),
            conversations: cache(config),
        }
    }
}

fn cache<K, V>(config: &CoreConfig) -> Cache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder()
        .max_capacity(10_000)
        .time_to_live(config.cache_ttl)
        .build()
}
