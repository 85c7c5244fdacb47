//! Every body on the wire, as a pure function of domain values: what REST answers, what webhooks,
//! channels and live streams carry, and our own event envelope (contract, sections 3, 5 and 7.3).
//!
//! - A file per family; `event` has the webhook bodies, `envelope` our own form of an event.
//! - A `?` of the contract is a key that is left out, `|null` a key that is there.
//! - Types named `..View` are what REST answers and own their texts. `..Push` and `..Hook` stand in
//!   live streams and webhooks and borrow them; their `owned` makes one for a REST answer.
//! - With the feature `openapi` each of them is a `utoipa::ToSchema`.
//!
//! Deliberately absent: clocks, look-ups, links that expire. What a body shows is in its input.

mod attachment;
mod contact;
mod conversation;
mod conversation_push;
mod envelope;
mod event;
mod form;
mod inbox;
mod message;
mod public;
#[cfg(feature = "openapi")]
mod schema;
mod user;

#[cfg(test)]
mod tests;

pub use attachment::{
    AttachmentBody, AttachmentView, ContactBody, EmbedBody, FallbackBody, FileBody, LocationBody,
};
pub use contact::{
    ContactHook, ContactInboxView, ContactPush, ContactRecord, ContactView, NamedRef,
};
pub use conversation::{ConversationMeta, ConversationParts, ConversationView, StatusToggled};
pub use conversation_push::{ContactInboxRecord, ConversationPush, ConversationPushMeta, TeamPush};
pub use envelope::{EventView, OriginView, envelope};
pub use event::{
    ContactEvent, ConversationEvent, EventBody, InboxEvent, MessageEvent, ReceiverEvent,
    TypingEvent, webhook_body,
};
pub use form::{Changes, EmptyObject};
pub use inbox::{ContactCreated, ContactInboxCreated, InboxRecord, InboxSlim};
pub use message::{
    InboundStored, MessageContext, MessagePush, MessagePushContactInbox, MessagePushConversation,
    MessageSender, MessageView, MessagesMeta,
};
pub use public::{PublicContact, PublicConversation, PublicMessage};
pub use user::{AgentView, HookSender, UserAccount, UserHook, UserPush, UserView};
