use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use gatewright_core::Kernel;
use gatewright_core::account::{FirstStart, Operator, Setup};
use gatewright_core::intake::Intake;
use gatewright_delivery::Engine;
use gatewright_http::server::{self, Routers};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::adapters::Ports;
use crate::ops::Readiness;
use crate::{Config, Result, assemble, housekeeping, observe};

/// How long an end without draining may take.
const ABANDON_TIMEOUT: Duration = Duration::from_secs(5);

/// A running gateway. It works without listening, too: see [`Self::router`].
///
/// End it with [`Self::drain`]; dropping it leaves leases that run out by themselves.
pub struct Gateway {
    parts: Parts,
    _upkeep: DropGuard,
}

/// What a gateway consists of.
pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) intake: Arc<Intake>,
    pub(crate) engine: Engine,
    /// Held here only: when the gateway goes, the channels lose their way into it, and the ring
    /// from kernel to channels to kernel is open.
    #[expect(dead_code, reason = "its life is its use")]
    pub(crate) ports: Arc<Ports>,
    pub(crate) routers: Routers,
    pub(crate) readiness: Arc<Readiness>,
}

impl Gateway {
    pub(crate) fn new(parts: Parts, metrics: &PrometheusHandle) -> Self {
        let stop = CancellationToken::new();
        tokio::spawn(observe::upkeep(metrics.clone(), stop.clone()));
        tokio::spawn(housekeeping::storage(
            Arc::clone(&parts.kernel.storage),
            stop.clone(),
        ));
        tokio::spawn(housekeeping::search(
            Arc::clone(&parts.kernel),
            stop.clone(),
        ));
        tokio::spawn(housekeeping::retention(
            Arc::clone(&parts.kernel),
            stop.clone(),
        ));
        Self {
            parts,
            _upkeep: stop.drop_guard(),
        }
    }

    /// Everything that is served: operations, channels' routes, documentation, health and metrics,
    /// with all layers. For embedding, and for tests without a port.
    pub fn router(&self) -> Router {
        self.parts.routers.served.clone()
    }

    /// The OpenAPI document, which is also served at `/openapi.json`.
    pub fn spec(&self) -> Value {
        gatewright_http::spec(&self.parts.kernel.registry)
    }

    /// The configuration that is in force.
    pub fn config(&self) -> &Config {
        &self.parts.config
    }

    /// What all use cases share, for services that have no route.
    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.parts.kernel
    }

    /// What the operator may do.
    pub fn operator(&self) -> Operator {
        Operator::new(Arc::clone(&self.parts.kernel))
    }

    /// Makes the first account, its administrator and its token; `None` when there is an account.
    ///
    /// # Errors
    /// Database errors.
    pub async fn first_start(&self) -> Result<Option<FirstStart>> {
        Ok(Setup::new(Arc::clone(&self.parts.kernel))
            .first_start()
            .await?)
    }

    /// Serves until `shutdown` is ready, then ends as [`Self::drain`] does: takes no more
    /// connections, answers the requests in flight, and drains. `server.shutdown_timeout` bounds
    /// the end; half of it is for the requests.
    ///
    /// # Errors
    /// When the database did not close cleanly.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<()> {
        let readiness = Arc::clone(&self.parts.readiness);
        let mut config = self.parts.config.http_server();
        config.drain_timeout = self.parts.config.server.shutdown_timeout / 2;
        let mut deadline = None;
        let begin = async {
            shutdown.await;
            readiness.drain();
            deadline = Some(self.deadline());
            tracing::info!("draining");
        };
        server::serve(listener, self.parts.routers.clone(), config, begin).await;
        self.drain_until(deadline.unwrap_or_else(|| self.deadline()))
            .await;
        Ok(())
    }

    /// Ends: commits what is queued, finishes running attempts, gives back what has not started,
    /// and closes the database, within `server.shutdown_timeout`. `/readyz` answers 503 from then
    /// on, and writes are refused.
    ///
    /// # Errors
    /// None today; kept for parts whose end can fail.
    pub async fn drain(&self) -> Result<()> {
        self.drain_until(self.deadline()).await;
        Ok(())
    }

    /// Ends as a crash would, for tests: nothing more is written, running attempts are cut off,
    /// their leases stay.
    pub async fn abandon(&self) {
        self.parts.readiness.drain();
        let end = async {
            assemble::close(&self.parts.kernel.db).await;
            self.parts.engine.drain(Duration::ZERO).await;
            self.parts.intake.drain().await;
        };
        if timeout(ABANDON_TIMEOUT, end).await.is_err() {
            tracing::warn!("parts of an abandoned gateway still run");
        }
    }

    /// Resolves when nothing is on its way: no delivery is due, no attempt runs, no outcome is
    /// unwritten.
    pub async fn idle(&self) {
        self.parts.engine.settle_all().await;
    }

    /// Looks for what is due without waiting for the next poll. Must be called within a tokio
    /// runtime.
    pub fn wake(&self) {
        let engine = self.parts.engine.clone();
        tokio::spawn(async move { engine.poke().await });
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.parts.config.server.shutdown_timeout
    }

    async fn drain_until(&self, deadline: Instant) {
        self.parts.readiness.drain();
        if timeout_at(deadline, self.parts.intake.drain())
            .await
            .is_err()
        {
            tracing::error!("the intake did not end in time; what was not answered is not stored");
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let drained = self.parts.engine.drain(left).await;
        if drained.unfinished > 0 {
            tracing::warn!(
                attempts = drained.unfinished,
                "attempts were cut off; they are made again when their leases run out"
            );
        }
        assemble::close(&self.parts.kernel.db).await;
        tracing::info!("drained");
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway")
            .field("config", &self.parts.config)
            .finish_non_exhaustive()
    }
}
