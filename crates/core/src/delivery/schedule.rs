//! When to try again.

use std::time::Duration;

use crate::config::DeliveryConfig;
use crate::random::Randomness;

/// The pause after `attempts` failed attempts, or none when that was the last.
///
/// The receiver's wish counts when it is longer than the schedule's pause, up to the longest pause
/// of the schedule. Only the schedule's own pause is stretched at random.
pub(super) fn pause_after(
    config: &DeliveryConfig,
    random: &dyn Randomness,
    attempts: u32,
    wish: Option<Duration>,
) -> Option<Duration> {
    let index = usize::try_from(attempts).unwrap_or(usize::MAX);
    let pause = *config.schedule.get(index)?;
    let pause = pause.mul_f64(1.0 + config.jitter.max(0.0) * fraction(random));
    let wish = wish.unwrap_or_default().min(longest(config));
    Some(pause.max(wish))
}

/// The longest pause of the schedule.
pub(super) fn longest(config: &DeliveryConfig) -> Duration {
    config.schedule.iter().copied().max().unwrap_or_default()
}

/// A random number of 0 to 1.
fn fraction(random: &dyn Randomness) -> f64 {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);

    impl Randomness for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn pause(attempts: u32, wish: Option<u64>, byte: u8) -> Option<u64> {
        let wish = wish.map(Duration::from_secs);
        pause_after(&DeliveryConfig::default(), &Fixed(byte), attempts, wish).map(|p| p.as_secs())
    }

    #[test]
    fn the_schedule_is_that_of_standard_webhooks() {
        let pauses: Vec<_> = (1..=10).map(|attempts| pause(attempts, None, 0)).collect();
        let hours = |n: u64| Some(n * 3600);
        let expected = [Some(5), Some(300), Some(1800)];
        assert_eq!(pauses[..3], expected);
        assert_eq!(
            pauses[3..],
            [
                hours(2),
                hours(5),
                hours(10),
                hours(14),
                hours(20),
                hours(24),
                None
            ]
        );
    }

    #[test]
    fn chance_stretches_a_pause_by_a_tenth_at_most() {
        assert_eq!(pause(2, None, 255), Some(330));
    }

    #[test]
    fn a_longer_wish_of_the_receiver_counts_up_to_the_longest_pause() {
        assert_eq!(pause(1, Some(60), 0), Some(60));
        assert_eq!(pause(2, Some(60), 0), Some(300));
        assert_eq!(pause(1, Some(10_000_000), 0), Some(24 * 3600));
        assert_eq!(pause(10, Some(60), 0), None, "a wish adds no attempt");
    }
}
