use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use gatewright_core::{Clock, Randomness, Timestamp};

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct TestClock {
    steady: AtomicI64,
    /// How far the time of day is ahead of it.
    ahead: AtomicI64,
}

impl TestClock {
    /// Moves time on.
    pub fn advance(&self, by: Duration) {
        self.steady.fetch_add(micros(by), Ordering::SeqCst);
    }

    /// Sets the time of day forward; no time passes.
    pub fn jump(&self, by: Duration) {
        self.ahead.fetch_add(micros(by), Ordering::SeqCst);
    }
}

fn micros(by: Duration) -> i64 {
    i64::try_from(by.as_micros()).expect("a duration of a test")
}

impl Default for TestClock {
    fn default() -> Self {
        Self {
            // 2026-01-20T09:15:02.113Z
            steady: AtomicI64::new(1_768_900_502_113_000),
            ahead: AtomicI64::new(0),
        }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.steady().0 + self.ahead.load(Ordering::SeqCst))
    }

    fn steady(&self) -> Timestamp {
        Timestamp(self.steady.load(Ordering::SeqCst))
    }
}

/// Repeatable, never repeating bytes (the generator `SplitMix64`).
#[derive(Debug, Default)]
pub struct TestRandomness(AtomicU64);

impl Randomness for TestRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let step = 0x9E37_79B9_7F4A_7C15;
            let mut z = self.0.fetch_add(step, Ordering::SeqCst).wrapping_add(step);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}
