//! What is cleaned from time to time, beside what the delivery engine keeps in order itself.

use std::time::Duration;

use gatewright_core::attachment::Attachments;
use tokio_util::sync::CancellationToken;

/// How often files that nobody took are looked for. They are a day old by then, at least.
const EVERY: Duration = Duration::from_hours(1);

/// Removes files that no message took, until the gateway is gone.
pub(crate) async fn attachments(attachments: Attachments, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        match attachments.sweep().await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "files that no message took were removed"),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "could not remove files that no message took"
            ),
        }
    }
}
