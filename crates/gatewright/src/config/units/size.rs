//! Sizes: `"64KiB"`, `"10MiB"`, `"1GiB"`, `"10MB"`, or a number of bytes.

use std::fmt;

use serde::{Deserializer, Serializer, de};

/// What would be right, for error texts.
const EXPECTED: &str = "a size like \"64KiB\" or \"10MiB\", or a number of bytes";

/// Bytes per unit.
const UNITS: [(&str, usize); 7] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("B", 1),
];

/// How many of the units are powers of two; sizes are shown in these.
const BINARY: usize = 3;

/// Reads `"10MiB"` or `"10485760"`; the case of the unit does not matter.
///
/// # Errors
/// A sentence that repeats the text and says what would be right.
pub(crate) fn parse(text: &str) -> Result<usize, String> {
    let trimmed = text.trim();
    let split = trimmed
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(split);
    let unit = match unit.trim() {
        "" => "B",
        unit => unit,
    };
    let factor = UNITS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit));
    let pair = number.parse::<usize>().ok().zip(factor);
    pair.and_then(|(number, (_, factor))| number.checked_mul(*factor))
        .ok_or_else(|| format!("`{text}` is not {EXPECTED}"))
}

/// Writes what [`parse`] reads, in the largest binary unit that needs no fraction.
pub(crate) fn show(bytes: usize) -> String {
    let fits = |factor: usize| bytes != 0 && bytes.is_multiple_of(factor);
    let unit = UNITS[..BINARY].iter().find(|(_, factor)| fits(*factor));
    let (name, factor) = unit.copied().unwrap_or(("B", 1));
    format!("{}{name}", bytes / factor)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(in crate::config) fn serialize<S: Serializer>(
    bytes: &usize,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&show(*bytes))
}

pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<usize, D::Error> {
    deserializer.deserialize_any(SizeVisitor)
}

struct SizeVisitor;

impl de::Visitor<'_> for SizeVisitor {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<usize, E> {
        parse(text).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<usize, E> {
        usize::try_from(bytes).map_err(|_| E::custom("is too large"))
    }

    fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<usize, E> {
        usize::try_from(bytes).map_err(|_| E::custom("must not be negative"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read_and_binary_ones_are_shown() {
        let cases = [
            ("512", 512),
            ("512B", 512),
            ("64KiB", 65_536),
            ("10 mib", 10_485_760),
            ("1MB", 1_000_000),
        ];
        for (text, bytes) in cases {
            assert_eq!(parse(text), Ok(bytes), "{text}");
            assert_eq!(parse(&show(bytes)), Ok(bytes), "{text}");
        }
        assert_eq!(show(10_485_760), "10MiB");
        assert_eq!(show(0), "0B");
    }

    #[test]
    fn anything_else_is_refused_with_what_would_be_right() {
        for text in [
            "",
            "MiB",
            "-1",
            "1.5MiB",
            "10 megabytes",
            "99999999999999999999GiB",
        ] {
            let error = parse(text).unwrap_err();
            assert!(
                error.contains(&format!("`{text}`")) && error.contains("\"10MiB\""),
                "{error}"
            );
        }
    }
}
