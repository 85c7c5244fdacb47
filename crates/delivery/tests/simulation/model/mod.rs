//! The tables of deliveries in memory, and what the hot statements do to them.
//!
//! What it answers is what PostgreSQL would: leases follow the database's clock, all else the node's.
//! `equality` holds it against both databases. A transaction here is alone from its beginning to its
//! end; how real ones get into each other's way is tested on real databases.

mod answer;
mod connection;
mod leasing;
mod outcomes;
mod statement;

use std::collections::BTreeMap;
use std::sync::Arc;

use gatewright_core::Clock;
use gatewright_store::entity::{deliveries, receivers};
use sea_orm::MockRow;

pub(crate) use connection::{Connection, Observer};

pub(crate) const QUEUED: i16 = 0;
pub(crate) const LEASED: i16 = 1;
pub(crate) const DELIVERED: i16 = 2;
pub(crate) const DEAD: i16 = 3;

pub(crate) const ACTIVE: i16 = 0;
pub(crate) const PROBING: i16 = 1;
pub(crate) const DISABLED: i16 = 2;

/// The rows.
pub(crate) struct Model {
    pub(crate) deliveries: BTreeMap<i64, deliveries::Model>,
    pub(crate) receivers: BTreeMap<i64, receivers::Model>,
    /// Never change, so they are kept as they are answered.
    pub(crate) inboxes: BTreeMap<i64, MockRow>,
    pub(crate) events: BTreeMap<i64, MockRow>,
    /// Delivery and number of every failed attempt.
    pub(crate) attempts: Vec<(i64, i32)>,
    clock: Arc<dyn Clock>,
    open: Option<Open>,
    notes: Vec<Note>,
}

/// A transaction that has not ended: the rows as they were before, the last change last.
#[derive(Default)]
struct Open {
    before: Vec<Before>,
    attempts: usize,
}

enum Before {
    Delivery(Box<deliveries::Model>),
    Receiver(Box<receivers::Model>),
}

/// What a statement changed, told once it is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    Leased { id: i64, probe: bool },
    Finished(i64),
    GivenBack(i64),
    Expired(i64),
    Buried(i64),
    Receiver(i64),
}

impl Model {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            deliveries: BTreeMap::new(),
            receivers: BTreeMap::new(),
            inboxes: BTreeMap::new(),
            events: BTreeMap::new(),
            attempts: Vec::new(),
            clock,
            open: None,
            notes: Vec::new(),
        }
    }

    /// The database's clock.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().0
    }

    /// Whether nothing open and not late is in this lane.
    pub(crate) fn is_free(&self, receiver: i64, lane: Option<i64>) -> bool {
        lane.is_none() || !self.heads(receiver).contains_key(&lane)
    }

    /// The lowest open delivery that is not late, by lane.
    fn heads(&self, receiver: i64) -> BTreeMap<Option<i64>, i64> {
        let mut heads = BTreeMap::new();
        for row in self.deliveries.values() {
            let open = matches!(row.state, QUEUED | LEASED) && !row.late;
            if open && row.receiver_id == receiver && row.lane.is_some() {
                heads.entry(row.lane).or_insert(row.id);
            }
        }
        heads
    }

    fn is_active(&self, receiver: i64) -> bool {
        self.receivers
            .get(&receiver)
            .is_some_and(|row| row.state == ACTIVE)
    }

    pub(crate) fn begin(&mut self) {
        assert!(self.open.is_none(), "one transaction at a time");
        self.open = Some(Open {
            attempts: self.attempts.len(),
            ..Open::default()
        });
    }

    /// Answers what the transaction changed.
    pub(crate) fn commit(&mut self) -> Vec<Note> {
        self.open = None;
        std::mem::take(&mut self.notes)
    }

    pub(crate) fn roll_back(&mut self) {
        let Some(open) = self.open.take() else { return };
        self.notes.clear();
        self.attempts.truncate(open.attempts);
        for before in open.before.into_iter().rev() {
            match before {
                Before::Delivery(row) => drop(self.deliveries.insert(row.id, *row)),
                Before::Receiver(row) => drop(self.receivers.insert(row.id, *row)),
            }
        }
    }

    fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    pub(crate) fn delivery(&mut self, id: i64) -> &mut deliveries::Model {
        let row = self.deliveries.get_mut(&id).unwrap();
        if let Some(open) = &mut self.open {
            open.before.push(Before::Delivery(Box::new(row.clone())));
        }
        row
    }

    pub(crate) fn receiver(&mut self, id: i64) -> &mut receivers::Model {
        let row = self.receivers.get_mut(&id).unwrap();
        if let Some(open) = &mut self.open {
            open.before.push(Before::Receiver(Box::new(row.clone())));
        }
        row
    }
}
