use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Payload;

/// One thing to hand to the provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// To channels that declare [`crate::Outbound::Messages`].
    Message(Box<OutboundMessage>),
    /// To channels that declare [`crate::Outbound::Events`].
    Event(OutboundEvent),
}

/// A message for the contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboundMessage {
    /// Idempotency key, stable over the attempts of this delivery.
    pub id: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// The contact's id in this inbox.
    pub source_id: String,
    /// Text; `None` when it has attachments only.
    #[serde(default)]
    pub content: Option<String>,
    /// Wire name of the content type.
    pub content_type: String,
    /// Structured parts of the content.
    #[serde(default)]
    pub content_attributes: Map<String, Value>,
    /// Template name and parameters, as the caller gave them.
    #[serde(default)]
    pub template_params: Option<Value>,
    /// Provider id of the message it answers.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Files.
    #[serde(default)]
    pub attachments: Vec<OutboundAttachment>,
}

/// A file of an outbound message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundAttachment {
    /// `image`, `audio`, `video` or `file`.
    pub file_type: String,
    /// MIME type.
    pub content_type: String,
    /// Name shown to people.
    pub filename: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Link from which the provider may fetch it.
    pub url: String,
}

/// An event of the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundEvent {
    /// Idempotency key, stable over the attempts of this delivery.
    pub id: String,
    /// Wire name, for example `message_created`.
    pub name: String,
    /// The exact JSON bytes to send; equal over the attempts.
    pub body: Payload,
    /// 1 for the first attempt.
    pub attempt: u32,
}

/// How a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum DeliveryOutcome {
    /// The provider took it.
    Accepted {
        /// The provider's ids; one message may become several.
        #[serde(default)]
        provider_ids: Vec<String>,
        /// HTTP status, where there was one.
        #[serde(default)]
        status: Option<u16>,
    },
    /// Certainly not taken; try again.
    Retry {
        /// What happened, for a person.
        reason: String,
        /// The provider's wish, in milliseconds; it wins over the schedule when longer.
        #[serde(default)]
        after_ms: Option<u64>,
        /// What has to wait.
        scope: RetryScope,
        /// HTTP status, where there was one.
        #[serde(default)]
        status: Option<u16>,
    },
    /// It may have been taken. Repeated only where the channel is idempotent.
    Uncertain {
        /// What happened, for a person.
        reason: String,
    },
    /// Never going to be taken.
    Failed {
        /// Why, for programs.
        code: FailCode,
        /// Why, for a person.
        reason: String,
        /// HTTP status, where there was one.
        #[serde(default)]
        status: Option<u16>,
    },
}

/// What has to wait before a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryScope {
    /// This delivery (and what is ordered behind it).
    Message,
    /// The whole inbox, for example a rate limit of the account.
    Inbox,
}

/// Why a delivery will never succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailCode {
    /// No such recipient.
    InvalidRecipient,
    /// The provider's reply window is closed.
    WindowClosed,
    /// The recipient blocked us.
    Blocked,
    /// Too large for the provider.
    TooLarge,
    /// A kind of content that the provider does not have.
    Unsupported,
    /// The credentials were refused.
    Auth,
    /// Against the provider's rules.
    Policy,
    /// The receiver asked to be left alone for good (HTTP 410); the host disables it.
    Gone,
    /// Anything else.
    #[serde(other)]
    Other,
}
