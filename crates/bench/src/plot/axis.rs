//! A logarithmic axis.

/// From a power of ten to a power of ten.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// The narrowest that holds all values; `None` without one above 0.
    pub(super) fn over(values: impl Iterator<Item = f64>) -> Option<Self> {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| *value > 0.0) {
            low = low.min(value.log10().floor());
            high = high.max(value.log10().ceil());
        }
        (low <= high).then(|| Self {
            low,
            high: high.max(low + 1.0),
        })
    }

    /// Where a value stands, from 0 to 1.
    pub(super) fn place(&self, value: f64) -> f64 {
        let exponent = value.max(f64::MIN_POSITIVE).log10();
        ((exponent - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The powers of ten on it.
    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> + use<> {
        let (low, high) = (self.low, self.high);
        let exponents = std::iter::successors(Some(low), |exponent| Some(exponent + 1.0));
        exponents
            .take_while(move |exponent| *exponent <= high)
            .map(|exponent| 10_f64.powf(exponent))
    }
}

/// A power of ten as people write it.
pub(super) fn label(tick: f64) -> String {
    match tick {
        tick if tick >= 1_000_000.0 => format!("{:.0} M", tick / 1_000_000.0),
        tick if tick >= 1_000.0 => format!("{:.0},000", tick / 1_000.0),
        tick if tick >= 1.0 => format!("{tick:.0}"),
        tick => format!("{tick}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_reaches_from_power_to_power() {
        let axis = Axis::over([30.0, 2_000.0].into_iter()).unwrap();
        let ticks: Vec<String> = axis.ticks().map(label).collect();
        assert_eq!(ticks, ["10", "100", "1,000", "10,000"]);
        assert!((axis.place(10.0)).abs() < 1e-9 && (axis.place(10_000.0) - 1.0).abs() < 1e-9);
        assert_eq!(Axis::over([0.0].into_iter()), None);
    }
}
