//! One connection, from its first byte to its end.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, response::Response};
use http::Request;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::ServerConfig;
use super::stalling::Stalling;

/// hyper's own limit of header lines, at which it needs no allocation for them.
const HYPER_MAX_HEADERS: usize = 100;

/// What a client may send over HTTP/2 before it is read; hyper's own are 1 MiB each.
const HTTP2_STREAM_WINDOW_BYTES: u32 = 256 * 1024;
const HTTP2_CONNECTION_WINDOW_BYTES: u32 = 512 * 1024;
/// What one HTTP/2 stream holds of an answer that its client does not read.
const HTTP2_SEND_BYTES: usize = 64 * 1024;

/// Smaller buffers hyper refuses.
const HYPER_MIN_BUFFER_BYTES: usize = 8192;

/// What all connections have in common.
#[derive(Clone)]
pub(super) struct Connection {
    router: Router,
    builder: Arc<Builder<TokioExecutor>>,
    first_request_timeout: Duration,
    write_timeout: Duration,
    draining: CancellationToken,
    broken_off: CancellationToken,
}

impl Connection {
    /// `draining` asks a connection to end after its request, `broken_off` ends it at once.
    pub(super) fn new(
        router: Router,
        config: &ServerConfig,
        draining: CancellationToken,
        broken_off: CancellationToken,
    ) -> Self {
        let first_request_timeout = config.header_read_timeout;
        let builder = Arc::new(builder(config));
        Self {
            router,
            builder,
            first_request_timeout,
            write_timeout: config.write_timeout,
            draining,
            broken_off,
        }
    }

    /// Answers the requests of one client.
    pub(super) async fn run(self, stream: TcpStream, peer: SocketAddr) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let spoken = Arc::new(AtomicBool::new(false));
        let (heard, router) = (spoken.clone(), self.router);
        let service = service_fn(move |request| {
            heard.store(true, Ordering::Relaxed);
            answer(router.clone(), request, peer)
        });
        let io = TokioIo::new(Stalling::new(stream, self.write_timeout));
        let mut connection = pin!(self.builder.serve_connection_with_upgrades(io, service));
        let mut silence = pin!(silence(&spoken, self.first_request_timeout));
        let mut asked_to_end = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(error, "a connection ended with an error");
                    }
                    break;
                }
                () = self.draining.cancelled(), if !asked_to_end => {
                    connection.as_mut().graceful_shutdown();
                    asked_to_end = true;
                }
                () = self.broken_off.cancelled() => break,
                () = &mut silence => break,
            }
        }
    }
}

/// Ready when the client has sent no whole request in time. hyper's own timer begins only after
/// the version is known, and a client can hold that back for ever.
async fn silence(spoken: &AtomicBool, limit: Duration) {
    tokio::time::sleep(limit).await;
    if spoken.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

async fn answer(
    mut router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    // A router is always ready.
    Service::call(&mut router, request).await
}

fn builder(config: &ServerConfig) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let mut http1 = builder.http1();
    http1
        .timer(TokioTimer::new())
        .header_read_timeout(config.header_read_timeout)
        .keep_alive(config.keep_alive)
        .max_buf_size(config.max_header_bytes.max(HYPER_MIN_BUFFER_BYTES));
    if config.max_headers != HYPER_MAX_HEADERS {
        http1.max_headers(config.max_headers);
    }
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(config.http2_keep_alive)
        .keep_alive_timeout(config.http2_keep_alive)
        .max_concurrent_streams(config.max_http2_streams)
        .initial_stream_window_size(HTTP2_STREAM_WINDOW_BYTES)
        .initial_connection_window_size(HTTP2_CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(HTTP2_SEND_BYTES)
        .max_header_list_size(u32::try_from(config.max_header_bytes).unwrap_or(u32::MAX));
    builder
}
