use serde_json::{Map, Value, json};

use super::hours;
use crate::attributes::Attributes;
use crate::error::Result;
use crate::model::{InboxPreferences, WorkingHour};
use crate::validate::Violations;

/// What a request says of an inbox. Absent (`None`) leaves the value as it is, or takes the
/// default in a new inbox; `Some(None)` clears it. The text `null` counts as null (contract,
/// section 1.4).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InboxChange {
    /// Its name, 1 to 255 characters; required in a new inbox.
    pub name: Option<String>,
    /// The channel's settings, and in a new inbox `type`, the channel's id.
    pub channel: Option<Map<String, Value>>,
    /// Whether a contact has only one conversation at a time.
    pub lock_to_single_conversation: Option<bool>,
    /// General settings.
    pub preferences: PreferencesChange,
}

/// General settings that a request names; see [`InboxPreferences`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PreferencesChange {
    /// Whether the first message is greeted.
    pub greeting_enabled: Option<bool>,
    /// The greeting, at most 10000 characters.
    pub greeting_message: Option<Option<String>>,
    /// Whether to ask for an address.
    pub enable_email_collect: Option<bool>,
    /// Whether to ask for satisfaction.
    pub csat_survey_enabled: Option<bool>,
    /// How to ask for satisfaction.
    pub csat_config: Option<Map<String, Value>>,
    /// Whether new conversations are assigned by themselves.
    pub enable_auto_assignment: Option<bool>,
    /// Whether working hours count.
    pub working_hours_enabled: Option<bool>,
    /// Answer outside of working hours, at most 10000 characters.
    pub out_of_office_message: Option<Option<String>>,
    /// IANA name.
    pub timezone: Option<String>,
    /// Hint for clients.
    pub allow_messages_after_resolved: Option<bool>,
    /// `friendly` or `professional`.
    pub sender_name_type: Option<String>,
    /// Name of the business.
    pub business_name: Option<Option<String>>,
    /// Help center, by its id.
    pub portal_id: Option<Option<i64>>,
    /// Hours of the days it names; other days stay.
    pub working_hours: Option<Vec<WorkingHour>>,
}

impl InboxChange {
    /// The name after the change.
    pub(super) fn name(&self, before: &str) -> String {
        match &self.name {
            None => before.to_owned(),
            Some(name) => text(Some(name.trim().to_owned())).unwrap_or_default(),
        }
    }

    /// The general settings after the change.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] names everything that breaks a rule, the name included.
    pub(super) fn preferences(
        &self,
        name: &str,
        before: &InboxPreferences,
        is_new: bool,
    ) -> Result<InboxPreferences> {
        let after = self.preferences.apply(before, is_new);
        let mut violations = Violations::default();
        violations.required("name", name);
        violations.max_chars("name", name, 255);
        check(&mut violations, &after);
        violations.check()?;
        Ok(after)
    }
}

impl PreferencesChange {
    fn apply(&self, before: &InboxPreferences, is_new: bool) -> InboxPreferences {
        let nullable = |change: &Option<Option<String>>, before: &Option<String>| match change {
            Some(value) => text(value.clone()),
            None => before.clone(),
        };
        let required = |change: &Option<String>, before: &String| {
            text(change.clone()).unwrap_or_else(|| before.clone())
        };
        InboxPreferences {
            greeting_enabled: self.greeting_enabled.unwrap_or(before.greeting_enabled),
            greeting_message: nullable(&self.greeting_message, &before.greeting_message),
            enable_email_collect: self
                .enable_email_collect
                .unwrap_or(before.enable_email_collect),
            csat_survey_enabled: self
                .csat_survey_enabled
                .unwrap_or(before.csat_survey_enabled),
            csat_config: match &self.csat_config {
                Some(config) if is_new => Attributes::from(config.clone()),
                Some(config) => full_csat_config(config),
                None => before.csat_config.clone(),
            },
            enable_auto_assignment: self
                .enable_auto_assignment
                .unwrap_or(before.enable_auto_assignment),
            auto_assignment_config: before.auto_assignment_config.clone(),
            working_hours_enabled: self
                .working_hours_enabled
                .unwrap_or(before.working_hours_enabled),
            out_of_office_message: nullable(
                &self.out_of_office_message,
                &before.out_of_office_message,
            ),
            timezone: required(&self.timezone, &before.timezone),
            allow_messages_after_resolved: self
                .allow_messages_after_resolved
                .unwrap_or(before.allow_messages_after_resolved),
            sender_name_type: required(&self.sender_name_type, &before.sender_name_type),
            business_name: nullable(&self.business_name, &before.business_name),
            portal_id: self.portal_id.unwrap_or(before.portal_id),
            working_hours: self.hours(&before.working_hours),
        }
    }

    fn hours(&self, before: &[WorkingHour]) -> Vec<WorkingHour> {
        let mut after = before.to_vec();
        for hour in self.working_hours.iter().flatten() {
            match after
                .iter_mut()
                .find(|known| known.day_of_week == hour.day_of_week)
            {
                Some(known) => *known = hour.clone(),
                None => after.push(hour.clone()),
            }
        }
        after
    }
}

/// `null` as a text is null.
fn text(value: Option<String>) -> Option<String> {
    value.filter(|value| value != "null")
}

/// What an update makes of `csat_config`: every part is there (contract, section 4.4).
fn full_csat_config(given: &Map<String, Value>) -> Attributes {
    let rules = given.get("survey_rules");
    let or = |value: Option<&Value>, default: Value| match value {
        Some(value) if !value.is_null() && value != "" => value.clone(),
        _ => default,
    };
    let mut full = json!({
        "display_type": or(given.get("display_type"), json!("emoji")),
        "message": or(given.get("message"), json!("")),
        "button_text": or(given.get("button_text"), json!("Please rate us")),
        "language": or(given.get("language"), json!("en")),
        "survey_rules": {
            "operator": or(rules.and_then(|rules| rules.get("operator")), json!("contains")),
            "values": or(rules.and_then(|rules| rules.get("values")), json!([])),
        },
    });
    if let (Some(template), Some(full)) = (given.get("template"), full.as_object_mut()) {
        full.insert("template".to_owned(), template.clone());
    }
    Attributes::from(full)
}

fn check(violations: &mut Violations, after: &InboxPreferences) {
    let texts = [
        ("greeting_message", &after.greeting_message, 10_000),
        (
            "out_of_office_message",
            &after.out_of_office_message,
            10_000,
        ),
        ("business_name", &after.business_name, 255),
    ];
    for (name, text, max) in texts {
        violations.max_chars(name, text.as_deref().unwrap_or_default(), max);
    }
    if !hours::is_timezone(&after.timezone) {
        violations.add("timezone", "is not included in the list");
    }
    violations.one_of(
        "sender_name_type",
        &after.sender_name_type,
        &["friendly", "professional"],
    );
    for hour in &after.working_hours {
        check_hour(violations, hour);
    }
}

fn check_hour(violations: &mut Violations, hour: &WorkingHour) {
    let within = |value: Option<u8>, max: u8| value.is_none_or(|value| value <= max);
    let ranges = hour.day_of_week <= 6
        && within(hour.open_hour, 23)
        && within(hour.close_hour, 23)
        && within(hour.open_minutes, 59)
        && within(hour.close_minutes, 59);
    if !ranges {
        violations.add(
            "working_hours",
            "must have day_of_week 0 to 6, hours 0 to 23 and minutes 0 to 59",
        );
        return;
    }
    let open = (hour.open_hour, hour.open_minutes);
    let close = (hour.close_hour, hour.close_minutes);
    let complete = [open.0, open.1, close.0, close.1]
        .iter()
        .all(Option::is_some);
    if hour.closed_all_day && hour.open_all_day {
        violations.add("working_hours", "cannot be closed and open all day");
    } else if !(hour.closed_all_day || hour.open_all_day || complete && open < close) {
        violations.add("working_hours", "must open before they close");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(change: PreferencesChange) -> Result<InboxPreferences> {
        let change = InboxChange {
            preferences: change,
            ..InboxChange::default()
        };
        change.preferences("name", &InboxPreferences::default(), false)
    }

    #[test]
    fn absent_stays_and_null_clears() {
        let before = InboxPreferences {
            greeting_message: Some("hi".to_owned()),
            business_name: Some("shop".to_owned()),
            out_of_office_message: Some("later".to_owned()),
            ..InboxPreferences::default()
        };
        let change = PreferencesChange {
            business_name: Some(None),
            out_of_office_message: Some(Some("null".to_owned())),
            ..PreferencesChange::default()
        };
        let after = change.apply(&before, false);
        assert_eq!(after.greeting_message.as_deref(), Some("hi"));
        assert_eq!(
            (after.business_name, after.out_of_office_message),
            (None, None)
        );
    }

    #[test]
    fn only_the_named_days_change() {
        let day = WorkingHour {
            open_hour: Some(8),
            ..InboxPreferences::default().working_hours[1].clone()
        };
        let change = PreferencesChange {
            working_hours: Some(vec![day]),
            ..PreferencesChange::default()
        };
        let after = apply(change).unwrap();
        assert_eq!(after.working_hours.len(), 7);
        assert_eq!(after.working_hours[1].open_hour, Some(8));
        assert_eq!(after.working_hours[2].open_hour, Some(9));
    }

    #[test]
    fn impossible_hours_zones_and_texts_are_refused_by_name() {
        let mut late = InboxPreferences::default().working_hours[1].clone();
        late.open_hour = Some(24);
        let change = PreferencesChange {
            working_hours: Some(vec![late]),
            timezone: Some("Berlin".to_owned()),
            greeting_message: Some(Some("x".repeat(10_001))),
            sender_name_type: Some("rude".to_owned()),
            ..PreferencesChange::default()
        };
        let text = apply(change).unwrap_err().to_string();
        for name in [
            "Working hours",
            "Timezone",
            "Greeting message",
            "Sender name type",
        ] {
            assert!(text.contains(name), "{name} in {text}");
        }
    }

    #[test]
    fn time_zones_have_names_of_the_iana_database() {
        for good in [
            "UTC",
            "Europe/Berlin",
            "America/Argentina/Salta",
            "Etc/GMT+3",
        ] {
            assert!(hours::is_timezone(good), "{good}");
        }
        for bad in ["", "Berlin", "/", "Europe/", "Europe/Ber lin", "+01:00"] {
            assert!(!hours::is_timezone(bad), "{bad}");
        }
    }

    #[test]
    fn an_update_completes_csat_config() {
        let given = json!({ "message": "How was it?" }).as_object().cloned();
        let change = PreferencesChange {
            csat_config: given,
            ..PreferencesChange::default()
        };
        let config = apply(change).unwrap().csat_config.to_value();
        assert_eq!(config["display_type"], "emoji");
        assert_eq!(config["message"], "How was it?");
        assert_eq!(config["survey_rules"]["operator"], "contains");
    }
}
