//! The HTTP stack alone: what a request costs before any work is done for it.

use anyhow::Result;
use async_trait::async_trait;

use super::Case;
use crate::bench::Bench;
use crate::database::Store;
use crate::load::{self, Target};
use crate::row::{About, Measured, key};
use crate::world::{Wish, World};

pub(super) const NAME: &str = "no_op";

const CONNECTIONS: u64 = 64;

pub(super) fn cases(_: &Bench) -> Vec<Box<dyn Case>> {
    vec![
        Box::new(NoOp {
            name: "outside of the layers",
            path: "/healthz",
            does: "GET /healthz: server and router, no layer, no token, no store",
        }),
        Box::new(NoOp {
            name: "through all layers",
            path: "/api/v1/accounts/1/channels",
            does: "GET .../channels: every layer, the token from the cache, the account entered, \
                   JSON out; no store",
        }),
    ]
}

struct NoOp {
    name: &'static str,
    path: &'static str,
    does: &'static str,
}

#[async_trait]
impl Case for NoOp {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: self.name.to_owned(),
            store: None,
            writes: self.does.to_owned(),
            limit: Some(key(NAME, "outside of the layers", None)),
            ourselves: false,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let world = World::make(bench, Wish::new(Store::Sqlite)).await?;
        let target = Target {
            get: Some(self.path),
            ..world.target()
        };
        let requests = bench.size(100_000, 20_000);
        load::burst(&target, requests / 10, CONNECTIONS).await?;
        let meter = world.meter()?;
        let mut done = load::burst(&target, requests, CONNECTIONS).await?;
        let measured = Measured {
            operations: requests,
            seconds: done.seconds,
            latency: done.latency.quantiles(),
            spent: meter.stop()?,
            memory_mib: Some(world.memory_mib()?.1),
            more: Vec::new(),
        };
        world.end().await?;
        Ok(measured)
    }
}
