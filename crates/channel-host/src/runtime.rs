//! Connecting, disconnecting and asking for health.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use gatewright_channel::{CallInfo, CallKind, ChannelError, ConnectInfo, Health};
use gatewright_core::ids::InboxId;
use gatewright_core::registry::ChannelRuntime;

use crate::instance::Instance;
use crate::services::Services;
use crate::{ChannelHost, OpenInbox, redact};

#[async_trait]
impl ChannelRuntime for ChannelHost {
    async fn connect(&self, inbox: InboxId) -> Result<(), ChannelError> {
        self.instances.remove(inbox);
        let (open, instance) = self.opened(inbox).await?;
        let info = ConnectInfo {
            base_url: self.config.public_url.clone(),
            webhook_secret: open.webhook_secret.clone(),
        };
        let services = self.services(&open, &instance, call(inbox, CallKind::Connect));
        let running = Box::pin(async { instance.channel.connect(&services, info).await });
        self.finish(&instance, &services, running).await
    }

    async fn disconnect(&self, inbox: InboxId) -> Result<(), ChannelError> {
        let (open, instance) = match self.last_known(inbox).await {
            Ok(Some(known)) => known,
            Ok(None) => return Ok(()),
            Err(error) => return Err(error),
        };
        let services = self.services(&open, &instance, call(inbox, CallKind::Disconnect));
        let running = Box::pin(async { instance.channel.disconnect(&services).await });
        let ended = self.finish(&instance, &services, running).await;
        self.instances.remove(inbox);
        ended
    }

    async fn health(&self, inbox: InboxId) -> Result<Health, ChannelError> {
        let (open, instance) = self.opened(inbox).await?;
        let services = self.services(&open, &instance, call(inbox, CallKind::Health));
        let running = Box::pin(async { instance.channel.health(&services).await });
        let health = self.finish(&instance, &services, running).await?;
        Ok(redact::health(&open, health))
    }
}

impl ChannelHost {
    async fn opened(
        &self,
        inbox: InboxId,
    ) -> Result<(Arc<OpenInbox>, Arc<Instance>), ChannelError> {
        let open = self.load(inbox).await.map_err(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "an inbox did not load"
            );
            ChannelError::Unavailable
        })?;
        let open = open.ok_or(ChannelError::Unavailable)?;
        let instance = self.instance(&open)?.ok_or(ChannelError::Unavailable)?;
        Ok((open, instance))
    }

    /// The inbox as stored, or, once it is deleted, as it was last opened here.
    async fn last_known(
        &self,
        inbox: InboxId,
    ) -> Result<Option<(Arc<OpenInbox>, Arc<Instance>)>, ChannelError> {
        let running = self.instances.remove(inbox);
        match (self.opened(inbox).await, running) {
            (Ok(opened), _) => Ok(Some(opened)),
            (Err(_), Some(running)) => Ok(Some((Arc::clone(&running.from), running))),
            (Err(ChannelError::Unavailable), None) => Ok(None),
            (Err(error), None) => Err(error),
        }
    }

    async fn finish<T>(
        &self,
        instance: &Arc<Instance>,
        services: &Services<'_>,
        running: BoxFuture<'_, Result<T, ChannelError>>,
    ) -> Result<T, ChannelError> {
        let ended = self.supervise(instance, services, running).await?;
        ended.map_err(|error| redact::error(services.open, error))
    }
}

fn call(inbox: InboxId, kind: CallKind) -> CallInfo {
    CallInfo {
        inbox_id: inbox.get(),
        kind,
        delivery_id: String::new(),
        attempt: 0,
        late: false,
    }
}
