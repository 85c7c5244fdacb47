//! What is sent once and kept nowhere.

use std::sync::Arc;
use std::time::Duration;

use gatewright_core::channel::DeliveryOutcome;
use gatewright_core::delivery::Target;
use gatewright_core::dispatch::Slot;
use gatewright_core::event::Event;
use gatewright_core::ids::ReceiverId;
use gatewright_core::receiver::ReceiverState;
use tokio::time::{timeout, timeout_at};

use super::sending::Sending;
use crate::engine::Ctx;
use crate::metrics::{self, InFlight};

/// How long it waits for its turn: what comes later is of no use any more.
const WAIT: Duration = Duration::from_secs(1);

/// An event that is worth one attempt, with its place.
pub(crate) struct Ephemeral {
    pub(crate) receiver_id: ReceiverId,
    pub(crate) event: Arc<Event>,
    pub(crate) slot: Slot,
}

/// Makes the one attempt. However it ends, nothing is written and the receiver's health stays what
/// it is; one that is not in good health is left alone.
pub(crate) async fn run(ctx: &Ctx, ephemeral: Ephemeral) {
    let Ephemeral {
        receiver_id,
        event,
        slot: _slot,
    } = ephemeral;
    let Ok(Some(_turn)) = timeout(WAIT, ctx.turns.take(receiver_id)).await else {
        return metrics::ephemeral("dropped");
    };
    let _in_flight = InFlight::new();
    let target = match ctx.ledger.target(receiver_id).await {
        Ok(Some(target)) if target.state == ReceiverState::Active => target,
        Ok(_) => return metrics::ephemeral("dropped"),
        Err(error) => {
            tracing::warn!(%receiver_id, error = &error as &dyn std::error::Error, "no target");
            return metrics::ephemeral("dropped");
        }
    };
    metrics::ephemeral(send(ctx, &target, &event).await);
}

/// How it ended, for the figures.
async fn send(ctx: &Ctx, target: &Target, event: &Event) -> &'static str {
    let most = ctx.ledger.kernel().config.delivery.timeout;
    let sending = Sending::ephemeral(ctx, event, most);
    match timeout_at(sending.until, super::send(ctx, target, &sending)).await {
        Ok(exchange) if matches!(exchange.outcome, DeliveryOutcome::Accepted { .. }) => "sent",
        Ok(_) | Err(_) => "failed",
    }
}
