//! Webhooks of an account (contract, section 4.6). Administrators only.

mod repo;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use gatewright_store::entity::webhooks;
use sea_orm::DatabaseTransaction;
use url::Url;

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::event::EventName;
use crate::ids::{AccountId, InboxId, ReceiverId, WebhookId};
use crate::inbox;
use crate::kernel::Kernel;
use crate::receiver::ReceiverKind;
use crate::receiver::repo::{self as receivers, NewReceiver};
use crate::transaction::transact;
use crate::validate::{Violations, present};
use repo::NewWebhook;

/// What a webhook wants when its maker does not say.
pub const DEFAULT_SUBSCRIPTIONS: [EventName; 8] = [
    EventName::ConversationStatusChanged,
    EventName::ConversationUpdated,
    EventName::ConversationCreated,
    EventName::ContactCreated,
    EventName::ContactUpdated,
    EventName::MessageCreated,
    EventName::MessageUpdated,
    EventName::WebwidgetTriggered,
];

/// What a webhook may want besides. The last one is an event of our own.
const FURTHER_SUBSCRIPTIONS: [EventName; 5] = [
    EventName::InboxCreated,
    EventName::InboxUpdated,
    EventName::ConversationTypingOn,
    EventName::ConversationTypingOff,
    EventName::ReceiverDisabled,
];

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
    /// Where events go, `http` or `https`; required in a new webhook.
    pub url: Option<String>,
    /// Its name, at most 255 characters.
    pub name: Option<Option<String>>,
    /// Names of events; [`DEFAULT_SUBSCRIPTIONS`] in a new webhook when absent or null.
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
        caller.require_administrator()?;
        repo::all(self.kernel.db.read(), caller.account_id()).await
    }

    /// Makes a webhook.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`]; [`Error::Invalid`] with the contract's texts;
    /// [`Error::NotFound`] for an unknown inbox.
    pub async fn create(&self, caller: &Caller, create: WebhookChange) -> Result<WebhookCreated> {
        caller.require_administrator()?;
        let wanted = Wanted::new(&create, None)?;
        self.check_inbox(caller, wanted.inbox).await?;
        let created = transact!(self.kernel, |tx| self.insert(tx, caller, &wanted).await).await?;
        self.forget(caller);
        Ok(created)
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
        caller.require_administrator()?;
        self.check_inbox(caller, change.inbox_id.flatten()).await?;
        let (webhook, moved) = transact!(self.kernel, |tx| self
            .change(tx, caller, webhook, &change)
            .await)
        .await?;
        self.forget(caller);
        self.forget_target(webhook.receiver_id);
        if moved {
            // What waited for the earlier target may be deliverable now.
            self.kernel.dispatch().wake(&[webhook.receiver_id]);
        }
        Ok(webhook)
    }

    /// Removes a webhook; its open deliveries are given up.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`]; [`Error::NotFound`].
    pub async fn delete(&self, caller: &Caller, webhook: WebhookId) -> Result<()> {
        caller.require_administrator()?;
        let (account, now) = (caller.account_id(), self.kernel.now());
        let receiver = transact!(self.kernel, |tx| {
            let row = repo::lock(tx, account, webhook)
                .await?
                .ok_or(Error::NotFound)?;
            let id = ReceiverId(row.receiver_id);
            let receiver = receivers::find(tx, account, id)
                .await?
                .ok_or(Error::NotFound)?;
            repo::delete(tx, webhook).await?;
            receivers::remove(tx, receiver, now).await?;
            Ok(id)
        })
        .await?;
        self.forget(caller);
        self.forget_target(receiver);
        self.kernel.dispatch().wake(&[receiver]);
        Ok(())
    }

    /// Mints a new signing secret, shown here only. What goes out is signed with both for 24 h.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`]; [`Error::NotFound`].
    pub async fn rotate_secret(&self, caller: &Caller, webhook: WebhookId) -> Result<String> {
        caller.require_administrator()?;
        let account = caller.account_id();
        let (secret, receiver) = transact!(self.kernel, |tx| {
            let row = repo::lock(tx, account, webhook)
                .await?
                .ok_or(Error::NotFound)?;
            let id = ReceiverId(row.receiver_id);
            let receiver = receivers::find(tx, account, id).await?;
            let receiver = receiver.ok_or(Error::NotFound)?;
            Ok((receivers::rotate(&self.kernel, tx, receiver).await?, id))
        })
        .await?;
        self.forget_target(receiver);
        Ok(secret)
    }

    async fn insert(
        &self,
        tx: &DatabaseTransaction,
        caller: &Caller,
        wanted: &Wanted,
    ) -> Result<WebhookCreated> {
        let account = caller.account_id();
        let new = NewReceiver {
            account_id: account,
            kind: ReceiverKind::Webhook,
            inbox_id: None,
            url: Some(wanted.url.clone()),
            subscriptions: wanted.subscriptions.clone(),
        };
        let (receiver, secret) = receivers::insert(&self.kernel, tx, new).await?;
        let new = NewWebhook {
            account,
            receiver,
            url: &wanted.url,
            name: wanted.name.clone(),
            inbox: wanted.inbox,
        };
        let id = repo::insert(&self.kernel, tx, new).await?;
        let id = id.ok_or_else(|| Error::invalid("url", "has already been taken"))?;
        let webhook = repo::find(tx, account, id).await?.ok_or(Error::NotFound)?;
        Ok(WebhookCreated { webhook, secret })
    }

    /// Changes a webhook; answers whether its URL did.
    async fn change(
        &self,
        tx: &DatabaseTransaction,
        caller: &Caller,
        id: WebhookId,
        change: &WebhookChange,
    ) -> Result<(Webhook, bool)> {
        let (account, now) = (caller.account_id(), self.kernel.now());
        let row = repo::lock(tx, account, id).await?.ok_or(Error::NotFound)?;
        let receiver = receivers::find(tx, account, ReceiverId(row.receiver_id)).await?;
        let mut receiver = receiver.ok_or(Error::NotFound)?;
        let subscriptions = receivers::subscriptions(&receiver.subscriptions);
        let wanted = Wanted::new(change, Some((&row, subscriptions)))?;
        let moved = wanted.url != row.url;
        if moved {
            receiver = receivers::retarget(tx, receiver, Some(wanted.url.clone()), now).await?;
        }
        receivers::subscribe(tx, receiver, &wanted.subscriptions, now).await?;
        repo::update(tx, row, wanted.name, wanted.inbox, &wanted.url, now).await?;
        let webhook = repo::find(tx, account, id).await?.ok_or(Error::NotFound)?;
        Ok((webhook, moved))
    }

    async fn check_inbox(&self, caller: &Caller, inbox: Option<InboxId>) -> Result<()> {
        match inbox {
            Some(inbox) => inbox::of(&self.kernel, caller.account_id(), inbox)
                .await
                .map(drop),
            None => Ok(()),
        }
    }

    fn forget(&self, caller: &Caller) {
        self.kernel
            .caches
            .receivers
            .invalidate(&caller.account_id());
    }

    fn forget_target(&self, receiver: ReceiverId) {
        self.kernel.caches.targets.invalidate(&receiver);
    }
}

/// A webhook as it shall be.
struct Wanted {
    url: String,
    name: Option<String>,
    subscriptions: Vec<EventName>,
    inbox: Option<InboxId>,
}

impl Wanted {
    fn new(
        change: &WebhookChange,
        before: Option<(&webhooks::Model, Vec<EventName>)>,
    ) -> Result<Self> {
        let (row, earlier) = match before {
            Some((row, subscriptions)) => (Some(row), subscriptions),
            None => (None, DEFAULT_SUBSCRIPTIONS.to_vec()),
        };
        let url = match &change.url {
            Some(url) => url.trim().to_owned(),
            None => row.map(|row| row.url.clone()).unwrap_or_default(),
        };
        let name = match &change.name {
            Some(name) => present(name.clone()),
            None => row.and_then(|row| row.name.clone()),
        };
        let inbox = match change.inbox_id {
            Some(inbox) => inbox,
            None => row.and_then(|row| row.inbox_id).map(InboxId),
        };
        let subscriptions = match &change.subscriptions {
            Some(names) => parse(names),
            None => Some(earlier),
        };
        let mut violations = Violations::default();
        if !is_web_url(&url) {
            violations.add("url", "is invalid");
        }
        violations.max_chars("url", &url, 2048);
        violations.max_chars("name", name.as_deref().unwrap_or_default(), 255);
        if subscriptions.is_none() {
            violations.add("subscriptions", "Invalid events");
        }
        violations.check()?;
        Ok(Self {
            url,
            name,
            subscriptions: subscriptions.unwrap_or_default(),
            inbox,
        })
    }
}

/// The events of these names, each once; `None` when there are none or one is unknown.
fn parse(names: &[String]) -> Option<Vec<EventName>> {
    let mut events = Vec::with_capacity(names.len());
    for name in names {
        let event = EventName::from_name(name)?;
        if !DEFAULT_SUBSCRIPTIONS.contains(&event) && !FURTHER_SUBSCRIPTIONS.contains(&event) {
            return None;
        }
        if !events.contains(&event) {
            events.push(event);
        }
    }
    (!events.is_empty()).then_some(events)
}

fn is_web_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
