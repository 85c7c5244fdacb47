//! Writes outcomes in batches, and starts what they make way for.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gatewright_core::delivery::{Claimed, DeliveryState, Settled, Settlement};
use gatewright_core::dispatch::Slot;
use gatewright_core::ids::{DeliveryId, ReceiverId};
use gatewright_core::receiver::{ReceiverKind, ReceiverState};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use crate::engine::{Ctx, Job};
use crate::metrics;
use crate::turns::Turn;

/// What became of a leased delivery.
pub(crate) enum Ended {
    /// It was tried.
    Attempted(Outcome),
    /// It was not, and is to be given back.
    Unsent(Job),
}

/// How an attempt ended, with the place it used.
pub(crate) struct Outcome {
    pub(crate) settled: Settled,
    pub(crate) slot: Slot,
    /// A failure keeps its turn until it is written: what it says about the receiver is known then,
    /// before many others have failed in the same way.
    pub(crate) turn: Option<Turn>,
    pub(crate) chain: u32,
    pub(crate) kind: Option<ReceiverKind>,
}

/// Outcomes per transaction.
const BATCH: usize = 256;

/// Deliveries of one lane that follow each other in one place before others get a turn.
const CHAIN_MAX: u32 = 16;

/// Failures of one outcome, while others are written, after which it is given up. Its lease runs
/// out, and the attempt is made again.
const TRIES_MAX: u32 = 20;

const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Runs until the engine stops and all outcomes are written.
pub(crate) async fn run(ctx: Arc<Ctx>, mut ended: UnboundedReceiver<Ended>) {
    let mut taken = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            biased;
            _ = ended.recv_many(&mut taken, BATCH) => {}
            () = ctx.stop.cancelled() => return,
        }
        let mut batch = Vec::with_capacity(taken.len());
        let mut unsent = Vec::new();
        for ended in taken.drain(..) {
            match ended {
                Ended::Attempted(mut outcome) => {
                    outcome.settled.release = outcome.chain < CHAIN_MAX && !ctx.desk.is_closed();
                    batch.push(outcome);
                }
                Ended::Unsent(job) => unsent.push(job),
            }
        }
        if !unsent.is_empty() {
            give_back(&ctx, unsent).await;
        }
        if !batch.is_empty() {
            write(&ctx, batch).await;
        }
    }
}

/// Gives back what was not sent, and has its receivers looked at again.
async fn give_back(ctx: &Ctx, jobs: Vec<Job>) {
    let claimed: Vec<Claimed> = jobs.iter().map(|job| job.claimed.clone()).collect();
    if let Err(error) = ctx.ledger.give_back(&claimed).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, "leases run out instead");
    }
    ctx.desk
        .want(claimed.iter().map(|claimed| claimed.receiver_id), true);
    drop(jobs);
}

/// Writes a batch, however long the database is away.
async fn write(ctx: &Arc<Ctx>, batch: Vec<Outcome>) {
    let mut waiting = vec![batch];
    let mut pause = PAUSE_MIN;
    let mut tries = 0;
    while !waiting.is_empty() {
        let mut failed = Vec::new();
        let mut written = false;
        for batch in std::mem::take(&mut waiting) {
            match write_once(ctx, batch).await {
                Ok(()) => written = true,
                // Apart, so that one that cannot be written keeps no other from it.
                Err(batch) => failed.extend(batch.into_iter().map(|outcome| vec![outcome])),
            }
        }
        tries = if written { tries } else { tries + 1 };
        if failed.is_empty() || give_up(tries, &failed) {
            return;
        }
        waiting = failed;
        tokio::select! {
            biased;
            () = ctx.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(PAUSE_MAX),
        }
    }
}

/// Whether what is left is broken itself: one outcome whose lease is gone anyway.
fn give_up(tries: u32, failed: &[Vec<Outcome>]) -> bool {
    let [outcomes] = failed else { return false };
    let [outcome] = outcomes.as_slice() else {
        return false;
    };
    let claimed = &outcome.settled.claimed;
    let broken = tries >= TRIES_MAX && claimed.lease_until < Instant::now();
    if broken {
        tracing::error!(delivery_id = %claimed.id, "an outcome cannot be written");
    }
    broken
}

async fn write_once(ctx: &Arc<Ctx>, batch: Vec<Outcome>) -> Result<(), Vec<Outcome>> {
    let settled: Vec<Settled> = batch
        .iter()
        .map(|outcome| outcome.settled.clone())
        .collect();
    match ctx.ledger.settle(&settled).await {
        Ok(settlement) => {
            go_on(ctx, batch, settlement);
            Ok(())
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                error,
                outcomes = batch.len(),
                "outcomes could not be written yet"
            );
            Err(batch)
        }
    }
}

/// Starts the next of each lane in the place of the one before, and frees the other places.
fn go_on(ctx: &Arc<Ctx>, batch: Vec<Outcome>, settlement: Settlement) {
    count(ctx, &batch, &settlement);
    for (receiver, state) in &settlement.receivers {
        if *state == ReceiverState::Active {
            ctx.desk.resume(*receiver);
            ctx.desk.want([*receiver], true);
        } else {
            ctx.desk.pause(*receiver);
        }
    }
    let mut places: HashMap<(ReceiverId, Option<i64>), (Slot, u32)> = HashMap::new();
    for outcome in batch {
        drop(outcome.turn);
        let claimed = outcome.settled.claimed;
        if !outcome.settled.release {
            ctx.desk.want([claimed.receiver_id], false);
        }
        // Of two outcomes of one lane in a batch, one place is enough; the other gets free.
        places.insert(
            (claimed.receiver_id, claimed.lane),
            (outcome.slot, outcome.chain),
        );
    }
    for claimed in settlement.released {
        // Every lane that went on has an outcome in the batch, and so a place.
        if let Some((slot, chain)) = places.remove(&(claimed.receiver_id, claimed.lane)) {
            let chain = chain + 1;
            ctx.spawn(Job {
                claimed,
                slot,
                chain,
            });
        }
    }
}

fn count(ctx: &Ctx, batch: &[Outcome], settlement: &Settlement) {
    let now = ctx.ledger.kernel().now();
    let states: HashMap<DeliveryId, DeliveryState> = settlement.settled.iter().copied().collect();
    for outcome in batch {
        let claimed = &outcome.settled.claimed;
        let label = match states.get(&claimed.id) {
            Some(DeliveryState::Delivered) => {
                metrics::lag(now.since(claimed.event.occurred_at));
                "delivered"
            }
            Some(DeliveryState::Dead) => "dead",
            Some(_) => "retry",
            None => "lost",
        };
        metrics::settled(outcome.kind, label);
    }
}
