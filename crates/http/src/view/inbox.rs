use gatewright_core::channel::ChannelDescriptor;
use gatewright_core::model::{Inbox, WorkingHour};
use gatewright_core::{Attributes, Caller};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// An inbox (contract, section 3). Settings of its channel stand among the other keys.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Inbox)]
#[expect(clippy::struct_excessive_bools, reason = "the contract's keys")]
pub struct InboxView {
    /// Its id.
    pub id: i64,
    /// Link to its picture; empty when it has none.
    pub avatar_url: String,
    /// Id of its channel; the same as its own.
    pub channel_id: i64,
    /// Its name.
    #[schema(example = "My system")]
    pub name: String,
    /// Its channel's type.
    pub channel_type: String,
    /// Whether the first message is greeted.
    pub greeting_enabled: bool,
    /// The greeting.
    pub greeting_message: Option<String>,
    /// Whether working hours count.
    pub working_hours_enabled: bool,
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
    /// Answer outside of working hours.
    pub out_of_office_message: Option<String>,
    /// One entry a day, Sunday first.
    #[schema(value_type = Vec<WorkingHourView>)]
    pub working_hours: Vec<WorkingHour>,
    /// IANA name.
    #[schema(example = "UTC")]
    pub timezone: String,
    /// Where providers post to; null for channels without such a URL.
    pub callback_webhook_url: Option<String>,
    /// Hint for clients.
    pub allow_messages_after_resolved: bool,
    /// Whether a contact has only one conversation at a time.
    pub lock_to_single_conversation: bool,
    /// `friendly` or `professional`.
    pub sender_name_type: String,
    /// Name of the business.
    pub business_name: Option<String>,
    /// Domains of a widget.
    pub allowed_domains: Option<String>,
    /// Color of a widget.
    pub widget_color: Option<String>,
    /// Site of a widget.
    pub website_url: Option<String>,
    /// Whether contacts must prove their identity.
    pub hmac_mandatory: Option<bool>,
    /// Title of a widget.
    pub welcome_title: Option<String>,
    /// Tagline of a widget.
    pub welcome_tagline: Option<String>,
    /// Script of a widget.
    pub web_widget_script: Option<String>,
    /// Token of a widget.
    pub website_token: Option<String>,
    /// Features of a widget.
    pub selected_feature_flags: Option<Vec<String>>,
    /// Reply time of a widget.
    pub reply_time: Option<String>,
    /// Twilio's messaging service.
    pub messaging_service_sid: Option<String>,
    /// Phone number of the channel.
    pub phone_number: Option<String>,
    /// Provider of the channel.
    pub provider: Option<String>,
    /// Key of identity hashes; administrators only, and only with a public client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hmac_token: Option<String>,
    /// Credential of the public client API; only with a public client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbox_identifier: Option<String>,
    /// The channel's own public settings, for example `webhook_url`.
    #[serde(flatten)]
    pub settings: Map<String, Value>,
}

/// An inbox as its contacts' own clients see it (contract, section 5).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PublicInbox)]
#[expect(clippy::struct_excessive_bools, reason = "the contract's keys")]
pub struct PublicInboxView {
    /// Credential of the public client API.
    pub identifier: String,
    /// Whether contacts must prove their identity.
    pub identity_validation_enabled: bool,
    /// Its name.
    #[schema(example = "My system")]
    pub name: String,
    /// IANA name.
    #[schema(example = "UTC")]
    pub timezone: String,
    /// One entry a day, Sunday first.
    #[schema(value_type = Vec<WorkingHourView>)]
    pub working_hours: Vec<WorkingHour>,
    /// Whether working hours count.
    pub working_hours_enabled: bool,
    /// Whether to ask for satisfaction.
    pub csat_survey_enabled: bool,
    /// Whether the first message is greeted.
    pub greeting_enabled: bool,
}

impl PublicInboxView {
    /// The inbox, and whether it demands an identity hash.
    pub fn new(inbox: &Inbox, demands_proof: bool) -> Self {
        let preferences = &inbox.preferences;
        Self {
            identifier: inbox.identifier.clone(),
            identity_validation_enabled: demands_proof,
            name: inbox.name.clone(),
            timezone: preferences.timezone.clone(),
            working_hours: preferences.working_hours.clone(),
            working_hours_enabled: preferences.working_hours_enabled,
            csat_survey_enabled: preferences.csat_survey_enabled,
            greeting_enabled: preferences.greeting_enabled,
        }
    }
}

/// Working hours of one day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkingHour)]
pub struct WorkingHourView {
    /// 0 = Sunday.
    #[schema(maximum = 6)]
    day_of_week: u8,
    /// Closed all day.
    closed_all_day: bool,
    /// Hour of opening.
    #[schema(maximum = 23)]
    open_hour: Option<u8>,
    /// Minute of opening.
    #[schema(maximum = 59)]
    open_minutes: Option<u8>,
    /// Hour of closing.
    #[schema(maximum = 23)]
    close_hour: Option<u8>,
    /// Minute of closing.
    #[schema(maximum = 59)]
    close_minutes: Option<u8>,
    /// Open all day.
    open_all_day: bool,
}

impl InboxView {
    /// The inbox as this caller sees it.
    pub fn new(caller: &Caller, inbox: &Inbox, descriptor: Option<&ChannelDescriptor>) -> Self {
        let preferences = &inbox.preferences;
        let has_client = descriptor.is_some_and(|descriptor| descriptor.public_client.is_some());
        let mut settings = public_settings(inbox, descriptor);
        Self {
            id: inbox.id.get(),
            avatar_url: String::new(),
            channel_id: inbox.id.get(),
            name: inbox.name.clone(),
            channel_type: descriptor.map_or_else(String::new, |d| d.wire_type.clone()),
            greeting_enabled: preferences.greeting_enabled,
            greeting_message: preferences.greeting_message.clone(),
            working_hours_enabled: preferences.working_hours_enabled,
            enable_email_collect: preferences.enable_email_collect,
            csat_survey_enabled: preferences.csat_survey_enabled,
            csat_config: preferences.csat_config.clone(),
            enable_auto_assignment: preferences.enable_auto_assignment,
            auto_assignment_config: preferences.auto_assignment_config.clone(),
            out_of_office_message: preferences.out_of_office_message.clone(),
            working_hours: preferences.working_hours.clone(),
            timezone: preferences.timezone.clone(),
            callback_webhook_url: None,
            allow_messages_after_resolved: preferences.allow_messages_after_resolved,
            lock_to_single_conversation: inbox.lock_to_single_conversation,
            sender_name_type: preferences.sender_name_type.clone(),
            business_name: preferences.business_name.clone(),
            allowed_domains: text(&mut settings, "allowed_domains"),
            widget_color: text(&mut settings, "widget_color"),
            website_url: text(&mut settings, "website_url"),
            hmac_mandatory: settings
                .remove("hmac_mandatory")
                .and_then(|value| value.as_bool()),
            welcome_title: text(&mut settings, "welcome_title"),
            welcome_tagline: text(&mut settings, "welcome_tagline"),
            web_widget_script: None,
            website_token: None,
            selected_feature_flags: None,
            reply_time: text(&mut settings, "reply_time"),
            messaging_service_sid: None,
            phone_number: text(&mut settings, "phone_number"),
            provider: text(&mut settings, "provider"),
            hmac_token: (has_client && caller.is_administrator()).then(|| inbox.hmac_token.clone()),
            inbox_identifier: has_client.then(|| inbox.identifier.clone()),
            settings,
        }
    }
}

/// The settings that the channel declares as public; a declared one without a value is null.
fn public_settings(inbox: &Inbox, descriptor: Option<&ChannelDescriptor>) -> Map<String, Value> {
    let names = descriptor.map_or(&[] as &[String], |descriptor| &descriptor.public_settings);
    names
        .iter()
        .map(|name| {
            (
                name.clone(),
                inbox.settings.get(name).cloned().unwrap_or(Value::Null),
            )
        })
        .collect()
}

fn text(settings: &mut Map<String, Value>, name: &str) -> Option<String> {
    settings.remove(name)?.as_str().map(str::to_owned)
}

/// A signing secret, shown once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SigningSecret {
    /// The new secret. The previous one stays valid for 24 hours.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub signing_secret: String,
}

/// A channel that is built in.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Channel)]
pub struct ChannelView {
    /// Its id: the `channel.type` of inbox create.
    #[schema(example = "api")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The `channel_type` of its inboxes.
    pub channel_type: String,
    /// Where its documentation is; empty when there is none.
    pub docs_url: String,
    /// JSON Schema of its settings.
    #[schema(value_type = JsonSchemaDocument)]
    pub settings_schema: Value,
    /// Whether callers may create incoming messages.
    pub accepts_incoming: bool,
    /// Whether its inboxes have a public client API.
    pub public_client: bool,
}

/// A JSON Schema, draft 2020-12.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JsonSchemaDocument {
    /// Its keywords.
    #[serde(flatten)]
    keywords: Map<String, Value>,
}

impl From<ChannelDescriptor> for ChannelView {
    fn from(descriptor: ChannelDescriptor) -> Self {
        Self {
            id: descriptor.id,
            name: descriptor.name,
            version: descriptor.version,
            channel_type: descriptor.wire_type,
            docs_url: descriptor.docs_url,
            settings_schema: descriptor.settings_schema,
            accepts_incoming: descriptor.accepts_incoming,
            public_client: descriptor.public_client.is_some(),
        }
    }
}
