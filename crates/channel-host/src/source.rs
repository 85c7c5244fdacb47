use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use gatewright_core::error::Result;
use gatewright_core::ids::{AccountId, InboxId};
use gatewright_core::model::Inbox;
use gatewright_core::{Caller, Principal};
use serde_json::Value;

/// Where the host learns of inboxes. Implemented over the use cases; caching is theirs.
#[async_trait]
pub trait InboxSource: Send + Sync {
    /// The inbox with everything its channel needs; `None` when it is gone.
    ///
    /// # Errors
    /// When it cannot be read now.
    async fn load(&self, inbox: InboxId) -> Result<Option<Arc<OpenInbox>>>;

    /// The inbox that is registered under a key. `key_hash` is the SHA-256 of the key in lower-case
    /// hex; keys are unique per channel.
    ///
    /// # Errors
    /// When it cannot be read now.
    async fn route(&self, channel: &str, key_hash: &str) -> Result<Option<InboxId>>;

    /// Lets a token's owner into an account.
    ///
    /// # Errors
    /// `NotFound` and `Denied`, as for every tenant call.
    async fn enter(&self, principal: &Principal, account: AccountId) -> Result<Caller>;

    /// The inbox as the caller sees it: of its account, and for agents one they are a member of.
    ///
    /// # Errors
    /// `NotFound` when the caller does not see it.
    async fn visible(&self, caller: &Caller, inbox: InboxId) -> Result<Arc<Inbox>>;
}

/// An inbox with its secrets. `Debug` shows none of them.
#[derive(Clone)]
pub struct OpenInbox {
    /// The inbox; its settings are without secrets.
    pub inbox: Arc<Inbox>,
    /// The secret settings, laid over the others before the channel sees them; an object or null.
    pub secrets: Value,
    /// Version of the settings' shape as stored.
    pub settings_version: u32,
    /// Signing secrets of its receiver, newest first: one, or two during a rotation.
    pub signing: Vec<String>,
    /// Minted for the inbox and stable for its life: the key of its `InboxKey::Path` routes, and
    /// what its provider may be asked to present.
    pub webhook_secret: String,
}

impl OpenInbox {
    /// The settings as the channel sees them.
    pub(crate) fn full_settings(&self) -> Value {
        let mut settings = self.inbox.settings.clone();
        overlay(&mut settings, &self.secrets);
        settings
    }
}

impl fmt::Debug for OpenInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenInbox")
            .field("inbox", &self.inbox.id)
            .field("channel", &self.inbox.channel)
            .finish_non_exhaustive()
    }
}

fn overlay(base: &mut Value, top: &Value) {
    match (base, top) {
        (_, Value::Null) => {}
        (Value::Object(base), Value::Object(top)) => {
            for (key, value) in top {
                overlay(base.entry(key.as_str()).or_insert(Value::Null), value);
            }
        }
        (base, top) => *base = top.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::overlay;

    #[test]
    fn secrets_are_laid_over_nested_settings() {
        let mut settings = json!({"api": {"url": "u", "token": null}, "name": "n"});
        overlay(&mut settings, &json!({"api": {"token": "t"}, "pin": "p"}));
        assert_eq!(
            settings,
            json!({"api": {"url": "u", "token": "t"}, "name": "n", "pin": "p"})
        );
        let mut unchanged = json!({"a": 1});
        overlay(&mut unchanged, &serde_json::Value::Null);
        assert_eq!(unchanged, json!({"a": 1}));
    }
}
