//! The API channel: connect your own system.
//!
//! Every event of an inbox is posted to the inbox's callback URL, and whoever holds a token of the
//! account posts messages in through one route. It is the model for all other channels:
//!
//! | file | holds |
//! |---|---|
//! | `lib.rs` | the descriptor, and the inbox that joins the rest |
//! | `settings.rs` | the settings of one inbox and their checks |
//! | `request.rs` | the shape of an inbound request, for the API document |
//! | `receive.rs` | from an inbound request to a message, with an error for each field |
//! | `deliver.rs` | from an event to a request, and from its answer to an outcome |
//!
//! Deliberately absent: tokens, signatures, retries and the bodies of events. They are the host's.

mod deliver;
mod receive;
mod request;
mod settings;

use async_trait::async_trait;
use gatewright_channel::{
    Channel, ChannelDescriptor, ChannelError, ChannelType, Delivery, DeliveryOutcome, FailCode,
    HostServices, InboundAuth, InboundRequest, InboundRoute, InboxKey, Outbound, Permissions,
    PublicClient, Received, ReplyWindow, SourceIdRule,
};
use serde_json::Value;

pub use request::{ApiChannelContact, ApiChannelMessage, ApiChannelRequest, Id, TextOrNumber};
pub use settings::ApiSettings;

/// The API channel, `Channel::Api` on the wire.
#[derive(Debug, Clone, Copy)]
pub struct ApiChannel;

impl ChannelType for ApiChannel {
    type Settings = ApiSettings;

    fn descriptor() -> ChannelDescriptor {
        let target = "/webhook_url".into();
        let version = env!("CARGO_PKG_VERSION");
        ChannelDescriptor {
            public_settings: ["webhook_url", "hmac_mandatory", "additional_attributes"]
                .map(str::to_owned)
                .to_vec(),
            inbound: vec![inbound_route()],
            reply_window: ReplyWindow::Setting(
                "/additional_attributes/agent_reply_time_window".into(),
            ),
            accepts_incoming: true,
            public_client: Some(PublicClient {
                hmac_mandatory: "/hmac_mandatory".into(),
            }),
            client_status_updates: true,
            source_id: SourceIdRule::Random,
            idempotent_send: true,
            permissions: Permissions {
                http_hosts: vec!["$settings/webhook_url".to_owned()],
                ..Permissions::default()
            },
            ..ChannelDescriptor::new(
                "api",
                "API",
                version,
                "Channel::Api",
                Outbound::Events { target },
            )
        }
    }

    fn open(settings: ApiSettings) -> Result<Box<dyn Channel>, ChannelError> {
        settings.check()?;
        Ok(Box::new(ApiInbox { settings }))
    }
}

fn inbound_route() -> InboundRoute {
    InboundRoute {
        method: "POST".to_owned(),
        path: "/webhooks/api_channel".to_owned(),
        auth: InboundAuth::Caller,
        inbox: InboxKey::Body("/inbox_id".to_owned()),
        summary: "Takes a message of a contact, who is found or made, and answers it as stored"
            .to_owned(),
        request_schema: schemars::schema_for!(ApiChannelRequest).to_value(),
        // The answer is the stored message, whose shape is the host's.
        response_schema: Value::Null,
        max_body_bytes: 0,
    }
}

struct ApiInbox {
    settings: ApiSettings,
}

#[async_trait]
impl Channel for ApiInbox {
    async fn receive(
        &self,
        _: &dyn HostServices,
        request: InboundRequest,
    ) -> Result<Received, ChannelError> {
        receive::receive(request)
    }

    async fn deliver(&self, host: &dyn HostServices, delivery: Delivery) -> DeliveryOutcome {
        match delivery {
            Delivery::Event(event) => deliver::deliver(&self.settings, host, event).await,
            Delivery::Message(_) => DeliveryOutcome::Failed {
                code: FailCode::Unsupported,
                reason: "the API channel takes events, not messages".to_owned(),
                status: None,
            },
        }
    }
}
