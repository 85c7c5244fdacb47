//! Taking leases, and giving them back.

use super::{LEASED, Model, Note, PROBING, QUEUED};

/// A lease to be taken.
#[derive(Clone, Copy)]
pub(super) struct NewLease {
    pub(super) token: i64,
    pub(super) length: i64,
}

impl Model {
    pub(super) fn claim(
        &mut self,
        receiver: i64,
        now: i64,
        limit: i64,
        lease: NewLease,
    ) -> Vec<i64> {
        if !self.is_active(receiver) {
            return Vec::new();
        }
        let mut heads = self.queued_heads(receiver);
        heads.retain(|id| self.deliveries[id].due_at <= now);
        heads.sort_by_key(|id| (self.deliveries[id].due_at, *id));
        heads.truncate(usize::try_from(limit).unwrap());
        self.lease(&heads, lease, false);
        heads
    }

    pub(super) fn claim_lanes(
        &mut self,
        lanes: &[(i64, i64)],
        now: i64,
        lease: NewLease,
    ) -> Vec<i64> {
        let mut found = Vec::new();
        for (receiver, lane) in lanes {
            let head = self.heads(*receiver).get(&Some(*lane)).copied();
            let due = |id: &i64| {
                let row = &self.deliveries[id];
                row.state == QUEUED && row.due_at <= now
            };
            found.extend(head.filter(due).filter(|_| self.is_active(*receiver)));
        }
        self.lease(&found, lease, false);
        found
    }

    pub(super) fn claim_probe(&mut self, receiver: i64, lease: NewLease) -> Vec<i64> {
        let mut heads = self.queued_heads(receiver);
        heads.sort_by_key(|id| (self.deliveries[id].last_attempt_at, *id));
        heads.truncate(1);
        self.lease(&heads, lease, true);
        heads
    }

    pub(super) fn take_probe(&mut self, receiver: i64, now: i64, length: i64) -> bool {
        let clock = self.now();
        let Some(row) = self.receivers.get(&receiver) else {
            return false;
        };
        let due = row.probe_due_at.unwrap_or(0) <= now;
        let free = row.probe_lease_until.is_none_or(|until| until < clock);
        if row.state != PROBING || !due || !free {
            return false;
        }
        self.receiver(receiver).probe_lease_until = Some(clock + length);
        true
    }

    /// What may be leased of a receiver, due or not, by id.
    fn queued_heads(&self, receiver: i64) -> Vec<i64> {
        let heads = self.heads(receiver);
        let mut found = Vec::new();
        for row in self.deliveries.values() {
            let head = row.late || row.lane.is_none() || heads.get(&row.lane) == Some(&row.id);
            if row.receiver_id == receiver && row.state == QUEUED && head {
                found.push(row.id);
            }
        }
        found
    }

    fn lease(&mut self, ids: &[i64], lease: NewLease, probe: bool) {
        let until = self.now() + lease.length;
        for id in ids {
            let row = self.delivery(*id);
            row.state = LEASED;
            row.started = false;
            row.lease_token = Some(lease.token);
            row.lease_until = Some(until);
            self.note(Note::Leased { id: *id, probe });
        }
    }

    /// Those of the leases that hold.
    pub(super) fn held(&self, leases: &[(i64, i64)]) -> Vec<i64> {
        let holds = |(id, token): &&(i64, i64)| {
            let row = self.deliveries.get(id);
            row.is_some_and(|row| row.state == LEASED && row.lease_token == Some(*token))
        };
        let mut ids: Vec<i64> = leases.iter().filter(holds).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    pub(super) fn give_back(&mut self, leases: &[(i64, i64)]) -> Vec<i64> {
        let mut ids = self.held(leases);
        ids.retain(|id| !self.deliveries[id].started);
        for id in &ids {
            let row = self.delivery(*id);
            row.state = QUEUED;
            row.lease_token = None;
            row.lease_until = None;
            self.note(Note::GivenBack(*id));
        }
        ids
    }

    pub(super) fn start(&mut self, id: i64, token: i64, left: i64) -> Vec<i64> {
        let clock = self.now();
        let mut ids = self.held(&[(id, token)]);
        ids.retain(|id| self.deliveries[id].lease_until > Some(left + clock));
        for id in &ids {
            self.delivery(*id).started = true;
        }
        ids
    }
}
