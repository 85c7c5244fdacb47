//! From the start of the process to its first answer, and what it holds in memory then.

use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;

use super::Case;
use crate::bench::Bench;
use crate::cpu;
use crate::database::Store;
use crate::gateway::{Gateway, Start};
use crate::machine::binary_mib;
use crate::row::{About, Measured};

pub(super) const NAME: &str = "start";

/// How long it rests before its memory is looked at.
const REST: Duration = Duration::from_secs(2);

pub(super) fn cases(bench: &Bench) -> Vec<Box<dyn Case>> {
    let stores = bench.stores().into_iter();
    stores
        .map(|store| -> Box<dyn Case> { Box::new(FirstAnswer { store }) })
        .collect()
}

struct FirstAnswer {
    store: Store,
}

#[async_trait]
impl Case for FirstAnswer {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: "first answer".to_owned(),
            store: Some(self.store),
            writes: "first start: every table is made; again: on the tables that are there. Idle \
                     memory is that of the second start after 2 s"
                .to_owned(),
            limit: None,
            ourselves: false,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let scratch = bench.scratch(self.store).await?;
        let log = bench.log();
        let start = |token| Start {
            binary: &bench.gateway,
            database_url: &scratch.url,
            folder: scratch.folder(),
            log: &log,
            token,
            settings: &[],
        };
        let gateway = Gateway::start(start(None)).await?;
        let (first, token) = (gateway.first_answer, gateway.token.clone());
        gateway.kill().await?;
        let gateway = Gateway::start(start(Some(&token))).await?;
        let again = gateway.first_answer;
        tokio::time::sleep(REST).await;
        let (idle, peak) = cpu::memory_mib(gateway.pid().context("the gateway runs")?)?;
        gateway.kill().await?;
        scratch.drop().await?;
        Ok(Measured {
            memory_mib: Some(peak),
            more: vec![
                ("first start ms", first.as_secs_f64() * 1000.0),
                ("again ms", again.as_secs_f64() * 1000.0),
                ("idle MiB", idle),
                ("binary MiB", binary_mib(bench).unwrap_or_default()),
            ],
            ..Measured::default()
        })
    }
}
