//! The limit: bodies of the size of a webhook, posted by hand, without a store and unsigned.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Result, bail};
use async_trait::async_trait;
use bytes::Bytes;
use http::Method;
use tokio::task::JoinSet;

use super::super::Case;
use super::NAME;
use crate::bench::Bench;
use crate::clock::now_us;
use crate::connection::Connection;
use crate::cpu::{Meter, Watched};
use crate::histogram::Samples;
use crate::load::MARK;
use crate::receiver::{Group, Receiver};
use crate::row::{About, Measured, key};

/// As many as the gateway's default for one receiver.
const CONNECTIONS: u64 = 16;
/// About the length of the webhook of a short message.
const BODY_BYTES: usize = 2_000;

/// The key of this row.
pub(super) fn limit() -> String {
    key(NAME, "posts by hand", None)
}

pub(super) struct Posts;

#[async_trait]
impl Case for Posts {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: "posts by hand".to_owned(),
            store: None,
            writes: "nothing: 2,000 bytes posted to the receiver over 16 connections, unsigned"
                .to_owned(),
            limit: None,
            ourselves: true,
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let receiver = Receiver::start().await?;
        let address = receiver.address().to_owned();
        let posts = bench.size(50_000, 10_000);
        run(&address, posts / 10).await?;
        let meter = Meter::start(Watched {
            receiver: receiver.pid(),
            ..Watched::default()
        })?;
        let begun = Instant::now();
        let mut latency = run(&address, posts).await?;
        Ok(Measured {
            operations: posts,
            seconds: begun.elapsed().as_secs_f64(),
            latency: latency.quantiles(),
            spent: meter.stop()?,
            ..Measured::default()
        })
    }
}

async fn run(address: &str, posts: u64) -> Result<Samples> {
    let next = Arc::new(AtomicU64::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let mut connection = Connection::open(address, "").await?;
        let next = Arc::clone(&next);
        clients.spawn(async move {
            let path = format!("/{}/0", Group::Quick);
            let mut latency = Samples::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= posts {
                    return anyhow::Ok(latency);
                }
                let begun = Instant::now();
                let (status, _) = connection.send(Method::POST, &path, body(number)).await?;
                if status != 200 {
                    bail!("{status}");
                }
                latency.add(begun.elapsed());
            }
        });
    }
    let mut latency = Samples::default();
    while let Some(done) = clients.join_next().await {
        latency.merge(done??);
    }
    Ok(latency)
}

fn body(number: u64) -> Bytes {
    let text = format!("{{\"content\":\"{MARK}{number} {} ", now_us());
    Bytes::from(format!("{text:.<BODY_BYTES$}\"}}"))
}
