use serde_json::{Map, Value};

use super::items;
use crate::attachment::{self, AttachmentSources};
use crate::attributes::Attributes;
use crate::check::parse;
use crate::error::{Error, Result};
use crate::intake::NewMessage;
use crate::kernel::Kernel;
use crate::model::{Inbox, MessageType, UserRef};
use crate::validate::storable;

/// Longest content, in characters (contract, section 4.3).
pub const MAX_CONTENT: usize = 150_000;

/// Longest `source_id`, in bytes: it stands in an index.
const MAX_SOURCE_ID: usize = 1000;

const CONTENT_TYPES: &[&str] = &[
    "text",
    "input_text",
    "input_textarea",
    "input_email",
    "input_select",
    "cards",
    "form",
    "article",
    "incoming_email",
    "input_csat",
    "integrations",
    "sticker",
    "voice_call",
];

/// What a message is made from (contract, section 4.3).
#[derive(Debug, Clone, Default)]
pub struct MessageCreate {
    /// Text.
    pub content: Option<String>,
    /// Whether it is a note among agents.
    pub private: bool,
    /// Wire name of the type; `None` = outgoing.
    pub message_type: Option<String>,
    /// Wire name of the kind of content; `None` = text.
    pub content_type: Option<String>,
    /// An object, or its JSON text.
    pub content_attributes: Option<Value>,
    /// The caller's own mark, given back.
    pub echo_id: Option<String>,
    /// The caller's id of the message.
    pub source_id: Option<String>,
    /// Name and parameters of a template.
    pub template_params: Option<Value>,
    /// The campaign it belongs to.
    pub campaign_id: Option<Value>,
    /// When it was made elsewhere; kept in the content attributes.
    pub external_created_at: Option<Value>,
    /// What is attached.
    pub attachments: AttachmentSources,
}

impl MessageCreate {
    /// Checks the message against the contract and the inbox's channel, and finds what is attached.
    /// Call it before the transaction: it reads.
    ///
    /// # Errors
    /// [`Error::Unprocessable`] names what is wrong.
    pub async fn into_new(
        self,
        kernel: &Kernel,
        inbox: &Inbox,
        author: Option<&UserRef>,
    ) -> Result<NewMessage> {
        let message_type = message_type(self.message_type.as_deref())?;
        let descriptor = kernel.registry.descriptor(&inbox.channel);
        let takes_incoming = descriptor.is_some_and(|descriptor| descriptor.accepts_incoming);
        if message_type == MessageType::Incoming && !takes_incoming {
            return refuse("Incoming messages are only allowed in Api inboxes");
        }
        let content_type = content_type(self.content_type)?;
        if self
            .content
            .as_ref()
            .is_some_and(|text| text.chars().count() > MAX_CONTENT)
        {
            return refuse("Validation failed: Content is too long (maximum is 150000 characters)");
        }
        // What a channel received has passed no check of parameters.
        for (name, text) in [("content", &self.content), ("source_id", &self.source_id)] {
            if text.as_ref().is_some_and(|text| text.contains('\0')) {
                return refuse(format!("{name} must not contain the character U+0000"));
            }
        }
        let mut content_attributes = content_attributes(self.content_attributes)?;
        items::check(&content_type, &content_attributes)?;
        if let Some(at) = self.external_created_at {
            content_attributes.insert("external_created_at".to_owned(), at);
        }
        Ok(NewMessage {
            message_type,
            content: self.content,
            content_type,
            content_attributes: content_attributes.into(),
            additional_attributes: additional(
                template_params(self.template_params)?,
                self.campaign_id,
            ),
            private: self.private,
            source_id: source_id(self.source_id)?,
            author: author.cloned(),
            attachments: attachment::resolve(kernel, inbox.account_id, self.attachments).await?,
            unless_resolved: false,
            answer: None,
        })
    }
}

pub(super) fn refuse<T>(text: impl Into<String>) -> Result<T> {
    Err(Error::Unprocessable(text.into()))
}

fn message_type(name: Option<&str>) -> Result<MessageType> {
    match name.filter(|name| !name.is_empty()) {
        None => Ok(MessageType::Outgoing),
        Some(name) => MessageType::from_name(name).map_or_else(
            || refuse(format!("'{}' is not a valid message_type", shorten(name))),
            Ok,
        ),
    }
}

fn content_type(name: Option<String>) -> Result<String> {
    match name.filter(|name| !name.is_empty()) {
        None => Ok("text".to_owned()),
        Some(name) if CONTENT_TYPES.contains(&name.as_str()) => Ok(name),
        Some(name) => refuse(format!("'{}' is not a valid content_type", shorten(&name))),
    }
}

/// An object, or its JSON text, as forms send it.
fn content_attributes(value: Option<Value>) -> Result<Map<String, Value>> {
    let bad = || refuse("content_attributes must be an object, or the JSON text of an object");
    let value = match value {
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(Value::String(text)) => Some(parse(text.as_bytes()).unwrap_or(Value::Bool(false))),
        other => other,
    };
    if let Some(value) = &value {
        storable("content_attributes", value)?;
    }
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => bad(),
    }
}

/// A template's parameters: an object with its name, or the JSON text of one.
fn template_params(value: Option<Value>) -> Result<Option<Value>> {
    let value = match value {
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(Value::String(text)) => Some(parse(text.as_bytes()).unwrap_or(Value::Null)),
        other => other.filter(|value| !value.is_null()),
    };
    if let Some(value) = &value {
        storable("template_params", value)?;
    }
    let is_named = |value: &Value| {
        value
            .get("name")
            .and_then(Value::as_str)
            .is_some_and(|name| !name.trim().is_empty())
    };
    match value {
        Some(value) if !is_named(&value) => {
            refuse("template_params must be an object with the template's name")
        }
        value => Ok(value),
    }
}

fn additional(template_params: Option<Value>, campaign_id: Option<Value>) -> Attributes {
    let mut map = Map::new();
    for (key, value) in [
        ("template_params", template_params),
        ("campaign_id", campaign_id),
    ] {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            map.insert(key.to_owned(), value);
        }
    }
    map.into()
}

/// A blank id is none.
pub(crate) fn source_id(source_id: Option<String>) -> Result<Option<String>> {
    match source_id.filter(|id| !id.is_empty()) {
        Some(id) if id.len() > MAX_SOURCE_ID => refuse(format!(
            "source_id is too long (maximum is {MAX_SOURCE_ID} bytes)"
        )),
        other => Ok(other),
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(100).collect()
}
