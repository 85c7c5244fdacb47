//! From the POST of a message to its webhook at one receiver.

use std::time::Duration;

use anyhow::{Result, bail};
use async_trait::async_trait;

use super::{Case, intake};
use crate::bench::Bench;
use crate::database::Store;
use crate::load::{self, Posted};
use crate::receiver::{Group, Report};
use crate::row::{About, Measured, key};
use crate::world::{Wish, World};

pub(super) const NAME: &str = "end_to_end";

const WRITES: &str = "1 message, 2 events with snapshots, 1 delivery, the conversation's and the \
    contact's row updated; then the webhook is posted, signed, and its delivery's row updated; \
    1,000 conversations at random";

/// How long the last webhooks may take.
pub(super) const PATIENCE: Duration = Duration::from_mins(5);

pub(super) fn cases(bench: &Bench) -> Vec<Box<dyn Case>> {
    let mut cases: Vec<Box<dyn Case>> = Vec::new();
    let steady = rates(bench).into_iter();
    let steady = steady.map(|per_second| Load::Steady { per_second });
    let bursts = [256, 64].map(|connections| Load::Burst { connections });
    for load in bursts.into_iter().chain(steady) {
        for store in bench.stores() {
            cases.push(Box::new(EndToEnd { store, load }));
        }
    }
    cases
}

/// Messages a second.
pub(crate) fn rates(bench: &Bench) -> Vec<u64> {
    if bench.options.quick {
        vec![100, 1_000]
    } else {
        vec![50, 100, 200, 500, 1_000, 2_000, 4_000]
    }
}

/// The name of the burst that goals speak of.
pub(crate) const BURST: &str = "burst over 256 connections";

/// The key of the row of a rate.
pub(crate) fn at_rate(store: Store, per_second: u64) -> String {
    key(NAME, &Load::Steady { per_second }.name(), Some(store))
}

/// How messages come.
#[derive(Debug, Clone, Copy)]
enum Load {
    /// As fast as so many connections are answered.
    Burst { connections: u64 },
    /// So many a second, whether or not the earlier ones are answered.
    Steady { per_second: u64 },
}

impl Load {
    fn name(self) -> String {
        match self {
            Self::Burst { connections } => format!("burst over {connections} connections"),
            Self::Steady { per_second } => format!("{per_second} a second"),
        }
    }

    /// What is too much for the gateway must end in a while, too.
    fn messages(self, bench: &Bench) -> u64 {
        match self {
            Self::Burst { .. } => bench.size(20_000, 5_000),
            Self::Steady { per_second } => (per_second * bench.size(20, 5)).min(20_000),
        }
    }

    async fn post(self, world: &World, messages: u64) -> Result<Posted> {
        let target = world.target();
        match self {
            Self::Burst { connections } => load::burst(&target, messages, connections).await,
            Self::Steady { per_second } => load::steady(&target, per_second, messages, 64).await,
        }
    }
}

struct EndToEnd {
    store: Store,
    load: Load,
}

#[async_trait]
impl Case for EndToEnd {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: self.load.name(),
            store: Some(self.store),
            writes: WRITES.to_owned(),
            limit: match self.load {
                Load::Burst { .. } => Some(intake::floor(self.store)),
                Load::Steady { .. } => None,
            },
            ourselves: false,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let wish = Wish {
            receivers: &[(Group::Quick, 1)],
            ..Wish::new(self.store)
        };
        let world = World::make(bench, wish).await?;
        warm(&world).await?;
        let messages = self.load.messages(bench);
        let meter = world.meter()?;
        let mut posted = self.load.post(&world, messages).await?;
        let report = world
            .receiver()?
            .wait(Group::Quick, messages, PATIENCE)
            .await?;
        let spent = meter.stop()?;
        if report.received != messages {
            bail!("{} of {messages} webhooks came", report.received);
        }
        let post = posted.latency.quantiles();
        let measured = Measured {
            operations: messages,
            seconds: seconds(&posted, &report),
            latency: report.latency,
            spent,
            memory_mib: Some(world.memory_mib()?.1),
            more: vec![
                ("posts a second", per_second(messages, posted.seconds)),
                ("POST p50 ms", post.map_or(0.0, |post| post.p50_ms)),
                ("POST p99 ms", post.map_or(0.0, |post| post.p99_ms)),
                ("webhooks that came again", per_second(report.again, 1.0)),
            ],
        };
        world.end().await?;
        Ok(measured)
    }
}

/// Connections are open and caches are filled before a measurement begins.
async fn warm(world: &World) -> Result<()> {
    let receiver = world.receiver()?;
    load::burst(&world.target(), 500, 16).await?;
    receiver.wait(Group::Quick, 500, PATIENCE).await?;
    receiver.reset().await
}

/// From the first message to the last webhook.
pub(super) fn seconds(posted: &Posted, report: &Report) -> f64 {
    Duration::from_micros(report.last_us.saturating_sub(posted.begun_us)).as_secs_f64()
}

fn per_second(count: u64, seconds: f64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / seconds
}
