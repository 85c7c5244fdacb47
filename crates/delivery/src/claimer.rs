//! Claims what is due for the receivers that somebody asked to look at.

use std::sync::Arc;

use gatewright_core::ids::ReceiverId;

use crate::engine::{Ctx, Job};

/// Runs until the engine drains.
pub(crate) async fn run(ctx: Arc<Ctx>) {
    loop {
        let wanted = tokio::select! {
            biased;
            () = ctx.draining.cancelled() => return leave(&ctx).await,
            wanted = ctx.desk.work() => wanted,
        };
        let mut elsewhere = Vec::new();
        for (receiver, own) in wanted {
            let enough = claim(&ctx, receiver).await;
            if own && !enough {
                elsewhere.push(receiver);
            }
        }
        notify(&ctx, &elsewhere).await;
        ctx.desk.claimed();
    }
}

/// Claims for one receiver; false when there may be more than this node has places for.
async fn claim(ctx: &Arc<Ctx>, receiver: ReceiverId) -> bool {
    let mut slots = ctx.desk.take_all(receiver);
    if slots.is_empty() {
        ctx.desk.starve(receiver);
        return false;
    }
    let places = slots.len();
    let claimed = match ctx.ledger.claim(receiver, places).await {
        Ok(claimed) => claimed,
        Err(error) => {
            // The next poll looks again.
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "could not claim deliveries"
            );
            return true;
        }
    };
    let full = claimed.len() >= places;
    if !claimed.is_empty() {
        ctx.desk.resume(receiver);
    }
    for claimed in claimed {
        if let Some(slot) = slots.pop() {
            ctx.spawn(Job {
                claimed,
                slot,
                chain: 0,
            });
        }
    }
    drop(slots);
    if full {
        ctx.desk.starve(receiver);
    }
    !full
}

/// Other nodes may have places where this one has none.
async fn notify(ctx: &Ctx, receivers: &[ReceiverId]) {
    if receivers.is_empty() {
        return;
    }
    if let Err(error) = ctx.ledger.notify(receivers).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "other nodes find it by polling"
        );
    }
}

/// What was asked for while this node drains is the others' to do.
async fn leave(ctx: &Ctx) {
    loop {
        let wanted = tokio::select! {
            biased;
            () = ctx.stop.cancelled() => return,
            wanted = ctx.desk.work() => wanted,
        };
        let receivers: Vec<ReceiverId> = wanted.into_keys().collect();
        notify(ctx, &receivers).await;
        ctx.desk.claimed();
    }
}
