//! Attempts, as they stand at the receivers' doors.

use gatewright_core::channel::DeliveryOutcome;
use gatewright_store::entity::deliveries;

use super::{Attempt, Running, Watch};
use crate::model::{LEASED, Model, QUEUED};

impl Watch {
    /// An attempt begins; answers its number.
    pub(crate) fn begins(&mut self, model: &Model, attempt: Attempt) -> u64 {
        let Attempt { node, receiver, .. } = attempt;
        let row = attempt.delivery.and_then(|id| model.deliveries.get(&id));
        let owner = attempt.delivery.and_then(|id| self.owners.get(&id));
        let running = Running {
            attempt,
            lane: row.and_then(|row| row.lane),
            probe: owner.is_some_and(|owner| owner.probe),
            lease_until: row.and_then(|row| row.lease_until),
        };
        let leases = owner.is_some_and(|owner| owner.node == node);
        self.attempts += 1;
        let id = attempt.delivery.unwrap_or(0);
        self.story.step(model.now(), [1, i64::from(node), id], || {
            format!("node {node} sends {id} to {receiver} ({attempt:?})")
        });
        self.check_alone(&running);
        self.check_places(&attempt);
        if let Some(row) = row {
            self.check_lease(model, row, leases, node);
            self.check_order(model, row, attempt);
        }
        let closed = self.closed_since.get(&receiver).copied();
        let patience = i64::try_from((self.config.timeout + self.config.lease_slack).as_micros());
        let open = closed.is_none_or(|since| model.now() <= since + patience.unwrap());
        self.require(open, || format!("{receiver} is closed and was sent {id}"));
        self.next += 1;
        self.running.insert(self.next, running);
        self.next
    }

    fn check_alone(&mut self, new: &Running) {
        let Attempt {
            receiver, delivery, ..
        } = new.attempt;
        let in_order = |running: &Running| !running.attempt.late && running.lane.is_some();
        let mut broken = None;
        for running in self.running.values() {
            if running.attempt.receiver != receiver {
                continue;
            }
            if delivery.is_some() && running.attempt.delivery == delivery {
                broken = Some("two attempts of one delivery at once");
            } else if in_order(running) && in_order(new) && running.lane == new.lane {
                broken = Some("two attempts in one lane at once");
            } else if running.probe && new.probe {
                broken = Some("two probes of one receiver at once");
            }
        }
        if let Some(what) = broken {
            self.violated(|| format!("{what}: {:?}", new.attempt));
        }
    }

    fn check_places(&mut self, new: &Attempt) {
        let own = |running: &&Running| running.attempt.node == new.node;
        let total = self.running.values().filter(own).count();
        let to_receiver = self
            .running
            .values()
            .filter(own)
            .filter(|running| running.attempt.receiver == new.receiver)
            .count();
        let most = (
            self.config.concurrency,
            self.config.concurrency_per_receiver,
        );
        self.require(total < most.0 && to_receiver < most.1, || {
            format!("too many attempts at once: {new:?}")
        });
    }

    fn check_lease(&mut self, model: &Model, row: &deliveries::Model, leases: bool, node: u32) {
        let lasts = row.state == LEASED && row.lease_until > Some(model.now());
        self.require(leases && lasts, || {
            format!("node {node} sends {} without a lease", row.id)
        });
    }

    fn check_order(&mut self, model: &Model, row: &deliveries::Model, attempt: Attempt) {
        if attempt.late || row.lane.is_none() {
            return;
        }
        let before = model.deliveries.values().find(|other| {
            other.receiver_id == row.receiver_id
                && other.lane == row.lane
                && matches!(other.state, QUEUED | LEASED)
                && !other.late
                && other.id < row.id
        });
        if let Some(before) = before {
            self.violated(|| format!("{} is sent before {}", row.id, before.id));
        }
    }

    /// The receiver has it, whatever it answers.
    pub(crate) fn taken(&mut self, model: &Model, number: u64) {
        let Some(running) = self.running.get(&number) else {
            return;
        };
        let (attempt, lane) = (running.attempt, running.lane);
        let Some(id) = attempt.delivery else { return };
        self.story.step(model.now(), [2, attempt.receiver, id], || {
            format!("receiver {} has {id}", attempt.receiver)
        });
        let times = self.taken.entry(id).or_default();
        *times += 1;
        let times = *times;
        let replays = model.deliveries[&id].replays;
        if self.careless.contains(&attempt.receiver) {
            self.require(times <= 1 + replays, || {
                format!("{id} was sent {times} times where once is right")
            });
        }
        let Some(lane) = lane.filter(|_| times == 1 && !attempt.late && !attempt.replay) else {
            return;
        };
        let highest = self.highest.entry((attempt.receiver, lane)).or_insert(id);
        let before = *highest;
        *highest = before.max(id);
        self.require(before <= id, || format!("{id} came after {before}"));
    }

    /// The node knows how it ended.
    pub(crate) fn answered(&mut self, number: u64, outcome: &DeliveryOutcome) {
        let Some(running) = self.running.get(&number) else {
            return;
        };
        let Some(id) = running.attempt.delivery else {
            return;
        };
        let key = (running.attempt.node, id);
        match outcome {
            DeliveryOutcome::Accepted { .. } => drop(self.accepted.insert(key)),
            DeliveryOutcome::Failed { .. } => drop(self.refused.insert(key)),
            _ => {}
        }
    }

    pub(crate) fn ends(&mut self, number: u64, now: i64) {
        let Some(running) = self.running.remove(&number) else {
            return;
        };
        let Attempt { node, delivery, .. } = running.attempt;
        let id = delivery.unwrap_or(0);
        self.story.step(now, [3, i64::from(node), id], || {
            format!("node {node} is done with {id}")
        });
        let lasted = running.lease_until.is_none_or(|until| now <= until);
        self.require(lasted, || format!("an attempt of {id} outlived its lease"));
    }
}
