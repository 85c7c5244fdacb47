use std::sync::{Arc, Weak};

use async_trait::async_trait;
use gatewright_channel_host::{InboxSource, OpenInbox};
use gatewright_core::error::Result;
use gatewright_core::ids::{AccountId, InboxId};
use gatewright_core::model::Inbox;
use gatewright_core::{Caller, Kernel, Principal, inbox};
use moka::sync::Cache;
use serde_json::{Map, Value};

use super::Ports;
use super::ports::reach;

/// Inboxes held open at most.
const CACHED: u64 = 10_000;

/// Inboxes for the channel host, over the use cases.
pub(crate) struct CoreSource {
    ports: Weak<Ports>,
    /// Believed for as long as other cached rows, and only while the inbox's own cached row is the
    /// very same: a change drops that one, and with it this.
    opened: Cache<InboxId, Opened>,
}

/// An inbox held open, with the cached row that it was opened beside.
#[derive(Clone)]
struct Opened {
    row: Arc<Inbox>,
    inbox: Arc<OpenInbox>,
}

impl CoreSource {
    pub(crate) fn new(kernel: &Kernel, ports: &Arc<Ports>) -> Self {
        let ttl = kernel.config.cache_ttl;
        let opened = Cache::builder()
            .max_capacity(CACHED)
            .time_to_live(ttl)
            .build();
        Self {
            ports: Arc::downgrade(ports),
            opened,
        }
    }
}

#[async_trait]
impl InboxSource for CoreSource {
    async fn load(&self, id: InboxId) -> Result<Option<Arc<OpenInbox>>> {
        let ports = reach(&self.ports)?;
        if let Some(opened) = self
            .opened
            .get(&id)
            .filter(|opened| is_current(&ports, opened))
        {
            return Ok(Some(opened.inbox));
        }
        // Looked at first, so that a change during the reading is noticed.
        let row = ports.kernel.caches.inboxes.get(&id);
        let Some(found) = ports.inboxes.open_for_host(id).await? else {
            self.opened.invalidate(&id);
            return Ok(None);
        };
        let inbox = Arc::new(open(&ports, found));
        let row = match row {
            Some(row) => row,
            // Puts the row into the kernel's cache, whose absence means a change.
            None => ports.inboxes.get(inbox.inbox.account_id, id).await?,
        };
        let opened = Opened {
            row,
            inbox: Arc::clone(&inbox),
        };
        self.opened.insert(id, opened);
        Ok(Some(inbox))
    }

    async fn route(&self, channel: &str, key_hash: &str) -> Result<Option<InboxId>> {
        reach(&self.ports)?.inboxes.route(channel, key_hash).await
    }

    async fn enter(&self, principal: &Principal, account: AccountId) -> Result<Caller> {
        reach(&self.ports)?.access.enter(principal, account).await
    }

    async fn visible(&self, caller: &Caller, inbox: InboxId) -> Result<Arc<Inbox>> {
        reach(&self.ports)?.inboxes.show(caller, inbox).await
    }
}

fn is_current(ports: &Ports, opened: &Opened) -> bool {
    let cached = ports.kernel.caches.inboxes.get(&opened.row.id);
    cached.is_some_and(|cached| Arc::ptr_eq(&cached, &opened.row))
}

/// The settings are in the plugin's current shape already; what they have beyond the public ones is
/// secret.
fn open(ports: &Ports, found: inbox::OpenInbox) -> OpenInbox {
    let descriptor = ports.kernel.registry.descriptor(&found.inbox.channel);
    OpenInbox {
        secrets: beyond(&found.settings, &found.inbox.settings).unwrap_or(Value::Null),
        settings_version: descriptor.map_or(0, |descriptor| descriptor.settings_version),
        signing: found.signing_secrets,
        webhook_secret: found.path_token,
        inbox: found.inbox,
    }
}

/// What `full` has that `public` has not, or has otherwise.
fn beyond(full: &Value, public: &Value) -> Option<Value> {
    match (full, public) {
        (Value::Object(full), Value::Object(public)) => {
            let rest: Map<String, Value> = full
                .iter()
                .filter_map(|(key, value)| {
                    let value = match public.get(key) {
                        Some(known) => beyond(value, known)?,
                        None => value.clone(),
                    };
                    Some((key.clone(), value))
                })
                .collect();
            (!rest.is_empty()).then_some(Value::Object(rest))
        }
        (full, public) => (full != public).then(|| full.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::beyond;

    #[test]
    fn only_what_is_not_public_is_secret() {
        let full = json!({ "url": "u", "api": { "id": 1, "token": "t" }, "pin": "p" });
        let public = json!({ "url": "u", "api": { "id": 1 } });
        let secret = json!({ "api": { "token": "t" }, "pin": "p" });
        assert_eq!(beyond(&full, &public), Some(secret));
        assert_eq!(beyond(&public, &public), None);
        assert_eq!(beyond(&json!({}), &json!(null)), Some(json!({})));
    }
}
