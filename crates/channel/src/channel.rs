use async_trait::async_trait;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    BlobRef, ChannelDescriptor, ChannelError, Delivery, DeliveryOutcome, HostServices,
    InboundRequest, Received,
};

/// A kind of channel: what it is, and how an inbox of it is opened. One implementation per plugin.
pub trait ChannelType: Send + Sync + 'static {
    /// The settings of one inbox. Unknown fields are ignored; secrets carry the schema extension
    /// `"x-secret": true` and are stored encrypted.
    type Settings: DeserializeOwned + Serialize + JsonSchema;

    /// Describes the channel. Pure and equal over all calls; `settings_schema` is filled in by
    /// the host from [`Self::Settings`].
    fn descriptor() -> ChannelDescriptor;

    /// Opens an inbox. Cheap and without I/O: only checks that need more than the types.
    ///
    /// # Errors
    /// [`ChannelError::InvalidSettings`] names each field and the fix.
    fn open(settings: Self::Settings) -> Result<Box<dyn Channel>, ChannelError>;

    /// Brings settings stored under an older `settings_version` to the current one.
    ///
    /// # Errors
    /// [`ChannelError::InvalidSettings`] when they cannot be brought forward.
    fn migrate(_from: u32, settings: Value) -> Result<Value, ChannelError> {
        Ok(settings)
    }
}

/// One connected inbox. Every method may run concurrently with every other.
///
/// No method blocks the thread, sleeps, or opens a socket: what it needs it asks of `host`.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Verifies and parses one request of the provider or caller. Uses no effects.
    ///
    /// A request that is not for this channel answers 2xx with no events; an event of unknown
    /// kind is skipped.
    ///
    /// # Errors
    /// [`ChannelError::Unauthorized`] for a bad signature or secret, [`ChannelError::Invalid`]
    /// for a request whose fields are missing or contradict each other.
    async fn receive(
        &self,
        host: &dyn HostServices,
        request: InboundRequest,
    ) -> Result<Received, ChannelError>;

    /// Hands one delivery to the provider. It may be called again with the same delivery id until
    /// it answers [`DeliveryOutcome::Accepted`]; it never retries or sleeps by itself.
    async fn deliver(&self, host: &dyn HostServices, delivery: Delivery) -> DeliveryOutcome;

    /// Registers the inbox at the provider. Idempotent: it is repeated after a restart.
    ///
    /// # Errors
    /// Any [`ChannelError`]; the inbox then shows as not connected and is tried again.
    async fn connect(&self, _: &dyn HostServices, _: ConnectInfo) -> Result<(), ChannelError> {
        Ok(())
    }

    /// Undoes [`Self::connect`]; called only when the inbox is removed.
    ///
    /// # Errors
    /// Any [`ChannelError`]; the removal goes on.
    async fn disconnect(&self, _: &dyn HostServices) -> Result<(), ChannelError> {
        Ok(())
    }

    /// Asks the provider whether the connection works.
    ///
    /// # Errors
    /// Any [`ChannelError`] when it could not be found out.
    async fn health(&self, _: &dyn HostServices) -> Result<Health, ChannelError> {
        Ok(Health::Unknown)
    }

    /// Fetches a file that an inbound message named.
    ///
    /// # Errors
    /// [`ChannelError::Unsupported`] when the channel has no media.
    async fn media(&self, _: &dyn HostServices, _: MediaRef) -> Result<BlobRef, ChannelError> {
        Err(ChannelError::Unsupported {
            what: "media".to_owned(),
        })
    }

    /// Long poll or socket loop of a channel that pulls; lives until it is cancelled.
    ///
    /// # Errors
    /// Any [`ChannelError`]; the host starts it again with a growing pause.
    async fn run(&self, _: &dyn HostServices) -> Result<(), ChannelError> {
        Ok(())
    }
}

/// What [`Channel::connect`] is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectInfo {
    /// Absolute base URL under which the inbound routes of this inbox are reachable.
    pub base_url: String,
    /// Secret that the provider may be asked to present; stable for the life of the inbox.
    pub webhook_secret: String,
}

/// State of the connection to the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Health {
    /// The provider answers and accepts the credentials.
    Ok,
    /// It works with restrictions, named in `reason`.
    Degraded {
        /// What is restricted, for a person.
        reason: String,
    },
    /// The credentials were refused; a person must renew them.
    AuthExpired,
    /// The channel cannot tell.
    Unknown,
}

/// A file as the provider names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRef {
    /// Opaque id, parsed only by the channel that made it.
    pub id: String,
}
