//! Reading HTTP answers: what every channel that speaks HTTP needs, without an HTTP library.

/// The wait that a `Retry-After` header asks for, in milliseconds from `now_ms` (milliseconds
/// since 1970 UTC). Takes seconds and the IMF-fixdate form (RFC 9110, sections 10.2.3 and 5.6.7);
/// a date in the past is 0, anything else `None`.
pub fn retry_after_ms(headers: &[(String, String)], now_ms: u64) -> Option<u64> {
    let (_, value) = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
    let value = value.trim();
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.parse::<u64>().ok()?.checked_mul(1000);
    }
    Some(date_ms(value)?.saturating_sub(now_ms))
}

/// A status as people read it, for example `500 Internal Server Error` (contract, section 7.1).
pub fn status_text(status: u16) -> String {
    match reason_phrase(status) {
        Some(phrase) => format!("{status} {phrase}"),
        None => format!("HTTP status code {status}"),
    }
}

/// Milliseconds since 1970 UTC of an IMF-fixdate, for example `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date_ms(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once(", ")?;
    let parts: Vec<&str> = rest.split(' ').collect();
    let [day, month, year, clock, "GMT"] = parts[..] else {
        return None;
    };
    let days = days_since_1970(digits(year, 4)?, month_number(month)?, digits(day, 2)?)?;
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts[..] else {
        return None;
    };
    let (hours, minutes, seconds) = (digits(hours, 2)?, digits(minutes, 2)?, digits(seconds, 2)?);
    // 60 is a leap second.
    if hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    Some((days * 86_400 + hours * 3600 + minutes * 60 + seconds) * 1000)
}

fn digits(text: &str, len: usize) -> Option<u64> {
    let plain = text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn month_number(name: &str) -> Option<u64> {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    (1..)
        .zip(NAMES)
        .find(|(_, known)| *known == name)
        .map(|(number, _)| number)
}

/// Days of the Gregorian calendar from 1970-01-01; `None` before it and for days that are not.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let length = |month: u64| match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if year < 1970 || day == 0 || day > length(month) {
        return None;
    }
    let before = year - 1;
    let leap_days = before / 4 - before / 100 + before / 400 - 477;
    let months: u64 = (1..month).map(length).sum();
    Some((year - 1970) * 365 + leap_days + months + day - 1)
}

fn reason_phrase(status: u16) -> Option<&'static str> {
    Some(match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Payload Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        422 => "Unprocessable Entity",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        507 => "Insufficient Storage",
        511 => "Network Authentication Required",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{date_ms, retry_after_ms, status_text};

    fn after(value: &str, now_ms: u64) -> Option<u64> {
        retry_after_ms(&[("Retry-After".to_owned(), value.to_owned())], now_ms)
    }

    #[test]
    fn retry_after_takes_seconds_and_dates() {
        assert_eq!(after("30", 0), Some(30_000));
        assert_eq!(
            after("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_770_000),
            Some(7000)
        );
        assert_eq!(
            after("Sun, 06 Nov 1994 08:49:37 GMT", 999_999_999_000),
            Some(0)
        );
    }

    #[test]
    fn retry_after_ignores_what_it_does_not_know() {
        for value in [
            "",
            "-1",
            "1.5",
            "soon",
            "18446744073709551615",
            "Sun, 31 Feb 2027 00:00:00 GMT",
        ] {
            assert_eq!(after(value, 0), None, "{value}");
        }
        assert_eq!(retry_after_ms(&[], 0), None);
    }

    #[test]
    fn dates_count_leap_years() {
        assert_eq!(date_ms("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(
            date_ms("Tue, 29 Feb 2000 12:00:00 GMT"),
            Some(951_825_600_000)
        );
        assert_eq!(
            date_ms("Thu, 01 Jan 2026 00:00:00 GMT"),
            Some(1_767_225_600_000)
        );
        assert_eq!(
            date_ms("Mon, 01 Mar 2100 00:00:00 GMT"),
            Some(4_107_542_400_000)
        );
        assert_eq!(date_ms("Mon, 29 Feb 2100 00:00:00 GMT"), None);
    }

    #[test]
    fn statuses_read_like_the_contract() {
        assert_eq!(status_text(500), "500 Internal Server Error");
        assert_eq!(status_text(404), "404 Not Found");
        assert_eq!(status_text(599), "HTTP status code 599");
    }
}
