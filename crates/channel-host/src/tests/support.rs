//! What the host needs around it, in memory, and a listener for what it sends.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use gatewright_channel::{Delivery, InboundBody, InboundEvent, OutboundEvent, Payload, Plugin};
use gatewright_core::attributes::Attributes;
use gatewright_core::cipher::sha256_hex;
use gatewright_core::error::{Denied, Error, Result};
use gatewright_core::ids::{
    AccountId, ContactId, ContactInboxId, ConversationId, DisplayId, InboxId, MessageId, TokenId,
    UserId,
};
use gatewright_core::model::{
    AccountStatus, Contact, ContactKind, Inbox, InboxPreferences, Membership, Message,
    MessageStatus, MessageType, Role, User,
};
use gatewright_core::registry::{ChannelCall, Registry};
use gatewright_core::{Caller, Clock, Principal, Timestamp};
use gatewright_egress::{Client, ClientConfig, Policy};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::probe::{CHANNEL, Probe};
use crate::{
    ChannelHost, DeadInbound, HostConfig, Inbound, InboundContext, InboundSink, InboxSource,
    Limits, OpenInbox, StoredEvent, StoredMessage,
};

pub(crate) const NOW_S: i64 = 1_754_561_394;
pub(crate) const CANARY: &str = "CANARY-token";
pub(crate) const SIGNING: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const ACCOUNT: AccountId = AccountId(1);

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(NOW_S)
    }
}

/// A host around the probe channel.
pub(crate) struct Fixture {
    pub(crate) host: ChannelHost,
    pub(crate) source: Arc<Source>,
    pub(crate) sink: Arc<Sink>,
    pub(crate) probe: Arc<Probe>,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(HostConfig {
            public_url: "https://gw.example".to_owned(),
            ..HostConfig::default()
        })
    }

    pub(crate) fn with_limits(limits: Limits) -> Self {
        Self::with(HostConfig {
            limits,
            ..HostConfig::default()
        })
    }

    /// A fixture whose channel runs behind its JSON form, with an inbox 1.
    pub(crate) fn behind_json(settings: Value) -> Self {
        let fixture = Self::with(HostConfig {
            loopback: true,
            limits: short(),
            ..HostConfig::default()
        });
        fixture.source.put(open_inbox(1, CHANNEL, settings));
        fixture
    }

    pub(crate) fn with(config: HostConfig) -> Self {
        let (source, sink) = (Arc::new(Source::default()), Arc::new(Sink::default()));
        let probe = Probe::new();
        let policy = Policy {
            dev: true,
            ..Policy::default()
        };
        let egress = Client::new(ClientConfig {
            policy,
            ..ClientConfig::default()
        });
        let host = ChannelHost::new(
            config,
            Arc::clone(&source) as Arc<dyn InboxSource>,
            Registry::new([Arc::clone(&probe) as Arc<dyn Plugin>]),
            egress,
            Arc::new(FixedClock),
            Arc::clone(&sink) as Arc<dyn InboundSink>,
        );
        Self {
            host,
            source,
            sink,
            probe,
        }
    }

    /// A fixture whose inbox 1 has these settings.
    pub(crate) fn with_inbox(settings: Value) -> Self {
        let fixture = Self::new();
        fixture.source.put(open_inbox(1, CHANNEL, settings));
        fixture
    }

    pub(crate) async fn deliver(&self, act: &str) -> gatewright_channel::DeliveryOutcome {
        use gatewright_core::registry::ChannelDeliver as _;
        self.host.deliver(call(act)).await
    }
}

/// A delivery to inbox 1 whose event has the act as its name.
pub(crate) fn call(act: &str) -> ChannelCall {
    ChannelCall {
        inbox_id: InboxId(1),
        delivery_id: "dlv_test_1".to_owned(),
        attempt: 3,
        late: false,
        replay: false,
        delivery: Delivery::Event(OutboundEvent {
            id: "dlv_test_1".to_owned(),
            name: act.to_owned(),
            body: Payload(br#"{"a":1}"#.to_vec()),
            attempt: 3,
        }),
    }
}

/// An inbox of account 1 with the canary as its secret.
pub(crate) fn open_inbox(id: i64, channel: &str, settings: Value) -> OpenInbox {
    OpenInbox {
        inbox: Arc::new(Inbox {
            id: InboxId(id),
            account_id: ACCOUNT,
            channel: channel.to_owned(),
            name: format!("Inbox {id}"),
            settings,
            preferences: InboxPreferences::default(),
            lock_to_single_conversation: false,
            identifier: "identifier".to_owned(),
            hmac_token: "hmac_token".to_owned(),
            receiver_id: None,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }),
        secrets: json!({"token": CANARY}),
        settings_version: 2,
        signing: vec![SIGNING.to_owned()],
        webhook_secret: format!("path-secret-{id}"),
    }
}

/// Inboxes in memory.
#[derive(Default)]
pub(crate) struct Source {
    inboxes: Mutex<HashMap<InboxId, Arc<OpenInbox>>>,
    routes: Mutex<HashMap<(String, String), InboxId>>,
    hidden: Mutex<Vec<InboxId>>,
    pub(crate) down: AtomicBool,
}

impl Source {
    pub(crate) fn put(&self, open: OpenInbox) {
        self.inboxes
            .lock()
            .unwrap()
            .insert(open.inbox.id, Arc::new(open));
    }

    pub(crate) fn remove(&self, id: i64) {
        self.inboxes.lock().unwrap().remove(&InboxId(id));
    }

    pub(crate) fn route_to(&self, key: &str, id: i64) {
        let key = (CHANNEL.to_owned(), sha256_hex(key.as_bytes()));
        self.routes.lock().unwrap().insert(key, InboxId(id));
    }

    /// Takes the agents' membership of an inbox away.
    pub(crate) fn hide(&self, id: i64) {
        self.hidden.lock().unwrap().push(InboxId(id));
    }

    fn get(&self, id: InboxId) -> Option<Arc<OpenInbox>> {
        self.inboxes.lock().unwrap().get(&id).cloned()
    }
}

#[async_trait]
impl InboxSource for Source {
    async fn load(&self, inbox: InboxId) -> Result<Option<Arc<OpenInbox>>> {
        if self.down.load(Ordering::SeqCst) {
            return Err(Error::Unavailable {
                reason: "the database is busy",
                retry_after_s: 1,
            });
        }
        Ok(self.get(inbox))
    }

    async fn route(&self, channel: &str, key_hash: &str) -> Result<Option<InboxId>> {
        let key = (channel.to_owned(), key_hash.to_owned());
        Ok(self.routes.lock().unwrap().get(&key).copied())
    }

    async fn enter(&self, principal: &Principal, account: AccountId) -> Result<Caller> {
        let mut memberships = principal.user.memberships.iter();
        let membership = memberships.find(|membership| membership.account_id == account);
        Caller::enter(
            principal,
            membership.ok_or(Error::Denied(Denied::NotMember))?,
        )
    }

    async fn visible(&self, caller: &Caller, inbox: InboxId) -> Result<Arc<Inbox>> {
        let open = self.get(inbox).ok_or(Error::NotFound)?;
        let hidden = self.hidden.lock().unwrap().contains(&inbox);
        let seen =
            open.inbox.account_id == caller.account_id() && (caller.is_administrator() || !hidden);
        if seen {
            Ok(Arc::clone(&open.inbox))
        } else {
            Err(Error::NotFound)
        }
    }
}

/// Records what is stored.
#[derive(Default)]
pub(crate) struct Sink {
    pub(crate) stored: Mutex<Vec<(InboundContext, Vec<InboundEvent>)>>,
    pub(crate) dead: Mutex<Vec<DeadInbound>>,
    pub(crate) down: AtomicBool,
}

impl Sink {
    fn check(&self) -> Result<()> {
        if self.down.load(Ordering::SeqCst) {
            return Err(Error::Unavailable {
                reason: "the queue is full",
                retry_after_s: 1,
            });
        }
        Ok(())
    }

    /// The dedup keys of all stored messages.
    pub(crate) fn keys(&self) -> Vec<Option<String>> {
        let stored = self.stored.lock().unwrap();
        let events = stored.iter().flat_map(|(_, events)| events);
        let key = |event: &InboundEvent| match event {
            InboundEvent::Message(message) => Some(message.dedup_key.clone()),
            _ => None,
        };
        events.filter_map(key).collect()
    }
}

#[async_trait]
impl InboundSink for Sink {
    async fn store(
        &self,
        context: InboundContext,
        events: Vec<InboundEvent>,
    ) -> Result<Vec<StoredEvent>> {
        self.check()?;
        let stored = events.iter().map(stored).collect();
        self.stored.lock().unwrap().push((context, events));
        Ok(stored)
    }

    async fn dead(&self, letter: DeadInbound) -> Result<()> {
        self.check()?;
        self.dead.lock().unwrap().push(letter);
        Ok(())
    }
}

fn stored(event: &InboundEvent) -> StoredEvent {
    match event {
        InboundEvent::Message(message) => StoredEvent::Message(Box::new(StoredMessage {
            message: self::message(message.content.clone()),
            contact: contact(),
            replayed: false,
            echo_id: message.echo_id.clone(),
        })),
        _ => StoredEvent::Other,
    }
}

fn message(content: Option<String>) -> Message {
    Message {
        id: MessageId(7),
        account_id: ACCOUNT,
        inbox_id: InboxId(1),
        conversation_id: ConversationId(1),
        display_id: DisplayId(1),
        contact_inbox_id: ContactInboxId(1),
        seq: 1,
        message_type: MessageType::Incoming,
        content,
        content_type: "text".to_owned(),
        content_attributes: Attributes::default(),
        additional_attributes: Attributes::default(),
        private: false,
        status: MessageStatus::Sent,
        source_id: None,
        sender: None,
        attachments: Vec::new(),
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

fn contact() -> Contact {
    Contact {
        id: ContactId(1),
        account_id: ACCOUNT,
        name: "Ada".to_owned(),
        email: None,
        phone_number: None,
        identifier: None,
        blocked: false,
        kind: ContactKind::Visitor,
        additional_attributes: Attributes::default(),
        custom_attributes: Attributes::default(),
        last_activity_at: None,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

/// A token's owner with one membership.
pub(crate) fn principal(account: AccountId, role: Role) -> Arc<Principal> {
    let membership = Membership {
        account_id: account,
        account_name: "Acme".to_owned(),
        account_status: AccountStatus::Active,
        role,
        inviter_id: None,
        availability: "online",
        auto_offline: true,
        active_at: None,
    };
    let user = User {
        id: UserId(4),
        name: "Grace".to_owned(),
        display_name: None,
        email: "grace@example.com".to_owned(),
        confirmed: true,
        pubsub_token: String::new(),
        message_signature: None,
        ui_settings: Attributes::default(),
        custom_attributes: Attributes::default(),
        memberships: vec![membership],
    };
    Arc::new(Principal {
        token_id: TokenId(9),
        user,
    })
}

/// A request of a provider.
pub(crate) fn provider(route: &str, segment: (&str, &str), body: &str) -> Inbound {
    let (name, value) = segment;
    Inbound {
        channel: CHANNEL.to_owned(),
        route: route.to_owned(),
        method: "POST".to_owned(),
        path_params: BTreeMap::from([(name.to_owned(), value.to_owned())]),
        query: "a=b".to_owned(),
        headers: vec![("x-signature".to_owned(), "s".to_owned())],
        body: InboundBody::Raw(Payload(body.as_bytes().to_vec())),
        principal: None,
        account_id: None,
        claim: None,
    }
}

/// A request of a caller.
pub(crate) fn by_caller(params: Value, principal: Option<Arc<Principal>>) -> Inbound {
    let Value::Object(params) = params else {
        panic!("parameters are an object")
    };
    Inbound {
        body: InboundBody::Bag {
            params,
            files: Vec::new(),
        },
        principal,
        ..provider(super::probe::BY_CALLER, ("", ""), "")
    }
}

/// Limits that let a real exchange end, but a hang soon.
pub(crate) fn short() -> Limits {
    Limits {
        exchange_timeout: Duration::from_millis(900),
        margin: Duration::from_millis(100),
        ..Limits::default()
    }
}

/// What a listener answers.
#[derive(Clone, Copy)]
pub(crate) enum Answer {
    /// This status.
    Status(u16),
    /// Nothing: it reads, and closes.
    Close,
}

/// A request that a listener got.
pub(crate) struct Got {
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Starts a listener; gives its URL and the requests.
pub(crate) async fn listen(answer: Answer) -> (String, mpsc::UnboundedReceiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (got, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Some(request) = exchange(stream, answer).await else {
                continue;
            };
            if got.send(request).is_err() {
                return;
            }
        }
    });
    (url, receiver)
}

async fn exchange(mut stream: TcpStream, answer: Answer) -> Option<Got> {
    let mut bytes = Vec::new();
    let got = loop {
        let mut piece = [0; 4096];
        let read = stream
            .read(&mut piece)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
        if let Some(got) = parse(&bytes) {
            break got;
        }
    };
    if let Answer::Status(status) = answer {
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.ok()?;
    }
    Some(got)
}

fn parse(bytes: &[u8]) -> Option<Got> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut headers = http::HeaderMap::new();
    for (name, value) in head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
    {
        let name: http::HeaderName = name.parse().ok()?;
        headers.append(name, value.parse().ok()?);
    }
    let length: usize = headers.get("content-length")?.to_str().ok()?.parse().ok()?;
    let body = bytes[end + 4..].to_vec();
    (body.len() == length).then_some(Got { headers, body })
}
