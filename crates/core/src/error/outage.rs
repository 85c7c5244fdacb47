//! What the log says while a database is away or a disk is full: the same for every request, so it
//! is said once in a while.

use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How often the log repeats itself.
const EVERY: Duration = Duration::from_secs(10);

static SAID: Mutex<Option<(&'static str, Instant)>> = Mutex::new(None);

/// Counts in `gatewright_unavailable_total{reason}`, and logs.
pub(crate) fn note(reason: &'static str, error: &(dyn Error + 'static)) {
    metrics::counter!("gatewright_database_unavailable_total", "reason" => reason).increment(1);
    if is_news(reason, Instant::now()) {
        tracing::warn!(error, "{reason}");
    } else {
        tracing::debug!(error, "{reason}");
    }
}

fn is_news(reason: &'static str, now: Instant) -> bool {
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    let known = said.is_some_and(|(last, at)| last == reason && now - at < EVERY);
    if !known {
        *said = Some((reason, now));
    }
    !known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_once_in_a_while() {
        let now = Instant::now();
        assert!(is_news("a test", now));
        assert!(!is_news("a test", now + EVERY / 2));
        assert!(is_news("a test", now + EVERY));
        assert!(is_news("another test", now + EVERY));
    }
}
