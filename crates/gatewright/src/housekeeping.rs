//! What is done from time to time, beside what the delivery engine keeps in order itself.

use std::sync::Arc;
use std::time::Duration;

use gatewright_core::Kernel;
use gatewright_core::retention::Pruner;
use gatewright_core::storage::Storage;
use gatewright_store::search::catch_up;
use tokio_util::sync::CancellationToken;

/// How often the room on the disks is measured.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often new messages are indexed, and how often it is tried when it cannot be done.
const INDEX_EVERY: Duration = Duration::from_millis(500);
const INDEX_AGAIN_EVERY: Duration = Duration::from_mins(1);
/// Messages per transaction: so long do others wait, some 10 ms.
const INDEXED_AT_ONCE: u64 = 1024;

/// Measures the room on the disks until the gateway is gone.
pub(crate) async fn storage(storage: Arc<Storage>, stop: CancellationToken) {
    while pause(&stop, LOOK_EVERY).await {
        let looked = Arc::clone(&storage);
        // A network's file system may take its time.
        if tokio::task::spawn_blocking(move || looked.look())
            .await
            .is_err()
        {
            tracing::warn!("the room on the disks could not be measured");
        }
    }
}

/// Removes what is kept no longer, until the gateway is gone.
pub(crate) async fn retention(kernel: Arc<Kernel>, stop: CancellationToken) {
    let every = kernel.config.retention.interval;
    let mut pruner = Pruner::new(kernel);
    while pause(&stop, every).await {
        tokio::select! {
            // Dropped between two transactions or within one, which is then rolled back.
            () = stop.cancelled() => return,
            () = pruner.run() => {}
        }
    }
}

/// Keeps the index of messages' texts up to date until the gateway is gone.
pub(crate) async fn search(kernel: Arc<Kernel>, stop: CancellationToken) {
    let mut every = INDEX_EVERY;
    while pause(&stop, every).await {
        every = INDEX_EVERY;
        loop {
            match catch_up(&kernel.db, INDEXED_AT_ONCE).await {
                Ok(INDEXED_AT_ONCE) => tokio::task::yield_now().await,
                Ok(_) => break,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "texts could not be indexed, searches take longer");
                    every = INDEX_AGAIN_EVERY;
                    break;
                }
            }
        }
    }
}

/// Waits; false when the gateway is gone.
async fn pause(stop: &CancellationToken, length: Duration) -> bool {
    tokio::select! {
        biased;
        () = stop.cancelled() => false,
        () = tokio::time::sleep(length) => true,
    }
}
