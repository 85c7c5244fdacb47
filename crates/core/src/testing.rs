//! What the tests of this crate share: a database of their own, a clock, fake channels, callers.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use gatewright_channel::{
    Channel, ChannelDescriptor, ChannelError, InboundAuth, InboundRoute, InboxKey, Outbound,
    Plugin, PublicClient, SourceIdRule,
};
use gatewright_store::{Database, DatabaseConfig};
use sea_orm::{ConnectionTrait, Database as Orm, Statement};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::access::Access;
use crate::account::Operator;
use crate::caller::Caller;
use crate::channel;
use crate::cipher::Cipher;
use crate::config::CoreConfig;
use crate::inbox::{InboxChange, InboxCreated, Inboxes};
use crate::kernel::{Kernel, KernelParts};
use crate::model::{Account, Role};
use crate::random::{Randomness, SystemRandomness};
use crate::registry::Registry;
use crate::time::{Clock, Timestamp};
use crate::user::UserCreate;

/// A kernel over an empty database of its own.
pub(crate) struct World {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) database: DatabaseConfig,
    dir: TempDir,
}

impl Drop for World {
    /// A PostgreSQL database goes with its world. A thread of its own, as dropping cannot wait.
    fn drop(&mut self) {
        let Some(server) = server() else { return };
        let (_, name) = self.database.url.rsplit_once('/').unwrap();
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(run(&server, &sql));
        });
        dropping.join().unwrap();
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let database = DatabaseConfig::new(database_url(dir.path()).await);
        let clock = Arc::new(ManualClock(AtomicI64::new(1_754_561_394_726_519)));
        let db = Database::open(&database).await.unwrap();
        gatewright_store::migrate(&db).await.unwrap();
        let kernel = kernel(db, Arc::clone(&clock), [7; 32], dir.path());
        Self {
            kernel,
            clock,
            database,
            dir,
        }
    }

    /// Another node over the same database.
    pub(crate) async fn second_node(&self, master_key: [u8; 32]) -> Arc<Kernel> {
        let db = Database::open(&self.database).await.unwrap();
        kernel(db, Arc::clone(&self.clock), master_key, self.dir.path())
    }

    /// Another node over the same database, and how many statements it has made.
    pub(crate) async fn counting_node(&self) -> (Arc<Kernel>, Arc<AtomicU32>) {
        let statements = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&statements);
        let observe = move |_: &Statement| {
            counted.fetch_add(1, Ordering::SeqCst);
        };
        (self.observed_node(observe).await, statements)
    }

    /// Another node over the same database, of which every statement is shown.
    pub(crate) async fn observed_node(
        &self,
        observe: impl Fn(&Statement) + Send + Sync + 'static,
    ) -> Arc<Kernel> {
        let mut db = Database::open(&self.database).await.unwrap();
        db.on_statement(observe);
        kernel(db, Arc::clone(&self.clock), [7; 32], self.dir.path())
    }

    pub(crate) fn operator(&self) -> Operator {
        Operator::new(Arc::clone(&self.kernel))
    }

    pub(crate) fn inboxes(&self) -> Inboxes {
        Inboxes::new(Arc::clone(&self.kernel))
    }

    pub(crate) async fn account(&self, name: &str) -> Account {
        self.operator().account_create(name, "en").await.unwrap()
    }

    /// A new user in the account, past the door.
    pub(crate) async fn caller(&self, account: &Account, role: Role) -> Caller {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let create = UserCreate {
            account_id: account.id,
            email: format!("user{number}@example.com"),
            name: format!("User {number}"),
            password: None,
            role,
        };
        let created = self.operator().user_create(create).await.unwrap();
        let access = Access::new(Arc::clone(&self.kernel));
        let principal = access.authenticate(Some(&created.token)).await.unwrap();
        access.enter(&principal, account.id).await.unwrap()
    }

    pub(crate) async fn administrator(&self) -> Caller {
        let account = self.account("Acme").await;
        self.caller(&account, Role::Administrator).await
    }

    /// An inbox of the channel with these settings.
    pub(crate) async fn inbox(&self, by: &Caller, channel: &str, settings: Value) -> InboxCreated {
        let create = InboxChange {
            name: Some("An inbox".to_owned()),
            channel: Some(with_type(channel, settings)),
            ..InboxChange::default()
        };
        self.inboxes().create(by, create).await.unwrap()
    }
}

/// The map of an object.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

/// The settings with the channel's id among them, as requests carry them.
pub(crate) fn with_type(channel: &str, settings: Value) -> Map<String, Value> {
    let mut map = object(settings);
    map.insert("type".to_owned(), channel.into());
    map
}

fn kernel(db: Database, clock: Arc<ManualClock>, master_key: [u8; 32], dir: &Path) -> Arc<Kernel> {
    let mut config = CoreConfig::default();
    config.attachments.path = dir.join("attachments");
    let random: Arc<dyn Randomness> = Arc::new(SystemRandomness);
    Arc::new(Kernel::from(KernelParts {
        config,
        db,
        clock,
        cipher: Cipher::new(&master_key, Arc::clone(&random)),
        random,
        registry: Registry::new([FakePlugin::events(), FakePlugin::messages()]),
    }))
}

/// A clock that stands still until it is moved.
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(crate) fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap();
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Two channels: `relay` takes events and knows the public client; `phone` takes messages and
/// names contacts by their numbers.
struct FakePlugin(ChannelDescriptor);

impl FakePlugin {
    fn events() -> Arc<dyn Plugin> {
        let target = Outbound::Events {
            target: "/webhook_url".into(),
        };
        let mut of = ChannelDescriptor::new("relay", "Relay", "1", "Channel::Relay", target);
        of.public_client = Some(PublicClient {
            hmac_mandatory: "/hmac_mandatory".into(),
        });
        of.public_settings = vec!["webhook_url".to_owned(), "hmac_mandatory".to_owned()];
        of.inbound = vec![route(InboxKey::Setting("/number".into()))];
        of.settings_schema = json!({ "properties": {
            "webhook_url": { "type": ["string", "null"] },
            "hmac_mandatory": { "type": "boolean" },
            "number": { "type": ["string", "null"] },
            "api_key": { "type": ["string", "null"], "x-secret": true }
        } });
        Arc::new(Self(of))
    }

    fn messages() -> Arc<dyn Plugin> {
        let mut of =
            ChannelDescriptor::new("phone", "Phone", "1", "Channel::Phone", Outbound::Messages);
        of.source_id = SourceIdRule::PhoneDigits;
        of.inbound = vec![route(InboxKey::Path("token".to_owned()))];
        of.settings_schema = json!({ "properties": {} });
        Arc::new(Self(of))
    }
}

fn route(inbox: InboxKey) -> InboundRoute {
    InboundRoute {
        method: "POST".to_owned(),
        path: "/webhooks/fake".to_owned(),
        auth: InboundAuth::Channel,
        inbox,
        summary: String::new(),
        request_schema: Value::Null,
        response_schema: Value::Null,
        max_body_bytes: 0,
    }
}

impl Plugin for FakePlugin {
    fn descriptor(&self) -> &ChannelDescriptor {
        &self.0
    }

    fn open(&self, settings: &Value) -> Result<Box<dyn Channel>, ChannelError> {
        if settings.get("webhook_url").and_then(Value::as_str) == Some("refuse") {
            return Err(ChannelError::invalid_setting(
                "webhook_url",
                "must be another one",
            ));
        }
        Ok(Box::new(FakeChannel))
    }

    fn migrate(&self, _: u32, settings: Value) -> Result<Value, ChannelError> {
        Ok(settings)
    }

    fn normalize(&self, settings: &Value) -> Result<Value, ChannelError> {
        let declared = self.0.settings_schema["properties"].as_object().unwrap();
        let mut full = Map::new();
        for (name, schema) in declared {
            let given = settings.get(name).cloned();
            let default = if schema["type"] == "boolean" {
                json!(false)
            } else {
                Value::Null
            };
            full.insert(name.clone(), given.unwrap_or(default));
        }
        Ok(Value::Object(full))
    }
}

struct FakeChannel;

#[async_trait::async_trait]
impl Channel for FakeChannel {
    async fn receive(
        &self,
        _: &dyn channel::HostServices,
        _: channel::InboundRequest,
    ) -> Result<channel::Received, ChannelError> {
        Err(ChannelError::Unavailable)
    }

    async fn deliver(
        &self,
        _: &dyn channel::HostServices,
        _: channel::Delivery,
    ) -> channel::DeliveryOutcome {
        unreachable!("the tests of core deliver nothing")
    }
}

/// URL of an empty database: a SQLite file in `folder`, or a database of its own on the server that
/// `GATEWRIGHT_TEST_DATABASE_URL` names.
pub(crate) async fn database_url(folder: &Path) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Some(server) = server() else {
        return format!("sqlite://{}", folder.join("test.db").display());
    };
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let name = format!("gw_core_{}_{number}", std::process::id());
    run(
        &server,
        &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
    )
    .await;
    run(&server, &format!("CREATE DATABASE {name}")).await;
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

async fn run(server: &str, sql: &str) {
    let connection = Orm::connect(server).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

fn server() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the tests' one switch")]
    let url = std::env::var("GATEWRIGHT_TEST_DATABASE_URL").ok();
    url.filter(|url| !url.is_empty())
}
