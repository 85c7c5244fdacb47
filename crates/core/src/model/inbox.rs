use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::attributes::Attributes;
use crate::ids::{AccountId, InboxId, ReceiverId};
use crate::time::Timestamp;

/// A connected account of a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbox {
    /// Its id.
    pub id: InboxId,
    /// Its account.
    pub account_id: AccountId,
    /// Id of its channel plugin.
    pub channel: String,
    /// Its name.
    pub name: String,
    /// The channel's settings, without secrets.
    pub settings: Value,
    /// General settings.
    pub preferences: InboxPreferences,
    /// Whether a contact has only one conversation at a time.
    pub lock_to_single_conversation: bool,
    /// Credential of the public client API.
    pub identifier: String,
    /// Key of identity hashes.
    pub hmac_token: String,
    /// Receiver of what goes to its channel.
    pub receiver_id: Option<ReceiverId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// An inbox as webhook bodies name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxRef {
    /// Its id.
    pub id: InboxId,
    /// Its name at the time.
    pub name: String,
    /// Its channel's type on the wire.
    pub wire_type: String,
}

/// General settings of an inbox (contract, section 4.4). Kept and shown; unknown ones are dropped.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the contract's settings, each on its own"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InboxPreferences {
    /// Whether the first message is greeted.
    pub greeting_enabled: bool,
    /// The greeting.
    pub greeting_message: Option<String>,
    /// Whether to ask for an address.
    pub enable_email_collect: bool,
    /// Whether to ask for satisfaction.
    pub csat_survey_enabled: bool,
    /// How to ask for satisfaction.
    pub csat_config: Attributes,
    /// Whether new conversations are assigned by themselves.
    pub enable_auto_assignment: bool,
    /// How they are assigned.
    pub auto_assignment_config: Attributes,
    /// Whether working hours count.
    pub working_hours_enabled: bool,
    /// Answer outside of working hours.
    pub out_of_office_message: Option<String>,
    /// IANA name.
    pub timezone: String,
    /// Hint for clients.
    pub allow_messages_after_resolved: bool,
    /// `friendly` or `professional`.
    pub sender_name_type: String,
    /// Name of the business.
    pub business_name: Option<String>,
    /// Help center, by its id.
    pub portal_id: Option<i64>,
    /// One entry a day, Sunday first.
    pub working_hours: Vec<WorkingHour>,
}

impl InboxPreferences {
    /// Whether a message may be answered without a person.
    pub fn answers_by_itself(&self) -> bool {
        self.greeting_enabled || self.working_hours_enabled
    }
}

impl Default for InboxPreferences {
    fn default() -> Self {
        Self {
            greeting_enabled: false,
            greeting_message: None,
            enable_email_collect: true,
            csat_survey_enabled: false,
            csat_config: Attributes::default(),
            enable_auto_assignment: true,
            auto_assignment_config: Attributes::default(),
            working_hours_enabled: false,
            out_of_office_message: None,
            timezone: "UTC".to_owned(),
            allow_messages_after_resolved: true,
            sender_name_type: "friendly".to_owned(),
            business_name: None,
            portal_id: None,
            working_hours: (0..7).map(WorkingHour::default_of).collect(),
        }
    }
}

/// Working hours of one day (contract, section 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingHour {
    /// 0 = Sunday.
    pub day_of_week: u8,
    /// Closed all day.
    pub closed_all_day: bool,
    /// Hour of opening, 0 to 23.
    pub open_hour: Option<u8>,
    /// Minute of opening.
    pub open_minutes: Option<u8>,
    /// Hour of closing.
    pub close_hour: Option<u8>,
    /// Minute of closing.
    pub close_minutes: Option<u8>,
    /// Open all day.
    pub open_all_day: bool,
}

impl WorkingHour {
    fn default_of(day_of_week: u8) -> Self {
        let weekend = day_of_week == 0 || day_of_week == 6;
        let hour = |hour| if weekend { None } else { Some(hour) };
        Self {
            day_of_week,
            closed_all_day: weekend,
            open_hour: hour(9),
            open_minutes: hour(0),
            close_hour: hour(17),
            close_minutes: hour(0),
            open_all_day: false,
        }
    }
}
