//! `GET /api`: what is running here.

use std::sync::Arc;

use axum::extract::State;
use gatewright_core::Clock;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Json200;
use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(api_version))
}

/// Version of the contract, by which clients know what they can call.
#[derive(Debug, Serialize, ToSchema)]
struct ApiVersion {
    /// The contract's version.
    #[schema(example = "4.10.0")]
    version: &'static str,
    /// Now, UTC.
    #[schema(example = "2026-01-20 09:15:02")]
    timestamp: String,
    /// `ok`
    queue_services: &'static str,
    /// `ok`
    data_services: &'static str,
    /// Our own name and version. An addition to the contract.
    #[schema(example = "gatewright/0.1.0")]
    server: &'static str,
}

/// Version of the contract spoken here.
#[utoipa::path(get, path = "/api", tag = "api", security(()), responses((status = 200, body = ApiVersion)))]
async fn api_version(State(clock): State<Arc<dyn Clock>>) -> Json200<ApiVersion> {
    let iso = clock.now().iso();
    let timestamp = iso.get(..19).unwrap_or(&iso).replace('T', " ");
    Json200(ApiVersion {
        version: "4.10.0",
        timestamp,
        queue_services: "ok",
        data_services: "ok",
        server: concat!("gatewright/", env!("CARGO_PKG_VERSION")),
    })
}
