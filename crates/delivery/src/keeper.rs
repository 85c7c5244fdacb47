//! What is done from time to time: polling, probing, sweeping, pruning, erasing.

use std::sync::Arc;
use std::time::Duration;

use gatewright_core::delivery::Backlog;
use gatewright_core::erasure;
use gatewright_core::error::Result;
use gatewright_core::receiver::ReceiverState;

use crate::engine::{Ctx, Job};
use crate::metrics;

/// Looks for what is due, at intervals.
pub(crate) async fn poll(ctx: Arc<Ctx>) {
    let every = ctx.ledger.kernel().config.delivery.poll;
    while pause(&ctx, every).await {
        look(&ctx).await;
    }
}

/// Ends leases that ran out, at intervals.
pub(crate) async fn sweep(ctx: Arc<Ctx>) {
    while pause(&ctx, ctx.config.sweep_every).await {
        if let Err(error) = ctx.ledger.agree_on_time().await {
            failed(&error, "could not ask for the database's time");
        }
        match ctx.ledger.sweep().await {
            Ok(swept) => {
                for _ in &swept.dead {
                    metrics::settled(None, "dead");
                }
                ctx.desk.want(swept.queued, false);
            }
            Err(error) => failed(&error, "could not sweep deliveries"),
        }
    }
}

/// Removes old events, at intervals.
pub(crate) async fn prune(ctx: Arc<Ctx>) {
    while pause(&ctx, ctx.config.prune_every).await {
        match ctx.ledger.prune().await {
            Ok(0) => {}
            Ok(events) => tracing::info!(events, "old events were removed"),
            Err(error) => failed(&error, "could not remove old events"),
        }
    }
}

/// Erases what removed contacts and inboxes leave behind, at intervals and once at the start.
pub(crate) async fn erase(ctx: Arc<Ctx>) {
    loop {
        erase_all(&ctx).await;
        if !pause(&ctx, ctx.config.sweep_every).await {
            return;
        }
    }
}

/// Erases until nothing is left that may go now.
pub(crate) async fn erase_all(ctx: &Ctx) {
    while !ctx.draining.is_cancelled() {
        match erasure::erase_some(ctx.ledger.kernel()).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return failed(&error, "could not erase what was removed"),
        }
    }
}

/// Looks once for what is due: asks the claimer to serve active receivers and probes the others.
pub(crate) async fn look(ctx: &Arc<Ctx>) {
    if let Err(error) = look_once(ctx).await {
        failed(&error, "could not look for due deliveries");
    }
}

async fn look_once(ctx: &Arc<Ctx>) -> Result<()> {
    let now = ctx.ledger.kernel().steady();
    let backlog = ctx.ledger.backlog().await?;
    let active = |row: &&Backlog| row.state == ReceiverState::Active;
    let oldest = backlog
        .iter()
        .filter(active)
        .map(|row| row.oldest_due_at)
        .min();
    metrics::oldest_queued(now, oldest);
    let due = backlog
        .iter()
        .filter(active)
        .filter(|row| row.oldest_due_at <= now);
    ctx.desk.want(due.map(|row| row.receiver_id), false);
    for row in backlog
        .iter()
        .filter(|row| row.state == ReceiverState::Probing)
    {
        ctx.desk.pause(row.receiver_id);
        if row.probe_due_at.is_none_or(|due_at| due_at <= now) {
            probe(ctx, row).await?;
        }
    }
    Ok(())
}

async fn probe(ctx: &Arc<Ctx>, row: &Backlog) -> Result<()> {
    let Some(slot) = ctx.desk.take_for_probe(row.receiver_id) else {
        return Ok(());
    };
    if let Some(claimed) = ctx.ledger.probe(row.receiver_id).await? {
        ctx.spawn(Job {
            claimed,
            slot,
            chain: 0,
        });
    }
    Ok(())
}

/// Waits; false when the engine drains.
async fn pause(ctx: &Ctx, length: Duration) -> bool {
    tokio::select! {
        biased;
        () = ctx.draining.cancelled() => false,
        () = tokio::time::sleep(length) => true,
    }
}

fn failed(error: &gatewright_core::Error, what: &'static str) {
    tracing::warn!(error = error as &dyn std::error::Error, "{what}");
}
