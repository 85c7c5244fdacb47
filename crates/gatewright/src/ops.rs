//! `/healthz`, `/readyz` and `/metrics`: for machines that watch, outside of all layers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use gatewright_core::Kernel;
use gatewright_core::intake::Intake;
use gatewright_delivery::Engine;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Map, Value, json};
use tokio::time::timeout;

/// How long the database may take to answer.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);
/// When to ask again, in seconds.
const RETRY_AFTER_S: &str = "5";

/// Whether the gateway can take requests.
pub(crate) struct Readiness {
    kernel: Arc<Kernel>,
    intake: Arc<Intake>,
    engine: Engine,
    draining: AtomicBool,
}

impl Readiness {
    pub(crate) fn new(kernel: &Arc<Kernel>, intake: &Arc<Intake>, engine: &Engine) -> Arc<Self> {
        Arc::new(Self {
            kernel: Arc::clone(kernel),
            intake: Arc::clone(intake),
            engine: engine.clone(),
            draining: AtomicBool::new(false),
        })
    }

    /// From now on it cannot.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Each check with what is wrong; `None` is fine. That the tables are up to date was checked
    /// when the gateway was built, and does not change.
    async fn checks(&self) -> [(&'static str, Option<&'static str>); 4] {
        let draining = self.draining.load(Ordering::Acquire);
        let database = timeout(DATABASE_TIMEOUT, self.kernel.db.read().ping()).await;
        let database = match database {
            Ok(Ok(())) => None,
            Ok(Err(_)) => Some("does not answer"),
            Err(_) => Some("does not answer in time"),
        };
        [
            ("serving", draining.then_some("draining")),
            ("database", database),
            ("intake", (!self.intake.is_alive()).then_some("stopped")),
            ("engine", (!self.engine.is_running()).then_some("stopped")),
        ]
    }
}

/// The three routes.
pub(crate) fn router(readiness: Arc<Readiness>, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz).with_state(readiness))
        .route("/metrics", get(metrics_page).with_state(metrics))
}

async fn healthz() -> Response {
    ([(CACHE_CONTROL, "no-store")], "ok").into_response()
}

async fn readyz(State(readiness): State<Arc<Readiness>>) -> Response {
    let checks = readiness.checks().await;
    let ready = checks.iter().all(|(_, problem)| problem.is_none());
    let shown: Map<String, Value> = checks
        .into_iter()
        .map(|(name, problem)| (name.to_owned(), problem.unwrap_or("ok").into()))
        .collect();
    let uncached = [(CACHE_CONTROL, "no-store")];
    if ready {
        let body = json!({ "status": "ready", "checks": shown });
        return (uncached, Json(body)).into_response();
    }
    let body = json!({ "status": "unavailable", "checks": shown });
    let again = [(RETRY_AFTER, RETRY_AFTER_S)];
    (StatusCode::SERVICE_UNAVAILABLE, uncached, again, Json(body)).into_response()
}

async fn metrics_page(State(metrics): State<PrometheusHandle>) -> Response {
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        metrics.render(),
    )
        .into_response()
}
