//! What every request passes before its handler, from the outside in:
//!
//! 1. `normalize`: `.json` and a trailing slash are cut off before routing
//! 2. `observe`: request id, CORS, trace span and metrics; outermost, so that they see every
//!    answer, those of the layers below included
//! 3. `panic`: a panic is a 500, and still observed
//! 4. compression
//! 5. `admit`: rate limit, load shed, room on the disk, body limit and memory, timeout: what is
//!    refused costs least first

mod body_limit;
mod compression;
mod cors;
pub(crate) mod memory;
mod metrics;
mod normalize;
mod panic;
mod rate_limit;
pub mod request_id;
mod room;
mod shed;
mod timeout;
mod trace;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::Request;
use tokio::time::Instant;
use tower::{Layer, ServiceBuilder, util::MapRequestLayer};
use tracing::Instrument;

use crate::error::ApiError;
use gatewright_core::storage::Storage;
use memory::BodyMemory;
use rate_limit::RateLimit;
use request_id::MintRequestId;
use shed::Shed;

/// The route label of requests that match no route: the paths themselves would be without bound.
const UNMATCHED: &str = "unmatched";

/// The limits and switches of the layers.
#[derive(Clone)]
pub struct LayerConfig {
    /// Makes the id of a request that brings no sane `x-request-id` of its own.
    pub mint_request_id: MintRequestId,
    /// Longest time from the head of a request to the head of its answer; then 503.
    pub request_timeout: Duration,
    /// Largest body in bytes; then 413. The setting `http.max_body_bytes`.
    pub max_body_bytes: usize,
    /// Largest form with files in bytes; then 413. Follows from the settings of attachments.
    pub max_upload_bytes: usize,
    /// Longest time from the head of a form with files to the head of its answer; then 503. The
    /// setting `attachments.upload_timeout`.
    pub upload_timeout: Duration,
    /// So many requests are answered at a time; more get 503 at once.
    pub max_in_flight: usize,
    /// Bytes of bodies that are held in memory at a time, over all requests; more get 503. The
    /// setting `server.max_body_memory`.
    pub max_body_memory: usize,
    /// Room on the disks; without it nobody looks.
    pub storage: Option<Arc<Storage>>,
    /// Whether browsers of other origins may call `/api/*`; `/public/api/*` they always may.
    pub api_cors: bool,
    /// Requests a minute that one access token may send (contract §10), then 429; `None` is off.
    pub requests_per_minute: Option<NonZeroU32>,
    /// Requests a minute from one address, loopback exempt, then 429; `None` is off.
    pub requests_per_minute_per_ip: Option<NonZeroU32>,
}

impl LayerConfig {
    /// The defaults: 30 s, 10 MiB, with files 10 min and 601 MiB, 4096 in flight, 64 MiB of
    /// bodies in memory, 3000 a minute and token, no limit by address, no CORS on `/api/*`.
    pub fn new(mint_request_id: MintRequestId) -> Self {
        Self {
            mint_request_id,
            request_timeout: Duration::from_secs(30),
            max_body_bytes: 10 * 1024 * 1024,
            max_upload_bytes: 601 * 1024 * 1024,
            upload_timeout: Duration::from_mins(10),
            max_in_flight: 4096,
            max_body_memory: 64 * 1024 * 1024,
            storage: None,
            api_cors: false,
            requests_per_minute: NonZeroU32::new(3000),
            requests_per_minute_per_ip: None,
        }
    }
}

/// Puts all layers around a router, and answers what it has no route or method for.
///
/// A route that is added to the returned router bypasses every layer: that is the place for
/// `/healthz`, `/readyz` and `/metrics`, which must answer under overload, too.
pub fn stack(router: Router, config: &LayerConfig) -> Router {
    let observation = Arc::new(Observation {
        mint_request_id: config.mint_request_id.clone(),
        api_cors: config.api_cors,
    });
    let admission = Arc::new(Admission {
        rate_limit: RateLimit::new(
            config.requests_per_minute,
            config.requests_per_minute_per_ip,
        ),
        shed: Shed::new(config.max_in_flight),
        memory: BodyMemory::new(config.max_body_memory),
        storage: config.storage.clone(),
        limits: body_limit::Limits {
            body_bytes: config.max_body_bytes,
            upload_bytes: config.max_upload_bytes,
        },
        request_timeout: config.request_timeout,
        upload_timeout: config.upload_timeout,
    });
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(observation, observe))
        .layer(panic::layer())
        .layer(compression::layer())
        .layer(from_fn_with_state(admission, admit));
    let inner = router
        .fallback(|| async { ApiError::UnknownRoute })
        .method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
        .layer(layers);
    // Normalising has to happen before routing, so it stands outside the router, which then is the
    // fallback of one without routes.
    Router::new().fallback_service(MapRequestLayer::new(normalize::normalize).layer(inner))
}

struct Observation {
    mint_request_id: MintRequestId,
    api_cors: bool,
}

async fn observe(
    State(observation): State<Arc<Observation>>,
    mut request: Request<Body>,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = request_id::assign(&mut request, &observation.mint_request_id);
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    let method = metrics::method_label(request.method());
    let crossing = cors::Crossing::of(&request, observation.api_cors);
    let span = trace::span(method, route, &id);
    let mut response = if let Some(response) = crossing.preflight() {
        response
    } else {
        let answering = request_id::scope(id.clone(), next.run(request));
        answering.instrument(span.clone()).await
    };
    let latency = started.elapsed();
    crossing.decorate(response.headers_mut());
    request_id::show(&id, response.headers_mut());
    metrics::record(method, route, response.status(), latency);
    trace::finish(&span, response.status(), latency);
    response
}

struct Admission {
    rate_limit: RateLimit,
    shed: Shed,
    memory: BodyMemory,
    storage: Option<Arc<Storage>>,
    limits: body_limit::Limits,
    request_timeout: Duration,
    upload_timeout: Duration,
}

async fn admit(
    State(admission): State<Arc<Admission>>,
    request: Request<Body>,
    next: Next,
) -> Result<Response, ApiError> {
    admission.rate_limit.check(&request)?;
    let _place = admission.shed.enter()?;
    if let Some(storage) = &admission.storage {
        room::check(&request, storage)?;
    }
    let timeout = if body_limit::is_upload(&request) {
        admission.upload_timeout
    } else {
        admission.request_timeout
    };
    let (request, _held) = body_limit::limit(request, admission.limits, &admission.memory)?;
    timeout::within(timeout, next.run(request))
        .await
        .map(IntoResponse::into_response)
}

/// Answers a request on a connection that is one too many: 503.
pub fn too_many_connections() -> ApiError {
    refused("connections");
    ApiError::unavailable(
        "Too many connections are open, try again (the setting server.max_connections)",
        1,
    )
}

/// Counts a request that was refused for want of something: `gatewright_http_refused_total{reason}`.
pub(crate) fn refused(reason: &'static str) {
    ::metrics::counter!("gatewright_http_refused_total", "reason" => reason).increment(1);
}

#[cfg(test)]
mod tests;
