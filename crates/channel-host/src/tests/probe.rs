//! A channel that does what the test asks of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use gatewright_channel::{
    Channel, ChannelDescriptor, ChannelError, ChannelType, ConnectInfo, Delivery, DeliveryOutcome,
    Effect, EffectResult, Emit, FailCode, Health, HostServices, HttpEffect, HttpReply, InboundAuth,
    InboundBody, InboundEvent, InboundMessage, InboundRequest, InboundRoute, InboxKey, LogLevel,
    Outbound, Payload, Plugin, Received, Reply, RetryScope, plugin,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) const CHANNEL: &str = "probe";
pub(crate) const BY_CALLER: &str = "/webhooks/probe_caller";
pub(crate) const BY_NUMBER: &str = "/webhooks/probe/{number}";
pub(crate) const BY_TOKEN: &str = "/webhooks/probe_token/{token}";
pub(crate) const BY_BODY: &str = "/webhooks/probe_body";

/// The probe; it counts how often inboxes of it are opened.
pub(crate) struct Probe {
    inner: Arc<dyn Plugin>,
    pub(crate) opens: AtomicUsize,
}

impl Probe {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: plugin::<ProbeType>(),
            opens: AtomicUsize::new(0),
        })
    }

    pub(crate) fn opens(&self) -> usize {
        self.opens.load(Ordering::SeqCst)
    }
}

impl Plugin for Probe {
    fn descriptor(&self) -> &ChannelDescriptor {
        self.inner.descriptor()
    }

    fn open(&self, settings: &Value) -> Result<Box<dyn Channel>, ChannelError> {
        self.opens.fetch_add(1, Ordering::SeqCst);
        self.inner.open(settings)
    }

    fn migrate(&self, from: u32, settings: Value) -> Result<Value, ChannelError> {
        self.inner.migrate(from, settings)
    }

    fn normalize(&self, settings: &Value) -> Result<Value, ChannelError> {
        self.inner.normalize(settings)
    }
}

struct ProbeType;

#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Settings {
    url: String,
    number: String,
    token: String,
    act: String,
    migrated: bool,
}

impl ChannelType for ProbeType {
    type Settings = Settings;

    fn descriptor() -> ChannelDescriptor {
        let outbound = Outbound::Events {
            target: "/url".into(),
        };
        let mut descriptor =
            ChannelDescriptor::new(CHANNEL, "Probe", "1", "Channel::Probe", outbound);
        descriptor.settings_version = 2;
        descriptor.permissions.http_hosts = vec!["$settings/url".to_owned()];
        descriptor.inbound = vec![
            route(
                BY_CALLER,
                InboundAuth::Caller,
                InboxKey::Body("/inbox_id".to_owned()),
            ),
            route(
                BY_NUMBER,
                InboundAuth::Channel,
                InboxKey::Setting("/number".into()),
            ),
            route(
                BY_TOKEN,
                InboundAuth::Channel,
                InboxKey::Path("token".to_owned()),
            ),
            route(
                BY_BODY,
                InboundAuth::Channel,
                InboxKey::Body("/in/box".to_owned()),
            ),
        ];
        descriptor
    }

    fn open(settings: Settings) -> Result<Box<dyn Channel>, ChannelError> {
        match settings.act.as_str() {
            "open_panics" => panic!("opening with {}", settings.token),
            "open_refuses" => {
                let message = format!("{} is not usable", settings.token);
                Err(ChannelError::invalid_setting("token", message))
            }
            _ => Ok(Box::new(Inbox(settings))),
        }
    }

    fn migrate(from: u32, mut settings: Value) -> Result<Value, ChannelError> {
        assert_eq!(from, 1);
        settings["migrated"] = Value::Bool(true);
        Ok(settings)
    }
}

fn route(path: &str, auth: InboundAuth, inbox: InboxKey) -> InboundRoute {
    InboundRoute {
        method: "POST".to_owned(),
        path: path.to_owned(),
        auth,
        inbox,
        summary: String::new(),
        request_schema: Value::Null,
        response_schema: Value::Null,
        max_body_bytes: 0,
    }
}

struct Inbox(Settings);

#[async_trait]
impl Channel for Inbox {
    async fn receive(
        &self,
        host: &dyn HostServices,
        request: InboundRequest,
    ) -> Result<Received, ChannelError> {
        let text = match &request.body {
            InboundBody::Raw(bytes) => String::from_utf8_lossy(&bytes.0).into_owned(),
            InboundBody::Bag { params, .. } => params["do"].as_str().unwrap_or("").to_owned(),
        };
        let text = serde_json::from_str::<Value>(&text)
            .ok()
            .and_then(|body| Some(body["do"].as_str()?.to_owned()))
            .unwrap_or(text);
        let mut words = text.split(' ');
        let (act, key) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let mut message = message(key);
        message.route_key = words.next().map(str::to_owned);
        message.content = request.principal.map(|principal| principal.name);
        let event = InboundEvent::Message(Box::new(message));
        match act {
            "message" => Ok(Received {
                events: vec![event],
                reply: fixed(202),
            }),
            "stored" => Ok(Received {
                events: vec![event],
                reply: Reply::Stored,
            }),
            "nothing" => Ok(Received {
                events: Vec::new(),
                reply: fixed(200),
            }),
            "odd_status" => Ok(Received {
                events: Vec::new(),
                reply: fixed(99),
            }),
            "no_message" => Ok(Received {
                events: Vec::new(),
                reply: Reply::Stored,
            }),
            "unauthorized" => Err(ChannelError::Unauthorized),
            "invalid" => Err(ChannelError::invalid(
                "contact.phone_number",
                "must begin with + and a digit",
            )),
            "unparsable" => Err(ChannelError::Unparsable {
                reason: format!("version 9 {}", self.0.token),
            }),
            "panic" => panic!("no such field in {}", self.0.token),
            "hang" => std::future::pending().await,
            "effect" => Err(ChannelError::Unparsable {
                reason: format!("{:?}", host.sleep_ms(1).await),
            }),
            other => panic!("unknown act {other}"),
        }
    }

    async fn deliver(&self, host: &dyn HostServices, delivery: Delivery) -> DeliveryOutcome {
        let Delivery::Event(event) = delivery else {
            return retry("not an event");
        };
        let act = event.name.as_str();
        let result = match act {
            "send" | "send_panic" | "send_hang" => host.http(self.post(true, event.body.0)).await,
            "unsigned" => host.http(self.post(false, event.body.0)).await,
            "foreign" => {
                let url = "http://elsewhere.test/x".to_owned();
                host.http(HttpEffect {
                    url,
                    ..self.post(true, Vec::new())
                })
                .await
            }
            "bad_header" => {
                let headers = vec![("x-a".to_owned(), "a\r\nb: c".to_owned())];
                host.http(HttpEffect {
                    headers,
                    ..self.post(true, Vec::new())
                })
                .await
            }
            "big" => {
                host.http(self.post(true, vec![b'x'; 8 * 1024 * 1024 + 1]))
                    .await
            }
            "kv" => {
                host.effect(Effect::KvGet {
                    key: "k".to_owned(),
                })
                .await
            }
            "sleep" => host.sleep_ms(u64::MAX).await,
            "emit" => {
                host.emit(Emit {
                    events: vec![emitted("e1")],
                })
                .await
            }
            "emit_keyless" => {
                host.emit(Emit {
                    events: vec![emitted("")],
                })
                .await
            }
            "leak" => {
                host.log(
                    LogLevel::Warn,
                    &format!("using {}\nsecond line", self.0.token),
                );
                return retry(&format!(
                    "refused {} migrated={}",
                    self.0.token, self.0.migrated
                ));
            }
            "panic" => panic!("lost {}", self.0.token),
            "hang" => std::future::pending().await,
            other => panic!("unknown act {other}"),
        };
        match act {
            "send_panic" => panic!("after sending"),
            "send_hang" => std::future::pending().await,
            _ => outcome(result),
        }
    }

    async fn connect(&self, host: &dyn HostServices, to: ConnectInfo) -> Result<(), ChannelError> {
        match self.0.act.as_str() {
            "tell" => Err(provider(format!("{} {}", to.base_url, to.webhook_secret))),
            "sign" => {
                let result = host.http(self.post(true, Vec::new())).await;
                Err(provider(format!("{result:?}")))
            }
            _ => Ok(()),
        }
    }

    async fn disconnect(&self, host: &dyn HostServices) -> Result<(), ChannelError> {
        match host
            .emit(Emit {
                events: vec![emitted("bye")],
            })
            .await
        {
            EffectResult::Unit => Ok(()),
            other => Err(provider(format!("{other:?}"))),
        }
    }

    async fn health(&self, _: &dyn HostServices) -> Result<Health, ChannelError> {
        match self.0.act.as_str() {
            "hang" => std::future::pending().await,
            "degraded" => Ok(Health::Degraded {
                reason: format!("{} expires", self.0.token),
            }),
            _ => Ok(Health::Ok),
        }
    }
}

impl Inbox {
    fn post(&self, sign: bool, body: Vec<u8>) -> HttpEffect {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        HttpEffect {
            method: "POST".to_owned(),
            url: self.0.url.clone(),
            headers: vec![
                header("content-type", "application/json"),
                header("webhook-id", "forged"),
                header("X-Gatewright-Late", "forged"),
            ],
            body: Payload(body),
            timeout_ms: None,
            sign,
        }
    }
}

/// Outcomes that tell the effect's result apart.
fn outcome(result: EffectResult) -> DeliveryOutcome {
    match result {
        EffectResult::Http { status, .. } => DeliveryOutcome::Accepted {
            provider_ids: Vec::new(),
            status: Some(status),
        },
        EffectResult::Ambiguous { reason } => DeliveryOutcome::Uncertain { reason },
        EffectResult::NotSent { reason } => retry(&format!("not sent: {reason}")),
        EffectResult::Denied { reason } => retry(&format!("denied: {reason}")),
        EffectResult::Unsupported => DeliveryOutcome::Failed {
            code: FailCode::Unsupported,
            reason: String::new(),
            status: None,
        },
        _ => DeliveryOutcome::Accepted {
            provider_ids: Vec::new(),
            status: None,
        },
    }
}

fn retry(reason: &str) -> DeliveryOutcome {
    DeliveryOutcome::Retry {
        reason: reason.to_owned(),
        after_ms: None,
        scope: RetryScope::Message,
        status: None,
    }
}

fn provider(reason: String) -> ChannelError {
    ChannelError::Provider {
        reason,
        retry: false,
    }
}

fn message(dedup_key: &str) -> InboundMessage {
    InboundMessage {
        dedup_key: Some(dedup_key.to_owned()),
        echo_id: Some("echo".to_owned()),
        ..InboundMessage::default()
    }
}

fn emitted(dedup_key: &str) -> InboundEvent {
    InboundEvent::Message(Box::new(message(dedup_key)))
}

fn fixed(status: u16) -> Reply {
    let headers = vec![("set-cookie".to_owned(), "a=b".to_owned())];
    Reply::Fixed(HttpReply {
        status,
        headers,
        body: Payload::default(),
    })
}
