//! Chance from a seed.

use std::sync::atomic::{AtomicU64, Ordering};

/// A row of numbers that a seed decides. Who throws first is up to the scheduler, so a seed repeats
/// the faults and their order, not the very instant of each.
pub(crate) struct Dice {
    seed: u64,
    throws: AtomicU64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            throws: AtomicU64::new(0),
        }
    }

    /// A number from `from` up to, and without, `to`.
    pub(crate) fn within(&self, from: u64, to: u64) -> u64 {
        let throw = self.throws.fetch_add(1, Ordering::SeqCst);
        from + mix(self.seed ^ throw.wrapping_mul(7919)) % (to - from)
    }
}

/// The generator `SplitMix64`.
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
