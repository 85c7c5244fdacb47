//! A channel that is linked in, and the same channel behind the JSON of a process border.

use std::time::Instant;

use anyhow::{Result, bail};
use async_trait::async_trait;

use super::Case;
use super::end_to_end::{self, PATIENCE};
use crate::bench::Bench;
use crate::cpu::{Meter, Watched};
use crate::database::Store;
use crate::load;
use crate::receiver::Group;
use crate::row::{About, Measured, key};
use crate::world::{Wish, World};

mod call;

pub(super) const NAME: &str = "boundary";

pub(super) fn cases(_: &Bench) -> Vec<Box<dyn Case>> {
    let borders = [false, true];
    let calls = borders.map(|json| -> Box<dyn Case> { Box::new(Calls { json }) });
    let callbacks = borders.map(|json| -> Box<dyn Case> { Box::new(Callback { json }) });
    calls.into_iter().chain(callbacks).collect()
}

fn side(json: bool) -> &'static str {
    if json { "through JSON" } else { "linked in" }
}

/// The channel's `deliver` alone, with a host that answers at once.
struct Calls {
    json: bool,
}

#[async_trait]
impl Case for Calls {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: format!("deliver, {}", side(self.json)),
            store: None,
            writes:
                "nothing: one call of the API channel's deliver, with one HTTP effect that the \
                     host of the tests answers"
                    .to_owned(),
            limit: Some(key(NAME, &format!("deliver, {}", side(false)), None)),
            ourselves: true,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let calls = bench.size(100_000, 20_000);
        let json = self.json;
        let work = move || -> Result<Measured> {
            let plugin = call::plugin(json);
            call::run(&*plugin, calls / 10)?;
            let meter = Meter::start(Watched::default())?;
            let begun = Instant::now();
            call::run(&*plugin, calls)?;
            Ok(Measured {
                operations: calls,
                seconds: begun.elapsed().as_secs_f64(),
                spent: meter.stop()?,
                ..Measured::default()
            })
        };
        tokio::task::spawn_blocking(work).await?
    }
}

/// A burst of messages to an inbox whose channel posts to its callback.
struct Callback {
    json: bool,
}

#[async_trait]
impl Case for Callback {
    fn about(&self) -> About {
        let name = |json| format!("callback, {}", side(json));
        About {
            scenario: NAME,
            name: name(self.json),
            store: Some(Store::Sqlite),
            writes: "as end_to_end, but the receiver is the callback of the inbox's own channel"
                .to_owned(),
            limit: Some(key(NAME, &name(false), Some(Store::Sqlite))),
            ourselves: false,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let loopback = [("channels.loopback", "true")];
        let wish = Wish {
            callback: true,
            settings: if self.json { &loopback } else { &[] },
            ..Wish::new(Store::Sqlite)
        };
        let world = World::make(bench, wish).await?;
        let messages = bench.size(10_000, 2_000);
        let meter = world.meter()?;
        let posted = load::burst(&world.target(), messages, 16).await?;
        let report = world
            .receiver()?
            .wait(Group::Quick, messages, PATIENCE)
            .await?;
        let spent = meter.stop()?;
        if report.received != messages {
            bail!("{} of {messages} callbacks came", report.received);
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
