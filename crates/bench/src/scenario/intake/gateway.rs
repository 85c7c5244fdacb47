//! The gateway, over HTTP.

use anyhow::Result;
use async_trait::async_trait;

use super::super::Case;
use super::{NAME, WRITES};
use crate::bench::Bench;
use crate::database::Store;
use crate::load;
use crate::row::{About, Measured};
use crate::world::{Wish, World};

/// A closed burst over some connections.
pub(super) struct Gateway {
    pub(super) store: Store,
    pub(super) connections: u64,
}

#[async_trait]
impl Case for Gateway {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: format!("gateway, {} connections", self.connections),
            store: Some(self.store),
            writes: WRITES.to_owned(),
            limit: Some(super::floor(self.store)),
            ourselves: false,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let world = World::make(bench, Wish::new(self.store)).await?;
        let target = world.target();
        let messages = match self.connections {
            1 => bench.size(4_000, 1_000),
            _ => bench.size(40_000, 10_000),
        };
        load::burst(&target, messages / 10, self.connections).await?;
        let meter = world.meter()?;
        let mut posted = load::burst(&target, messages, self.connections).await?;
        let measured = Measured {
            operations: messages,
            seconds: posted.seconds,
            latency: posted.latency.quantiles(),
            spent: meter.stop()?,
            memory_mib: Some(world.memory_mib()?.1),
            more: Vec::new(),
        };
        world.end().await?;
        Ok(measured)
    }
}
