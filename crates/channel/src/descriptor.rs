use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::PROTOCOL;

/// What a channel declares about itself. The host enforces it; the channel does not repeat it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelDescriptor {
    /// Stable id, `[a-z][a-z0-9_]*`; stored with each inbox.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Version of the channel's code, for information.
    pub version: String,
    /// The `channel_type` of its inboxes on the wire, for example `Channel::Api`.
    pub wire_type: String,
    /// Where its documentation is; empty when there is none.
    #[serde(default)]
    pub docs_url: String,
    /// Format of the messages across the border; see [`PROTOCOL`].
    pub protocol: u32,
    /// Version of the settings' shape; older stored settings pass through `migrate`.
    pub settings_version: u32,
    /// JSON Schema (2020-12) of the settings; filled in by the host.
    #[serde(default)]
    pub settings_schema: Value,
    /// Top-level settings shown in an inbox's view. Secrets are never shown.
    #[serde(default)]
    pub public_settings: Vec<String>,
    /// Shape of what is delivered to the channel.
    pub outbound: Outbound,
    /// HTTP routes that the host serves for the channel.
    #[serde(default)]
    pub inbound: Vec<InboundRoute>,
    /// How long after the contact's last message a reply can be sent (`can_reply`).
    #[serde(default)]
    pub reply_window: ReplyWindow,
    /// Whether callers may create messages of type incoming in its inboxes.
    #[serde(default)]
    pub accepts_incoming: bool,
    /// Whether its inboxes are served by the public client API.
    #[serde(default)]
    pub public_client: Option<PublicClient>,
    /// Whether callers may report the status of a message (sent, delivered, read, failed).
    #[serde(default)]
    pub client_status_updates: bool,
    /// How the `source_id` of a contact is made when the caller names none.
    #[serde(default)]
    pub source_id: SourceIdRule,
    /// Whether delivering the same id twice has one effect. When not, an attempt whose answer was
    /// lost is never repeated without a person.
    #[serde(default)]
    pub idempotent_send: bool,
    /// What its messages may carry.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// What it asks of its host; the operator grants it.
    #[serde(default)]
    pub permissions: Permissions,
}

impl ChannelDescriptor {
    /// A descriptor with the required parts; everything else is off.
    pub fn new(id: &str, name: &str, version: &str, wire_type: &str, outbound: Outbound) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            wire_type: wire_type.to_owned(),
            docs_url: String::new(),
            protocol: PROTOCOL,
            settings_version: 1,
            settings_schema: Value::Null,
            public_settings: Vec::new(),
            outbound,
            inbound: Vec::new(),
            reply_window: ReplyWindow::default(),
            accepts_incoming: false,
            public_client: None,
            client_status_updates: false,
            source_id: SourceIdRule::default(),
            idempotent_send: false,
            capabilities: Capabilities::default(),
            permissions: Permissions::default(),
        }
    }
}

/// JSON pointer (RFC 6901) into an inbox's settings, for example `/webhook_url`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SettingPtr(pub String);

impl SettingPtr {
    /// The value it points at, if the settings have one that is not null.
    pub fn get<'a>(&self, settings: &'a Value) -> Option<&'a Value> {
        settings.pointer(&self.0).filter(|value| !value.is_null())
    }

    /// The text it points at, if that is not blank.
    pub fn text<'a>(&self, settings: &'a Value) -> Option<&'a str> {
        self.get(settings)?
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }
}

impl From<&str> for SettingPtr {
    fn from(pointer: &str) -> Self {
        Self(pointer.to_owned())
    }
}

/// Shape of the deliveries that a channel takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outbound {
    /// Messages for the contact, as [`crate::OutboundMessage`].
    Messages,
    /// Every event of its inbox, as [`crate::OutboundEvent`], while the setting at `target` holds
    /// a URL; none while it is blank.
    Events {
        /// The setting that holds the receiver's URL.
        target: SettingPtr,
    },
}

/// An HTTP route that the host serves for the channel, as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundRoute {
    /// Method in upper case, for example `POST`.
    pub method: String,
    /// Path with `{name}` segments, always below `/webhooks/`.
    pub path: String,
    /// Who proves the request's origin.
    pub auth: InboundAuth,
    /// How the host finds the inbox.
    pub inbox: InboxKey,
    /// One sentence for the API document.
    #[serde(default)]
    pub summary: String,
    /// JSON Schema of the request body; shown in the API document.
    #[serde(default)]
    pub request_schema: Value,
    /// JSON Schema of the fixed reply; null where the host answers the stored message.
    #[serde(default)]
    pub response_schema: Value,
    /// Largest body taken, in bytes; 0 = the host's own limit.
    #[serde(default)]
    pub max_body_bytes: u64,
}

/// Who proves where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboundAuth {
    /// The host: it has checked token, account and inbox access, and names the principal.
    Caller,
    /// The channel: it verifies a signature or secret over the raw body.
    Channel,
}

/// Where a request names its inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboxKey {
    /// The setting at this pointer is registered as the key of the inbox, for example a phone
    /// number that stands in the path segment of the same name.
    Setting(SettingPtr),
    /// The inbox id at this JSON pointer of the body.
    Body(String),
    /// A secret minted by the host for the inbox, in the path segment of this name.
    Path(String),
}

/// How long a reply is possible after the contact's last message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyWindow {
    /// Always.
    #[default]
    None,
    /// This many hours.
    Hours(u32),
    /// As many hours as the setting says; always when it is absent.
    Setting(SettingPtr),
}

impl ReplyWindow {
    /// The window in hours under these settings; `None` = always open. The setting may hold a
    /// number or numeric text; anything else, and what is not above zero, opens the window.
    pub fn hours(&self, settings: &Value) -> Option<f64> {
        let hours = match self {
            Self::None => None,
            Self::Hours(hours) => Some(f64::from(*hours)),
            Self::Setting(pointer) => match pointer.get(settings)? {
                Value::Number(number) => number.as_f64(),
                Value::String(text) => text.trim().parse().ok(),
                _ => None,
            },
        };
        hours.filter(|hours: &f64| hours.is_finite() && *hours > 0.0)
    }
}

/// What the public client API needs to know of the channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicClient {
    /// The boolean setting that makes a contact's `identifier_hash` mandatory.
    pub hmac_mandatory: SettingPtr,
}

/// How a contact's `source_id` is made when the caller names none, and what happens when it is
/// another contact's already (contract, section 8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceIdRule {
    /// A random UUID; another contact's is a conflict.
    #[default]
    Random,
    /// The contact's email; the newer contact takes it over.
    Email,
    /// The contact's phone number with its `+`; the newer contact takes it over.
    PhoneNumber,
    /// The digits of the contact's phone number; the newer contact takes it over.
    PhoneDigits,
}

/// What messages of the channel may carry. The host refuses the rest with 422.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Limits of text; `None` = the host's own limit only.
    #[serde(default)]
    pub text: Option<TextLimit>,
    /// Attachments by kind (`image`, `audio`, `video`, `file`); an absent kind is not taken.
    #[serde(default)]
    pub media: BTreeMap<String, MediaLimit>,
    /// Levels of optional features by name (`reply`, `edit`, `delete`, `reaction`, `typing`,
    /// `template`, ...); absent = unsupported.
    #[serde(default)]
    pub features: BTreeMap<String, FeatureLevel>,
}

/// Limit of a message's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextLimit {
    /// Longest text, in `unit`.
    pub max_len: u32,
    /// What is counted.
    pub unit: TextUnit,
}

/// What a text limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextUnit {
    /// Unicode scalar values.
    Chars,
    /// UTF-16 code units.
    Utf16,
    /// UTF-8 bytes.
    Bytes,
}

/// Limit of one kind of attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaLimit {
    /// Largest file, in bytes.
    pub max_bytes: u64,
    /// Accepted MIME types; empty = any.
    #[serde(default)]
    pub mimes: Vec<String>,
}

/// How well an optional feature is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureLevel {
    /// The provider refuses it.
    Rejected,
    /// The provider drops it without a word.
    Dropped,
    /// It has no form there.
    Unsupported,
    /// It works with restrictions.
    Partial,
    /// It works.
    Full,
}

/// What a channel asks of its host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// Hosts it sends HTTP to: a name, or `$settings/pointer` for the host of the URL there.
    #[serde(default)]
    pub http_hosts: Vec<String>,
    /// Whether it keeps values in the host's key-value store.
    #[serde(default)]
    pub kv: bool,
    /// Whether it stores files.
    #[serde(default)]
    pub media: bool,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ReplyWindow;

    #[test]
    fn a_reply_window_reads_numbers_and_numeric_text() {
        let window = ReplyWindow::Setting("/hours".into());
        assert_eq!(window.hours(&json!({"hours": 24})), Some(24.0));
        assert_eq!(window.hours(&json!({"hours": " 1.5 "})), Some(1.5));
        for open in [
            json!({}),
            json!({"hours": null}),
            json!({"hours": "x"}),
            json!({"hours": 0}),
        ] {
            assert_eq!(window.hours(&open), None, "{open}");
        }
    }
}
