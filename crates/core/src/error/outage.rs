//! What the log says while a database is away or a disk is full: the same for every request, so it
//! is said once in a while.

use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How often the log repeats itself.
const EVERY: Duration = Duration::from_secs(10);

static SAID: Said = Said(Mutex::new(None));

/// Counts in `gatewright_database_unavailable_total{reason}`, and logs.
pub(crate) fn note(reason: &'static str, error: &(dyn Error + 'static)) {
    metrics::counter!("gatewright_database_unavailable_total", "reason" => reason).increment(1);
    if SAID.is_news(reason, Instant::now()) {
        tracing::warn!(error, "{reason}");
    } else {
        tracing::debug!(error, "{reason}");
    }
}

/// What was said last, and when.
struct Said(Mutex<Option<(&'static str, Instant)>>);

impl Said {
    fn is_news(&self, reason: &'static str, now: Instant) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = said.is_some_and(|(last, at)| last == reason && now - at < EVERY);
        if !known {
            *said = Some((reason, now));
        }
        !known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_once_in_a_while() {
        let (said, now) = (Said(Mutex::new(None)), Instant::now());
        assert!(said.is_news("a disk", now));
        assert!(!said.is_news("a disk", now + EVERY / 2));
        assert!(said.is_news("a disk", now + EVERY));
        assert!(said.is_news("a database", now + EVERY));
        assert!(!said.is_news("a database", now + EVERY));
    }
}
