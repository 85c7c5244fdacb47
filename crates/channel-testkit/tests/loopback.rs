//! What the border of a process does to a channel: nothing, but for its size.

use std::sync::Arc;

use async_trait::async_trait;
use gatewright_channel::loopback::{MAX_FRAME_BYTES, loopback};
use gatewright_channel::{
    BlobRef, CallKind, Channel, ChannelDescriptor, ChannelError, ChannelType, ConnectInfo,
    Delivery, DeliveryOutcome, Effect, EffectResult, Emit, Health, HostServices, HttpEffect,
    InboundBody, InboundRequest, LogLevel, MediaRef, Outbound, OutboundEvent, Payload, Plugin,
    Received, Reply, plugin,
};
use gatewright_channel_testkit::{ExpectedHttp, FakeHost, NOW_MS, block_on};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A channel that does as its settings say.
struct Puppet;

#[derive(Serialize, Deserialize, JsonSchema)]
struct PuppetSettings {
    /// What `deliver` does.
    #[serde(default)]
    act: Act,
}

#[derive(Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Act {
    #[default]
    Accept,
    LongReason,
    LongRequest,
    UnknownEffect,
    Forward,
}

impl ChannelType for Puppet {
    type Settings = PuppetSettings;

    fn descriptor() -> ChannelDescriptor {
        let target = "/act".into();
        ChannelDescriptor::new(
            "puppet",
            "Puppet",
            "1",
            "Channel::Puppet",
            Outbound::Events { target },
        )
    }

    fn open(settings: PuppetSettings) -> Result<Box<dyn Channel>, ChannelError> {
        Ok(Box::new(settings))
    }

    fn migrate(from: u32, mut settings: Value) -> Result<Value, ChannelError> {
        settings["from"] = from.into();
        Ok(settings)
    }
}

#[async_trait]
impl Channel for PuppetSettings {
    async fn receive(
        &self,
        host: &dyn HostServices,
        request: InboundRequest,
    ) -> Result<Received, ChannelError> {
        host.log(LogLevel::Warn, &request.query);
        match request.query.as_str() {
            "unauthorized" => Err(ChannelError::Unauthorized),
            _ => Ok(Received {
                events: Vec::new(),
                reply: Reply::Stored,
            }),
        }
    }

    async fn deliver(&self, host: &dyn HostServices, delivery: Delivery) -> DeliveryOutcome {
        let Delivery::Event(event) = delivery else {
            return uncertain("no event");
        };
        let result = match self.act {
            Act::Accept => EffectResult::Unit,
            Act::LongReason => return uncertain(&"x".repeat(MAX_FRAME_BYTES)),
            Act::LongRequest => host.http(post(vec![b'x'; MAX_FRAME_BYTES])).await,
            Act::UnknownEffect => host.effect(Effect::Unknown).await,
            Act::Forward => host.http(post(event.body.0)).await,
        };
        match result {
            EffectResult::Unit | EffectResult::Http { .. } => {
                let provider_ids = vec![host.call().delivery_id.clone()];
                DeliveryOutcome::Accepted {
                    provider_ids,
                    status: None,
                }
            }
            other => uncertain(other_name(&other)),
        }
    }

    async fn connect(&self, host: &dyn HostServices, at: ConnectInfo) -> Result<(), ChannelError> {
        host.http(HttpEffect {
            url: at.base_url,
            ..post(at.webhook_secret.into_bytes())
        })
        .await;
        Ok(())
    }

    async fn disconnect(&self, _: &dyn HostServices) -> Result<(), ChannelError> {
        Err(ChannelError::AuthExpired)
    }

    async fn health(&self, host: &dyn HostServices) -> Result<Health, ChannelError> {
        Ok(Health::Degraded {
            reason: host.now_ms().to_string(),
        })
    }

    async fn media(&self, host: &dyn HostServices, of: MediaRef) -> Result<BlobRef, ChannelError> {
        let put = Effect::BlobPut {
            filename: of.id.clone(),
            content_type: "text/plain".to_owned(),
            bytes: Payload(of.id.into_bytes()),
        };
        match host.effect(put).await {
            EffectResult::Blob { blob } => Ok(blob),
            _ => Err(ChannelError::Unavailable),
        }
    }

    async fn run(&self, host: &dyn HostServices) -> Result<(), ChannelError> {
        host.sleep_ms(250).await;
        host.emit(Emit { events: Vec::new() }).await;
        Ok(())
    }
}

fn other_name(result: &EffectResult) -> &'static str {
    match result {
        EffectResult::Unsupported => "unsupported",
        EffectResult::Denied { .. } => "denied",
        EffectResult::Ambiguous { .. } => "ambiguous",
        _ => "other",
    }
}

fn uncertain(reason: &str) -> DeliveryOutcome {
    DeliveryOutcome::Uncertain {
        reason: reason.to_owned(),
    }
}

fn post(body: Vec<u8>) -> HttpEffect {
    HttpEffect {
        method: "POST".to_owned(),
        url: "https://a.test/".to_owned(),
        headers: Vec::new(),
        body: body.into(),
        timeout_ms: None,
        sign: false,
    }
}

fn puppet() -> Arc<dyn Plugin> {
    loopback(plugin::<Puppet>())
}

fn inbox(act: &str) -> Box<dyn Channel> {
    puppet()
        .open(&json!({ "act": act }))
        .expect("the puppet opens with any act")
}

fn event(body: Vec<u8>) -> Delivery {
    let (id, name) = ("d".to_owned(), "message_created".to_owned());
    Delivery::Event(OutboundEvent {
        id,
        name,
        body: body.into(),
        attempt: 1,
    })
}

fn deliver(host: &FakeHost, act: &str, body: Vec<u8>) -> DeliveryOutcome {
    block_on(inbox(act).deliver(host, event(body)))
}

fn request(query: &str) -> InboundRequest {
    InboundRequest {
        method: "POST".to_owned(),
        route: "/webhooks/puppet".to_owned(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: InboundBody::Raw(Payload::default()),
        received_at_ms: 0,
        principal: None,
    }
}

#[test]
fn every_call_crosses_both_ways() {
    let channel = inbox("accept");
    let host = FakeHost::new(CallKind::Receive);
    let received = block_on(channel.receive(&host, request("hello"))).unwrap();
    assert_eq!(
        received,
        Received {
            events: Vec::new(),
            reply: Reply::Stored
        }
    );
    assert_eq!(host.logs(), [(LogLevel::Warn, "hello".to_owned())]);
    let refused = block_on(channel.receive(&host, request("unauthorized")));
    assert_eq!(refused, Err(ChannelError::Unauthorized));

    let host = FakeHost::new(CallKind::Connect)
        .expect(ExpectedHttp::new("POST", "https://here.test/").body("s"));
    let base_url = "https://here.test/".to_owned();
    let at = ConnectInfo {
        base_url,
        webhook_secret: "s".to_owned(),
    };
    assert_eq!(block_on(channel.connect(&host, at)), Ok(()));
    host.finish();

    let host = FakeHost::new(CallKind::Health);
    assert_eq!(
        block_on(channel.disconnect(&host)),
        Err(ChannelError::AuthExpired)
    );
    let health = block_on(channel.health(&host)).unwrap();
    assert_eq!(
        health,
        Health::Degraded {
            reason: NOW_MS.to_string()
        }
    );
    let blob = block_on(channel.media(
        &host,
        MediaRef {
            id: "pic".to_owned(),
        },
    ))
    .unwrap();
    assert_eq!(host.blob(&blob).as_deref(), Some(&b"pic"[..]));
    assert_eq!(block_on(channel.run(&host)), Ok(()));
    assert_eq!(host.now_ms(), NOW_MS + 250);
}

#[test]
fn plugin_calls_cross_both_ways() {
    let (near, far) = (plugin::<Puppet>(), puppet());
    assert_eq!(near.descriptor(), far.descriptor());
    assert_eq!(far.migrate(3, json!({})), Ok(json!({"from": 3})));
    assert_eq!(
        far.normalize(&json!({"x": 1})),
        Ok(json!({"act": "accept"}))
    );
    let refused = far.open(&json!({"act": "x"})).err();
    assert_eq!(refused, near.open(&json!({"act": "x"})).err());
    assert!(
        matches!(refused, Some(ChannelError::InvalidSettings { .. })),
        "{refused:?}"
    );
    let large = json!({"pad": "x".repeat(MAX_FRAME_BYTES)});
    for error in [
        far.open(&large).err(),
        far.normalize(&large).err(),
        far.migrate(1, large).err(),
    ] {
        assert!(
            matches!(error, Some(ChannelError::Protocol { .. })),
            "{error:?}"
        );
    }
}

#[test]
fn the_call_s_own_facts_reach_the_channel() {
    let host = FakeHost::new(CallKind::Deliver);
    let provider_ids = vec!["delivery-1".to_owned()];
    let accepted = DeliveryOutcome::Accepted {
        provider_ids,
        status: None,
    };
    assert_eq!(deliver(&host, "accept", Vec::new()), accepted);
}

#[test]
fn a_delivery_too_large_to_start_is_tried_again() {
    let host = FakeHost::new(CallKind::Deliver);
    let outcome = deliver(&host, "accept", vec![0; MAX_FRAME_BYTES]);
    assert!(
        matches!(outcome, DeliveryOutcome::Retry { .. }),
        "{outcome:?}"
    );
}

#[test]
fn an_outcome_too_large_to_return_is_in_doubt() {
    let host = FakeHost::new(CallKind::Deliver);
    let outcome = deliver(&host, "long_reason", Vec::new());
    let DeliveryOutcome::Uncertain { reason } = outcome else {
        panic!("{outcome:?}")
    };
    assert!(reason.len() < 200, "{} bytes", reason.len());
}

#[test]
fn an_effect_too_large_is_denied_before_it_happens() {
    let host = FakeHost::new(CallKind::Deliver);
    assert_eq!(
        deliver(&host, "long_request", Vec::new()),
        uncertain("denied")
    );
    assert!(host.requests().is_empty());
}

#[test]
fn an_answer_too_large_is_in_doubt_because_it_happened() {
    let body = Payload(vec![0; MAX_FRAME_BYTES]);
    let host = FakeHost::new(CallKind::Deliver).answer_all(EffectResult::Http {
        status: 200,
        headers: Vec::new(),
        body,
    });
    assert_eq!(
        deliver(&host, "forward", Vec::new()),
        uncertain("ambiguous")
    );
    assert_eq!(host.requests().len(), 1);
}

#[test]
fn an_unknown_effect_is_unsupported() {
    let host = FakeHost::new(CallKind::Deliver);
    assert_eq!(
        deliver(&host, "unknown_effect", Vec::new()),
        uncertain("unsupported")
    );
}
