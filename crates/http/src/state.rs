//! What handlers take their services from.

use std::sync::Arc;

use axum::extract::FromRef;
use gatewright_channel_host::ChannelHost;
use gatewright_core::access::Access;
use gatewright_core::account::Accounts;
use gatewright_core::attachment::Attachments;
use gatewright_core::channel_catalogue::ChannelCatalogue;
use gatewright_core::contact::{Contacts, PublicContacts};
use gatewright_core::conversation::Conversations;
use gatewright_core::delivery::{Deliveries, EventLog};
use gatewright_core::idempotency::Idempotency;
use gatewright_core::inbox::Inboxes;
use gatewright_core::label::Labels;
use gatewright_core::message::Messages;
use gatewright_core::public::PublicClient;
use gatewright_core::registry::Registry;
use gatewright_core::user::{Agents, Profiles};
use gatewright_core::webhook::Webhooks;
use gatewright_core::{Clock, Kernel};

/// Every service that a handler may take. Each takes the one it uses.
#[derive(Clone)]
pub struct AppState {
    /// Who calls.
    pub access: Access,
    /// Accounts.
    pub accounts: Accounts,
    /// The people of an account.
    pub agents: Agents,
    /// Files of messages.
    pub attachments: Attachments,
    /// The channels that are built in.
    pub catalogue: ChannelCatalogue,
    /// Time, for `GET /api`.
    pub clock: Arc<dyn Clock>,
    /// Contacts.
    pub contacts: Contacts,
    /// Conversations.
    pub conversations: Conversations,
    /// Deliveries.
    pub deliveries: Deliveries,
    /// The event log.
    pub events: EventLog,
    /// The running channels.
    pub host: Arc<ChannelHost>,
    /// Answers kept for `Idempotency-Key`.
    pub idempotency: Idempotency,
    /// Inboxes.
    pub inboxes: Inboxes,
    /// Labels.
    pub labels: Labels,
    /// Messages.
    pub messages: Messages,
    /// The caller's own user.
    pub profiles: Profiles,
    /// Conversations of contacts' own clients.
    pub public: PublicClient,
    /// Contacts' own clients.
    pub public_contacts: PublicContacts,
    /// What the channels declare.
    pub registry: Registry,
    /// Account webhooks.
    pub webhooks: Webhooks,
}

impl AppState {
    /// The services over a kernel and its write path.
    pub fn new(
        kernel: &Arc<Kernel>,
        intake: &Arc<gatewright_core::intake::Intake>,
        host: Arc<ChannelHost>,
    ) -> Self {
        let k = || Arc::clone(kernel);
        let i = || Arc::clone(intake);
        Self {
            access: Access::new(k()),
            accounts: Accounts::new(k()),
            agents: Agents::new(k()),
            attachments: Attachments::new(k()),
            catalogue: ChannelCatalogue::new(k()),
            clock: Arc::clone(&kernel.clock),
            contacts: Contacts::new(k()),
            conversations: Conversations::new(k(), i()),
            deliveries: Deliveries::new(k()),
            events: EventLog::new(k()),
            host,
            idempotency: Idempotency::new(k()),
            inboxes: Inboxes::new(k()),
            labels: Labels::new(k()),
            messages: Messages::new(k(), i()),
            profiles: Profiles::new(k()),
            public: PublicClient::new(k(), i()),
            public_contacts: PublicContacts::new(k()),
            registry: kernel.registry.clone(),
            webhooks: Webhooks::new(k()),
        }
    }
}

macro_rules! parts {
    ($($field:ident: $part:ty),* $(,)?) => {$(
        impl FromRef<AppState> for $part {
            fn from_ref(state: &AppState) -> Self {
                state.$field.clone()
            }
        }
    )*};
}

parts! {
    access: Access,
    accounts: Accounts,
    agents: Agents,
    attachments: Attachments,
    catalogue: ChannelCatalogue,
    clock: Arc<dyn Clock>,
    contacts: Contacts,
    conversations: Conversations,
    deliveries: Deliveries,
    events: EventLog,
    host: Arc<ChannelHost>,
    idempotency: Idempotency,
    inboxes: Inboxes,
    labels: Labels,
    messages: Messages,
    profiles: Profiles,
    public: PublicClient,
    public_contacts: PublicContacts,
    registry: Registry,
    webhooks: Webhooks,
}
