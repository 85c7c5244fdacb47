//! The client: one exchange under time and size caps.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::ConfigBuilderExt;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{HttpInfo, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::connect::Connector;
use crate::{Error, Policy, Request, Resolve, Response, SystemResolver};

#[cfg(test)]
mod tests;

/// How a [`Client`] behaves. A changed policy takes a new client, so that no connection judged by
/// the old one is used again.
#[derive(Clone)]
pub struct ClientConfig {
    /// Which destinations are allowed.
    pub policy: Policy,
    /// For name look-up, connect and TLS together. Default 5 s.
    pub connect_timeout: Duration,
    /// For the response head once connected, then for each piece of the body. Default 15 s.
    pub read_timeout: Duration,
    /// For the whole exchange, from the call to the end of the body. Default 15 s.
    pub total_timeout: Duration,
    /// Cap of a response body, in bytes. Default 64 KiB.
    pub max_response_bytes: usize,
    /// Idle connections kept per scheme, host and port. Default 16.
    pub pool_max_idle_per_host: usize,
    /// How long an idle connection is kept. Default 30 s.
    pub pool_idle_timeout: Duration,
    /// Sent when a request names none.
    pub user_agent: HeaderValue,
    /// Looks names up.
    pub resolver: Arc<dyn Resolve>,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(15),
            total_timeout: Duration::from_secs(15),
            max_response_bytes: 64 * 1024,
            pool_max_idle_per_host: 16,
            pool_idle_timeout: Duration::from_secs(30),
            user_agent: HeaderValue::from_static(concat!("Gatewright/", env!("CARGO_PKG_VERSION"))),
            resolver: Arc::new(SystemResolver),
        }
    }
}

/// The guarded HTTP client. Cheap to clone; clones share the connection pool.
#[derive(Clone)]
pub struct Client {
    http: legacy::Client<Connector, Full<Bytes>>,
    config: Arc<ClientConfig>,
    policy: Arc<Policy>,
}

impl Client {
    /// Builds a client that trusts the public certificate authorities (Mozilla's list).
    ///
    /// # Panics
    /// Never: the TLS provider supports the protocol versions that are asked of it.
    pub fn new(config: ClientConfig) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring supports the default TLS versions")
            .with_webpki_roots()
            .with_no_client_auth();
        Self::with_tls(config, tls)
    }

    fn with_tls(config: ClientConfig, tls: rustls::ClientConfig) -> Self {
        let policy = Arc::new(config.policy.clone());
        let connector = Connector::new(
            Arc::clone(&policy),
            Arc::clone(&config.resolver),
            config.connect_timeout,
            tls,
        );
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(config.pool_idle_timeout)
            .pool_max_idle_per_host(config.pool_max_idle_per_host)
            .http1_max_buf_size(MAX_HEAD_BYTES)
            .build(connector);
        Self {
            http,
            config: Arc::new(config),
            policy,
        }
    }

    /// Sends one request and reads its response. No redirect is followed and nothing is repeated,
    /// except that a request which a reused connection could not take goes out on another one.
    ///
    /// Dropping the future closes the connection; the request may then have been delivered.
    ///
    /// # Errors
    /// See [`Error`]: its variants tell whether the request can have reached the server. A response
    /// whose body fails or stalls is [`Error::Ambiguous`]; one that is too long is cut instead.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let started = Instant::now();
        let result = self.exchange(request, started).await;
        let outcome = match &result {
            Ok(response) => status_class(response.status),
            Err(error) => error.outcome(),
        };
        metrics::counter!("gatewright_egress_requests_total", "outcome" => outcome).increment(1);
        metrics::histogram!("gatewright_egress_duration_seconds")
            .record(started.elapsed().as_secs_f64());
        result
    }

    async fn exchange(&self, request: Request, started: Instant) -> Result<Response, Error> {
        self.policy.check_url(&request.url)?;
        let limits = self.limits(&request, started);
        let request = request.into_http(&self.config.user_agent)?;
        let (head, body) = self.head(request, &limits).await?.into_parts();
        let (body, truncated) = read_body(body, &limits).await?;
        Ok(Response {
            status: head.status,
            headers: head.headers,
            body,
            truncated,
            elapsed: started.elapsed(),
            remote: head.extensions.get::<HttpInfo>().map(HttpInfo::remote_addr),
        })
    }

    fn limits(&self, request: &Request, started: Instant) -> Limits {
        let read = self.config.read_timeout;
        Limits {
            deadline: started + request.timeout.unwrap_or(self.config.total_timeout),
            head: request.timeout.map_or(read, |own| own.max(read)),
            piece: read,
            body_bytes: request
                .max_response_bytes
                .unwrap_or(self.config.max_response_bytes),
        }
    }

    async fn head(
        &self,
        mut request: http::Request<Full<Bytes>>,
        limits: &Limits,
    ) -> Result<http::Response<Incoming>, Error> {
        let mut connected = capture_connection(&mut request);
        let seen = connected.clone();
        let silence = async move {
            drop(connected.wait_for_connection_metadata().await);
            sleep(limits.head).await;
        };
        tokio::select! {
            biased;
            answer = self.http.request(request) => {
                answer.map_err(|error| Error::of_exchange(&error))
            }
            () = sleep_until(limits.deadline) => {
                // Without a connection there was nothing to write the request to.
                if seen.connection_metadata().is_some() {
                    Err(Error::read_timeout())
                } else {
                    Err(Error::connect_timeout())
                }
            }
            () = silence => Err(Error::read_timeout()),
        }
    }
}

/// A response head longer than this is an invalid response.
const MAX_HEAD_BYTES: usize = 64 * 1024;

struct Limits {
    deadline: Instant,
    head: Duration,
    piece: Duration,
    body_bytes: usize,
}

/// Reads up to the cap. Leaving early drops the rest, which closes the connection.
async fn read_body(mut body: Incoming, limits: &Limits) -> Result<(Bytes, bool), Error> {
    let mut read = BytesMut::new();
    loop {
        let until = limits.deadline.min(Instant::now() + limits.piece);
        let frame = timeout_at(until, body.frame())
            .await
            .map_err(|_| Error::read_timeout())?;
        let Some(frame) = frame else {
            return Ok((read.freeze(), false));
        };
        let frame = frame.map_err(|error| Error::of_transfer(&error))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let room = limits.body_bytes - read.len();
        if data.len() > room {
            read.extend_from_slice(&data[..room]);
            return Ok((read.freeze(), true));
        }
        read.extend_from_slice(&data);
    }
}

fn status_class(status: http::StatusCode) -> &'static str {
    match status.as_u16() {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
