//! What a message costs when much is stored already, and how long lists take then.

use std::time::Instant;

use anyhow::{Result, bail};
use async_trait::async_trait;
use bytes::Bytes;
use http::Method;

use super::Case;
use crate::bench::Bench;
use crate::database::Store;
use crate::histogram::median;
use crate::load;
use crate::row::{About, Measured, key};
use crate::world::{Wish, World};

pub(super) const NAME: &str = "growth";

const CONNECTIONS: u64 = 64;
const CONVERSATIONS: u64 = 10_000;
const LIST_TIMES: usize = 5;

/// Lists, and what they are called in the table.
const LISTS: [(&str, &str); 8] = [
    ("conversations ms", "/conversations"),
    ("conversations page 50 ms", "/conversations?page=50"),
    ("all conversations ms", "/conversations?status=all"),
    ("conversations by text ms", "/conversations?q=needle"),
    ("conversations meta ms", "/conversations/meta?status=all"),
    ("messages ms", "/conversations/1/messages"),
    ("contacts ms", "/contacts"),
    ("contact search ms", "/contacts/search?q=contact%204711"),
];

pub(super) fn cases(bench: &Bench) -> Vec<Box<dyn Case>> {
    let mut sizes: Vec<Growth> = Vec::new();
    for store in bench.stores() {
        for conversations in [1, CONVERSATIONS] {
            sizes.push(Growth {
                store,
                conversations,
                messages: 0,
            });
        }
        for messages in tables(bench) {
            sizes.push(Growth {
                store,
                conversations: CONVERSATIONS,
                messages,
            });
        }
    }
    sizes
        .into_iter()
        .map(|size| -> Box<dyn Case> { Box::new(size) })
        .collect()
}

/// How many messages are stored before.
pub(crate) fn tables(bench: &Bench) -> Vec<u64> {
    let all = [10_000, 100_000, 1_000_000, 10_000_000];
    let most = bench.size(10_000_000, 1_000_000);
    all.into_iter()
        .filter(|messages| *messages <= most)
        .collect()
}

/// The key of a row.
pub(crate) fn of_size(store: Store, messages: u64) -> String {
    key(NAME, &name(CONVERSATIONS, messages), Some(store))
}

fn name(conversations: u64, messages: u64) -> String {
    match messages {
        0 => format!("{conversations} conversations"),
        _ => format!("{messages} messages"),
    }
}

struct Growth {
    store: Store,
    conversations: u64,
    messages: u64,
}

#[async_trait]
impl Case for Growth {
    fn about(&self) -> About {
        About {
            scenario: NAME,
            name: name(self.conversations, self.messages),
            store: Some(self.store),
            writes: format!(
                "as in intake, 64 connections, {} conversations at random, {} messages stored \
                 before; only conversations and messages are, no events",
                self.conversations, self.messages
            ),
            limit: None,
            ourselves: false,
        }
    }

    /// Filling takes minutes.
    fn most_repetitions(&self) -> usize {
        if self.messages > 1_000_000 {
            1
        } else {
            usize::MAX
        }
    }

    async fn measure(&self, bench: &Bench) -> Result<Measured> {
        let wish = Wish {
            conversations: self.conversations,
            messages: self.messages,
            ..Wish::new(self.store)
        };
        let world = World::make(bench, wish).await?;
        let messages = bench.size(20_000, 5_000);
        load::burst(&world.target(), messages / 10, CONNECTIONS).await?;
        let meter = world.meter()?;
        let mut posted = load::burst(&world.target(), messages, CONNECTIONS).await?;
        let spent = meter.stop()?;
        let measured = Measured {
            operations: messages,
            seconds: posted.seconds,
            latency: posted.latency.quantiles(),
            spent,
            memory_mib: Some(world.memory_mib()?.1),
            more: if self.messages == 0 {
                Vec::new()
            } else {
                lists(&world).await?
            },
        };
        world.end().await?;
        Ok(measured)
    }
}

/// The median of each list.
async fn lists(world: &World) -> Result<Vec<(&'static str, f64)>> {
    let mut connection = world.gateway.connect().await?;
    let mut medians = Vec::new();
    for (name, path) in LISTS {
        let path = format!("/api/v1/accounts/1{path}");
        let mut taken = Vec::new();
        for _ in 0..LIST_TIMES {
            let begun = Instant::now();
            let (status, _) = connection.send(Method::GET, &path, Bytes::new()).await?;
            taken.push(begun.elapsed().as_secs_f64() * 1000.0);
            if status != 200 {
                bail!("{path}: {status}");
            }
        }
        medians.push((name, median(taken).unwrap_or_default()));
    }
    Ok(medians)
}
