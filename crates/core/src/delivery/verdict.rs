//! What the outcome of an attempt comes to.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use gatewright_store::hot::delivery::{Finish, Lane, NewAttempt, ProviderId};

use super::health::{Failure, Health};
use super::{Claimed, DeliveryState, Ledger, Settled, schedule};
use crate::channel::{DeliveryOutcome, RetryScope};
use crate::receiver::ReceiverState;
use crate::sabotage::{self, Bug};
use crate::time::Timestamp;

/// Longest text of an error or excerpt that is kept, in characters.
const TEXT_MAX: usize = 1000;

/// What the outcomes of a batch come to.
#[derive(Default)]
pub(super) struct Verdicts {
    pub(super) finish: Vec<Finish>,
    pub(super) attempts: Vec<NewAttempt>,
    pub(super) provider_ids: Vec<ProviderId>,
    pub(super) lanes: BTreeSet<Lane>,
    pub(super) dead: Vec<(usize, String)>,
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
    /// Judges those outcomes whose lease still holds, in their order.
    pub(super) fn judge(
        &self,
        batch: &[Settled],
        held: &HashSet<i64>,
        healths: &mut BTreeMap<i64, Health>,
        now: Timestamp,
    ) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for (index, item) in batch.iter().enumerate() {
            if held.contains(&item.claimed.id.get()) {
                let health = healths.get_mut(&item.claimed.receiver_id.get());
                let verdict = self.verdict(item, health, self.kernel.steady());
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
                    health.refused(config, now, failure, *code);
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
                let hostage =
                    verdict.attempts >= config.hold_attempts || sabotage::has(Bug::LeaveLaneEarly);
                verdict.late |= claimed.lane.is_some() && hostage && state == ReceiverState::Active;
                verdict
            }
            None => Verdict::dead(claimed, "exhausted", reason, status)
                .with_error(format!("exhausted: {reason}")),
        }
    }
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
