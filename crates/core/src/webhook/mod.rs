//! Webhooks of an account (contract, section 4.6). Administrators only.

use std::sync::Arc;

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::event::EventName;
use crate::ids::{AccountId, InboxId, ReceiverId, WebhookId};
use crate::kernel::Kernel;

/// A webhook.
#[derive(Debug, Clone, PartialEq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Its account.
    pub account_id: AccountId,
    /// Its receiver: what deliveries point at.
    pub receiver_id: ReceiverId,
    /// Where events go.
    pub url: String,
    /// Its name.
    pub name: Option<String>,
    /// What it wants.
    pub subscriptions: Vec<EventName>,
    /// An inbox it is about, with its name; kept for clients, it filters nothing.
    pub inbox: Option<(InboxId, String)>,
}

/// A webhook that was just made.
#[derive(Debug, Clone)]
pub struct WebhookCreated {
    /// The webhook.
    pub webhook: Webhook,
    /// Key of its signatures, `whsec_...`; shown here only.
    pub secret: String,
}

/// What a request says of a webhook. Absent (`None`) leaves the value as it is; `Some(None)` clears
/// it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WebhookChange {
    /// Where events go; required in a new webhook.
    pub url: Option<String>,
    /// Its name.
    pub name: Option<Option<String>>,
    /// Names of events; the defaults in a new webhook when absent or null.
    pub subscriptions: Option<Vec<String>>,
    /// An inbox of the account.
    pub inbox_id: Option<Option<InboxId>>,
}

/// The webhooks.
#[derive(Clone)]
pub struct Webhooks {
    kernel: Arc<Kernel>,
}

impl Webhooks {
    /// The webhooks of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// The account's webhooks, by id.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Webhook>> {
        let _ = (&self.kernel, caller);
        Err(Error::internal("not written"))
    }

    /// Makes a webhook.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`]; [`Error::Invalid`] with the contract's texts.
    pub async fn create(&self, caller: &Caller, create: WebhookChange) -> Result<WebhookCreated> {
        let _ = (caller, create);
        Err(Error::internal("not written"))
    }

    /// Changes a webhook. A new URL is served at once, whatever became of the old one.
    ///
    /// # Errors
    /// As [`Self::create`], and [`Error::NotFound`].
    pub async fn update(
        &self,
        caller: &Caller,
        webhook: WebhookId,
        change: WebhookChange,
    ) -> Result<Webhook> {
        let _ = (caller, webhook, change);
        Err(Error::internal("not written"))
    }

    /// Removes a webhook; its open deliveries are given up.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`]; [`Error::NotFound`].
    pub async fn delete(&self, caller: &Caller, webhook: WebhookId) -> Result<()> {
        let _ = (caller, webhook);
        Err(Error::internal("not written"))
    }

    /// Mints a new signing secret, shown here only. What goes out is signed with both for 24 h.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`]; [`Error::NotFound`].
    pub async fn rotate_secret(&self, caller: &Caller, webhook: WebhookId) -> Result<String> {
        let _ = (caller, webhook);
        Err(Error::internal("not written"))
    }
}
