//! Figures of deliveries. Label sets are bounded: kinds of receivers and outcomes.

use std::time::Duration;

use gatewright_core::receiver::ReceiverKind;
use gatewright_core::time::Timestamp;

/// Counts an attempt's end.
pub(crate) fn settled(kind: Option<ReceiverKind>, outcome: &'static str) {
    let kind = kind.map_or("unknown", ReceiverKind::as_str);
    metrics::counter!("gatewright_deliveries_total", "kind" => kind, "outcome" => outcome)
        .increment(1);
}

/// Counts what was sent once and kept nowhere: `sent`, `failed`, or `dropped` before it was tried.
pub(crate) fn ephemeral(outcome: &'static str) {
    metrics::counter!("gatewright_ephemeral_total", "outcome" => outcome).increment(1);
}

/// Notes how long an event took to reach a receiver.
pub(crate) fn lag(lag: Duration) {
    metrics::histogram!("gatewright_delivery_lag_seconds").record(lag.as_secs_f64());
}

/// Shows how long the oldest due delivery has been waiting.
pub(crate) fn oldest_queued(now: Timestamp, oldest_due_at: Option<Timestamp>) {
    let age = oldest_due_at.map_or(Duration::ZERO, |due_at| now.since(due_at));
    metrics::gauge!("gatewright_delivery_oldest_queued_seconds").set(age.as_secs_f64());
}

/// An attempt that runs; dropping it ends it.
pub(crate) struct InFlight;

impl InFlight {
    pub(crate) fn new() -> Self {
        metrics::gauge!("gatewright_deliveries_in_flight").increment(1.0);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!("gatewright_deliveries_in_flight").decrement(1.0);
    }
}
