//! Latencies, each of them kept: runs are short enough for exact percentiles.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Latencies in microseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<u32>);

impl Samples {
    /// Adds one; what is longer than an hour counts as 71 minutes.
    pub(crate) fn add(&mut self, latency: Duration) {
        self.add_us(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
    }

    /// Adds one in microseconds.
    pub(crate) fn add_us(&mut self, latency: u64) {
        self.0.push(u32::try_from(latency).unwrap_or(u32::MAX));
    }

    /// Adds all of another.
    pub(crate) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The percentiles that are shown; `None` of nothing.
    pub(crate) fn quantiles(&mut self) -> Option<Quantiles> {
        self.0.sort_unstable();
        let last = self.0.len().checked_sub(1)?;
        let at = |per_mille: usize| f64::from(self.0[last * per_mille / 1000]) / 1000.0;
        Some(Quantiles {
            p50_ms: at(500),
            p99_ms: at(990),
            p999_ms: at(999),
            max_ms: at(1000),
        })
    }
}

/// What is told of latencies.
#[expect(clippy::struct_field_names, reason = "units stand in names")]
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Quantiles {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p999_ms: f64,
    pub(crate) max_ms: f64,
}

/// The middle one of some figures; the mean of the middle two of an even number.
pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    let last = figures.len().checked_sub(1)?;
    Some(f64::midpoint(figures[last / 2], figures[last.div_ceil(2)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_sorted_samples() {
        let mut samples = Samples::default();
        for us in (1..=1001_u64).rev() {
            samples.add_us(us * 1000);
        }
        let quantiles = samples.quantiles().unwrap();
        assert_eq!(
            quantiles,
            Quantiles {
                p50_ms: 501.0,
                p99_ms: 991.0,
                p999_ms: 1000.0,
                max_ms: 1001.0
            }
        );
        assert_eq!(Samples::default().quantiles(), None);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median([]), None);
    }
}
