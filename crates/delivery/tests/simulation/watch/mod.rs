//! Who watches that the promises are kept.

mod attempts;
mod outcomes;

use std::collections::{BTreeMap, BTreeSet};

use gatewright_core::config::DeliveryConfig;

use crate::story::Story;

/// An attempt as it begins at a receiver's door.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    pub(crate) node: u32,
    pub(crate) receiver: i64,
    /// None for what is kept nowhere.
    pub(crate) delivery: Option<i64>,
    pub(crate) late: bool,
    pub(crate) replay: bool,
}

/// An attempt that has not ended.
struct Running {
    attempt: Attempt,
    lane: Option<i64>,
    probe: bool,
    lease_until: Option<i64>,
}

/// Who leases a delivery.
struct Owner {
    node: u32,
    probe: bool,
    since: i64,
}

/// What happened, and the first promise that was broken.
pub(crate) struct Watch {
    config: DeliveryConfig,
    careless: BTreeSet<i64>,
    running: BTreeMap<u64, Running>,
    next: u64,
    owners: BTreeMap<i64, Owner>,
    /// Attempts that ended well or were refused for good, by node and delivery.
    accepted: BTreeSet<(u32, i64)>,
    refused: BTreeSet<(u32, i64)>,
    taken: BTreeMap<i64, i32>,
    /// The highest delivery that was taken in its order, by receiver and lane.
    highest: BTreeMap<(i64, i64), i64>,
    closed_since: BTreeMap<i64, i64>,
    states: BTreeMap<i64, i16>,
    /// Nodes that cannot help it when a lease of theirs runs out.
    excused: BTreeSet<u32>,
    /// Since when every lease must be used or given back: no call of the database fails any more.
    smooth_since: i64,
    violation: Option<String>,
    pub(crate) story: Story,
    pub(crate) attempts: u64,
}

impl Watch {
    pub(crate) fn new(
        config: DeliveryConfig,
        careless: BTreeSet<i64>,
        rough: bool,
        told: bool,
    ) -> Self {
        Self {
            config,
            careless,
            running: BTreeMap::new(),
            next: 0,
            owners: BTreeMap::new(),
            accepted: BTreeSet::new(),
            refused: BTreeSet::new(),
            taken: BTreeMap::new(),
            highest: BTreeMap::new(),
            closed_since: BTreeMap::new(),
            states: BTreeMap::new(),
            excused: BTreeSet::new(),
            smooth_since: if rough { i64::MAX } else { 0 },
            violation: None,
            story: Story::new(told),
            attempts: 0,
        }
    }

    /// The first promise that was broken.
    pub(crate) fn violation(&self) -> Option<&str> {
        self.violation.as_deref()
    }

    pub(crate) fn violated(&mut self, what: impl FnOnce() -> String) {
        if self.violation.is_none() {
            let what = what();
            self.story.broken(&what);
            self.violation = Some(what);
        }
    }

    fn require(&mut self, kept: bool, what: impl FnOnce() -> String) {
        if !kept {
            self.violated(what);
        }
    }

    /// Leases of this node may run out.
    pub(crate) fn excuse(&mut self, node: u32) {
        self.excused.insert(node);
    }

    /// From this time on no call of the database fails.
    pub(crate) fn smooth(&mut self, since: i64) {
        self.smooth_since = self.smooth_since.min(since);
    }

    /// A node's attempts end with it.
    pub(crate) fn crashed(&mut self, node: u32, now: i64) {
        self.story.step(now, [4, i64::from(node), 0], || {
            format!("node {node} crashes")
        });
        self.excuse(node);
        self.running
            .retain(|_, running| running.attempt.node != node);
    }

    /// Whether the receiver ever had it.
    pub(crate) fn was_taken(&self, id: i64) -> bool {
        self.taken.contains_key(&id)
    }
}
