use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use gatewright_store::entity::accounts;
use gatewright_store::hot::delivery::{self as hot, Finish, Lane, NewAttempt, ProviderId};
use sea_orm::{DatabaseTransaction, EntityTrait};
use serde_json::json;

use super::health::{Failure, Health};
use super::{Claimed, DeliveryState, Ledger, schedule};
use crate::channel::{DeliveryOutcome, FailCode, RetryScope};
use crate::error::Result;
use crate::event::{EventName, Origin, OriginKind, Snapshot, Subject};
use crate::ids::{DeliveryId, ReceiverId};
use crate::model::AccountRef;
use crate::outbox::{self, NewEvent, Recorded};
use crate::receiver::{Interest, ReceiverKind, ReceiverState};
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

/// Longest text of an error or excerpt that is kept, in characters.
const TEXT_MAX: usize = 1000;

/// Deliveries of a receiver that die in the transaction that disables it; the sweeper buries the
/// rest.
const BURIED_AT_ONCE: i64 = 100;

/// What the outcomes of a batch come to.
#[derive(Default)]
struct Verdicts {
    finish: Vec<Finish>,
    attempts: Vec<NewAttempt>,
    provider_ids: Vec<ProviderId>,
    lanes: BTreeSet<Lane>,
    dead: Vec<(usize, String)>,
}

/// What one outcome comes to.
struct Verdict {
    state: DeliveryState,
    due_at: Timestamp,
    attempts: u32,
    late: bool,
    label: &'static str,
    status: Option<u16>,
    reason: Option<String>,
    error: Option<String>,
}

impl Ledger {
    /// Writes outcomes, in one transaction, and leases the next of the lanes that went on.
    ///
    /// # Errors
    /// Database errors: nothing was written, and the same call can be made again.
    pub async fn settle(&self, batch: &[Settled]) -> Result<Settlement> {
        let now = self.kernel.now();
        let tx = self.kernel.db.begin_write().await?;
        let held: Vec<hot::Held> = batch.iter().map(|item| item.claimed.held()).collect();
        let held: HashSet<i64> = hot::held(&tx, &held).await?.into_iter().collect();
        let mut healths = self.healths(&tx, batch).await?;
        let verdicts = self.judge(batch, &held, &mut healths, now);
        write(&tx, &verdicts).await?;
        let mut recorded = Recorded::default();
        let mut settlement = Settlement::default();
        for health in healths.values().filter(|health| health.changed()) {
            recorded.merge(self.write_health(&tx, health, now).await?);
            if health.state != health.was() {
                settlement.receivers.push((health.id(), health.state));
            }
        }
        for (index, reason) in &verdicts.dead {
            let claimed = &batch[*index].claimed;
            let receiver = healths.get(&claimed.receiver_id.get());
            if receiver.is_some_and(|health| health.kind == ReceiverKind::Channel) {
                let id = claimed.receiver_id;
                recorded.merge(self.fail_message(&tx, &claimed.event, reason, id).await?);
            }
        }
        let lease = self.new_lease();
        let lanes: Vec<Lane> = verdicts.lanes.into_iter().collect();
        let next = match lanes.as_slice() {
            [] => Vec::new(),
            lanes => hot::claim_lanes(&tx, lanes, lease.row).await?,
        };
        tx.commit().await?;
        self.after_commit(&settlement, &healths);
        recorded.publish(&self.kernel);
        settlement.released = self.claimed(next, &lease).await.unwrap_or_else(|error| {
            // The outcomes are written; the lanes go on when the leases have run out.
            tracing::warn!(%error, "released deliveries could not be read");
            Vec::new()
        });
        let state = |code| DeliveryState::from_code(code).unwrap_or(DeliveryState::Queued);
        settlement.settled = verdicts
            .finish
            .iter()
            .map(|row| (DeliveryId(row.id), state(row.state)))
            .collect();
        settlement.lost = batch
            .iter()
            .map(|item| item.claimed.id)
            .filter(|id| !held.contains(&id.get()))
            .collect();
        Ok(settlement)
    }

    async fn healths(
        &self,
        tx: &DatabaseTransaction,
        batch: &[Settled],
    ) -> Result<HashMap<i64, Health>> {
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

    fn judge(
        &self,
        batch: &[Settled],
        held: &HashSet<i64>,
        healths: &mut HashMap<i64, Health>,
        now: Timestamp,
    ) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for (index, item) in batch.iter().enumerate() {
            if held.contains(&item.claimed.id.get()) {
                let health = healths.get_mut(&item.claimed.receiver_id.get());
                let verdict = self.verdict(item, health, now);
                verdicts.add(index, item, verdict, now);
            }
        }
        verdicts
    }

    fn verdict(&self, item: &Settled, health: Option<&mut Health>, now: Timestamp) -> Verdict {
        let config = &self.kernel.config.delivery;
        let mut failure = Failure {
            probe: item.claimed.probe.is_some(),
            ..Failure::default()
        };
        match &item.outcome {
            DeliveryOutcome::Accepted { status, .. } => {
                if let Some(health) = health {
                    health.succeeded();
                }
                Verdict::delivered(&item.claimed, *status)
            }
            DeliveryOutcome::Retry {
                reason,
                after_ms,
                scope,
                status,
            } => {
                failure.wish = after_ms.map(Duration::from_millis);
                failure.all = *scope == RetryScope::Inbox;
                self.retry(item, health, failure, reason, *status, now)
            }
            DeliveryOutcome::Uncertain { reason } if item.idempotent => {
                self.retry(item, health, failure, reason, None, now)
            }
            DeliveryOutcome::Uncertain { reason } => {
                if let Some(health) = health {
                    health.failed(config, now, failure);
                }
                Verdict::dead(&item.claimed, "uncertain", reason, None)
                    .with_error(format!("uncertain: {reason}"))
            }
            DeliveryOutcome::Failed {
                code,
                reason,
                status,
            } => {
                if let Some(health) = health {
                    match code {
                        FailCode::Gone => health.disable("the receiver is gone (410)"),
                        FailCode::Auth => health.failed(config, now, failure),
                        FailCode::Other => {}
                        // It looked at the message and refused that one: it works.
                        _ => health.succeeded(),
                    }
                }
                Verdict::dead(&item.claimed, "failed", reason, *status)
            }
        }
    }

    fn retry(
        &self,
        item: &Settled,
        health: Option<&mut Health>,
        failure: Failure,
        reason: &str,
        status: Option<u16>,
        now: Timestamp,
    ) -> Verdict {
        let (config, claimed) = (&self.kernel.config.delivery, &item.claimed);
        let state = health.map_or(ReceiverState::Active, |health| {
            health.failed(config, now, failure);
            health.state
        });
        if matches!(state, ReceiverState::Disabled | ReceiverState::Removed) {
            return Verdict::dead(claimed, "disabled", reason, status)
                .with_error(format!("receiver {}: {reason}", state.as_str()));
        }
        let mut verdict = Verdict::queued(claimed, reason, status);
        if claimed.probe.is_some_and(|probe| !probe.due) {
            return verdict;
        }
        verdict.attempts += 1;
        let random = self.kernel.random.as_ref();
        match schedule::pause_after(config, random, verdict.attempts, failure.wish) {
            Some(pause) => {
                verdict.due_at = now.plus(pause);
                // While a receiver is probed nothing else flows, so nothing is held up.
                let hostage = verdict.attempts >= config.hold_attempts;
                verdict.late |= claimed.lane.is_some() && hostage && state == ReceiverState::Active;
                verdict
            }
            None => Verdict::dead(claimed, "exhausted", reason, status)
                .with_error(format!("exhausted: {reason}")),
        }
    }

    /// Writes how a receiver does; disabling it buries what is queued for it and is an event.
    async fn write_health(
        &self,
        tx: &DatabaseTransaction,
        health: &Health,
        now: Timestamp,
    ) -> Result<Recorded> {
        hot::set_health(tx, &health.row, now.0).await?;
        match (health.was(), health.state) {
            (ReceiverState::Probing, ReceiverState::Active) => {
                hot::hasten(tx, health.row.id, now.0).await?;
                Ok(Recorded::default())
            }
            (before, ReceiverState::Disabled) if before != ReceiverState::Disabled => {
                let reason = "receiver disabled";
                let rows = hot::bury(tx, health.row.id, now.0, reason, BURIED_AT_ONCE).await?;
                let mut recorded = self.fail_messages(tx, &rows, reason).await?;
                recorded.merge(self.report_disabled(tx, health, now).await?);
                Ok(recorded)
            }
            _ => Ok(Recorded::default()),
        }
    }

    async fn report_disabled(
        &self,
        tx: &DatabaseTransaction,
        health: &Health,
        now: Timestamp,
    ) -> Result<Recorded> {
        let account_id = health.account_id();
        let Some(account) = accounts::Entity::find_by_id(account_id.get())
            .one(tx)
            .await?
        else {
            return Ok(Recorded::default());
        };
        let mut snapshot = Snapshot::new(AccountRef {
            id: account_id,
            name: account.name,
        });
        snapshot.receiver = Some(json!({
            "id": health.row.id,
            "kind": health.kind.as_str(),
            "inbox_id": health.row.inbox_id,
            "url": health.row.url,
            "reason": health.row.state_reason,
        }));
        let name = EventName::ReceiverDisabled;
        let event = NewEvent {
            account_id,
            name,
            subject: Subject {
                inbox_id: health.inbox_id(),
                ..Subject::default()
            },
            interest: Interest {
                name,
                inbox_id: health.inbox_id(),
                message: None,
                except: Some(health.id()),
            },
            occurred_at: now,
            origin: Origin {
                kind: OriginKind::System,
                ..Origin::default()
            },
            snapshot,
        };
        outbox::record(&self.kernel, tx, vec![event]).await
    }

    fn after_commit(&self, settlement: &Settlement, healths: &HashMap<i64, Health>) {
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

async fn write(tx: &DatabaseTransaction, verdicts: &Verdicts) -> Result<()> {
    if !verdicts.finish.is_empty() {
        hot::finish(tx, &verdicts.finish).await?;
    }
    if !verdicts.attempts.is_empty() {
        hot::add_attempts(tx, &verdicts.attempts).await?;
    }
    if !verdicts.provider_ids.is_empty() {
        hot::add_provider_ids(tx, &verdicts.provider_ids).await?;
    }
    Ok(())
}

impl Verdicts {
    fn add(&mut self, index: usize, item: &Settled, verdict: Verdict, now: Timestamp) {
        let claimed = &item.claimed;
        let status = verdict.status.map(i32::from);
        let duration_ms = i32::try_from(item.duration.as_millis()).unwrap_or(i32::MAX);
        let number = i32::try_from(verdict.attempts).unwrap_or(i32::MAX);
        let used_up = verdict.attempts > claimed.attempts;
        if verdict.state != DeliveryState::Delivered && used_up {
            self.attempts.push(NewAttempt {
                delivery_id: claimed.id.get(),
                number,
                started_at: item.started_at.0,
                duration_ms,
                outcome: verdict.label,
                status,
                error: verdict.reason.as_deref().map(clean),
                excerpt: item.excerpt.as_deref().map(clean),
            });
        }
        self.note_provider_ids(item);
        let left = verdict.state != DeliveryState::Queued || verdict.late;
        if let Some(lane) = claimed
            .lane
            .filter(|_| left && !claimed.late && item.release)
        {
            self.lanes.insert(Lane {
                receiver_id: claimed.receiver_id.get(),
                lane,
            });
        }
        self.finish.push(Finish {
            id: claimed.id.get(),
            token: claimed.lease_token,
            state: verdict.state.code(),
            due_at: verdict.due_at.0,
            attempts: number,
            late: verdict.late,
            status,
            error: verdict.error.as_deref().map(clean),
            attempt_at: item.started_at.0,
            duration_ms,
            finished_at: (verdict.state != DeliveryState::Queued).then_some(now.0),
        });
        if verdict.state == DeliveryState::Dead {
            self.dead.push((index, verdict.reason.unwrap_or_default()));
        }
    }

    fn note_provider_ids(&mut self, item: &Settled) {
        let DeliveryOutcome::Accepted { provider_ids, .. } = &item.outcome else {
            return;
        };
        let Some(message) = &item.claimed.event.snapshot.message else {
            return;
        };
        self.provider_ids
            .extend(provider_ids.iter().map(|provider_id| ProviderId {
                inbox_id: message.inbox_id.get(),
                provider_id: clean(provider_id),
                message_id: message.id.get(),
            }));
    }
}

impl Verdict {
    fn delivered(claimed: &Claimed, status: Option<u16>) -> Self {
        Self {
            state: DeliveryState::Delivered,
            due_at: claimed.due_at,
            attempts: claimed.attempts + 1,
            late: claimed.late,
            label: "accepted",
            status,
            reason: None,
            error: None,
        }
    }

    fn queued(claimed: &Claimed, reason: &str, status: Option<u16>) -> Self {
        Self {
            state: DeliveryState::Queued,
            attempts: claimed.attempts,
            label: "retry",
            reason: Some(reason.to_owned()),
            error: Some(reason.to_owned()),
            ..Self::delivered(claimed, status)
        }
    }

    fn dead(claimed: &Claimed, label: &'static str, reason: &str, status: Option<u16>) -> Self {
        Self {
            state: DeliveryState::Dead,
            attempts: claimed.attempts + 1,
            label,
            ..Self::queued(claimed, reason, status)
        }
    }

    fn with_error(self, error: String) -> Self {
        Self {
            error: Some(error),
            ..self
        }
    }
}

/// Text of strangers, fit to be stored: no U+0000 and not endless.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|char| *char != '\0')
        .take(TEXT_MAX)
        .collect()
}
