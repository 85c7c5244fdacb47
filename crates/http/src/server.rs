//! Connections: their limits, and the graceful end.
//!
//! Every wait on a client has a limit: a silent or slow one cannot hold a connection, and more
//! connections than the limit wait in the listener's queue.

mod accept;
mod connection;

use std::{sync::Arc, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use connection::Connection;

/// The limits of the server.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// So many connections are open at a time; more wait to be accepted.
    pub max_connections: usize,
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
    /// 10000 connections, 10 s for a head of 32 KiB and 100 lines, 200 streams, 20 s, 30 s.
    fn default() -> Self {
        Self {
            max_connections: 10_000,
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

/// Serves the router on the listener until `shutdown` is ready; then accepts no more, lets the
/// requests in flight end, and closes idle connections at once.
///
/// Handlers find the client's address as `ConnectInfo<SocketAddr>`. Speaks HTTP/1.1 and HTTP/2
/// without TLS, and upgrades; an upgraded connection is no longer waited for.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: ServerConfig,
    shutdown: impl Future<Output = ()>,
) -> Drained {
    let slots = Arc::new(Semaphore::new(
        config.max_connections.min(Semaphore::MAX_PERMITS),
    ));
    let (draining, broken_off) = (CancellationToken::new(), CancellationToken::new());
    let template = Connection::new(router, &config, draining.clone(), broken_off.clone());
    let tasks = TaskTracker::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, peer, slot) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept::next(&listener, &slots) => accepted,
        };
        let connection = template.clone();
        tasks.spawn(async move {
            connection.run(stream, peer).await;
            drop(slot);
        });
    }
    drop(listener);
    draining.cancel();
    tasks.close();
    drain(&tasks, &broken_off, config.drain_timeout).await
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
