//! When an inbox is open, in its own time zone.

use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;

use crate::model::{InboxPreferences, WorkingHour};
use crate::time::Timestamp;

/// Whether the text is a time zone's name of the IANA database, for example `Europe/Berlin`.
pub(super) fn is_timezone(text: &str) -> bool {
    text.parse::<Tz>().is_ok()
}

/// Whether working hours count and `now` is outside of them.
pub(crate) fn is_closed(preferences: &InboxPreferences, now: Timestamp) -> bool {
    let Some(local) = local(preferences, now) else {
        return false;
    };
    let day = local.weekday().num_days_from_sunday();
    let hours = &preferences.working_hours;
    let today = hours.iter().find(|hour| u32::from(hour.day_of_week) == day);
    preferences.working_hours_enabled
        && today.is_some_and(|today| !is_open(today, local.hour() * 60 + local.minute()))
}

/// Whether two times fall on one day where the inbox is.
pub(crate) fn same_day(preferences: &InboxPreferences, one: Timestamp, other: Timestamp) -> bool {
    let day = |at| local(preferences, at).map(|local| local.date_naive());
    day(one).is_some() && day(one) == day(other)
}

fn local(preferences: &InboxPreferences, at: Timestamp) -> Option<DateTime<Tz>> {
    let zone: Tz = preferences.timezone.parse().unwrap_or(Tz::UTC);
    Some(DateTime::from_timestamp_micros(at.0)?.with_timezone(&zone))
}

fn is_open(day: &WorkingHour, minute: u32) -> bool {
    let at = |hour: Option<u8>, minutes: Option<u8>| {
        u32::from(hour.unwrap_or(0)) * 60 + u32::from(minutes.unwrap_or(0))
    };
    let opens = at(day.open_hour, day.open_minutes);
    let closes = at(day.close_hour, day.close_minutes);
    !day.closed_all_day && (day.open_all_day || (opens..closes).contains(&minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Berlin, Monday to Friday from 9 to 17.
    fn berlin() -> InboxPreferences {
        InboxPreferences {
            working_hours_enabled: true,
            timezone: "Europe/Berlin".to_owned(),
            ..InboxPreferences::default()
        }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_iso(text).unwrap()
    }

    #[test]
    fn hours_are_those_of_the_inboxs_place() {
        let cases = [
            ("2026-01-20T07:59:59Z", true),
            ("2026-01-20T08:00:00Z", false),
            ("2026-01-20T15:59:59Z", false),
            ("2026-01-20T16:00:00Z", true),
            ("2026-07-20T07:00:00Z", false),
            ("2026-07-20T15:00:00Z", true),
            ("2026-01-24T10:00:00Z", true),
        ];
        for (time, closed) in cases {
            assert_eq!(is_closed(&berlin(), at(time)), closed, "{time}");
        }
    }

    #[test]
    fn hours_count_only_where_they_are_switched_on() {
        let off = InboxPreferences {
            working_hours_enabled: false,
            ..berlin()
        };
        assert!(!is_closed(&off, at("2026-01-24T10:00:00Z")));
        let mut always = berlin();
        always.working_hours[6].closed_all_day = false;
        always.working_hours[6].open_all_day = true;
        assert!(!is_closed(&always, at("2026-01-24T10:00:00Z")));
    }

    #[test]
    fn a_day_begins_at_the_inboxs_midnight() {
        let (late, early) = (at("2026-01-20T22:59:59Z"), at("2026-01-20T23:00:00Z"));
        assert!(!same_day(&berlin(), late, early));
        assert!(same_day(&berlin(), early, at("2026-01-21T22:00:00Z")));
    }
}
