//! Time: one type, one clock, and the four forms that the wire knows (contract, section 1.8).

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// Microseconds since 1970 UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Whole seconds since 1970.
    pub fn unix(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Milliseconds since 1970.
    pub fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// From whole seconds since 1970; saturates.
    pub fn from_unix(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    pub fn iso(self) -> String {
        const FORMAT: &[BorrowedFormatItem<'_>] = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        self.date_time().format(FORMAT).unwrap_or_default()
    }

    /// The day in UTC: `YYYY-MM-DD`.
    pub fn day(self) -> String {
        const FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
        self.date_time().format(FORMAT).unwrap_or_default()
    }

    /// Seconds with their fraction as a JSON number.
    pub fn float(self) -> Value {
        // Exact to the microsecond: 2^53 µs is the year 2255.
        #[expect(clippy::cast_precision_loss, reason = "below 2^53 until the year 2255")]
        let seconds = self.0 as f64 / 1e6;
        Number::from_f64(seconds).map_or(Value::Null, Value::Number)
    }

    /// Reads RFC 3339, as clients send `snoozed_until`.
    pub fn parse_iso(text: &str) -> Option<Self> {
        let parsed =
            OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
        i64::try_from(parsed.unix_timestamp_nanos() / 1_000)
            .ok()
            .map(Self)
    }

    /// `self` plus a duration; saturates.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)),
        )
    }

    /// `self` minus a duration; saturates.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)),
        )
    }

    /// Time from `earlier` to `self`; zero when it is the other way round.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    fn date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The date and time in UTC.
    pub fn to_utc(self) -> OffsetDateTime {
        self.date_time()
    }
}

/// Whole seconds, 0 for never: how conversations show unset times.
pub fn unix0(time: Option<Timestamp>) -> i64 {
    time.map_or(0, Timestamp::unix)
}

/// ISO text, or null for never.
pub fn iso_or_null(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |time| Value::String(time.iso()))
}

/// Where time comes from. Tests bring their own.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Now, for leases and for what is due: it goes on evenly when the time of day jumps.
    fn steady(&self) -> Timestamp {
        self.now()
    }

    /// Makes [`Clock::steady`] that of a database which several nodes share, whose own times of day
    /// may differ.
    fn agree(&self, _: Timestamp) {}
}

/// The system's clock.
#[derive(Debug)]
pub struct SystemClock {
    /// By the monotonic clock.
    begun: Instant,
    /// The steady time when it began, in microseconds since 1970.
    at: AtomicI64,
}

impl Default for SystemClock {
    /// A clock that is steady from the present time of day on.
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            at: AtomicI64::new(time_of_day().0),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        time_of_day()
    }

    fn steady(&self) -> Timestamp {
        Timestamp(self.at.load(Ordering::Relaxed)).plus(self.begun.elapsed())
    }

    fn agree(&self, database: Timestamp) {
        let at = database.minus(self.begun.elapsed());
        self.at.store(at.0, Ordering::Relaxed);
    }
}

fn time_of_day() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    let now = std::time::SystemTime::now();
    let since = now
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steady_clock_is_the_databases_once_they_agree_and_goes_on() {
        let clock = SystemClock::default();
        assert!(clock.now().since(clock.steady()) < Duration::from_mins(1));
        let hour_ahead = clock.now().plus(Duration::from_hours(1));
        clock.agree(hour_ahead);
        let first = clock.steady();
        assert!(first >= hour_ahead && first.since(hour_ahead) < Duration::from_mins(1));
        assert!(clock.steady() >= first);
    }

    #[test]
    fn the_four_wire_forms() {
        let time = Timestamp(1_754_561_394_726_519);
        assert_eq!(time.unix(), 1_754_561_394);
        assert_eq!(time.iso(), "2025-08-07T10:09:54.726Z");
        assert_eq!(time.float().to_string(), "1754561394.726519");
        assert_eq!(unix0(None), 0);
        assert_eq!(
            Timestamp::parse_iso("2025-08-07T10:09:54.726519Z"),
            Some(time)
        );
    }
}
