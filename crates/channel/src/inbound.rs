use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{BlobRef, Payload};

/// One request on an inbound route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundRequest {
    /// Method in upper case.
    pub method: String,
    /// The route's template, as declared.
    pub route: String,
    /// Query string without `?`; empty when there is none.
    #[serde(default)]
    pub query: String,
    /// Headers in order, names in lower case; without the caller's token.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Body, by who authenticates.
    pub body: InboundBody,
    /// When the host took it, in milliseconds since 1970 UTC.
    pub received_at_ms: u64,
    /// Who calls, on routes with [`crate::InboundAuth::Caller`].
    #[serde(default)]
    pub principal: Option<Principal>,
}

/// The body of an inbound request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboundBody {
    /// The bytes as they came: signatures need them.
    Raw(Payload),
    /// Query, form or JSON body and files, merged into one bag by the host.
    Bag {
        /// The parameters; texts stay texts, also where a number is meant.
        params: Map<String, Value>,
        /// Uploaded files, already stored.
        #[serde(default)]
        files: Vec<BlobRef>,
    },
}

/// The caller whom the host has authenticated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// `user` or `agent_bot`.
    pub kind: String,
    /// Its id.
    pub id: i64,
    /// Its name, for people.
    pub name: String,
}

/// What `receive` understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Received {
    /// What happened, in order. All of it is stored in one transaction before the reply.
    pub events: Vec<InboundEvent>,
    /// What the caller is answered.
    pub reply: Reply,
}

/// The answer to an inbound request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// This answer, once the events are stored.
    Fixed(HttpReply),
    /// The stored message of the first event, as the host's API shows messages.
    Stored,
}

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpReply {
    /// HTTP status.
    pub status: u16,
    /// Headers in order.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Body bytes.
    #[serde(default)]
    pub body: Payload,
}

/// What a channel asks the host to store outside of `receive`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Emit {
    /// The events, in order.
    pub events: Vec<InboundEvent>,
}

/// Something that happened at the provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum InboundEvent {
    /// A message.
    Message(Box<InboundMessage>),
    /// A change of an earlier message's status.
    Status(InboundStatus),
    /// A kind this protocol does not know; it is kept, not acted on.
    #[serde(other)]
    Unknown,
}

/// A message as the provider or caller gave it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// Key of another inbox of the same channel and account that the event belongs to.
    #[serde(default)]
    pub route_key: Option<String>,
    /// Unique per inbox and provider event; a repeat is stored once. Required on routes with
    /// [`crate::InboundAuth::Channel`], `None` on caller routes.
    #[serde(default)]
    pub dedup_key: Option<String>,
    /// Who wrote it.
    #[serde(default)]
    pub direction: Direction,
    /// Text; `None` when it has attachments only.
    #[serde(default)]
    pub content: Option<String>,
    /// Wire name of the content type, for example `text`; `None` = `text`.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Structured parts of the content.
    #[serde(default)]
    pub content_attributes: Option<Map<String, Value>>,
    /// The provider's id of the message, unique per contact and inbox; blank = none.
    #[serde(default)]
    pub source_id: Option<String>,
    /// Echoed in the answer, never stored.
    #[serde(default)]
    pub echo_id: Option<String>,
    /// Provider id of the message it answers.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Whose conversation it belongs to.
    #[serde(default)]
    pub contact: ContactRef,
    /// Files.
    #[serde(default)]
    pub attachments: Vec<InboundAttachment>,
    /// When the provider says it was written, in milliseconds since 1970 UTC.
    #[serde(default)]
    pub at_ms: Option<u64>,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The contact.
    #[default]
    Incoming,
    /// Our side: the caller, or a person at the provider's own app.
    Outgoing,
}

/// How an event names its contact. The host tries `id`, `source_id`, `identifier`, `email` and
/// `phone_number` in this order, and makes the contact when none is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRef {
    /// The gateway's own id.
    #[serde(default)]
    pub id: Option<i64>,
    /// The contact's id in this inbox.
    #[serde(default)]
    pub source_id: Option<String>,
    /// The caller's own id of the contact.
    #[serde(default)]
    pub identifier: Option<String>,
    /// Email address.
    #[serde(default)]
    pub email: Option<String>,
    /// Phone number in E.164.
    #[serde(default)]
    pub phone_number: Option<String>,
    /// Name for a contact that is made.
    #[serde(default)]
    pub name: Option<String>,
}

/// A file of an inbound message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboundAttachment {
    /// Already in the host's store.
    Blob(BlobRef),
    /// At the provider; the host fetches it later through `media`.
    Media {
        /// The provider's id.
        id: String,
        /// MIME type as the provider says it.
        content_type: String,
    },
}

/// A status report of the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundStatus {
    /// Provider id of the message.
    pub provider_id: String,
    /// The new status.
    pub status: MessageStatus,
    /// What went wrong, with `failed`.
    #[serde(default)]
    pub error: Option<String>,
    /// Unique per inbox and provider event.
    #[serde(default)]
    pub dedup_key: Option<String>,
}

/// Status of a message on its way to the contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// Taken by the provider.
    Sent,
    /// On the contact's device.
    Delivered,
    /// Seen by the contact.
    Read,
    /// Not delivered.
    Failed,
}
