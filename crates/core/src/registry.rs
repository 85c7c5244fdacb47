//! The channels that this gateway was built with, and the door to their running inboxes.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use gatewright_channel::{
    ChannelDescriptor, ChannelError, Delivery, DeliveryOutcome, Health, Plugin,
};

use crate::error::{Attribute, Error, Result};
use crate::ids::InboxId;

/// The channels by id.
#[derive(Clone, Default)]
pub struct Registry(Arc<BTreeMap<String, Arc<dyn Plugin>>>);

impl Registry {
    /// A registry of these channels; of two with one id, the later wins.
    pub fn new(plugins: impl IntoIterator<Item = Arc<dyn Plugin>>) -> Self {
        let map = plugins
            .into_iter()
            .map(|p| (p.descriptor().id.clone(), p))
            .collect();
        Self(Arc::new(map))
    }

    /// The channel with this id.
    pub fn get(&self, channel: &str) -> Option<&Arc<dyn Plugin>> {
        self.0.get(channel)
    }

    /// What the channel with this id declares.
    pub fn descriptor(&self, channel: &str) -> Option<&ChannelDescriptor> {
        self.get(channel).map(|plugin| plugin.descriptor())
    }

    /// The channel's type on the wire; empty for a channel that is not built in any more.
    pub fn wire_type(&self, channel: &str) -> &str {
        self.descriptor(channel)
            .map_or("", |descriptor| &descriptor.wire_type)
    }

    /// Every channel, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Plugin>> {
        self.0.values()
    }
}

/// The running inboxes. Implemented by the channel host, and by a fake in tests.
#[async_trait]
pub trait ChannelRuntime: Send + Sync {
    /// Opens or reopens an inbox and registers it at its provider.
    async fn connect(&self, inbox: InboxId) -> Result<(), ChannelError>;

    /// Takes an inbox out of service and unregisters it.
    async fn disconnect(&self, inbox: InboxId) -> Result<(), ChannelError>;

    /// Asks the provider whether the inbox works.
    async fn health(&self, inbox: InboxId) -> Result<Health, ChannelError>;
}

/// Hands deliveries to the channel of an inbox. Implemented by the channel host.
#[async_trait]
pub trait ChannelDeliver: Send + Sync {
    /// Makes one attempt; it never panics and ends within the host's deadline.
    async fn deliver(&self, call: ChannelCall) -> DeliveryOutcome;
}

/// One attempt to deliver.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelCall {
    /// To the channel of this inbox.
    pub inbox_id: InboxId,
    /// Id of the delivery as receivers see it, stable over its attempts and replays.
    pub delivery_id: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// Whether the delivery has left its order.
    pub late: bool,
    /// Whether a person asked for it again.
    pub replay: bool,
    /// What to hand over.
    pub delivery: Delivery,
}

impl From<ChannelError> for Error {
    fn from(error: ChannelError) -> Self {
        match error {
            ChannelError::Invalid { fields } => {
                let texts: Vec<String> = fields
                    .iter()
                    .map(|field| format!("{} {}", field.field, field.message))
                    .collect();
                Self::Unprocessable(texts.join(", "))
            }
            ChannelError::InvalidSettings { fields } => Self::Invalid(
                fields
                    .into_iter()
                    .map(|field| Attribute {
                        name: field.field,
                        message: field.message,
                    })
                    .collect(),
            ),
            ChannelError::Unauthorized => {
                Self::Unauthenticated(crate::error::Unauthenticated::InvalidToken)
            }
            ChannelError::Unsupported { .. }
            | ChannelError::AuthExpired
            | ChannelError::Unparsable { .. } => Self::Unprocessable(error.to_string()),
            ChannelError::Provider {
                retry: false,
                reason,
            } => Self::Unprocessable(reason),
            ChannelError::Provider { retry: true, .. }
            | ChannelError::Panicked
            | ChannelError::Timeout
            | ChannelError::Unavailable
            | ChannelError::Protocol { .. } => {
                tracing::warn!(%error, "a channel call failed");
                Self::Unavailable {
                    reason: "the channel is not available",
                    retry_after_s: 5,
                }
            }
        }
    }
}
