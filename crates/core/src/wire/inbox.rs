use serde::Serialize;

use super::contact::ContactView;
use crate::attributes::Attributes;
use crate::model::Inbox;

/// An inbox beside a contact's presence (contract, section 3: `S.InboxSlim`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InboxSlim {
    /// Its id.
    pub id: i64,
    /// Link to its picture; empty when it has none.
    pub avatar_url: &'static str,
    /// Id of its channel's settings: the inbox's own, as each inbox has exactly one channel.
    pub channel_id: i64,
    /// Its name.
    pub name: String,
    /// Its channel's type on the wire.
    pub channel_type: String,
    /// The provider behind the channel, where there is a choice.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub provider: Option<String>,
}

impl InboxSlim {
    /// The short form of an inbox; `wire_type` is its channel's type on the wire.
    pub fn new(inbox: &Inbox, wire_type: &str) -> Self {
        let provider = inbox.settings.get("provider").and_then(|p| p.as_str());
        Self {
            id: inbox.id.get(),
            avatar_url: "",
            channel_id: inbox.id.get(),
            name: inbox.name.clone(),
            channel_type: wire_type.to_owned(),
            provider: provider.map(str::to_owned),
        }
    }
}

/// An inbox with its columns, as contact create answers it (contract, section 4.1).
#[expect(clippy::struct_excessive_bools, reason = "the contract's shape")]
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InboxRecord {
    /// Its id.
    pub id: i64,
    /// Id of its channel's settings: the inbox's own.
    pub channel_id: i64,
    /// Its account.
    pub account_id: i64,
    /// Its name.
    pub name: String,
    /// When it was made, ISO 8601 with milliseconds.
    pub created_at: String,
    /// When it last changed, ISO 8601 with milliseconds.
    pub updated_at: String,
    /// Its channel's type on the wire.
    pub channel_type: String,
    /// Whether new conversations are assigned by themselves.
    pub enable_auto_assignment: bool,
    /// Whether the first message is greeted.
    pub greeting_enabled: bool,
    /// The greeting.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub greeting_message: Option<String>,
    /// Always null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub email_address: Option<String>,
    /// Whether working hours count.
    pub working_hours_enabled: bool,
    /// Answer outside of working hours.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub out_of_office_message: Option<String>,
    /// IANA name.
    pub timezone: String,
    /// Whether to ask for an address.
    pub enable_email_collect: bool,
    /// Whether to ask for satisfaction.
    pub csat_survey_enabled: bool,
    /// Hint for clients.
    pub allow_messages_after_resolved: bool,
    /// How conversations are assigned.
    pub auto_assignment_config: Attributes,
    /// Whether a contact has only one conversation at a time.
    pub lock_to_single_conversation: bool,
    /// Help center, by its id.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub portal_id: Option<i64>,
    /// `friendly` or `professional`.
    pub sender_name_type: String,
    /// Name of the business.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub business_name: Option<String>,
    /// How to ask for satisfaction.
    pub csat_config: Attributes,
}

impl InboxRecord {
    /// The columns of an inbox; `wire_type` is its channel's type on the wire.
    pub fn new(inbox: &Inbox, wire_type: &str) -> Self {
        let preferences = inbox.preferences.clone();
        Self {
            id: inbox.id.get(),
            channel_id: inbox.id.get(),
            account_id: inbox.account_id.get(),
            name: inbox.name.clone(),
            created_at: inbox.created_at.iso(),
            updated_at: inbox.updated_at.iso(),
            channel_type: wire_type.to_owned(),
            enable_auto_assignment: preferences.enable_auto_assignment,
            greeting_enabled: preferences.greeting_enabled,
            greeting_message: preferences.greeting_message,
            email_address: None,
            working_hours_enabled: preferences.working_hours_enabled,
            out_of_office_message: preferences.out_of_office_message,
            timezone: preferences.timezone,
            enable_email_collect: preferences.enable_email_collect,
            csat_survey_enabled: preferences.csat_survey_enabled,
            allow_messages_after_resolved: preferences.allow_messages_after_resolved,
            auto_assignment_config: preferences.auto_assignment_config,
            lock_to_single_conversation: inbox.lock_to_single_conversation,
            portal_id: preferences.portal_id,
            sender_name_type: preferences.sender_name_type,
            business_name: preferences.business_name,
            csat_config: preferences.csat_config,
        }
    }
}

/// What contact create answers within `payload` (contract, section 4.1).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactCreated {
    /// The contact, with its presences.
    pub contact: ContactView,
    /// The presence that was made with it; both members are null when no inbox was named.
    pub contact_inbox: ContactInboxCreated,
}

/// A presence that was made with its contact.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactInboxCreated {
    /// The inbox.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub inbox: Option<InboxRecord>,
    /// The contact's id there.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub source_id: Option<String>,
}
