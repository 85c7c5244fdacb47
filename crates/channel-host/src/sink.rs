use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use gatewright_channel::InboundEvent;
use gatewright_core::error::Result;
use gatewright_core::model::{Contact, Inbox, Message};
use gatewright_core::{Caller, Timestamp};

/// Where inbound events are stored. Implemented over intake.
#[async_trait]
pub trait InboundSink: Send + Sync {
    /// Stores the raw request and its events in one transaction; the host answers the provider
    /// after it. The answer is in the order of the events; an event of a provider that was stored
    /// before is `Other` or left out.
    ///
    /// # Errors
    /// When nothing was stored.
    async fn store(
        &self,
        context: InboundContext,
        events: Vec<InboundEvent>,
    ) -> Result<Vec<StoredEvent>>;

    /// Keeps a genuine request that could not be understood, for a replay after an upgrade.
    ///
    /// # Errors
    /// When it was not kept; the provider is then answered an error, so that it sends again.
    async fn dead(&self, letter: DeadInbound) -> Result<()>;
}

/// Where events come from.
#[derive(Debug, Clone)]
pub struct InboundContext {
    /// The inbox that the request or call was for.
    pub inbox: Arc<Inbox>,
    /// Inboxes of the same account and channel, by the `route_key` of the events that belong to
    /// them. Every `route_key` of the events is a key here; an event without one is of `inbox`.
    pub routed: BTreeMap<String, Arc<Inbox>>,
    /// Who called, on routes with `InboundAuth::Caller`.
    pub caller: Option<Caller>,
    /// The request, on routes with `InboundAuth::Channel`.
    pub raw: Option<RawRequest>,
}

/// A request as it came. `Debug` shows sizes only: headers and body carry secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct RawRequest {
    /// Method in upper case.
    pub method: String,
    /// The route's template.
    pub route: String,
    /// Query string without `?`.
    pub query: String,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body bytes.
    pub body: Vec<u8>,
    /// When the host took it.
    pub received_at: Timestamp,
}

impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest")
            .field("method", &self.method)
            .field("route", &self.route)
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A request that is kept because it was not understood.
#[derive(Debug, Clone)]
pub struct DeadInbound {
    /// The inbox it was for.
    pub inbox: Arc<Inbox>,
    /// The request.
    pub raw: RawRequest,
    /// What was not understood, for a person; free of secrets.
    pub reason: String,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum StoredEvent {
    /// It is this message now.
    Message(Box<StoredMessage>),
    /// It made no message: a status report, a repeat of a provider's event, an unknown kind.
    Other,
}

/// A message that came in, with what its view needs.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredMessage {
    /// The message.
    pub message: Message,
    /// Its contact.
    pub contact: Contact,
    /// Whether it had been stored before.
    pub replayed: bool,
    /// Echoed in the answer, never stored.
    pub echo_id: Option<String>,
}
