//! The bytes of what waits to be committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A ceiling and what is held below it.
pub(super) struct Held {
    limit: usize,
    bytes: Arc<AtomicUsize>,
}

/// Bytes that are held until it is dropped.
pub(super) struct Share {
    all: Arc<AtomicUsize>,
    bytes: usize,
}

impl Held {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            bytes: Arc::default(),
        }
    }

    /// Holds so many bytes more, unless that is too much. What alone is larger than the ceiling
    /// still passes when nothing else waits: it would never otherwise.
    pub(super) fn take(&self, bytes: usize) -> Option<Share> {
        let fits = |held: usize| {
            let more = held.saturating_add(bytes);
            (more <= self.limit || held == 0).then_some(more)
        };
        self.bytes.fetch_update(Relaxed, Relaxed, fits).ok()?;
        Some(Share {
            all: Arc::clone(&self.bytes),
            bytes,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_free_again_when_their_draft_is_gone() {
        let held = Held::new(10);
        let first = held.take(8);
        assert!(first.is_some() && held.take(3).is_none());
        let second = held.take(2);
        assert!(second.is_some());
        drop(first);
        assert!(held.take(8).is_some());
        drop(second);
        assert!(held.take(11).is_some(), "alone");
    }
}
