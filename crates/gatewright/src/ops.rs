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

    /// Each check with what it found.
    async fn checks(&self) -> [(&'static str, Found); 6] {
        let draining = self.draining.load(Ordering::Acquire);
        let database = timeout(DATABASE_TIMEOUT, self.kernel.db.read().ping()).await;
        let database = match database {
            Ok(Ok(())) => Found::Fine,
            Ok(Err(_)) => Found::Wrong("does not answer"),
            Err(_) => Found::Wrong("does not answer in time"),
        };
        let stopped = |runs: bool| Found::wrong_if(!runs, "stopped");
        [
            ("serving", Found::wrong_if(draining, "draining")),
            ("migrations", self.migrations(&database).await),
            ("database", database),
            ("storage", self.storage()),
            ("intake", stopped(self.intake.is_alive())),
            ("engine", stopped(self.engine.is_running())),
        ]
    }

    /// Tables that a newer program has expanded are fine: it was migrated by the next one of a
    /// rolling upgrade.
    async fn migrations(&self, database: &Found) -> Found {
        if matches!(database, Found::Wrong(_)) {
            return Found::Wrong("unknown, since the database does not answer");
        }
        match timeout(DATABASE_TIMEOUT, gatewright_store::missing(&self.kernel.db)).await {
            Ok(Ok(missing)) => Found::wrong_if(!missing.is_empty(), "missing: see migrate --check"),
            Ok(Err(_)) => Found::Wrong("cannot be read"),
            Err(_) => Found::Wrong("cannot be read in time"),
        }
    }

    /// Without room for files everything else is still served.
    fn storage(&self) -> Found {
        let storage = &self.kernel.storage;
        if storage.refuses_writes() {
            Found::Wrong("nearly full: writes are refused")
        } else if storage.refuses_files() {
            Found::Degraded("nearly full: files are refused")
        } else {
            Found::Fine
        }
    }
}

/// What a check found.
enum Found {
    Fine,
    /// Said, but no reason to send requests elsewhere.
    Degraded(&'static str),
    Wrong(&'static str),
}

impl Found {
    fn wrong_if(wrong: bool, what: &'static str) -> Self {
        if wrong { Self::Wrong(what) } else { Self::Fine }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Degraded(text) | Self::Wrong(text) => text,
        }
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
    let ready = !checks
        .iter()
        .any(|(_, found)| matches!(found, Found::Wrong(_)));
    let shown: Map<String, Value> = checks
        .into_iter()
        .map(|(name, found)| (name.to_owned(), found.text().into()))
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
