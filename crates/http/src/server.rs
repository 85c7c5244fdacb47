//! Connections: their limits, and the graceful end.
//!
//! Every wait on a client has a limit: one that is silent, or that does not read, cannot hold a
//! connection. Connections beyond the limit are told so by a router of their own and closed; beyond
//! some of these, they wait in the listener's queue.

mod accept;
mod connection;
mod stalling;

use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use accept::{Slot, Slots};
use connection::Connection;

/// Of so many connections that are served, one more is let in to be told that it is too many; at
/// least [`OVERFLOW_MIN`] are.
const OVERFLOW_PART: usize = 16;
const OVERFLOW_MIN: usize = 8;
/// The longest that one of these stays.
const OVERFLOW_TIMEOUT: Duration = Duration::from_secs(5);

/// Who answers.
#[derive(Debug, Clone)]
pub struct Routers {
    /// The connections that are served.
    pub served: Router,
    /// Those beyond [`ServerConfig::max_connections`]: one request each, and a few at a time.
    pub overflow: Router,
}

/// The limits of the server.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// So many connections are served at a time; more are answered by the other router.
    pub max_connections: usize,
    /// Whether a connection may carry one request after another.
    pub keep_alive: bool,
    /// A connection is closed when its client takes nothing of an answer for so long.
    pub write_timeout: Duration,
    /// Longest wait for a request's head on HTTP/1, counted from the end of the answer before it:
    /// an idle connection is closed after this time, too.
    pub header_read_timeout: Duration,
    /// Largest head of a request in bytes (at least 8192), then 431.
    pub max_header_bytes: usize,
    /// Largest number of header lines on HTTP/1, then 431.
    pub max_headers: usize,
    /// Largest number of requests at a time on one HTTP/2 connection.
    pub max_http2_streams: u32,
    /// An HTTP/2 connection is asked for a sign of life after so long, and closed when it gives
    /// none for as long again.
    pub http2_keep_alive: Duration,
    /// Longest wait for the requests in flight at the end; then they are broken off.
    pub drain_timeout: Duration,
}

impl Default for ServerConfig {
    /// 2048 connections, kept alive, 30 s for a client to go on reading, 10 s for a head of 32 KiB
    /// and 100 lines, 200 streams, 20 s, 30 s.
    fn default() -> Self {
        Self {
            max_connections: 2048,
            keep_alive: true,
            write_timeout: Duration::from_secs(30),
            header_read_timeout: Duration::from_secs(10),
            max_header_bytes: 32 * 1024,
            max_headers: 100,
            max_http2_streams: 200,
            http2_keep_alive: Duration::from_secs(20),
            drain_timeout: Duration::from_secs(30),
        }
    }
}

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Every request in flight was answered.
    Complete,
    /// The deadline passed, and the rest was broken off.
    Deadline {
        /// So many connections were broken off.
        connections: usize,
    },
}

/// Serves the routers on the listener until `shutdown` is ready; then accepts no more, lets the
/// requests in flight end, and closes idle connections at once.
///
/// Handlers find the client's address as `ConnectInfo<SocketAddr>`. Speaks HTTP/1.1 and HTTP/2
/// without TLS, and upgrades; an upgraded connection is no longer waited for.
pub async fn serve(
    listener: TcpListener,
    routers: Routers,
    config: ServerConfig,
    shutdown: impl Future<Output = ()>,
) -> Drained {
    let overflow = (config.max_connections / OVERFLOW_PART).max(OVERFLOW_MIN);
    let slots = Slots::new(config.max_connections, overflow);
    let (draining, broken_off) = (CancellationToken::new(), CancellationToken::new());
    let connection = |router: Router, config: &ServerConfig| {
        Connection::new(router, config, draining.clone(), broken_off.clone())
    };
    let served = connection(routers.served, &config);
    let refused = ServerConfig {
        keep_alive: false,
        ..config.clone()
    };
    let refused = connection(routers.overflow, &refused);
    let tasks = TaskTracker::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, peer, slot) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept::next(&listener, &slots) => accepted,
        };
        match slot {
            Slot::Served(slot) => {
                let served = served.clone();
                tasks.spawn(async move {
                    let _open = Open::new();
                    served.run(stream, peer).await;
                    drop(slot);
                });
            }
            Slot::Overflow(slot) => {
                let told = refused.clone().run(stream, peer);
                tasks.spawn(async move {
                    // Closed either way.
                    drop(tokio::time::timeout(OVERFLOW_TIMEOUT, told).await);
                    drop(slot);
                });
            }
        }
    }
    drop(listener);
    draining.cancel();
    tasks.close();
    drain(&tasks, &broken_off, config.drain_timeout).await
}

/// A served connection in the gauge `gatewright_connections`.
struct Open;

impl Open {
    fn new() -> Self {
        metrics::gauge!("gatewright_connections").increment(1);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!("gatewright_connections").decrement(1);
    }
}

async fn drain(tasks: &TaskTracker, broken_off: &CancellationToken, limit: Duration) -> Drained {
    if tokio::time::timeout(limit, tasks.wait()).await.is_ok() {
        return Drained::Complete;
    }
    let connections = tasks.len();
    tracing::warn!(
        connections,
        "the drain deadline passed, breaking connections off"
    );
    broken_off.cancel();
    tasks.wait().await;
    Drained::Deadline { connections }
}

#[cfg(test)]
mod tests;
