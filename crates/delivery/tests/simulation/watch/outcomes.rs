//! Leases and outcomes, as the database has them.

use gatewright_store::entity::deliveries;

use super::{Owner, Watch};
use crate::model::{ACTIVE, DEAD, DELIVERED, DISABLED, LEASED, Model, Note, QUEUED};

impl Watch {
    /// A statement of a node was committed.
    pub(crate) fn changed(&mut self, model: &Model, node: u32, change: Note) {
        let (kind, id) = match change {
            Note::Leased { id, .. } => (5, id),
            Note::Finished(id) => (6, id),
            Note::GivenBack(id) => (7, id),
            Note::Expired(id) => (8, id),
            Note::Buried(id) => (9, id),
            Note::Receiver(id) => (10, id),
        };
        self.story
            .step(model.now(), [kind, i64::from(node), id], || {
                let row = model.deliveries.get(&id);
                match change {
                    Note::Receiver(_) => {
                        format!(
                            "node {node} sets receiver {id} to {}",
                            model.receivers[&id].state
                        )
                    }
                    Note::Finished(_) => {
                        let row =
                            row.map(|row| (row.state, row.attempts, row.late, &row.last_error));
                        format!("node {node} ends {id}: {row:?}")
                    }
                    _ => format!("node {node}: {change:?}"),
                }
            });
        match change {
            Note::Leased { probe, .. } => self.leased(model, node, id, probe),
            Note::Finished(_) => self.finished(model, node, &model.deliveries[&id]),
            Note::GivenBack(_) => drop(self.owners.remove(&id)),
            Note::Expired(_) => {
                self.expired(id);
                self.ended(model, &model.deliveries[&id]);
            }
            Note::Buried(_) => self.ended(model, &model.deliveries[&id]),
            Note::Receiver(_) => {
                let state = model.receivers[&id].state;
                self.states.insert(id, state);
                if state == ACTIVE {
                    self.probes_are_over(model, id);
                }
                if state < DISABLED {
                    self.closed_since.remove(&id);
                } else {
                    self.closed_since.entry(id).or_insert_with(|| model.now());
                }
            }
        }
    }

    /// A probe that still runs when its receiver is served again is an attempt like any other.
    fn probes_are_over(&mut self, model: &Model, receiver: i64) {
        for running in self.running.values_mut() {
            running.probe &= running.attempt.receiver != receiver;
        }
        for (id, owner) in &mut self.owners {
            owner.probe &= model.deliveries[id].receiver_id != receiver;
        }
    }

    /// A delivery was born, leased to its node or queued.
    pub(crate) fn wrote(&mut self, model: &Model, node: u32, id: i64) {
        let row = &model.deliveries[&id];
        let leased = row.state == LEASED;
        self.story.step(model.now(), [11, i64::from(node), id], || {
            let (receiver, lane) = (row.receiver_id, row.lane);
            format!("node {node} writes {id} for {receiver}, lane {lane:?}, leased: {leased}")
        });
        if leased {
            self.leased(model, node, id, false);
        }
    }

    fn leased(&mut self, model: &Model, node: u32, id: i64, probe: bool) {
        let row = &model.deliveries[&id];
        let rival = model.deliveries.values().find(|other| {
            other.id != id
                && other.receiver_id == row.receiver_id
                && other.state == LEASED
                && row.lane.is_some()
                && other.lane == row.lane
                && !other.late
                && !row.late
        });
        if let Some(rival) = rival {
            self.violated(|| format!("{id} and {} of one lane are leased", rival.id));
        }
        let since = model.now();
        let before = self.owners.insert(id, Owner { node, probe, since });
        self.require(before.is_none(), || format!("{id} was leased already"));
    }

    fn finished(&mut self, model: &Model, node: u32, row: &deliveries::Model) {
        let id = row.id;
        let owner = self.owners.remove(&id);
        let leases = owner.is_some_and(|owner| owner.node == node);
        self.require(leases, || {
            format!("node {node} ends {id}, which it does not lease")
        });
        let accepted = self.accepted.remove(&(node, id));
        let refused = self.refused.remove(&(node, id));
        let active = model.receivers[&row.receiver_id].state == ACTIVE
            && self
                .states
                .get(&row.receiver_id)
                .is_none_or(|state| *state == ACTIVE);
        let held = i32::try_from(self.config.hold_attempts).unwrap();
        match row.state {
            DELIVERED => self.require(accepted && self.taken.contains_key(&id), || {
                format!("{id} counts as delivered and never was")
            }),
            QUEUED => {
                let hostage = row.lane.is_some() && !row.late && row.attempts >= held && active;
                self.require(!hostage, || {
                    format!("{id} holds its lane after {} attempts", row.attempts)
                });
            }
            DEAD if refused => {}
            _ => self.ended(model, row),
        }
        let early = row.late && row.replays == 0 && row.attempts < held;
        self.require(!early || row.state != QUEUED, || {
            format!("{id} left its lane after {} attempts", row.attempts)
        });
    }

    /// A dead letter must have a reason.
    fn ended(&mut self, model: &Model, row: &deliveries::Model) {
        self.owners.remove(&row.id);
        if row.state != DEAD {
            return;
        }
        let closed = model.receivers[&row.receiver_id].state >= DISABLED;
        let tries = i32::try_from(self.config.schedule.len()).unwrap();
        let reason = row.last_error.as_deref().unwrap_or_default();
        let right = match reason.split([':', ' ']).next() {
            Some("exhausted") => row.attempts >= tries,
            Some("uncertain") => self.careless.contains(&row.receiver_id),
            Some("receiver") => closed,
            Some("purged") => true,
            _ => false,
        };
        self.require(right, || format!("{} died of {reason:?}", row.id));
    }

    fn expired(&mut self, id: i64) {
        let Some(owner) = self.owners.get(&id) else {
            return;
        };
        let (node, since) = (owner.node, owner.since);
        let excused = self.excused.contains(&node) || since < self.smooth_since;
        self.require(excused, || format!("node {node} forgot its lease of {id}"));
    }
}
