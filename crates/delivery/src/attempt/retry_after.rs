//! The header `Retry-After` (RFC 9110, section 10.2.3).

use std::time::Duration;

use gatewright_core::time::Timestamp;
use http::{HeaderMap, header};
use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// How long to wait: a number of seconds, or the time until a date. None for anything else.
pub(super) fn wish(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = PrimitiveDateTime::parse(text, FORMAT).ok()?.assume_utc();
    Some(Timestamp::from_unix(date.unix_timestamp()).since(now))
}

const FORMAT: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_understood_and_nonsense_is_not() {
        let now = Timestamp::from_unix(784_111_777 - 90);
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, http::HeaderValue::from_static(text));
            wish(&headers, now).map(|wish| wish.as_secs())
        };
        assert_eq!(read("120"), Some(120));
        assert_eq!(read(" 0 "), Some(0));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(90));
        assert_eq!(
            read("Sun, 06 Nov 1994 08:00:00 GMT"),
            Some(0),
            "a past date is now"
        );
        assert_eq!(read("-5"), None);
        assert_eq!(read("soon"), None);
        assert_eq!(wish(&HeaderMap::new(), now), None);
    }
}
