//! The opened inboxes.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use gatewright_channel::{Channel, ChannelError, Plugin};
use gatewright_core::ids::InboxId;
use serde_json::Value;
use tokio::time::Instant;

use crate::contain::{Broken, contain_now, lock};
use crate::{Limits, OpenInbox, redact};

/// One opened inbox. It serves as long as its settings stay what they were.
pub(crate) struct Instance {
    /// The channel's side of it.
    pub(crate) channel: Box<dyn Channel>,
    /// What kind of channel it is.
    pub(crate) plugin: Arc<dyn Plugin>,
    /// The settings it was opened with, secrets included.
    pub(crate) settings: Value,
    /// What it was opened from.
    pub(crate) from: Arc<OpenInbox>,
    panics: Mutex<VecDeque<Instant>>,
}

impl Instance {
    /// Opens an inbox. Settings of an older version are brought forward first.
    fn open(plugin: &Arc<dyn Plugin>, from: &Arc<OpenInbox>) -> Result<Self, ChannelError> {
        let opened = contain_now(|| {
            let mut settings = from.full_settings();
            if from.settings_version < plugin.descriptor().settings_version {
                settings = plugin.migrate(from.settings_version, settings)?;
            }
            Ok((plugin.open(&settings)?, settings))
        });
        let (channel, settings) = match opened {
            Ok(opened) => opened.map_err(|error| redact::error(from, error))?,
            Err(broken) => return Err(broken.report(from, "open")),
        };
        Ok(Self {
            channel,
            plugin: Arc::clone(plugin),
            settings,
            from: Arc::clone(from),
            panics: Mutex::default(),
        })
    }

    fn serves(&self, open: &Arc<OpenInbox>) -> bool {
        Arc::ptr_eq(&self.from, open)
            || (self.from.inbox.channel == open.inbox.channel
                && self.from.inbox.settings == open.inbox.settings
                && self.from.settings_version == open.settings_version
                && self.from.secrets == open.secrets)
    }

    /// Counts a panic; true when there were too many of late.
    fn panicked(&self, limits: &Limits) -> bool {
        let now = Instant::now();
        let mut panics = lock(&self.panics);
        panics.push_back(now);
        panics.retain(|at| now.duration_since(*at) <= limits.panic_window);
        panics.len() >= limits.max_panics
    }
}

impl Broken {
    /// Logs how the call ended, and gives the error that may be shown.
    pub(crate) fn report(self, open: &OpenInbox, call: &'static str) -> ChannelError {
        let (channel, inbox) = (open.inbox.channel.as_str(), open.inbox.id.get());
        match self {
            Self::Panicked(payload) => {
                let panic = redact::text(open, &payload);
                tracing::error!(channel, inbox, call, panic, "a channel panicked");
                ChannelError::Panicked
            }
            Self::Late => {
                tracing::warn!(channel, inbox, call, "a channel did not answer in time");
                ChannelError::Timeout
            }
        }
    }
}

/// The opened inboxes of this node, by id.
#[derive(Default)]
pub(crate) struct Instances(Mutex<HashMap<InboxId, Arc<Instance>>>);

impl Instances {
    /// The instance of an inbox; opened now when there is none or its settings have changed.
    ///
    /// # Errors
    /// What `open` and `migrate` of the plugin say, without secrets.
    pub(crate) fn get_or_open(
        &self,
        plugin: &Arc<dyn Plugin>,
        open: &Arc<OpenInbox>,
    ) -> Result<Arc<Instance>, ChannelError> {
        let id = open.inbox.id;
        if let Some(found) = lock(&self.0).get(&id).filter(|found| found.serves(open)) {
            return Ok(Arc::clone(found));
        }
        let opened = Arc::new(Instance::open(plugin, open)?);
        lock(&self.0).insert(id, Arc::clone(&opened));
        Ok(opened)
    }

    /// Forgets an inbox; running calls keep their instance.
    pub(crate) fn remove(&self, inbox: InboxId) -> Option<Arc<Instance>> {
        lock(&self.0).remove(&inbox)
    }

    /// Counts a panic of an instance, and forgets it when there were too many, so that the next
    /// call opens the inbox anew.
    pub(crate) fn panicked(&self, instance: &Arc<Instance>, limits: &Limits) {
        if !instance.panicked(limits) {
            return;
        }
        let id = instance.from.inbox.id;
        let mut map = lock(&self.0);
        if map
            .get(&id)
            .is_some_and(|current| Arc::ptr_eq(current, instance))
        {
            map.remove(&id);
            tracing::error!(
                inbox = id.get(),
                "an inbox panicked too often and is reopened"
            );
        }
    }
}
