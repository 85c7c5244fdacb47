use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Result;
use tokio::task::JoinSet;

use crate::histogram::Samples;

/// What is done with a number, and timed.
pub(super) trait Work: Clone + Send + 'static {
    fn one(&self, number: u64) -> impl Future<Output = Result<()>> + Send;
}

/// Does it with each of the numbers below `count`: so many tasks, each with one at a time.
pub(super) async fn run(work: &impl Work, tasks: u64, count: u64) -> Result<Samples> {
    let next = Arc::new(AtomicU64::new(0));
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let (next, work) = (Arc::clone(&next), work.clone());
        running.spawn(async move {
            let mut latency = Samples::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return anyhow::Ok(latency);
                }
                let begun = Instant::now();
                work.one(number).await?;
                latency.add(begun.elapsed());
            }
        });
    }
    let mut latency = Samples::default();
    while let Some(done) = running.join_next().await {
        latency.merge(done??);
    }
    Ok(latency)
}
