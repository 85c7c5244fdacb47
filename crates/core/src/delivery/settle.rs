use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use gatewright_store::hot::delivery::{self as hot, Lane};
use sea_orm::DatabaseTransaction;

use super::health::Health;
use super::verdict::Verdicts;
use super::{Claimed, DeliveryState, Ledger};
use crate::channel::DeliveryOutcome;
use crate::error::{Error, Result};
use crate::ids::{DeliveryId, ReceiverId};
use crate::outbox::Recorded;
use crate::receiver::{ReceiverKind, ReceiverState};
use crate::time::Timestamp;

/// How one attempt ended.
#[derive(Debug, Clone)]
pub struct Settled {
    /// What was tried.
    pub claimed: Claimed,
    /// How it ended.
    pub outcome: DeliveryOutcome,
    /// Whether the receiver may be sent the same delivery twice.
    pub idempotent: bool,
    /// When the attempt began.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// Beginning of the receiver's answer.
    pub excerpt: Option<String>,
    /// Whether the next of its lane may be claimed in its place.
    pub release: bool,
}

/// What a batch of outcomes changed.
#[derive(Debug, Default)]
pub struct Settlement {
    /// The next of the lanes that went on, leased to this node.
    pub released: Vec<Claimed>,
    /// Outcomes that came too late: the lease was lost and nothing was changed.
    pub lost: Vec<DeliveryId>,
    /// How the others went on.
    pub settled: Vec<(DeliveryId, DeliveryState)>,
    /// Receivers that changed their state.
    pub receivers: Vec<(ReceiverId, ReceiverState)>,
}

impl Ledger {
    /// Writes outcomes, in one transaction, and leases the next of the lanes that went on.
    ///
    /// # Errors
    /// Database errors: nothing was written, and the same call can be made again.
    pub async fn settle(&self, batch: &[Settled]) -> Result<Settlement> {
        let all = batch.iter().map(|item| item.claimed.id.get()).collect();
        match self.settle_held(batch, Some(all)).await? {
            Some(settlement) => Ok(settlement),
            None => self
                .settle_held(batch, None)
                .await?
                .ok_or_else(|| Error::internal("a lease that was locked is not held")),
        }
    }

    /// Settles with the leases that are `held`. It changes nothing and answers none when one of them is
    /// not; when they are not known, those that are held are locked first.
    async fn settle_held(
        &self,
        batch: &[Settled],
        held: Option<HashSet<i64>>,
    ) -> Result<Option<Settlement>> {
        let now = self.kernel.now();
        let tx = self.kernel.db.begin_write().await?;
        let mut healths = self.healths(&tx, batch).await?;
        let is_assumed = held.is_some();
        let held = if let Some(held) = held {
            held
        } else {
            let held: Vec<_> = batch.iter().map(|item| item.claimed.held()).collect();
            hot::held(&tx, &held).await?.into_iter().collect()
        };
        let verdicts = self.judge(batch, &held, &mut healths, now);
        if !write(&tx, &verdicts).await? && is_assumed {
            return Ok(None);
        }
        let mut recorded = Recorded::default();
        for health in healths.values().filter(|health| health.changed()) {
            recorded.merge(self.write_health(&tx, health, now).await?);
        }
        recorded.merge(self.fail_dead(&tx, batch, &verdicts, &healths).await?);
        let lease = self.new_lease();
        let lanes: Vec<Lane> = verdicts.lanes.iter().copied().collect();
        let next = match lanes.as_slice() {
            [] => Vec::new(),
            lanes => hot::claim_lanes(&tx, lanes, lease.row).await?,
        };
        tx.commit().await?;
        let mut settlement = Settlement::new(batch, &held, &verdicts, &healths);
        self.after_commit(&settlement, &healths);
        recorded.publish(&self.kernel);
        settlement.released = self.claimed(next, &lease).await.unwrap_or_else(|error| {
            // The outcomes are written; the lanes go on when the leases have run out.
            tracing::warn!(%error, "released deliveries could not be read");
            Vec::new()
        });
        Ok(Some(settlement))
    }

    async fn fail_dead(
        &self,
        tx: &DatabaseTransaction,
        batch: &[Settled],
        verdicts: &Verdicts,
        healths: &BTreeMap<i64, Health>,
    ) -> Result<Recorded> {
        let mut recorded = Recorded::default();
        for (index, reason) in &verdicts.dead {
            let claimed = &batch[*index].claimed;
            let receiver = healths.get(&claimed.receiver_id.get());
            if receiver.is_some_and(|health| health.kind == ReceiverKind::Channel) {
                let id = claimed.receiver_id;
                recorded.merge(self.fail_message(tx, &claimed.event, reason, id).await?);
            }
        }
        Ok(recorded)
    }

    async fn healths(
        &self,
        tx: &DatabaseTransaction,
        batch: &[Settled],
    ) -> Result<BTreeMap<i64, Health>> {
        let id = |item: &Settled| item.claimed.receiver_id.get();
        let all: BTreeSet<i64> = batch.iter().map(id).collect();
        let failing: BTreeSet<i64> = batch
            .iter()
            .filter(|item| !matches!(item.outcome, DeliveryOutcome::Accepted { .. }))
            .map(id)
            .collect();
        let (all, failing): (Vec<_>, Vec<_>) =
            (all.into_iter().collect(), failing.into_iter().collect());
        let rows = hot::health(tx, &all, &failing).await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.id, Health::new(row)))
            .collect())
    }

    fn after_commit(&self, settlement: &Settlement, healths: &BTreeMap<i64, Health>) {
        for (id, state) in &settlement.receivers {
            tracing::info!(receiver_id = %id, state = state.as_str(), "a receiver changed its state");
            self.forget(*id);
            if let Some(health) = healths.get(&id.get()) {
                self.kernel
                    .caches
                    .receivers
                    .invalidate(&health.account_id());
            }
        }
    }
}

impl Settlement {
    fn new(
        batch: &[Settled],
        held: &HashSet<i64>,
        verdicts: &Verdicts,
        healths: &BTreeMap<i64, Health>,
    ) -> Self {
        let state = |code| DeliveryState::from_code(code).unwrap_or(DeliveryState::Queued);
        let rows = verdicts.finish.iter();
        let ids = batch.iter().map(|item| item.claimed.id);
        let changed = healths
            .values()
            .filter(|health| health.state != health.was());
        Self {
            released: Vec::new(),
            lost: ids.filter(|id| !held.contains(&id.get())).collect(),
            settled: rows
                .map(|row| (DeliveryId(row.id), state(row.state)))
                .collect(),
            receivers: changed.map(|health| (health.id(), health.state)).collect(),
        }
    }
}

/// False when a lease is not held any more.
async fn write(tx: &DatabaseTransaction, verdicts: &Verdicts) -> Result<bool> {
    if !verdicts.finish.is_empty() {
        let finished = hot::finish(tx, &verdicts.finish).await?;
        if finished.len() < verdicts.finish.len() {
            return Ok(false);
        }
    }
    if !verdicts.attempts.is_empty() {
        hot::add_attempts(tx, &verdicts.attempts).await?;
    }
    if !verdicts.provider_ids.is_empty() {
        hot::add_provider_ids(tx, &verdicts.provider_ids).await?;
    }
    Ok(true)
}
