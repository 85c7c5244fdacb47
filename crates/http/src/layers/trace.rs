//! The span of a request. It carries the route template, never path or query: tokens and the
//! identifiers of the public API live there.

use std::time::Duration;

use http::StatusCode;
use tracing::Span;

use super::request_id::RequestId;

/// The span in which a request is answered.
pub(super) fn span(method: &'static str, route: &str, id: &RequestId) -> Span {
    tracing::info_span!("request", method, route, request_id = id.as_str())
}

/// The one line that says how a request was answered.
pub(super) fn finish(span: &Span, status: StatusCode, latency: Duration) {
    let latency_us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(parent: span, status = status.as_u16(), latency_us, "answered");
}
