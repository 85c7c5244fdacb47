//! How attempts and leases end, and how receivers do.

use gatewright_store::entity::receivers;
use serde::Deserialize;

use super::{DEAD, LEASED, Model, Note, QUEUED};

/// A row of the statement that ends leases.
#[derive(Deserialize)]
pub(super) struct Finish {
    id: i64,
    token: i64,
    state: i16,
    due_at: i64,
    attempts: i32,
    late: bool,
    status: Option<i32>,
    error: Option<String>,
    attempt_at: i64,
    duration_ms: i32,
    finished_at: Option<i64>,
}

/// How a receiver does from now on.
pub(super) struct NewHealth {
    pub(super) id: i64,
    pub(super) state: i16,
    pub(super) state_reason: Option<String>,
    pub(super) failures: i32,
    pub(super) first_failure_at: Option<i64>,
    pub(super) probe_due_at: Option<i64>,
    pub(super) probe_interval_ms: Option<i64>,
    pub(super) now: i64,
    pub(super) probed: bool,
}

impl Model {
    pub(super) fn finish(&mut self, rows: Vec<Finish>) -> Vec<i64> {
        let mut ids = Vec::new();
        for end in rows {
            if self.held(&[(end.id, end.token)]).is_empty() {
                continue;
            }
            let row = self.delivery(end.id);
            row.state = end.state;
            row.due_at = end.due_at;
            row.attempts = end.attempts;
            row.late = end.late;
            row.lease_token = None;
            row.lease_until = None;
            row.started = false;
            row.last_status = end.status;
            row.last_error = end.error;
            row.last_attempt_at = Some(end.attempt_at);
            row.last_duration_ms = Some(end.duration_ms);
            row.finished_at = end.finished_at;
            self.note(Note::Finished(end.id));
            ids.push(end.id);
        }
        ids
    }

    pub(super) fn health(&self, receivers: &[i64], failing: &[i64]) -> Vec<&receivers::Model> {
        let mut ids = receivers.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let rows = ids.iter().filter_map(|id| self.receivers.get(id));
        let wanted = |row: &&receivers::Model| {
            row.state != super::ACTIVE || row.failures > 0 || failing.contains(&row.id)
        };
        rows.filter(wanted).collect()
    }

    pub(super) fn set_health(&mut self, health: NewHealth) {
        let row = self.receiver(health.id);
        row.state = health.state;
        row.state_reason = health.state_reason;
        row.failures = health.failures;
        row.first_failure_at = health.first_failure_at;
        row.probe_due_at = health.probe_due_at;
        row.probe_interval_ms = health.probe_interval_ms;
        if health.probed {
            row.probe_lease_until = None;
        }
        row.updated_at = health.now;
        self.note(Note::Receiver(health.id));
    }

    pub(super) fn hasten(&mut self, receiver: i64, now: i64) {
        for id in self.queued(receiver) {
            if self.deliveries[&id].due_at > now {
                self.delivery(id).due_at = now;
            }
        }
    }

    pub(crate) fn bury(&mut self, receiver: i64, now: i64, reason: &str, limit: i64) -> Vec<i64> {
        let mut ids = self.queued(receiver);
        ids.sort_by_key(|id| (self.deliveries[id].due_at, *id));
        ids.truncate(usize::try_from(limit).unwrap());
        for id in &ids {
            let row = self.delivery(*id);
            row.state = DEAD;
            row.last_error = Some(reason.to_owned());
            row.finished_at = Some(now);
            self.note(Note::Buried(*id));
        }
        ids
    }

    fn queued(&self, receiver: i64) -> Vec<i64> {
        let rows = self.deliveries.values();
        rows.filter(|row| row.receiver_id == receiver && row.state == QUEUED)
            .map(|row| row.id)
            .collect()
    }

    pub(super) fn expire(&mut self, now: i64, reason: &str, limit: i64) -> Vec<i64> {
        let clock = self.now();
        let rows = self.deliveries.values();
        let mut ids: Vec<i64> = rows
            .filter(|row| row.state == LEASED && row.lease_until < Some(clock))
            .map(|row| row.id)
            .collect();
        ids.sort_by_key(|id| self.deliveries[id].lease_until);
        ids.truncate(usize::try_from(limit).unwrap());
        for id in &ids {
            let row = self.delivery(*id);
            if row.started {
                row.state = DEAD;
                row.attempts += 1;
                row.last_error = Some(reason.to_owned());
                row.finished_at = Some(now);
            } else {
                row.state = QUEUED;
                row.finished_at = None;
            }
            row.lease_token = None;
            row.lease_until = None;
            row.started = false;
            self.note(Note::Expired(*id));
        }
        ids
    }
}
