use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message of a contact for an API inbox.
///
/// This is the shape that callers are shown. `receive` reads the parameters themselves, because
/// it also takes the forms' texts for numbers and names each field that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(example = ApiChannelRequest::example())]
pub struct ApiChannelRequest {
    /// The inbox. The caller's token must have access to it.
    pub inbox_id: Id,
    /// Whose conversation it belongs to. The contact is made when none is known.
    pub contact: ApiChannelContact,
    /// The message.
    pub message: ApiChannelMessage,
}

/// Names a contact by at least one of `phone_number`, `contact_id`, `identifier`, `email` and
/// `source_id`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApiChannelContact {
    /// Phone number in E.164 with its `+`, as text.
    #[schemars(regex(pattern = r"\+[1-9]\d{1,14}$"), example = "+4915112345678")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// The gateway's id of the contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<Id>,
    /// Your own id of the contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<TextOrNumber>,
    /// Email address.
    #[schemars(example = "jane@example.com")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The contact's id in this inbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<TextOrNumber>,
    /// Name for a contact that is made.
    #[schemars(length(max = 255), example = "Jane Doe")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What the contact, or your side, says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApiChannelMessage {
    /// Text, at most 150000 characters. Required unless files come with the request.
    #[schemars(length(max = 150_000), example = &"Hello")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// `text` (default), `input_text`, `input_textarea`, `input_email`, `input_select`, `cards`,
    /// `form`, `article`, `incoming_email`, `input_csat`, `integrations`, `sticker` or
    /// `voice_call`.
    #[schemars(example = &"text")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Structured parts of the content; in a form, their JSON as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_attributes: Option<BTreeMap<String, Value>>,
    /// `incoming` (default, from the contact) or `outgoing` (from your side).
    #[schemars(example = &"incoming")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_type: Option<String>,
    /// Your id of the message. Sent again, it answers the stored message and stores nothing.
    #[schemars(example = "order-4711-hello")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<TextOrNumber>,
    /// Echoed in the answer and the live stream, never stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo_id: Option<TextOrNumber>,
}

/// An id of the gateway: a number, or its digits as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Id {
    /// The number.
    Number(i64),
    /// Its digits.
    Text(String),
}

/// An id of yours: text, or a number that is read as its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TextOrNumber {
    /// Text.
    Text(String),
    /// A number.
    Number(serde_json::Number),
}

impl ApiChannelRequest {
    /// A message as most callers send it.
    fn example() -> Self {
        Self {
            inbox_id: Id::Number(1),
            contact: ApiChannelContact {
                phone_number: Some("+4915112345678".to_owned()),
                name: Some("Jane Doe".to_owned()),
                ..ApiChannelContact::default()
            },
            message: ApiChannelMessage {
                content: Some("Hello".to_owned()),
                source_id: Some(TextOrNumber::Text("order-4711-hello".to_owned())),
                ..ApiChannelMessage::default()
            },
        }
    }
}
