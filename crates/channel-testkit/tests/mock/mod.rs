//! A small channel that is sound, or broken in one way.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;
use gatewright_channel::http::{retry_after_ms, status_text};
use gatewright_channel::{
    Channel, ChannelDescriptor, ChannelError, ChannelType, ContactRef, Delivery, DeliveryOutcome,
    Effect, EffectResult, FailCode, HostServices, HttpEffect, HttpReply, InboundAuth, InboundBody,
    InboundEvent, InboundMessage, InboundRequest, InboundRoute, InboxKey, LogLevel, Outbound,
    OutboundMessage, Payload, Permissions, Received, Reply, RetryScope, SettingPtr,
};
use gatewright_channel_testkit::{
    Fixture, InvalidSettings, OutcomeClass, ProviderAnswer, ReceiveCase, ReceiveExpected,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const SECRET_HEADER: &str = "x-mock-secret";

/// The ways to be broken.
pub(crate) const SOUND: u8 = 0;
pub(crate) const UNSTABLE_DESCRIPTOR: u8 = 1;
pub(crate) const WRONG_ID: u8 = 2;
pub(crate) const PUBLIC_SECRET: u8 = 3;
pub(crate) const ROUTE_ELSEWHERE: u8 = 4;
pub(crate) const ACCEPTS_ANY_SETTINGS: u8 = 5;
pub(crate) const LOGS_SECRET: u8 = 6;
pub(crate) const PANICS_ON_ODD_BODY: u8 = 7;
pub(crate) const FAILS_ON_ODD_BODY: u8 = 8;
pub(crate) const EFFECT_IN_RECEIVE: u8 = 9;
pub(crate) const NO_DEDUP_KEY: u8 = 10;
pub(crate) const FORGETS_IN_RECEIVE: u8 = 11;
pub(crate) const RETRIES_THE_AMBIGUOUS: u8 = 12;
pub(crate) const COUNTS_ATTEMPTS: u8 = 13;
pub(crate) const ASKS_OTHER_HOST: u8 = 14;
pub(crate) const BUSY_AFTER_CANCEL: u8 = 15;
pub(crate) const STALLS: u8 = 16;
pub(crate) const TAKES_EVENTS: u8 = 17;
pub(crate) const GROWING_SETTINGS: u8 = 18;
pub(crate) const PANICS_IN_OPEN: u8 = 19;
pub(crate) const NO_CHECK_OF_SECRET: u8 = 20;
pub(crate) const LEAKS_IN_ERROR: u8 = 21;
pub(crate) const UNKNOWN_POINTER: u8 = 22;
pub(crate) const UNDECLARED_PUBLIC: u8 = 23;
pub(crate) const MIGRATES_FOR_EVER: u8 = 24;

pub(crate) struct Mock<const FAULT: u8>;

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct MockSettings {
    base_url: String,
    #[schemars(extend("x-secret" = true))]
    token: String,
    #[serde(default)]
    greeting: Greeting,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(transparent)]
struct Greeting(Option<String>);

/// Numbers the descriptors of the unstable channel; only its own test reads them.
static DESCRIBED: AtomicU32 = AtomicU32::new(0);
/// Whether `greeting` grows by each full form; only its own test sets the text that does.
const GROWS: &str = "grow";

impl Serialize for Greeting {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(text) if text.starts_with(GROWS) => serializer.serialize_str(&format!("{text}!")),
            other => other.serialize(serializer),
        }
    }
}

impl<const FAULT: u8> ChannelType for Mock<FAULT> {
    type Settings = MockSettings;

    fn descriptor() -> ChannelDescriptor {
        let id = if FAULT == WRONG_ID { "Mock-1" } else { "mock" };
        let mut descriptor =
            ChannelDescriptor::new(id, "Mock", "1.0.0", "Channel::Mock", Outbound::Messages);
        if FAULT == UNSTABLE_DESCRIPTOR {
            descriptor.version = DESCRIBED.fetch_add(1, Ordering::Relaxed).to_string();
        }
        let shown = match FAULT {
            PUBLIC_SECRET => "token",
            UNDECLARED_PUBLIC => "phone",
            _ => "base_url",
        };
        descriptor.public_settings = vec![shown.to_owned()];
        let root = if FAULT == ROUTE_ELSEWHERE {
            "hooks"
        } else {
            "webhooks"
        };
        let key = if FAULT == UNKNOWN_POINTER {
            "/phone"
        } else {
            "/base_url"
        };
        descriptor.inbound = vec![InboundRoute {
            method: "POST".to_owned(),
            path: format!("/{root}/mock/{{base_url}}"),
            auth: InboundAuth::Channel,
            inbox: InboxKey::Setting(SettingPtr::from(key)),
            summary: String::new(),
            request_schema: Value::Null,
            response_schema: Value::Null,
            max_body_bytes: 0,
        }];
        descriptor.permissions = Permissions {
            http_hosts: vec!["$settings/base_url".to_owned()],
            ..Default::default()
        };
        descriptor
    }

    fn open(settings: MockSettings) -> Result<Box<dyn Channel>, ChannelError> {
        assert!(
            FAULT != PANICS_IN_OPEN || settings.base_url.len() < 1000,
            "too long"
        );
        if FAULT == LEAKS_IN_ERROR && settings.token.len() > 12 {
            let message = format!("{} is too long", settings.token);
            return Err(ChannelError::invalid_setting("token", message));
        }
        if FAULT != ACCEPTS_ANY_SETTINGS && !settings.base_url.starts_with("https://") {
            return Err(ChannelError::invalid_setting(
                "base_url",
                "must start with https://",
            ));
        }
        Ok(Box::new(MockInbox::<FAULT> {
            settings,
            calls: AtomicU32::new(0),
            busy: AtomicBool::new(false),
        }))
    }

    fn migrate(from: u32, mut settings: Value) -> Result<Value, ChannelError> {
        if FAULT == MIGRATES_FOR_EVER {
            settings["from"] = from.into();
        }
        Ok(settings)
    }
}

struct MockInbox<const FAULT: u8> {
    settings: MockSettings,
    calls: AtomicU32,
    busy: AtomicBool,
}

#[async_trait]
impl<const FAULT: u8> Channel for MockInbox<FAULT> {
    async fn receive(
        &self,
        host: &dyn HostServices,
        request: InboundRequest,
    ) -> Result<Received, ChannelError> {
        if FAULT == EFFECT_IN_RECEIVE {
            host.effect(Effect::KvGet {
                key: "seen".to_owned(),
            })
            .await;
        }
        let secret = request
            .headers
            .iter()
            .find(|(name, _)| name == SECRET_HEADER);
        if FAULT != NO_CHECK_OF_SECRET && secret.is_none_or(|(_, value)| value != "hook") {
            return Err(ChannelError::Unauthorized);
        }
        let InboundBody::Raw(Payload(bytes)) = request.body else {
            return Err(ChannelError::Protocol {
                reason: "a bag".to_owned(),
            });
        };
        let message = parse(&bytes).ok_or_else(|| match FAULT {
            PANICS_ON_ODD_BODY => panic!("odd body"),
            FAILS_ON_ODD_BODY => ChannelError::Provider {
                reason: "odd".to_owned(),
                retry: false,
            },
            _ => ChannelError::Unparsable {
                reason: "no id and text".to_owned(),
            },
        })?;
        let (id, text) = message;
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        let known = FAULT == FORGETS_IN_RECEIVE && calls > 0;
        let events = if known {
            Vec::new()
        } else {
            vec![event(FAULT, id, text)]
        };
        Ok(Received {
            events,
            reply: ok(),
        })
    }

    async fn deliver(&self, host: &dyn HostServices, delivery: Delivery) -> DeliveryOutcome {
        let message = match delivery {
            Delivery::Message(message) => message,
            Delivery::Event(_) if FAULT == TAKES_EVENTS => return accepted(),
            Delivery::Event(_) => return failed(FailCode::Unsupported, "events"),
        };
        if FAULT == BUSY_AFTER_CANCEL && self.busy.swap(true, Ordering::AcqRel) {
            return retry("busy", None);
        }
        if FAULT == STALLS {
            std::future::pending::<()>().await;
        }
        if FAULT == LOGS_SECRET {
            host.log(
                LogLevel::Debug,
                &format!("sending with {}", self.settings.token),
            );
        }
        let result = host.http(self.request(&message, FAULT)).await;
        self.busy.store(false, Ordering::Release);
        classify(FAULT, result, host.now_ms())
    }
}

impl<const FAULT: u8> MockInbox<FAULT> {
    fn request(&self, message: &OutboundMessage, fault: u8) -> HttpEffect {
        let attempt = if fault == COUNTS_ATTEMPTS {
            message.attempt
        } else {
            0
        };
        let base = if fault == ASKS_OTHER_HOST {
            "https://evil.test"
        } else {
            &self.settings.base_url
        };
        HttpEffect {
            method: "POST".to_owned(),
            url: format!("{base}/send"),
            headers: vec![("authorization".to_owned(), self.settings.token.clone())],
            body: json!({"text": message.content, "n": attempt})
                .to_string()
                .as_str()
                .into(),
            timeout_ms: None,
            sign: false,
        }
    }
}

fn parse(bytes: &[u8]) -> Option<(String, String)> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let id = value.get("id")?.as_u64()?.to_string();
    Some((id, value.get("text")?.as_str()?.to_owned()))
}

fn event(fault: u8, id: String, text: String) -> InboundEvent {
    InboundEvent::Message(Box::new(InboundMessage {
        dedup_key: (fault != NO_DEDUP_KEY).then(|| id.clone()),
        source_id: Some(id),
        content: Some(text),
        contact: ContactRef {
            source_id: Some("person".to_owned()),
            ..ContactRef::default()
        },
        ..InboundMessage::default()
    }))
}

fn ok() -> Reply {
    Reply::Fixed(HttpReply {
        status: 200,
        headers: Vec::new(),
        body: Payload::default(),
    })
}

fn classify(fault: u8, result: EffectResult, now_ms: u64) -> DeliveryOutcome {
    match result {
        EffectResult::Http {
            status: 200..300,
            body,
            ..
        } => match serde_json::from_slice::<Value>(&body.0) {
            Ok(_) => accepted(),
            Err(_) if body.0.is_empty() => accepted(),
            Err(_) => DeliveryOutcome::Uncertain {
                reason: "no JSON".to_owned(),
            },
        },
        EffectResult::Http {
            status, headers, ..
        } if status == 429 || status >= 500 => {
            retry(&status_text(status), retry_after_ms(&headers, now_ms))
        }
        EffectResult::Http { status, .. } => failed(FailCode::Other, &status_text(status)),
        EffectResult::Ambiguous { reason } if fault == RETRIES_THE_AMBIGUOUS => {
            retry(&reason, None)
        }
        EffectResult::Ambiguous { reason } => DeliveryOutcome::Uncertain { reason },
        EffectResult::NotSent { reason } | EffectResult::Denied { reason } => retry(&reason, None),
        _ => failed(FailCode::Other, "the host has no HTTP"),
    }
}

fn accepted() -> DeliveryOutcome {
    DeliveryOutcome::Accepted {
        provider_ids: Vec::new(),
        status: Some(200),
    }
}

fn retry(reason: &str, after_ms: Option<u64>) -> DeliveryOutcome {
    let scope = RetryScope::Message;
    DeliveryOutcome::Retry {
        reason: reason.to_owned(),
        after_ms,
        scope,
        status: None,
    }
}

fn failed(code: FailCode, reason: &str) -> DeliveryOutcome {
    DeliveryOutcome::Failed {
        code,
        reason: reason.to_owned(),
        status: None,
    }
}

/// What the suite is told of the mock, for every fault.
pub(crate) struct MockFixture {
    /// The greeting of the full settings.
    pub(crate) greeting: &'static str,
    /// The route's path.
    pub(crate) route: &'static str,
}

impl MockFixture {
    pub(crate) fn of(fault: u8) -> Self {
        Self {
            greeting: if fault == GROWING_SETTINGS {
                GROWS
            } else {
                "Hello"
            },
            route: if fault == ROUTE_ELSEWHERE {
                "/hooks/mock/{base_url}"
            } else {
                "/webhooks/mock/{base_url}"
            },
        }
    }

    fn request(&self, secret: &str, body: &str) -> InboundRequest {
        InboundRequest {
            method: "POST".to_owned(),
            route: self.route.to_owned(),
            query: String::new(),
            headers: vec![(SECRET_HEADER.to_owned(), secret.to_owned())],
            body: InboundBody::Raw(body.into()),
            received_at_ms: 0,
            principal: None,
        }
    }
}

impl Fixture for MockFixture {
    fn minimal_settings(&self) -> Value {
        json!({"base_url": "https://mock.test", "token": "t"})
    }

    fn full_settings(&self) -> Value {
        json!({"base_url": "https://mock.test", "token": "t0ken", "greeting": self.greeting})
    }

    fn invalid_settings(&self) -> Vec<InvalidSettings> {
        vec![InvalidSettings {
            name: "a base_url without https",
            settings: json!({"base_url": "http://mock.test", "token": "t"}),
            field: "base_url",
        }]
    }

    fn receive_cases(&self) -> Vec<ReceiveCase> {
        let understood = Received {
            events: vec![event(SOUND, "7".to_owned(), "hi".to_owned())],
            reply: ok(),
        };
        vec![
            ReceiveCase {
                name: "a message",
                request: self.request("hook", r#"{"id":7,"text":"hi"}"#),
                expected: ReceiveExpected::Received(Box::new(understood)),
            },
            ReceiveCase {
                name: "a wrong secret",
                request: self.request("wrong", r#"{"id":7,"text":"hi"}"#),
                expected: ReceiveExpected::Unauthorized,
            },
        ]
    }

    fn delivery(&self) -> Delivery {
        Delivery::Message(Box::new(OutboundMessage {
            id: "delivery-1".to_owned(),
            attempt: 1,
            source_id: "person".to_owned(),
            content: Some("Hello".to_owned()),
            content_type: "text".to_owned(),
            content_attributes: serde_json::Map::new(),
            template_params: None,
            reply_to: None,
            attachments: Vec::new(),
        }))
    }

    fn outcome(&self, answer: ProviderAnswer) -> OutcomeClass {
        match answer {
            ProviderAnswer::Status(200..300) => OutcomeClass::Accepted,
            ProviderAnswer::Status(status) if status < 429 => OutcomeClass::Failed(FailCode::Other),
            ProviderAnswer::Status(_) | ProviderAnswer::NotSent | ProviderAnswer::Denied => {
                OutcomeClass::Retry
            }
            ProviderAnswer::RetryAfterSeconds => OutcomeClass::RetryAfter(30_000),
            ProviderAnswer::RetryAfterDate => OutcomeClass::RetryAfter(90_000),
            ProviderAnswer::Malformed | ProviderAnswer::Ambiguous => OutcomeClass::Uncertain,
            ProviderAnswer::Unsupported => OutcomeClass::Failed(FailCode::Other),
        }
    }
}
