//! What is measured: a file for each scenario.

mod boundary;
pub(crate) mod build;
mod delivery;
pub(crate) mod end_to_end;
pub(crate) mod growth;
pub(crate) mod intake;
mod no_op;
mod start;

use anyhow::Result;
use async_trait::async_trait;

use crate::bench::Bench;
use crate::row::{About, Measured};

/// A group of measurements that are made in turn.
pub(crate) struct Scenario {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What is measured.
    pub(crate) cases: fn(&Bench) -> Vec<Box<dyn Case>>,
}

/// In the order in which they are measured.
pub(crate) const ALL: &[Scenario] = &[
    Scenario {
        name: start::NAME,
        cases: start::cases,
    },
    Scenario {
        name: no_op::NAME,
        cases: no_op::cases,
    },
    Scenario {
        name: intake::NAME,
        cases: intake::cases,
    },
    Scenario {
        name: end_to_end::NAME,
        cases: end_to_end::cases,
    },
    Scenario {
        name: delivery::NAME,
        cases: delivery::cases,
    },
    Scenario {
        name: boundary::NAME,
        cases: boundary::cases,
    },
    Scenario {
        name: growth::NAME,
        cases: growth::cases,
    },
    Scenario {
        name: build::NAME,
        cases: build::cases,
    },
];

/// One measurement.
#[async_trait]
pub(crate) trait Case: Send + Sync {
    /// What it is.
    fn about(&self) -> About;

    /// How often it is made at most: some take too long to be made again.
    fn most_repetitions(&self) -> usize {
        usize::MAX
    }

    /// Makes it once, on a world of its own.
    async fn measure(&self, bench: &Bench) -> Result<Measured>;
}
