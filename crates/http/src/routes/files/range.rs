//! Which part of a file is asked for (RFC 9110, section 14).

use std::ops::Range;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// All of it.
    Whole,
    /// This part.
    Part(Range<u64>),
    /// A part that is not there.
    Beyond,
}

/// Reads a `Range` header. Several ranges at once, other units and what is malformed are ignored,
/// as they may be: the whole is answered.
pub(super) fn wish(header: Option<&str>, size: u64) -> Wish {
    header
        .and_then(|text| text.trim().strip_prefix("bytes="))
        .and_then(|text| text.split_once('-'))
        .and_then(|(first, last)| part(first.trim(), last.trim(), size))
        .unwrap_or(Wish::Whole)
}

fn part(first: &str, last: &str, size: u64) -> Option<Wish> {
    let number = |text: &str| -> Option<u64> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // Beyond every size is beyond this one.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let range = match (first, last) {
        ("", last) => size.saturating_sub(number(last)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    let there = range.start < range.end;
    Some(if there {
        Wish::Part(range)
    } else {
        Wish::Beyond
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_read_and_the_rest_ignored() {
        let cases = [
            (None, 10, Wish::Whole),
            (Some("bytes=0-3"), 10, Wish::Part(0..4)),
            (Some("bytes=4-"), 10, Wish::Part(4..10)),
            (Some("bytes=-3"), 10, Wish::Part(7..10)),
            (Some("bytes=-30"), 10, Wish::Part(0..10)),
            (
                Some("bytes=0-99999999999999999999999"),
                10,
                Wish::Part(0..10),
            ),
            (Some("bytes=10-"), 10, Wish::Beyond),
            (Some("bytes=10-12"), 10, Wish::Beyond),
            (Some("bytes=-0"), 10, Wish::Beyond),
            (Some("bytes=0-"), 0, Wish::Beyond),
            (Some("bytes=3-1"), 10, Wish::Whole),
            (Some("bytes=0-1,3-4"), 10, Wish::Whole),
            (Some("bytes=a-b"), 10, Wish::Whole),
            (Some("bytes=-"), 10, Wish::Whole),
            (Some("lines=0-1"), 10, Wish::Whole),
        ];
        for (header, size, expected) in cases {
            assert_eq!(wish(header, size), expected, "{header:?}");
        }
    }
}
