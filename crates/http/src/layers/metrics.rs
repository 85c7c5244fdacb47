//! Counts and durations by route template: never by path, whose number is without bound.

use std::time::Duration;

use http::{Method, StatusCode};

/// Records one answered request in `gatewright_http_requests_total{method,route,status}` and
/// `gatewright_http_request_duration_seconds{route}`.
pub(super) fn record(method: &'static str, route: &str, status: StatusCode, latency: Duration) {
    metrics::counter!(
        "gatewright_http_requests_total",
        "method" => method,
        "route" => route.to_owned(),
        "status" => status.as_str().to_owned(),
    )
    .increment(1);
    metrics::histogram!("gatewright_http_request_duration_seconds", "route" => route.to_owned())
        .record(latency);
}

/// The method as a label; clients may invent methods, which are all `OTHER`.
pub(super) fn method_label(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN
        .into_iter()
        .find(|known| method.as_str() == *known)
        .unwrap_or("OTHER")
}
