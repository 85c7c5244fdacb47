//! Inboxes: connected accounts of channels (contract, section 4.4).

mod change;

use std::sync::Arc;

use serde_json::Value;

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::ids::{AccountId, InboxId, UserId};
use crate::kernel::Kernel;
use crate::model::Inbox;

pub use change::{InboxChange, PreferencesChange};

/// The inboxes.
#[derive(Clone)]
pub struct Inboxes {
    kernel: Arc<Kernel>,
}

/// An inbox that was just made.
#[derive(Debug, Clone)]
pub struct InboxCreated {
    /// The inbox.
    pub inbox: Arc<Inbox>,
    /// Key of the signatures on what goes to its channel, `whsec_...`; shown here only.
    pub signing_secret: String,
}

/// An inbox with everything that its channel needs to run.
#[derive(Debug, Clone)]
pub struct OpenInbox {
    /// The inbox.
    pub inbox: Arc<Inbox>,
    /// The channel's settings in full, secrets included, in the plugin's current shape.
    pub settings: Value,
    /// Keys of signatures, newest first: one, or two for 24 h after a rotation.
    pub signing_secrets: Vec<String>,
    /// The secret of its path, where its channel's routes carry one.
    pub path_token: String,
}

impl Inboxes {
    /// The inboxes of this gateway.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    /// The inboxes that the caller sees, by id: all for administrators, its own for agents.
    ///
    /// # Errors
    /// Database errors.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Arc<Inbox>>> {
        let _ = (&self.kernel, caller);
        Err(Error::internal("not written"))
    }

    /// The ids of the inboxes that the caller sees; `None` = all of the account.
    ///
    /// # Errors
    /// Database errors.
    pub async fn visible_ids(&self, caller: &Caller) -> Result<Option<Vec<InboxId>>> {
        let _ = caller;
        Err(Error::internal("not written"))
    }

    /// One inbox that the caller sees.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such an inbox in the caller's account;
    /// [`crate::error::Denied::Policy`] for an agent who is not its member.
    pub async fn show(&self, caller: &Caller, inbox: InboxId) -> Result<Arc<Inbox>> {
        let _ = (caller, inbox);
        Err(Error::internal("not written"))
    }

    /// Makes an inbox. `channel` holds `type`, the id of a channel, beside the channel's settings.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; [`Error::Invalid`] naming the attributes.
    pub async fn create(&self, caller: &Caller, create: InboxChange) -> Result<InboxCreated> {
        let _ = (caller, create);
        Err(Error::internal("not written"))
    }

    /// Changes an inbox; what is absent stays, also within `channel`.
    ///
    /// # Errors
    /// As [`Self::create`], and [`Error::NotFound`].
    pub async fn update(
        &self,
        caller: &Caller,
        inbox: InboxId,
        change: InboxChange,
    ) -> Result<Arc<Inbox>> {
        let _ = (caller, inbox, change);
        Err(Error::internal("not written"))
    }

    /// Mints a new signing secret, shown here only. What goes out is signed with both for 24 h.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; [`Error::NotFound`].
    pub async fn rotate_signing_secret(&self, caller: &Caller, inbox: InboxId) -> Result<String> {
        let _ = (caller, inbox);
        Err(Error::internal("not written"))
    }

    /// Makes users members of an inbox; who is one already stays one.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`] for agents; [`Error::NotFound`] without such an inbox;
    /// [`Error::Invalid`] `User must exist` for users outside the account.
    pub async fn add_members(
        &self,
        caller: &Caller,
        inbox: InboxId,
        users: &[UserId],
    ) -> Result<()> {
        let _ = (caller, inbox, users);
        Err(Error::internal("not written"))
    }

    /// An inbox of an account, from the cache where possible.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such an inbox in the account.
    pub async fn get(&self, account: AccountId, inbox: InboxId) -> Result<Arc<Inbox>> {
        let _ = (account, inbox);
        Err(Error::internal("not written"))
    }

    /// The inbox with this public identifier, whose channel serves public clients.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn by_identifier(&self, identifier: &str) -> Result<Arc<Inbox>> {
        let _ = identifier;
        Err(Error::internal("not written"))
    }

    /// The inbox with its secrets, for the channel host; `None` when it is gone.
    ///
    /// # Errors
    /// Database errors; secrets that do not open.
    pub async fn open_for_host(&self, inbox: InboxId) -> Result<Option<OpenInbox>> {
        let _ = inbox;
        Err(Error::internal("not written"))
    }

    /// The inbox that a channel's routing key names, by [`crate::cipher::sha256_hex`] of the key.
    ///
    /// # Errors
    /// Database errors.
    pub async fn route(&self, channel: &str, key_hash: &str) -> Result<Option<InboxId>> {
        let _ = (channel, key_hash);
        Err(Error::internal("not written"))
    }
}
