//! Durations: `"250ms"`, `"15s"`, `"5m"`, `"2h"`, `"1d"`, or a number of seconds.

use std::fmt;
use std::time::Duration;

use serde::{Deserializer, Serializer, de};

/// What would be right, for error texts.
const EXPECTED: &str = "a duration like \"15s\", \"5m\" or \"2h\", or a number of seconds";

/// Milliseconds per unit, largest first.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Reads `"15s"` or `"15"` (seconds).
///
/// # Errors
/// A sentence that repeats the text and says what would be right.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let trimmed = text.trim();
    let split = trimmed
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(split);
    let unit = match unit.trim() {
        "" => "s",
        unit => unit,
    };
    let factor = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, factor)| *factor);
    let milliseconds = number.parse::<u64>().ok().zip(factor);
    milliseconds
        .and_then(|(number, factor)| number.checked_mul(factor))
        .map(Duration::from_millis)
        .ok_or_else(|| format!("`{text}` is not {EXPECTED}"))
}

/// Writes what [`parse`] reads, in the largest unit that needs no fraction. What is shorter than a
/// millisecond is cut off.
pub(crate) fn show(duration: Duration) -> String {
    let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if milliseconds == 0 {
        return "0s".to_owned();
    }
    let unit = UNITS
        .iter()
        .find(|(_, factor)| milliseconds.is_multiple_of(*factor));
    let (name, factor) = unit.copied().unwrap_or(("ms", 1));
    format!("{}{name}", milliseconds / factor)
}

pub(in crate::config) fn serialize<S: Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&show(*duration))
}

pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(DurationVisitor)
}

pub(super) struct DurationVisitor;

impl de::Visitor<'_> for DurationVisitor {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Duration, E> {
        Ok(Duration::from_secs(seconds))
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Duration, E> {
        let seconds = u64::try_from(seconds);
        seconds
            .map(Duration::from_secs)
            .map_err(|_| E::custom("must not be negative"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        let cases = [
            ("250ms", 250),
            ("15s", 15_000),
            ("5m", 300_000),
            ("2h", 7_200_000),
            ("1d", 86_400_000),
            ("15", 15_000),
            (" 15 s ", 15_000),
            ("0", 0),
        ];
        for (text, milliseconds) in cases {
            assert_eq!(
                parse(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_would_be_right() {
        for text in [
            "",
            "s",
            "-1s",
            "1.5h",
            "5 minutes",
            "1h30m",
            "99999999999999999999d",
        ] {
            let error = parse(text).unwrap_err();
            assert!(
                error.contains(&format!("`{text}`")) && error.contains("\"15s\""),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for (milliseconds, text) in [
            (0, "0s"),
            (1, "1ms"),
            (1_500, "1500ms"),
            (90_000, "90s"),
            (7_200_000, "2h"),
        ] {
            let duration = Duration::from_millis(milliseconds);
            assert_eq!(show(duration), text);
            assert_eq!(parse(text), Ok(duration));
        }
    }
}
