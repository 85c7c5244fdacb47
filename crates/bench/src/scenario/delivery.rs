//! Delivery alone: what waits is sent, to one receiver and to many, and past a bad one.

mod backlog;
mod fan_out;
mod isolation;
mod posts;

use super::Case;
use crate::bench::Bench;

pub(super) const NAME: &str = "delivery";

pub(super) fn cases(bench: &Bench) -> Vec<Box<dyn Case>> {
    let mut cases: Vec<Box<dyn Case>> = vec![Box::new(posts::Posts)];
    for store in bench.stores() {
        cases.push(Box::new(backlog::Backlog { store }));
        for receivers in [1, 10, 1_000] {
            cases.push(Box::new(fan_out::FanOut { store, receivers }));
        }
    }
    for beside in isolation::BESIDE {
        for store in bench.stores() {
            cases.push(Box::new(isolation::Isolation { store, beside }));
        }
    }
    cases
}
