//! A delivery on its way out.

use async_trait::async_trait;
use gatewright_channel::{
    CallInfo, CallKind, ChannelError, Delivery, DeliveryOutcome, FailCode, RetryScope,
};
use gatewright_core::registry::{ChannelCall, ChannelDeliver};

use crate::services::Services;
use crate::{ChannelHost, redact};

#[async_trait]
impl ChannelDeliver for ChannelHost {
    async fn deliver(&self, call: ChannelCall) -> DeliveryOutcome {
        let open = match self.load(call.inbox_id).await {
            Ok(Some(open)) => open,
            Ok(None) => return failed("the inbox is gone"),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "an inbox did not load"
                );
                return retry("the inbox could not be loaded");
            }
        };
        let instance = match self.instance(&open) {
            Ok(Some(instance)) => instance,
            // An upgrade that brings the channel back heals it.
            Ok(None) => {
                let channel = &open.inbox.channel;
                return retry(format!(
                    "the channel {channel} is not built into this gateway"
                ));
            }
            Err(error) => return retry(format!("the inbox could not be opened: {error}")),
        };
        let event = event_name(&call.delivery).to_owned();
        let mut services = self.services(&open, &instance, info(&call));
        services.replay = call.replay;
        services.event = Some(&event);
        let delivery = call.delivery;
        let running = Box::pin(async { instance.channel.deliver(&services, delivery).await });
        match self.supervise(&instance, &services, running).await {
            Ok(outcome) => redact::outcome(&open, outcome),
            Err(error) => cut_short(&services, &error),
        }
    }
}

/// A call that ended without an outcome: what left the gateway decides.
fn cut_short(services: &Services<'_>, error: &ChannelError) -> DeliveryOutcome {
    if services.may_have_arrived() {
        return DeliveryOutcome::Uncertain {
            reason: format!("{error} after a request may have been sent"),
        };
    }
    DeliveryOutcome::Retry {
        reason: format!("{error}; nothing was sent"),
        after_ms: None,
        scope: RetryScope::Message,
        status: None,
    }
}

fn info(call: &ChannelCall) -> CallInfo {
    CallInfo {
        inbox_id: call.inbox_id.get(),
        kind: CallKind::Deliver,
        delivery_id: call.delivery_id.clone(),
        attempt: call.attempt,
        late: call.late,
    }
}

fn event_name(delivery: &Delivery) -> &str {
    match delivery {
        Delivery::Message(_) => "message_created",
        Delivery::Event(event) => &event.name,
    }
}

fn failed(reason: &str) -> DeliveryOutcome {
    DeliveryOutcome::Failed {
        code: FailCode::Other,
        reason: reason.to_owned(),
        status: None,
    }
}

fn retry(reason: impl Into<String>) -> DeliveryOutcome {
    DeliveryOutcome::Retry {
        reason: reason.into(),
        after_ms: None,
        scope: RetryScope::Inbox,
        status: None,
    }
}
