//! Nine good receivers beside a bad one: theirs is the latency that is told.

use anyhow::{Result, bail};
use async_trait::async_trait;

use super::super::Case;
use super::super::end_to_end::{self, PATIENCE};
use super::NAME;
use crate::bench::Bench;
use crate::database::Store;
use crate::load;
use crate::receiver::Group;
use crate::row::{About, Measured};
use crate::world::{Wish, World};

const GOOD: u64 = 9;
const PER_SECOND: u64 = 20;

/// What stands beside the good ones.
pub(super) const BESIDE: [(&str, Group); 3] = [
    ("a good one", Group::Quick),
    ("a dead one", Group::Dead),
    ("a slow one", Group::Slow),
];

pub(super) struct Isolation {
    pub(super) store: Store,
    pub(super) beside: (&'static str, Group),
}

#[async_trait]
impl Case for Isolation {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: format!("9 receivers beside {}", self.beside.0),
            store: Some(self.store),
            writes: "20 messages a second to 10 receivers; latency is that of the good ones. Dead \
                     takes the request and never answers, slow answers after 1 s"
                .to_owned(),
            limit: None,
            ourselves: false,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let group = self.beside.1;
        let receivers = match group {
            Group::Quick => vec![(Group::Quick, GOOD + 1)],
            bad => vec![(Group::Quick, GOOD), (bad, 1)],
        };
        let good = receivers[0].1;
        let wish = Wish {
            receivers: &receivers,
            ..Wish::new(self.store)
        };
        let world = World::make(bench, wish).await?;
        // Longer than the gateway waits for an answer, so that the dead one is found to be dead.
        let messages = PER_SECOND * bench.size(30, 20);
        let meter = world.meter()?;
        let posted = load::steady(&world.target(), PER_SECOND, messages, 16).await?;
        let receiver = world.receiver()?;
        let report = receiver
            .wait(Group::Quick, messages * good, PATIENCE)
            .await?;
        let spent = meter.stop()?;
        if report.received != messages * good {
            bail!("{} of {} webhooks came", report.received, messages * good);
        }
        let measured = Measured {
            operations: messages,
            seconds: end_to_end::seconds(&posted, &report),
            latency: report.latency,
            spent,
            memory_mib: Some(world.memory_mib()?.1),
            more: Vec::new(),
        };
        world.end().await?;
        Ok(measured)
    }
}
