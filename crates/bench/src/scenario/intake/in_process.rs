//! The gateway's own write path without HTTP: its rules and its statements, called in this process.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use async_trait::async_trait;
use gatewright::config::Source;
use gatewright::core::access::Access;
use gatewright::core::ids::{AccountId, DisplayId};
use gatewright::core::intake::Intake;
use gatewright::core::message::{MessageCreate, Messages};
use gatewright::core::{Caller, Kernel};
use gatewright::{Config, Gateway, Gatewright};
use gatewright_plugin_api::ApiChannel;

use super::super::Case;
use super::tasks::{self, Work};
use super::{IN_PROCESS, NAME, TASKS, WRITES};
use crate::bench::Bench;
use crate::clock::now_us;
use crate::cpu::{Meter, Watched};
use crate::database::{Scratch, Store};
use crate::gateway;
use crate::histogram::Samples;
use crate::load::{content, mix};
use crate::row::{About, Measured};
use crate::world::{Wish, World};

/// Tasks, each with one message at a time.
pub(super) struct InProcess {
    pub(super) store: Store,
}

#[async_trait]
impl Case for InProcess {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: IN_PROCESS.to_owned(),
            store: Some(self.store),
            writes: format!("{WRITES}; the gateway's write path in this process, no HTTP"),
            limit: Some(super::floor(self.store)),
            ourselves: true,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let wish = Wish::new(self.store);
        let world = World::make(bench, wish).await?;
        let token = world.gateway.token.clone();
        let scratch = world.stop().await?;
        let gateway = open(&scratch).await?;
        let kernel = gateway.kernel();
        let access = Access::new(Arc::clone(kernel));
        let principal = access.authenticate(Some(&token)).await?;
        let caller = access.enter(&principal, AccountId(1)).await?;
        let count = bench.size(40_000, 10_000);
        write(kernel, &caller, wish.conversations, count / 10).await?;
        let meter = Meter::start(Watched {
            postmaster: scratch.postmaster,
            ..Watched::default()
        })?;
        let begun = Instant::now();
        let mut latency = write(kernel, &caller, wish.conversations, count).await?;
        let measured = Measured {
            operations: count,
            seconds: begun.elapsed().as_secs_f64(),
            latency: latency.quantiles(),
            spent: meter.stop()?,
            ..Measured::default()
        };
        gateway.drain().await?;
        scratch.drop().await?;
        Ok(measured)
    }
}

/// A gateway over a database that is there, with the settings of the process.
async fn open(scratch: &Scratch) -> Result<Gateway> {
    let variables = gateway::variables(&scratch.url).collect();
    let config = Config::load(&Source {
        file: None,
        variables,
    })?;
    let builder = Gatewright::builder().config(config);
    Ok(builder.channel::<ApiChannel>().build().await?)
}

/// Messages to conversations `1..=conversations`.
#[derive(Clone)]
struct Posts {
    messages: Messages,
    caller: Caller,
    conversations: u64,
}

impl Work for Posts {
    async fn one(&self, number: u64) -> Result<()> {
        let conversation = DisplayId(i64::try_from(mix(number) % self.conversations + 1)?);
        let message = message(number);
        self.messages
            .create(&self.caller, conversation, message)
            .await?;
        Ok(())
    }
}

async fn write(
    kernel: &Arc<Kernel>,
    caller: &Caller,
    conversations: u64,
    count: u64,
) -> Result<Samples> {
    let intake = Intake::start(kernel);
    let posts = Posts {
        messages: Messages::new(Arc::clone(kernel), Arc::clone(&intake)),
        caller: caller.clone(),
        conversations,
    };
    let latency = tasks::run(&posts, TASKS, count).await?;
    intake.drain().await;
    Ok(latency)
}

fn message(number: u64) -> MessageCreate {
    MessageCreate {
        content: Some(content(number, now_us())),
        message_type: Some("incoming".to_owned()),
        ..MessageCreate::default()
    }
}
