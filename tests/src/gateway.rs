use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use gatewright::config::SecretText;
use gatewright::{Config, Gateway, Gatewright};
use gatewright_core::account::Setup;
use gatewright_core::ids::AccountId;
use gatewright_core::model::Role;
use gatewright_core::user::UserCreate;
use gatewright_plugin_api::ApiChannel;
use serde_json::{Value, json};

use crate::{Actor, Listener, TableReader, TestClock, TestDatabase, TestRandomness};

/// How a test's gateway differs from the usual one.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether the API channel is built in.
    pub api_channel: bool,
    /// Whether channels run behind their JSON form.
    pub loopback: bool,
    /// Pauses between attempts, in milliseconds of the test's clock.
    pub schedule_ms: &'static [u64],
    /// Attempts that hold a lane.
    pub hold_attempts: u32,
    /// Failures in a row after which a receiver is probed.
    pub probe_after: u32,
    /// Longest exchange with a receiver, in milliseconds of real time.
    pub timeout_ms: u64,
    /// How long a lease lasts beyond that, in milliseconds of real time; at least 5 s.
    pub lease_slack_ms: u64,
    /// Largest file.
    pub max_file_bytes: usize,
    /// Whatever else is different.
    pub adjust: fn(&mut Config),
}

impl Options {
    /// The usual gateway's.
    pub const USUAL: Self = Self {
        api_channel: true,
        loopback: false,
        schedule_ms: &[0, 5_000, 300_000, 1_800_000],
        hold_attempts: 4,
        probe_after: 5,
        timeout_ms: 15_000,
        lease_slack_ms: 15_000,
        max_file_bytes: 40 * 1024 * 1024,
        adjust: |_| {},
    };
}

impl Default for Options {
    fn default() -> Self {
        Self::USUAL
    }
}

/// A whole gateway of a test's own, built as the binary builds it, called without a port.
pub struct TestGateway {
    gateway: Gateway,
    router: Router,
    database: Option<TestDatabase>,
    doubles: Doubles,
    account_id: i64,
    token: String,
}

/// What all nodes of a test share. Randomness is shared, too: two nodes that drew the same numbers
/// would mint the same ids.
#[derive(Clone, Default)]
struct Doubles {
    clock: Arc<TestClock>,
    randomness: Arc<TestRandomness>,
}

impl TestGateway {
    /// The usual gateway.
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// A gateway with these options.
    pub async fn with(options: Options) -> Self {
        let database = TestDatabase::new().await;
        let doubles = Doubles::default();
        let gateway = build(&database, &doubles, options).await;
        let first = Setup::new(Arc::clone(gateway.kernel()))
            .first_start()
            .await
            .expect("the first start works")
            .expect("the database is empty");
        let router = gateway.router();
        Self {
            gateway,
            router,
            database: Some(database),
            doubles,
            account_id: first.account.id.get(),
            token: first.token,
        }
    }

    /// A second node on the same database, with the same clock. Only on PostgreSQL.
    pub async fn second_node(&self, options: Options) -> Self {
        assert!(TestDatabase::is_postgres(), "SQLite has one node");
        let database = self
            .database
            .as_ref()
            .expect("the first node owns the database");
        let gateway = build(database, &self.doubles, options).await;
        let router = gateway.router();
        Self {
            gateway,
            router,
            database: None,
            doubles: self.doubles.clone(),
            account_id: self.account_id,
            token: self.token.clone(),
        }
    }

    /// Ends the gateway without draining it, and starts another one on the same database.
    pub async fn restart(mut self, options: Options) -> Self {
        let database = self.database.take().expect("this node owns the database");
        let doubles = self.doubles.clone();
        let (account_id, token) = (self.account_id, self.token.clone());
        self.gateway.abandon().await;
        drop(self);
        let gateway = build(&database, &doubles, options).await;
        let router = gateway.router();
        Self {
            gateway,
            router,
            database: Some(database),
            doubles,
            account_id,
            token,
        }
    }

    /// Ends the gateway as a crash would; other nodes go on. [`Self::stop`] still removes its
    /// database.
    pub async fn abandon(&self) {
        self.gateway.abandon().await;
    }

    /// Drains the gateway and removes its database; what is left over fails the test.
    pub async fn stop(mut self) {
        self.gateway.drain().await.expect("the gateway drains");
        if let Some(database) = self.database.take() {
            database.remove().await;
        }
    }

    /// A reader of all tables. Close it before the gateway is stopped.
    pub async fn tables(&self) -> TableReader {
        let database = self.database.as_ref().expect("this node owns the database");
        TableReader::open(database.url()).await
    }

    /// The gateway behind the router.
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The router.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Waits until nothing is on its way: no due delivery, no attempt, no unwritten outcome.
    pub async fn settle(&self) {
        let idle = self.gateway.idle();
        tokio::time::timeout(Duration::from_mins(1), idle)
            .await
            .expect("the gateway settles");
    }

    /// Moves the clock on and lets what is due happen.
    pub async fn advance(&self, by: Duration) {
        self.doubles.clock.advance(by);
        self.gateway.wake();
        self.settle().await;
    }

    /// Sets the time of day forward; no time passes.
    pub fn jump(&self, by: Duration) {
        self.doubles.clock.jump(by);
    }

    /// The first account's id.
    pub fn account_id(&self) -> i64 {
        self.account_id
    }

    /// The first account's administrator.
    pub fn administrator(&self) -> Actor {
        Actor::new(self.router(), Some(self.token.clone()), self.account_id)
    }

    /// Somebody without a token.
    pub fn anonymous(&self) -> Actor {
        Actor::new(self.router(), None, self.account_id)
    }

    /// Somebody with a token that nobody has.
    pub fn stranger(&self) -> Actor {
        let token = "nobodynobodynobodynobody".to_owned();
        Actor::new(self.router(), Some(token), self.account_id)
    }

    /// A new agent of the first account, in no inbox.
    pub async fn agent(&self, name: &str) -> Actor {
        let create = UserCreate {
            account_id: AccountId(self.account_id),
            email: format!("{}@example.com", name.to_lowercase()),
            name: name.to_owned(),
            password: None,
            role: Role::Agent,
        };
        let made = self
            .gateway
            .operator()
            .user_create(create)
            .await
            .expect("a user is made");
        Actor::new(self.router(), Some(made.token), self.account_id)
    }

    /// A second account with an administrator of its own.
    pub async fn other_account(&self) -> Actor {
        let operator = self.gateway.operator();
        let account = operator
            .account_create("Other", "en")
            .await
            .expect("an account is made");
        let create = UserCreate {
            account_id: account.id,
            email: "other@example.com".to_owned(),
            name: "Other".to_owned(),
            password: None,
            role: Role::Administrator,
        };
        let made = operator.user_create(create).await.expect("a user is made");
        Actor::new(self.router(), Some(made.token), account.id.get())
    }

    /// An inbox of the API channel that posts to `url`.
    pub async fn inbox(&self, url: Option<String>) -> Value {
        let channel = json!({ "type": "api", "webhook_url": url });
        let body = json!({ "name": "My system", "channel": channel });
        self.administrator().post("/inboxes", &body).await.ok()
    }

    /// A contact in an inbox, and a conversation with it: the seed story's first steps.
    pub async fn conversation(&self, inbox: &Value) -> (Value, Value) {
        let administrator = self.administrator();
        let body = json!({ "name": "Ana", "inbox_id": inbox["id"], "source_id": "crm-42" });
        let contact = administrator.post("/contacts", &body).await.ok()["payload"].clone();
        let body = json!({
            "inbox_id": inbox["id"],
            "contact_id": contact["contact"]["id"],
            "source_id": "crm-42",
        });
        let conversation = administrator.post("/conversations", &body).await.ok();
        (contact, conversation)
    }

    /// A gateway, a listener behind an API inbox, and a conversation in it.
    pub async fn seeded(options: Options) -> (Self, Listener, Value) {
        let listener = Listener::start().await;
        let gateway = Self::with(options).await;
        let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
        let (_, conversation) = gateway.conversation(&inbox).await;
        gateway.settle().await;
        (gateway, listener, conversation)
    }
}

async fn build(database: &TestDatabase, doubles: &Doubles, options: Options) -> Gateway {
    let mut config = Config::default();
    config.database.url = database.url().to_owned();
    config.secrets.master_key = Some(SecretText::new(
        "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
    ));
    config.attachments.path = Some(database.folder().join("attachments"));
    config.attachments.max_file_bytes = options.max_file_bytes;
    config.egress.dev = true;
    config.channels.loopback = options.loopback;
    config.delivery.schedule = options
        .schedule_ms
        .iter()
        .copied()
        .map(Duration::from_millis)
        .collect();
    config.delivery.jitter = 0.0;
    config.delivery.hold_attempts = options.hold_attempts;
    config.delivery.probe_after = options.probe_after;
    config.delivery.timeout = Duration::from_millis(options.timeout_ms);
    config.delivery.lease_slack = Duration::from_millis(options.lease_slack_ms);
    config.http.requests_per_minute = None;
    config.retention.pause = Duration::ZERO;
    (options.adjust)(&mut config);
    let clock = Arc::<TestClock>::clone(&doubles.clock);
    let builder = Gatewright::builder()
        .config(config)
        .clock(clock)
        .randomness(Arc::<TestRandomness>::clone(&doubles.randomness));
    let builder = if options.api_channel {
        builder.channel::<ApiChannel>()
    } else {
        builder
    };
    builder.build().await.expect("the gateway is built")
}
