//! A burst of messages that many receivers want.

use anyhow::{Result, bail};
use async_trait::async_trait;

use super::super::Case;
use super::super::end_to_end::{self, PATIENCE};
use super::{NAME, posts};
use crate::bench::Bench;
use crate::database::Store;
use crate::load;
use crate::receiver::Group;
use crate::row::{About, Measured};
use crate::world::{Wish, World};

pub(super) struct FanOut {
    pub(super) store: Store,
    pub(super) receivers: u64,
}

#[async_trait]
impl Case for FanOut {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: format!("to {} receivers", self.receivers),
            store: Some(self.store),
            writes: "a burst of messages; figures are for each webhook: a delivery made with its \
                     message, posted, its row updated; 1,000 conversations at random"
                .to_owned(),
            limit: Some(posts::limit()),
            ourselves: false,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let wish = Wish {
            receivers: &[(Group::Quick, self.receivers)],
            ..Wish::new(self.store)
        };
        let world = World::make(bench, wish).await?;
        let messages = (bench.size(20_000, 4_000) / self.receivers).max(10);
        let webhooks = messages * self.receivers;
        let meter = world.meter()?;
        let posted = load::burst(&world.target(), messages, 16).await?;
        let receiver = world.receiver()?;
        let report = receiver.wait(Group::Quick, webhooks, PATIENCE).await?;
        let spent = meter.stop()?;
        if report.received != webhooks {
            bail!("{} of {webhooks} webhooks came", report.received);
        }
        let measured = Measured {
            operations: webhooks,
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
