//! Calls of the API channel without a gateway.

use std::sync::Arc;

use anyhow::{Result, bail};
use gatewright_channel::{
    CallKind, Delivery, DeliveryOutcome, EffectResult, OutboundEvent, Plugin, loopback,
};
use gatewright_channel_testkit::{FakeHost, block_on};
use gatewright_plugin_api::ApiChannel;
use serde_json::json;

/// About the length of the event of a short message.
const BODY_BYTES: usize = 2_000;

/// The channel, linked in or behind its JSON form.
pub(super) fn plugin(json: bool) -> Arc<dyn Plugin> {
    let plugin = gatewright_channel::plugin::<ApiChannel>();
    if json {
        loopback::loopback(plugin)
    } else {
        plugin
    }
}

/// So many deliveries of one event.
pub(super) fn run(plugin: &dyn Plugin, calls: u64) -> Result<()> {
    let settings = json!({ "webhook_url": "https://example.com/hook" });
    let channel = plugin.open(&settings)?;
    for _ in 0..calls {
        let host = FakeHost::new(CallKind::Deliver).answer_all(EffectResult::Http {
            status: 200,
            headers: Vec::new(),
            body: Vec::new().into(),
        });
        match block_on(channel.deliver(&host, event())) {
            DeliveryOutcome::Accepted { .. } => {}
            other => bail!("{other:?}"),
        }
    }
    Ok(())
}

fn event() -> Delivery {
    Delivery::Event(OutboundEvent {
        id: "delivery-1".to_owned(),
        name: "message_created".to_owned(),
        body: vec![b'x'; BODY_BYTES].into(),
        attempt: 1,
    })
}
