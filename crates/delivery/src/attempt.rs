//! One attempt.

pub(crate) mod ephemeral;
mod message;
mod retry_after;
mod sending;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatewright_core::channel::{Delivery, DeliveryOutcome, OutboundEvent, Payload, RetryScope};
use gatewright_core::delivery::{Claimed, Settled, Target};
use gatewright_core::receiver::{ReceiverKind, ReceiverState};
use gatewright_core::registry::ChannelCall;
use gatewright_core::wire;
use tokio::time::{Instant, timeout_at};

use self::sending::Sending;
use crate::engine::{Ctx, Job};
use crate::metrics::InFlight;
use crate::turns::Turn;
use crate::writer::{Ended, Outcome};

/// What remains of a lease beyond the longest exchange when an attempt starts, for the outcome to be
/// written before anybody else may send.
const MARGIN: Duration = Duration::from_secs(5);

/// How one exchange ended, and the beginning of the answer.
struct Exchange {
    outcome: DeliveryOutcome,
    excerpt: Option<String>,
}

/// Waits for its turn, makes the attempt and hands its outcome to the writer. A delivery whose lease
/// is too short by then, or that meets a draining engine or a receiver that is being probed, is given
/// back.
pub(crate) async fn run(ctx: &Arc<Ctx>, job: Job) {
    let Some(turn) = turn(ctx, &job.claimed).await else {
        return ctx.end(Ended::Unsent(job));
    };
    let _in_flight = InFlight::new();
    let kernel = ctx.ledger.kernel();
    let target = target(ctx, &job.claimed).await;
    // The database may have been slow to tell, and nothing is sent under a lease that runs out.
    if !lasts(ctx, &job.claimed) {
        return ctx.end(Ended::Unsent(job));
    }
    let (kind, idempotent) = target.as_ref().map_or((None, true), |target| {
        (Some(target.kind), target.idempotent)
    });
    if !idempotent && !started(ctx, &job.claimed).await {
        return ctx.end(Ended::Unsent(job));
    }
    let started_at = kernel.now();
    let begun = Instant::now();
    let exchange = match &target {
        // And slow to note it. What was noted cannot be given back, but it certainly was not sent.
        Ok(_) if !idempotent && !lasts(ctx, &job.claimed) => Exchange {
            outcome: retry("the lease ran out before the attempt"),
            excerpt: None,
        },
        Ok(target) => send(ctx, target, &Sending::claimed(ctx, &job.claimed)).await,
        Err(reason) => Exchange {
            outcome: retry(*reason),
            excerpt: None,
        },
    };
    let accepted = matches!(exchange.outcome, DeliveryOutcome::Accepted { .. });
    ctx.end(Ended::Attempted(Outcome {
        settled: Settled {
            claimed: job.claimed,
            outcome: exchange.outcome,
            idempotent,
            started_at,
            duration: begun.elapsed(),
            excerpt: exchange.excerpt,
            release: true,
        },
        slot: job.slot,
        turn: Some(turn).filter(|_| !accepted),
        chain: job.chain,
        kind,
    }));
}

/// The delivery's turn with its receiver; none when it is better given back.
async fn turn(ctx: &Ctx, claimed: &Claimed) -> Option<Turn> {
    let receiver = claimed.receiver_id;
    let asked = Instant::now();
    let latest = claimed.lease_until.checked_sub(needed(ctx))?;
    let turn = tokio::select! {
        biased;
        () = ctx.draining.cancelled() => None,
        turn = timeout_at(latest, ctx.turns.take(receiver)) => turn.ok().flatten(),
    };
    ctx.desk.waited(receiver, asked.elapsed());
    let closed = claimed.probe.is_none() && ctx.desk.is_paused(receiver);
    turn.filter(|_| !closed && lasts(ctx, claimed))
}

/// What an attempt may take, and what must remain of its lease afterwards.
fn needed(ctx: &Ctx) -> Duration {
    let config = &ctx.ledger.kernel().config.delivery;
    // Half of a slack that is no longer than the margin: leases must be able to start at all.
    config.timeout + MARGIN.min(config.lease_slack / 2)
}

fn lasts(ctx: &Ctx, claimed: &Claimed) -> bool {
    claimed
        .lease_until
        .saturating_duration_since(Instant::now())
        > needed(ctx)
}

async fn started(ctx: &Ctx, claimed: &Claimed) -> bool {
    ctx.ledger
        .start(claimed, needed(ctx))
        .await
        .unwrap_or_else(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "an attempt was not noted"
            );
            false
        })
}

/// Where to send; what is wrong when that is not known.
async fn target(ctx: &Ctx, claimed: &Claimed) -> Result<Arc<Target>, &'static str> {
    let id = claimed.receiver_id;
    let load = async || match ctx.ledger.target(id).await {
        Ok(Some(target)) => Ok(target),
        Ok(None) => Err("the receiver is gone"),
        Err(error) => {
            tracing::error!(receiver_id = %id, error = &error as &dyn std::error::Error, "no target");
            Err("the receiver could not be read")
        }
    };
    let closed = |target: &Target| {
        matches!(
            target.state,
            ReceiverState::Disabled | ReceiverState::Removed
        )
    };
    let known = load().await?;
    if !closed(&known) {
        return Ok(known);
    }
    // It may have been switched on since it was read.
    ctx.ledger.forget(id);
    let fresh = load().await?;
    if closed(&fresh) {
        Err("the receiver is not served")
    } else {
        Ok(fresh)
    }
}

async fn send(ctx: &Ctx, target: &Target, sending: &Sending<'_>) -> Exchange {
    match target.kind {
        ReceiverKind::Channel => {
            let outcome = to_channel(ctx, target, sending).await;
            Exchange {
                outcome,
                excerpt: None,
            }
        }
        ReceiverKind::Webhook | ReceiverKind::AgentBot | ReceiverKind::Automation => {
            let body = Bytes::from(wire::webhook_body(sending.event));
            webhook::post(ctx, target, sending, body).await
        }
    }
}

async fn to_channel(ctx: &Ctx, target: &Target, sending: &Sending<'_>) -> DeliveryOutcome {
    let Some(inbox_id) = target.inbox_id else {
        return retry("the inbox is gone");
    };
    let delivery = if target.message_shaped {
        match message::outbound(sending.event, &sending.id, sending.attempt) {
            Ok(message) => Delivery::Message(Box::new(message)),
            Err(outcome) => return outcome,
        }
    } else {
        Delivery::Event(OutboundEvent {
            id: sending.id.clone(),
            name: sending.event.name.as_str().to_owned(),
            body: Payload(wire::webhook_body(sending.event)),
            attempt: sending.attempt,
        })
    };
    let call = ChannelCall {
        inbox_id,
        delivery_id: sending.id.clone(),
        attempt: sending.attempt,
        late: sending.late,
        replay: sending.replay,
        delivery,
    };
    // The host has a deadline of its own; this one keeps a broken host from sending under a lease
    // that has run out.
    timeout_at(sending.until, ctx.channels.deliver(call))
        .await
        .unwrap_or_else(|_| DeliveryOutcome::Uncertain {
            reason: "the channel did not answer in time".to_owned(),
        })
}

/// Certainly not delivered; to be tried again as the schedule says.
fn retry(reason: impl Into<String>) -> DeliveryOutcome {
    DeliveryOutcome::Retry {
        reason: reason.into(),
        after_ms: None,
        scope: RetryScope::Message,
        status: None,
    }
}
