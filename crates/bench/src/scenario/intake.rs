//! POST of a message to a conversation that is there, with nobody to tell: accepting and storing.

mod gateway;

use super::Case;
use crate::bench::Bench;

pub(super) const NAME: &str = "intake";

/// What a message without receivers writes, the floor's as well as the gateway's.
const WRITES: &str = "1 message, 2 events (message_created, contact_updated) with snapshots, the \
    conversation's and the contact's row updated; 1,000 conversations at random";

pub(super) fn cases(bench: &Bench) -> Vec<Box<dyn Case>> {
    let mut cases: Vec<Box<dyn Case>> = Vec::new();
    for store in bench.stores() {
        for connections in [256, 64, 1] {
            cases.push(Box::new(gateway::Gateway { store, connections }));
        }
    }
    cases
}
