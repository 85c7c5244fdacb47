use serde_json::{Map, Value};

use crate::model::WorkingHour;

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

/// General settings that a request names; see [`crate::model::InboxPreferences`].
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
