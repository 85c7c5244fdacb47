use std::sync::Arc;

use gatewright_channel::loopback::loopback;
use gatewright_channel::{ChannelError, Plugin};
use gatewright_core::Clock;
use gatewright_core::error::Result;
use gatewright_core::ids::InboxId;
use gatewright_core::registry::Registry;
use gatewright_egress::Client;

use crate::instance::{Instance, Instances};
use crate::{HostConfig, InboundSink, InboxSource, OpenInbox, Route};

/// Runs the inboxes of this node. Inboxes are opened at their first call, and again when their
/// settings have changed.
///
/// It is the [`ChannelRuntime`](gatewright_core::registry::ChannelRuntime) of the use cases, the
/// [`ChannelDeliver`](gatewright_core::registry::ChannelDeliver) of the delivery engine, and takes
/// the requests of the HTTP server by `receive`.
pub struct ChannelHost {
    pub(crate) config: HostConfig,
    pub(crate) source: Arc<dyn InboxSource>,
    pub(crate) sink: Arc<dyn InboundSink>,
    pub(crate) registry: Registry,
    pub(crate) egress: Client,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) instances: Instances,
}

impl ChannelHost {
    /// A host without opened inboxes. `egress` sends what channels ask for, under its own policy.
    pub fn new(
        config: HostConfig,
        source: Arc<dyn InboxSource>,
        registry: Registry,
        egress: Client,
        clock: Arc<dyn Clock>,
        sink: Arc<dyn InboundSink>,
    ) -> Self {
        let instances = Instances::default();
        let registry = if config.loopback {
            Registry::new(registry.iter().cloned().map(loopback))
        } else {
            registry
        };
        Self {
            config,
            source,
            sink,
            registry,
            egress,
            clock,
            instances,
        }
    }

    /// Every route of every channel, to be mounted.
    pub fn routes(&self) -> Vec<Route> {
        let of = |plugin: &Arc<dyn Plugin>| {
            let descriptor = plugin.descriptor();
            let channel = descriptor.id.clone();
            let routes = descriptor.inbound.clone().into_iter();
            routes.map(move |route| Route {
                channel: channel.clone(),
                route,
            })
        };
        self.registry.iter().flat_map(of).collect()
    }

    /// The inbox; its instance is forgotten when it is gone.
    pub(crate) async fn load(&self, inbox: InboxId) -> Result<Option<Arc<OpenInbox>>> {
        let open = self.source.load(inbox).await?;
        if open.is_none() {
            self.instances.remove(inbox);
        }
        Ok(open)
    }

    /// The opened inbox; `Ok(None)` when its channel is not built in.
    pub(crate) fn instance(
        &self,
        open: &Arc<OpenInbox>,
    ) -> Result<Option<Arc<Instance>>, ChannelError> {
        match self.registry.get(&open.inbox.channel) {
            Some(plugin) => self.instances.get_or_open(plugin, open).map(Some),
            None => Ok(None),
        }
    }
}
