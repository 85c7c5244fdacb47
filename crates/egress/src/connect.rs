//! Opening a connection: resolve once, judge every address, dial a judged one.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tower::Service;

use crate::{Error, Policy, Resolve};

/// The guarded connector. Its time limit covers name look-up, connect and TLS together.
#[derive(Clone)]
pub(crate) struct Connector {
    https: HttpsConnector<Dial>,
    limit: Duration,
}

impl Connector {
    pub(crate) fn new(
        policy: Arc<Policy>,
        resolver: Arc<dyn Resolve>,
        limit: Duration,
        tls: rustls::ClientConfig,
    ) -> Self {
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(Dial {
                policy,
                resolver,
                limit,
            });
        Self { https, limit }
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = Error;
    type Future = Opening<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let origin = origin(&uri);
        let opening = timeout(self.limit, self.https.call(uri));
        Box::pin(async move {
            let opened = opening.await.map_err(|_| Error::connect_timeout())?;
            // What is not the dialler's own error comes from the TLS layer above it.
            opened.map_err(|error| match error.downcast::<Error>() {
                Ok(error) => *error,
                Err(error) => Error::tls(&origin, error.as_ref()),
            })
        })
    }
}

type Opening<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// Opens the TCP connection.
#[derive(Clone)]
struct Dial {
    policy: Arc<Policy>,
    resolver: Arc<dyn Resolve>,
    limit: Duration,
}

impl Service<Uri> for Dial {
    type Response = TokioIo<TcpStream>;
    type Error = Error;
    type Future = Opening<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let dial = self.clone();
        Box::pin(async move {
            let deadline = Instant::now() + dial.limit;
            let host = uri.host().unwrap_or_default();
            let port = port(&uri);
            let addresses = dial.allowed(host).await?;
            dial_first(host, port, &addresses, deadline)
                .await
                .map(TokioIo::new)
        })
    }
}

impl Dial {
    /// The allowed addresses of `host`, in the resolver's order; never empty.
    async fn allowed(&self, host: &str) -> Result<Vec<IpAddr>, Error> {
        let mut allowed = Vec::new();
        let mut refusal = None;
        for address in self.addresses(host).await? {
            match self.policy.judge(host, address) {
                Ok(()) if !allowed.contains(&address) => allowed.push(address),
                Ok(()) => {}
                Err(error) => {
                    tracing::debug!(host, %address, "egress refused an address");
                    refusal.get_or_insert(error);
                }
            }
        }
        if allowed.is_empty() {
            return Err(refusal.unwrap_or_else(|| Error::unresolved(host)));
        }
        Ok(allowed)
    }

    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Error> {
        let bare = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(host);
        if let Ok(address) = bare.parse() {
            return Ok(vec![address]);
        }
        self.resolver.resolve(host).await.map_err(|error| {
            tracing::debug!(host, %error, "egress could not resolve a host");
            Error::unresolved(host)
        })
    }
}

/// How many addresses of one name are tried.
const MAX_TRIES: usize = 8;

/// Dials the addresses in order until one answers. Each but the last may use half of the time that
/// is left, so a silent one cannot keep the others from their turn.
async fn dial_first(
    host: &str,
    port: u16,
    addresses: &[IpAddr],
    deadline: Instant,
) -> Result<TcpStream, Error> {
    let tries = addresses.len().min(MAX_TRIES);
    let mut last = io::Error::from(io::ErrorKind::TimedOut);
    for (index, address) in addresses.iter().take(tries).enumerate() {
        let now = Instant::now();
        let left = deadline.saturating_duration_since(now);
        let share = if index + 1 == tries { left } else { left / 2 };
        let connecting = TcpStream::connect(SocketAddr::new(*address, port));
        match timeout_at(now + share, connecting).await {
            Ok(Ok(stream)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "egress could not set TCP_NODELAY");
                }
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::Error::from(io::ErrorKind::TimedOut),
        }
    }
    Err(Error::dial(host, port, &last))
}

fn origin(uri: &Uri) -> String {
    format!("{}:{}", uri.host().unwrap_or_default(), port(uri))
}

fn port(uri: &Uri) -> u16 {
    let default = if uri.scheme_str() == Some("https") {
        443
    } else {
        80
    };
    uri.port_u16().unwrap_or(default)
}
