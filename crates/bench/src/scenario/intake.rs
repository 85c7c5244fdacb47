//! POST of a message to a conversation that is there, with nobody to tell: accepting and storing.
//! Beside it what the same rows cost when they are written by hand, without HTTP and rules.

mod draft;
mod entities;
mod gateway;
mod in_process;
mod pgbench;
mod postgres;
mod sqlite;
mod tasks;

use super::Case;
use crate::bench::Bench;
use crate::database::Store;
use crate::row::key;

pub(super) const NAME: &str = "intake";

/// What a message without receivers writes, the floor's as well as the gateway's.
const WRITES: &str = "1 message, 2 events (message_created, contact_updated) with snapshots, the \
    conversation's and the contact's row updated; 1,000 conversations at random";

/// Messages in the gateway's largest batch.
const BATCH: usize = 256;

/// Rows by hand in batches of as many.
pub(crate) const BATCH_NAME: &str = "by hand, batches of 256";

/// As the floor, but a commit does not wait for the disk.
pub(crate) const UNSYNCED_NAME: &str = "by hand, batches of 256, synchronous=NORMAL";

/// Tasks that call the gateway's own write path.
const TASKS: u64 = 256;

/// What they measure.
pub(crate) const IN_PROCESS: &str = "gateway without HTTP, 256 tasks";

/// The key of the floor on a database.
pub(super) fn floor(store: Store) -> String {
    key(NAME, BATCH_NAME, Some(store))
}

pub(super) fn cases(bench: &Bench) -> Vec<Box<dyn Case>> {
    let mut cases: Vec<Box<dyn Case>> = Vec::new();
    for store in bench.stores() {
        for connections in [256, 64, 1] {
            cases.push(Box::new(gateway::Gateway { store, connections }));
        }
        cases.push(Box::new(in_process::InProcess { store }));
        match store {
            Store::Sqlite => {
                for (batch, synced) in [(BATCH, true), (BATCH, false), (1, true)] {
                    cases.push(Box::new(sqlite::ByHand { batch, synced }));
                }
            }
            Store::Postgres => {
                cases.push(Box::new(postgres::ByHand));
                for clients in [8, 32, 64] {
                    for script in [pgbench::Script::Naive, pgbench::Script::Function] {
                        cases.push(Box::new(pgbench::PgBench { script, clients }));
                    }
                }
            }
        }
        for tasks in [64, 1] {
            cases.push(Box::new(entities::Entities { store, tasks }));
        }
    }
    cases
}
