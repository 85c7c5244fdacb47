use gatewright_core::inbox::{InboxChange, PreferencesChange};
use gatewright_core::model::WorkingHour;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{Patch, Root};

/// Settings of an inbox, and of its channel. What is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = InboxParams)]
pub(super) struct InboxParams {
    /// Its name; required when it is made.
    #[schema(example = "My system", max_length = 255)]
    name: Option<String>,
    /// Its channel: `type` is the channel's id, the rest are the channel's settings.
    #[schema(value_type = Option<ChannelParams>)]
    channel: Option<Map<String, Value>>,
    /// Whether a contact has only one conversation at a time.
    lock_to_single_conversation: Option<bool>,
    /// Whether the first message is greeted.
    greeting_enabled: Option<bool>,
    /// The greeting.
    #[schema(value_type = Option<String>, max_length = 10000)]
    greeting_message: Patch<String>,
    /// Whether to ask for an address.
    enable_email_collect: Option<bool>,
    /// Whether to ask for satisfaction.
    csat_survey_enabled: Option<bool>,
    /// How to ask for satisfaction.
    #[schema(value_type = Option<gatewright_core::Attributes>)]
    csat_config: Option<Map<String, Value>>,
    /// Whether new conversations are assigned by themselves.
    enable_auto_assignment: Option<bool>,
    /// Whether working hours count.
    working_hours_enabled: Option<bool>,
    /// Answer outside of working hours.
    #[schema(value_type = Option<String>, max_length = 10000)]
    out_of_office_message: Patch<String>,
    /// IANA name.
    #[schema(example = "Europe/Berlin")]
    timezone: Option<String>,
    /// Hint for clients.
    allow_messages_after_resolved: Option<bool>,
    /// `friendly` or `professional`.
    sender_name_type: Option<String>,
    /// Name of the business.
    #[schema(value_type = Option<String>)]
    business_name: Patch<String>,
    /// Help center, by its id.
    #[schema(value_type = Option<i64>)]
    portal_id: Patch<i64>,
    /// One entry a day.
    #[schema(value_type = Option<Vec<crate::view::WorkingHourView>>)]
    working_hours: Option<Vec<WorkingHour>>,
}

/// A channel and its settings.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ChannelParams, example = json!({"type": "api", "webhook_url": "https://example.com/hook"}))]
#[expect(dead_code, reason = "it only describes")]
pub(super) struct ChannelParams {
    /// The channel's id; see the channel catalogue.
    r#type: Option<String>,
    /// The channel's settings, as its schema in the catalogue describes them.
    #[serde(flatten)]
    settings: std::collections::HashMap<String, Value>,
}

impl Root for InboxParams {}

impl From<InboxParams> for InboxChange {
    fn from(params: InboxParams) -> Self {
        Self {
            name: params.name,
            channel: params.channel,
            lock_to_single_conversation: params.lock_to_single_conversation,
            preferences: PreferencesChange {
                greeting_enabled: params.greeting_enabled,
                greeting_message: params.greeting_message.into_option(),
                enable_email_collect: params.enable_email_collect,
                csat_survey_enabled: params.csat_survey_enabled,
                csat_config: params.csat_config,
                enable_auto_assignment: params.enable_auto_assignment,
                working_hours_enabled: params.working_hours_enabled,
                out_of_office_message: params.out_of_office_message.into_option(),
                timezone: params.timezone,
                allow_messages_after_resolved: params.allow_messages_after_resolved,
                sender_name_type: params.sender_name_type,
                business_name: params.business_name.into_option(),
                portal_id: params.portal_id.into_option(),
                working_hours: params.working_hours,
            },
        }
    }
}
